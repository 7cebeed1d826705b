#include "core/journal/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "core/journal/bytes.hpp"

namespace godwit::journal_detail {

std::string hex(std::uint64_t value) {
  std::string text;
  do text.insert(text.begin(), "0123456789abcdef"[value & 15]), value >>= 4;
  while (value != 0);
  return text;
}

Error file_error(const std::filesystem::path& path, int code) {
  const int number = code == ENOSPC || code == EDQUOT || code == EFBIG ? 5011 : 5009;
  return make_error(number, {{"place", path.string()}, {"seen", std::strerror(code)}});
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<File> File::open(const std::filesystem::path& path, int flags) {
  File file;
  file.path_ = path;
  do file.descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  while (file.descriptor_ < 0 && errno == EINTR);
  if (file.descriptor_ < 0) return Failure(file_error(path, errno));
  return file;
}

Result<std::int64_t> File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) return Failure(file_error(path_, errno));
  return static_cast<std::int64_t>(status.st_size);
}

Result<bool> File::read_at(std::int64_t offset, std::span<std::uint8_t> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(descriptor_, out.data() + done, out.size() - done, offset + static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failure(file_error(path_, errno));
    if (n == 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

Result<> File::write_at(std::int64_t offset, std::span<const std::uint8_t> bytes) {
  return write_at(offset, std::span<const std::span<const std::uint8_t>>(&bytes, 1));
}

Result<> File::write_at(std::int64_t offset, std::span<const std::span<const std::uint8_t>> pieces) {
  std::vector<iovec> waiting;
  waiting.reserve(pieces.size());
  for (const auto& piece : pieces)
    if (!piece.empty()) waiting.push_back({const_cast<std::uint8_t*>(piece.data()), piece.size()});
  std::size_t first = 0;
  while (first < waiting.size()) {
    const int count = static_cast<int>(std::min<std::size_t>(waiting.size() - first, IOV_MAX));
    const ssize_t n = ::pwritev(descriptor_, waiting.data() + first, count, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Failure(file_error(path_, errno));
    offset += n;
    // A short write (disk almost full, signal): go on where it stopped.
    for (auto rest = static_cast<std::size_t>(n); rest > 0 || (first < waiting.size() && waiting[first].iov_len == 0);) {
      iovec& piece = waiting[first];
      const std::size_t taken = std::min(rest, piece.iov_len);
      piece.iov_base = static_cast<std::uint8_t*>(piece.iov_base) + taken, piece.iov_len -= taken, rest -= taken;
      if (piece.iov_len == 0) ++first;
    }
  }
  return {};
}

Result<> File::truncate(std::int64_t size) {
  if (::ftruncate(descriptor_, size) != 0) return Failure(file_error(path_, errno));
  return {};
}

Result<> File::sync() {
  if (::fdatasync(descriptor_) != 0) return Failure(file_error(path_, errno));
  return {};
}

Result<> make_folder(const std::filesystem::path& path) {
  std::filesystem::path so_far;
  for (const auto& part : path) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR) {
      struct stat status {};
      const int code = errno;  // a parent on a read-only file system that exists answers EROFS
      if (::stat(so_far.c_str(), &status) != 0) return Failure(file_error(so_far, code));
    }
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Failure(file_error(path, errno));
  if (!S_ISDIR(status.st_mode)) return Failure(file_error(path, ENOTDIR));
  return {};
}

Result<> sync_folder(const std::filesystem::path& path) {
  GW_ASSIGN(File folder, File::open(path, O_RDONLY | O_DIRECTORY));
  if (::fsync(folder.descriptor()) != 0) return Failure(file_error(path, errno));
  return {};
}

}  // namespace godwit::journal_detail
