#include "file.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/model/nearest.hpp"
#include "plugins/sdk/error.hpp"

namespace acme {

using godwit::ErrorKind;
using godwit::Result;
using godwit::sdk::fail;
namespace fs = std::filesystem;

std::optional<Record> parse_record(std::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Record out;
  for (const auto& [name, value] : json.items()) {
    if (value.is_structured()) return std::nullopt;
    out[name] = value.is_null() ? std::nullopt : std::optional(value.is_string() ? value.get<std::string>() : value.dump());
  }
  return out;
}

bool write_record(const Record& record, std::string* out, std::string* field) {
  auto json = nlohmann::json::object();
  for (const auto& [name, value] : record) {
    *field = name;
    try {
      nlohmann::json cell = value ? nlohmann::json(*value) : nlohmann::json();
      (void)cell.dump();  // throws for bytes that are no UTF-8
      json[name] = std::move(cell);
    } catch (const nlohmann::json::exception&) {
      return false;
    }
  }
  *out += json.dump() + "\n";
  return true;
}

Result<std::vector<std::string>> Folder::objects() const {
  std::error_code failed;
  std::vector<std::string> out;
  for (fs::directory_iterator it(path_, failed), end; !failed && it != end; it.increment(failed))
    if (it->path().extension() == ".jsonl") out.push_back(it->path().stem().string());
  if (failed) return fail(3902, ErrorKind::broken, {{"place", path_.string()}, {"seen", failed.message()}});
  std::sort(out.begin(), out.end());
  return out;
}

Result<fs::path> Folder::file(std::string_view object) const {
  GW_ASSIGN(const std::vector<std::string> known, objects());
  if (std::find(known.begin(), known.end(), object) != known.end()) return path_ / (std::string(object) + ".jsonl");
  const std::vector<std::string_view> names(known.begin(), known.end());
  return fail(3030, ErrorKind::bad_config, {{"place", path_.string()}, {"seen", std::string(object)}, {"nearest", std::string(godwit::nearest(object, names))}});
}

Result<godwit::ObjectDescription> Folder::describe(std::string_view object) const {
  GW_ASSIGN(const fs::path path, file(object));
  godwit::ObjectDescription out;
  out.object = object;
  std::ifstream in(path, std::ios::binary);
  std::string line;
  for (int lines = 0; lines < 1000 && std::getline(in, line); ++lines)
    if (const auto record = parse_record(line))
      for (const auto& [name, value] : *record)
        if (out.find(name) == nullptr) out.fields.emplace_back().name = name;  // text, as fields are
  // getline() also stops when the disk cannot be read, which is no end of the file.
  if (!in.is_open() || in.bad()) return fail(3902, ErrorKind::broken, {{"place", path.string()}, {"seen", std::generic_category().message(errno)}});
  if (out.find(key_) != nullptr) out.key = {key_};
  std::error_code failed;
  const auto bytes = fs::file_size(path, failed);
  const auto changed = fs::last_write_time(path, failed);
  if (failed) return fail(3902, ErrorKind::broken, {{"place", path.string()}, {"seen", failed.message()}});
  out.bytes = static_cast<std::int64_t>(bytes);
  // Changes when the extract does: a run that goes on later is told so.
  out.hash = std::to_string(bytes) + "-" + std::to_string(changed.time_since_epoch().count());
  return out;
}

}  // namespace acme
