#pragma once
// One writer per project: .godwit/lock, locked for as long as the process lives. Internal to core/journal.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/journal/file.hpp"
#include "core/model/result.hpp"

namespace godwit::journal_detail {

class FolderLock {
 public:
  // GW-5002 with the holder's pid when it is held. A lock file that a dead process left is free: the kernel releases
  // the lock with the process.
  static Result<FolderLock> take(const std::filesystem::path& folder);
  // Pid of the process that holds the lock now, or 0.
  static std::int64_t holder(const std::filesystem::path& folder);

 private:
  explicit FolderLock(File file) : file_(std::move(file)) {}
  File file_;
};

// The name of the network file system that `folder` is on, or "". FUSE is judged by the type that the mount table
// gives, since local disks come through it, too.
std::string network_file_system(const std::filesystem::path& folder);
// The same for a statfs magic and, for FUSE, a mount type such as "fuse.sshfs".
std::string network_file_system(std::int64_t magic, std::string_view mount_type);

}  // namespace godwit::journal_detail
