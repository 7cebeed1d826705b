#pragma once
// A folder for what one command needs while it runs; gone with its owner.

#include <filesystem>
#include <string_view>
#include <utility>

#include "core/model/result.hpp"

namespace godwit {

class TemporaryFolder {
 public:
  TemporaryFolder() = default;  // none
  // Makes godwit-<purpose>-XXXXXX (0700) below the system's temporary folder. GW-4040 when that cannot be done.
  static Result<TemporaryFolder> make(std::string_view purpose);
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~TemporaryFolder();

  bool exists() const { return !path_.empty(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace godwit
