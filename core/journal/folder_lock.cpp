#include "core/journal/folder_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace godwit::journal_detail {
namespace {

std::int64_t pid_in(const File& file) {
  char text[32] = {};
  const ssize_t n = ::pread(file.descriptor(), text, sizeof text - 1, 0);
  return n > 0 ? std::strtoll(text, nullptr, 10) : 0;
}

// An open-file-description lock on the whole file: like flock it goes with the process, and unlike flock it can be
// asked about without being taken, so that `status` never gets in a run's way.
struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type, lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  GW_ASSIGN(File file, File::open(path, O_RDWR | O_CREAT));
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(file.descriptor(), F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return Failure(file_error(path, errno));
    // The holder writes its pid right after it took the lock; give it that moment.
    std::int64_t pid = 0;
    for (int i = 0; i < 50 && pid == 0; ++i) {
      pid = pid_in(file);
      if (pid == 0) ::usleep(2'000);
    }
    return fail(5002, {{"place", folder.string()}, {"pid", std::to_string(pid)}});
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  GW_TRY(file.truncate(0));
  GW_TRY(file.write_at(0, std::span(reinterpret_cast<const std::uint8_t*>(pid.data()), pid.size())));
  return FolderLock(std::move(file));
}

std::int64_t FolderLock::holder(const std::filesystem::path& folder) {
  auto file = File::open(folder / "lock", O_RDONLY);
  if (!file) return 0;
  struct flock lock = whole_file(F_RDLCK);
  if (::fcntl(file->descriptor(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return 0;
  return pid_in(*file);
}

std::string network_file_system(std::int64_t magic, std::string_view mount_type) {
  switch (static_cast<std::uint32_t>(magic)) {
    case 0x6969: return "nfs";
    case 0x517B: return "smb";
    case 0xFE534D42: return "smb2";
    case 0xFF534D42: return "cifs";
    case 0x564C: return "ncp";
    case 0x73757245: return "coda";
    case 0x5346414F: return "afs";
    case 0x6B414653: return "kafs";
    case 0x00C36400: return "ceph";
    case 0x0BD00BD0: return "lustre";
    case 0x01021997: return "9p";
    case 0x01161970: return "gfs2";
    case 0x7461636F: return "ocfs2";
    case 0x47504653: return "gpfs";
    case 0x19830326: return "beegfs";
    case 0x65735546:  // FUSE
      for (const std::string_view remote :
           {"sshfs", "s3fs", "gcsfuse", "rclone", "davfs", "glusterfs", "ceph", "curlftpfs", "smbnetfs", "blobfuse", "goofys", "mfs", "juicefs"})
        if (mount_type.find(remote) != std::string_view::npos) return std::string(mount_type);
      return "";
    default: return "";
  }
}

std::string network_file_system(const std::filesystem::path& folder) {
  struct statfs system {};
  struct stat status {};
  if (::statfs(folder.c_str(), &system) != 0 || ::stat(folder.c_str(), &status) != 0) return "";
  // mountinfo: id parent major:minor root mount-point options ... - type source options
  std::string type;
  std::ifstream mounts("/proc/self/mountinfo");
  const std::string device = std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, number;
    words >> id >> parent >> number;
    const std::size_t dash = line.find(" - ");
    if (number == device && dash != std::string::npos) {
      type = line.substr(dash + 3, line.find(' ', dash + 3) - dash - 3);
      break;
    }
  }
  return network_file_system(static_cast<std::int64_t>(system.f_type), type);
}

}  // namespace godwit::journal_detail
