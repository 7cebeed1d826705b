#pragma once
// A file descriptor that closes itself, with reads and writes that are complete or an error. Internal to core/journal.

#include <sys/uio.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "core/model/result.hpp"

namespace godwit::journal_detail {

class File {
 public:
  File() = default;
  File(File&& o) noexcept : descriptor_(std::exchange(o.descriptor_, -1)), path_(std::move(o.path_)) {}
  File& operator=(File&& o) noexcept {
    std::swap(descriptor_, o.descriptor_), std::swap(path_, o.path_);
    return *this;
  }
  ~File();

  // `flags` as in open(2); new files have mode 0600 and no file survives exec. GW-5009 or GW-5011.
  static Result<File> open(const std::filesystem::path& path, int flags);

  Result<std::int64_t> size() const;
  // Exactly out.size() bytes, or false when the file ends before.
  Result<bool> read_at(std::int64_t offset, std::span<std::uint8_t> out) const;
  Result<> write_at(std::int64_t offset, std::span<const std::uint8_t> bytes);
  Result<> write_at(std::int64_t offset, std::span<const std::span<const std::uint8_t>> pieces);
  Result<> truncate(std::int64_t size);
  // Contents on the disk itself.
  Result<> sync();

  int descriptor() const { return descriptor_; }
  const std::filesystem::path& path() const { return path_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
  std::filesystem::path path_;
};

// The numbered error for errno `code` at `path`: GW-5011 when the disk or quota is full, else GW-5009.
Error file_error(const std::filesystem::path& path, int code);
// Makes the folder and its parents, each with mode 0700.
Result<> make_folder(const std::filesystem::path& path);
// fsync of a folder: names made or renamed in it last.
Result<> sync_folder(const std::filesystem::path& path);

}  // namespace godwit::journal_detail
