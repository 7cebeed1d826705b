#include "core/report/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace godwit::report {
namespace {

constexpr std::size_t kMostBytes = std::size_t{512} << 20;

Failure cannot(int number, const std::filesystem::path& path, int error) {
  return fail(number, {{"place", path.string()}, {"seen", std::generic_category().message(error)}});
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

Result<> write_to(const std::filesystem::path& path, int flags, mode_t mode, std::string_view content) {
  Descriptor file(::open(path.c_str(), flags | O_WRONLY | O_CREAT | O_CLOEXEC, mode));
  if (file.get() < 0) return cannot(4202, path, errno);
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot(4202, path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0 && errno != EINVAL) return cannot(4202, path, errno);
  if (file.close() != 0) return cannot(4202, path, errno);
  return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return cannot(4203, path, errno);
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot(4203, path, errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > kMostBytes) return cannot(4203, path, EFBIG);
  }
}

Result<> write_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path part = path.string() + ".part";
  if (auto written = write_to(part, O_TRUNC, 0644, content); !written) {
    ::unlink(part.c_str());
    return written;
  }
  if (::rename(part.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(part.c_str());
    return cannot(4202, path, error);
  }
  return {};
}

Result<> write_new_private(const std::filesystem::path& path, std::string_view content) {
  return write_to(path, O_EXCL, 0600, content);
}

}  // namespace godwit::report
