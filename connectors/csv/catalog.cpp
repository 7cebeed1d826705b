#include "connectors/csv/catalog.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "core/model/nearest.hpp"
#include "plugins/sdk/error.hpp"

namespace godwit::csv {

namespace fs = std::filesystem;

namespace {

bool matches(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& p) { return ::fnmatch(p.c_str(), name.c_str(), FNM_PERIOD) == 0; });
}

Failure missing(const Options& options) { return sdk::fail(3101, ErrorKind::bad_config, {{"place", options.path().string()}}); }

}  // namespace

Result<std::vector<ObjectFile>> list_objects(const Options& options) {
  std::error_code error;
  const fs::file_status status = fs::status(options.path(), error);
  if (status.type() == fs::file_type::not_found) return missing(options);
  if (error) return sdk::fail(3102, ErrorKind::denied, {{"place", options.path().string()}, {"seen", error.message()}});
  if (status.type() != fs::file_type::directory) return std::vector<ObjectFile>{{options.path().stem().string(), options.path()}};

  std::vector<fs::path> files;
  fs::directory_iterator at(options.path(), error), end;
  for (; !error && at != end; at.increment(error)) {
    std::error_code gone;  // a file that vanishes while the folder is listed is no error
    if (at->is_regular_file(gone) && matches(options.patterns(), at->path().filename().string())) files.push_back(at->path());
  }
  if (error) return sdk::fail(3102, ErrorKind::denied, {{"place", options.path().string()}, {"seen", error.message()}});
  std::map<std::string, int> stems;
  for (const fs::path& f : files) ++stems[f.stem().string()];
  std::vector<ObjectFile> out;
  for (const fs::path& f : files) out.push_back({stems[f.stem().string()] == 1 ? f.stem().string() : f.filename().string(), f});
  std::sort(out.begin(), out.end(), [](const ObjectFile& a, const ObjectFile& b) { return a.object < b.object; });
  return out;
}

Result<ObjectFile> find_object(const Options& options, std::string_view object) {
  GW_ASSIGN(const std::vector<ObjectFile> all, list_objects(options));
  for (const ObjectFile& o : all)
    if (o.object == object || o.file.filename() == object) return o;
  std::vector<std::string_view> names;
  for (const ObjectFile& o : all) names.push_back(o.object);
  return sdk::fail(3030, ErrorKind::bad_config, {{"place", options.path().string()}, {"seen", std::string(object)}, {"nearest", std::string(nearest(object, names))}});
}

Result<ObjectFile> target_object(const Options& options, std::string_view object) {
  std::error_code error;
  const fs::file_type type = fs::status(options.path(), error).type();
  if (type != fs::file_type::not_found) {
    auto found = find_object(options, object);
    if (found || type != fs::file_type::directory) return found;
  } else if (options.path().has_extension()) {
    if (object != options.path().stem() && object != options.path().filename().string())
      return sdk::fail(3030, ErrorKind::bad_config, {{"place", options.path().string()}, {"seen", std::string(object)}, {"nearest", options.path().stem().string()}});
    return ObjectFile{std::string(object), options.path()};
  }
  if (object.empty() || object == "." || object == ".." || object.find('/') != std::string_view::npos || object.find('\0') != std::string_view::npos)
    return sdk::fail(3109, ErrorKind::bad_config, {{"place", options.path().string()}, {"seen", std::string(object)}});
  const fs::path name(object);
  const bool named = name.extension() == ".csv" || name.extension() == ".tsv" || name.extension() == ".tab" || name.extension() == ".txt";
  return ObjectFile{std::string(object), options.path() / (named ? std::string(object) : std::string(object) + ".csv")};
}

}  // namespace godwit::csv
