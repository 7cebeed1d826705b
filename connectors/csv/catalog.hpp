#pragma once
// Which objects a connection has: the file, or the files of the folder.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/options.hpp"
#include "core/model/result.hpp"

namespace godwit::csv {

struct ObjectFile {
  std::string object;
  std::filesystem::path file;
};

// By name. GW-3101 when the path is not there, 3102 when it may not be read.
Result<std::vector<ObjectFile>> list_objects(const Options& options);

// The object's file. GW-3030 when there is none.
Result<ObjectFile> find_object(const Options& options, std::string_view object);

// The object's file, or the one that a flow would make for it: the path itself where it is or looks like a file
// (it has an extension), else <path>/<object>.csv. GW-3109 for a name that is no file name.
Result<ObjectFile> target_object(const Options& options, std::string_view object);

}  // namespace godwit::csv
