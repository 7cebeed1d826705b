#include "connectors/csv/ledger.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>
#include <xxhash.h>

#include "plugins/sdk/error.hpp"
#include "plugins/sdk/json.hpp"

namespace godwit::csv {
namespace {

using nlohmann::ordered_json;

constexpr auto kLockWait = std::chrono::seconds(10);

std::string ledger_reason(int number) { return std::strerror(number); }

std::string checksum(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[hash >> shift & 15];
  return out;
}

Failure unusable(const std::filesystem::path& ledger, std::string seen) {
  return sdk::fail(3115, ErrorKind::broken, {{"place", ledger.string()}, {"seen", std::move(seen)}});
}

ordered_json to_json(const LedgerEntry& e) {
  ordered_json out{{"run", e.run}, {"flow", e.flow}, {"shard", e.shard}, {"unit", e.unit}, {"end", e.end}, {"rows", e.outcomes.rows}};
  out["refused"] = ordered_json::array();
  for (const Refusal& r : e.outcomes.refusals)
    out["refused"].push_back({r.row, r.error.number, sdk::arguments_json(r.error.arguments), r.field, r.words});
  out["position"] = e.position, out["note"] = e.note;
  return out;
}

LedgerEntry from_json(const ordered_json& json) {
  LedgerEntry out;
  out.run = json.at("run").get<std::string>(), out.flow = json.at("flow").get<std::string>();
  out.shard = json.at("shard").get<int>(), out.unit = json.at("unit").get<std::int64_t>();
  out.end = json.at("end").get<std::uint64_t>();
  out.position = json.at("position").get<std::string>(), out.note = json.at("note").get<std::string>();
  out.outcomes.rows = json.at("rows").get<std::int64_t>();
  const auto& refused = json.at("refused");
  if (!refused.empty()) out.outcomes.kinds.assign(static_cast<std::size_t>(out.outcomes.rows), OutcomeKind::created);
  for (const auto& r : refused) {
    Refusal refusal;
    refusal.row = r.at(0).get<std::int64_t>();
    refusal.error = {r.at(1).get<int>(), ErrorKind::row_rejected, {}, {}};
    for (const auto& [name, value] : r.at(2).items()) refusal.error.arguments.emplace_back(name, value.get<std::string>());
    refusal.error_class = "data", refusal.field = r.at(3).get<std::string>(), refusal.words = r.at(4).get<std::string>();
    out.outcomes.kinds.at(static_cast<std::size_t>(refusal.row)) = OutcomeKind::refused;
    out.outcomes.refusals.push_back(std::move(refusal));
  }
  return out;
}

}  // namespace

std::filesystem::path Ledger::path_for(const std::filesystem::path& file) { return file.string() + ".godwit-ledger"; }

Result<> Ledger::open(const std::filesystem::path& file) {
  if (descriptor_ >= 0) return {};
  file_ = file, path_ = path_for(file);
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ >= 0) return {};
  if (errno == ENOENT || errno == ENOTDIR) return sdk::fail(3101, ErrorKind::bad_config, {{"place", path_.parent_path().string()}});
  if (errno == ENOSPC || errno == EDQUOT) return sdk::fail(3112, ErrorKind::broken, {{"place", path_.string()}, {"seen", ledger_reason(errno)}});
  return sdk::fail(3111, ErrorKind::denied, {{"place", path_.string()}, {"seen", ledger_reason(errno)}});
}

void Ledger::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Result<> Ledger::lock() {
  const auto until = std::chrono::steady_clock::now() + kLockWait;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return sdk::fail(3112, ErrorKind::broken, {{"place", path_.string()}, {"seen", ledger_reason(errno)}});
    if (std::chrono::steady_clock::now() > until) return sdk::fail(3116, ErrorKind::retry, {{"place", file_.string()}});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return {};
}

void Ledger::unlock() { ::flock(descriptor_, LOCK_UN); }

