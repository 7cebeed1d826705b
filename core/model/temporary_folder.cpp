#include "core/model/temporary_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace godwit {

Result<TemporaryFolder> TemporaryFolder::make(std::string_view purpose) {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::temp_directory_path(error);
  std::string pattern = (base / ("godwit-" + std::string(purpose) + "-XXXXXX")).string();
  if (error || ::mkdtemp(pattern.data()) == nullptr)
    return fail(4040, {{"place", pattern}, {"seen", error ? error.message() : std::generic_category().message(errno)}});
  TemporaryFolder out;
  out.path_ = pattern;
  return out;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (exists()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace godwit
