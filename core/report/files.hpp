#pragma once
// Whole files, with numbered errors. Private to the report.

#include <filesystem>
#include <string>
#include <string_view>

#include "core/model/result.hpp"

namespace godwit::report {

// GW-4203 (place, seen: the system's words) when the file cannot be read or is larger than 512 MiB.
Result<std::string> read_file(const std::filesystem::path& path);

// Writes beside and renames, so that a reader sees the old file or the new one. GW-4202 when that fails.
Result<> write_file(const std::filesystem::path& path, std::string_view content);

// A new file, readable by its owner alone; never replaces one.
Result<> write_new_private(const std::filesystem::path& path, std::string_view content);

}  // namespace godwit::report