Result<> Ledger::refresh() {
  struct stat s {};
  if (::fstat(descriptor_, &s) != 0) return unusable(path_, ledger_reason(errno));
  if (static_cast<std::uint64_t>(s.st_size) < read_) return unusable(path_, "the ledger has become shorter");
  std::string text(static_cast<std::size_t>(static_cast<std::uint64_t>(s.st_size) - read_), '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t n = ::pread(descriptor_, text.data() + got, text.size() - got, static_cast<off_t>(read_ + got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return unusable(path_, n < 0 ? ledger_reason(errno) : "the ledger has become shorter");
    got += static_cast<std::size_t>(n);
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    // "checksum json": a write that was cut off can only be the last one.
    const bool whole = end != std::string_view::npos && line.size() > 17 && checksum(line.substr(17)) == line.substr(0, 16);
    if (!whole) {
      if (end != std::string_view::npos && end + 1 != rest.size()) return unusable(path_, "line at byte " + std::to_string(read_) + " does not match its checksum");
      if (::ftruncate(descriptor_, static_cast<off_t>(read_)) != 0) return unusable(path_, ledger_reason(errno));
      return {};
    }
    GW_TRY(take_line(line.substr(17), read_));
    read_ += end + 1;
    rest.remove_prefix(end + 1);
  }
  return {};
}

Result<> Ledger::take_line(std::string_view line, std::uint64_t offset) {
  const auto json = ordered_json::parse(line, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return unusable(path_, "line at byte " + std::to_string(offset) + " is no JSON");
  try {
    if (!begun_) {
      if (json.value("godwit_ledger", 0) != 1) return unusable(path_, "the first line is not that of a ledger");
      base_ = json.at("base").get<std::uint64_t>(), start_ = end_ = json.at("start").get<std::uint64_t>();
      begun_ = true;
      return {};
    }
    const LedgerEntry entry = from_json(json);
    if (entry.end < end_) return unusable(path_, "ends of units that go back");
    end_ = entry.end;
    units_[Key(entry.run, entry.flow, entry.shard)][entry.unit] = {offset, line.size() + 18};
  } catch (const std::exception& e) {  // members missing or of another kind
    return unusable(path_, e.what());
  }
  return {};
}

Result<> Ledger::write_line(std::string line) {
  line = checksum(line) + " " + line + "\n";
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t n = ::pwrite(descriptor_, line.data() + done, line.size() - done, static_cast<off_t>(read_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    done += static_cast<std::size_t>(n);
  }
  const int error = done < line.size() ? errno : ::fsync(descriptor_) != 0 ? errno : 0;
  if (error != 0) {
    // What is left of the line has no matching checksum or no line end; taking it away is tidier, not safer.
    if (::ftruncate(descriptor_, static_cast<off_t>(read_)) != 0) return unusable(path_, ledger_reason(errno));
    return sdk::fail(3112, ErrorKind::broken, {{"place", path_.string()}, {"seen", ledger_reason(error)}});
  }
  GW_TRY(take_line(std::string_view(line).substr(17, line.size() - 18), read_));
  read_ += line.size();
  return {};
}

Result<> Ledger::begin(std::uint64_t base, std::uint64_t start) {
  GW_TRY(write_line(sdk::dump(ordered_json{{"godwit_ledger", 1}, {"base", base}, {"start", start}})));
  // Without this a power cut may keep the file's bytes and lose its name.
  const auto parent = file_.parent_path();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

Result<> Ledger::append(const LedgerEntry& entry) { return write_line(sdk::dump(to_json(entry))); }

Result<bool> Ledger::find(const Unit& unit, LedgerEntry* entry) {
  const auto flow = units_.find(Key(unit.run, unit.flow, unit.shard));
  if (flow == units_.end()) return false;
  const auto found = flow->second.find(unit.number);
  if (found == flow->second.end()) return false;
  std::string line(static_cast<std::size_t>(found->second.size), '\0');
  const ssize_t n = ::pread(descriptor_, line.data(), line.size(), static_cast<off_t>(found->second.offset));
  if (n != static_cast<ssize_t>(line.size())) return unusable(path_, "the ledger has become shorter");
  try {
    *entry = from_json(ordered_json::parse(std::string_view(line).substr(17)));
  } catch (const std::exception& e) {
    return unusable(path_, e.what());
  }
  return true;
}

std::int64_t Ledger::last_unit(std::string_view run, std::string_view flow, int shard) const {
  const auto found = units_.find(Key(std::string(run), std::string(flow), shard));
  return found == units_.end() || found->second.empty() ? 0 : found->second.rbegin()->first;
}

}  // namespace godwit::csv
