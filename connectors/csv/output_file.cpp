#include "connectors/csv/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "plugins/sdk/error.hpp"

namespace godwit::csv {

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Failure OutputFile::failed(int error) const {
  return sdk::fail(3112, ErrorKind::broken, {{"place", path_.string()}, {"seen", std::strerror(error)}});
}

Result<> OutputFile::open(const std::filesystem::path& path) {
  if (is_open()) return {};
  path_ = path;
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
  if (descriptor_ < 0) {
    const int error = errno;
    const std::string place = path.string();
    if (error == EISDIR) return sdk::fail(3103, ErrorKind::bad_config, {{"place", place}, {"seen", "a folder"}});
    if (error == ENOENT || error == ENOTDIR) return sdk::fail(3101, ErrorKind::bad_config, {{"place", path.parent_path().string()}});
    if (error == ENOSPC || error == EDQUOT) return failed(error);
    return sdk::fail(3111, ErrorKind::denied, {{"place", place}, {"seen", std::strerror(error)}});
  }
  struct stat s {};
  if (::fstat(descriptor_, &s) != 0) return failed(errno);
  if (!S_ISREG(s.st_mode)) {
    ::close(descriptor_);
    descriptor_ = -1;
    return sdk::fail(3103, ErrorKind::bad_config, {{"place", path.string()}, {"seen", "a device or pipe"}});
  }
  return {};
}

Result<std::uint64_t> OutputFile::size() const {
  struct stat s {};
  if (::fstat(descriptor_, &s) != 0) return failed(errno);
  return static_cast<std::uint64_t>(s.st_size);
}

Result<std::string> OutputFile::read(std::uint64_t offset, std::size_t size) const {
  std::string out(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(descriptor_, out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  out.resize(done);
  return out;
}

Result<> OutputFile::write(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed(n < 0 ? errno : ENOSPC);
    bytes.remove_prefix(static_cast<std::size_t>(n)), offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<> OutputFile::truncate(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return failed(errno);
  return sync();
}

Result<> OutputFile::sync() {
  if (::fdatasync(descriptor_) != 0) return failed(errno);
  return {};
}

}  // namespace godwit::csv
