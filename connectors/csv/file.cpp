#include "connectors/csv/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>
#include <xxhash.h>

#include "plugins/sdk/error.hpp"

namespace godwit::csv {
namespace {

constexpr std::size_t kEdge = 64 << 10;

std::string reason(int number) { return std::strerror(number); }

}  // namespace

Result<std::unique_ptr<File>> File::open(const std::filesystem::path& path) {
  const std::string place = path.string();
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return sdk::fail(3101, ErrorKind::bad_config, {{"place", place}});
    return sdk::fail(3102, ErrorKind::denied, {{"place", place}, {"seen", reason(errno)}});
  }
  std::unique_ptr<File> file(new File(descriptor, path));
  struct stat s {};
  if (::fstat(descriptor, &s) != 0) return sdk::fail(3104, ErrorKind::broken, {{"place", place}, {"seen", reason(errno)}});
  if (!S_ISREG(s.st_mode)) return sdk::fail(3103, ErrorKind::bad_config, {{"place", place}, {"seen", S_ISDIR(s.st_mode) ? "a folder" : "a device or pipe"}});
  GW_ASSIGN(const Stamp now, file->stamp());
  file->size_ = now.size, file->seen_size_ = now.size, file->seen_modified_ns_ = now.modified_ns;
  GW_ASSIGN(file->edges_, file->edges_hash());
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return file;
}

File::~File() { ::close(descriptor_); }

Result<File::Stamp> File::stamp() const {
  struct stat s {};
  if (::fstat(descriptor_, &s) != 0) return sdk::fail(3104, ErrorKind::broken, {{"place", path_.string()}, {"seen", reason(errno)}});
  return Stamp{static_cast<std::uint64_t>(s.st_size), static_cast<std::int64_t>(s.st_mtim.tv_sec) * 1'000'000'000 + s.st_mtim.tv_nsec};
}

Result<std::size_t> File::read_bytes(std::uint64_t offset, char* out, std::size_t room) const {
  std::size_t done = 0;
  while (done < room) {
    const ssize_t got = ::pread(descriptor_, out + done, room - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return sdk::fail(3104, ErrorKind::broken, {{"place", path_.string()}, {"seen", reason(errno)}});
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<std::uint64_t> File::edges_hash() const {
  std::vector<char> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(size_, kEdge)));
  GW_ASSIGN(const std::size_t head, read_bytes(0, bytes.data(), bytes.size()));
  const std::uint64_t first = XXH3_64bits(bytes.data(), head);
  GW_ASSIGN(const std::size_t tail, read_bytes(size_ - bytes.size(), bytes.data(), bytes.size()));
  return XXH3_64bits_withSeed(bytes.data(), tail, first);
}

Result<> File::plan_size(std::uint64_t size) {
  if (size == size_) return {};
  if (size > size_) return sdk::fail(3105, ErrorKind::broken, {{"place", path_.string()}, {"seen", std::to_string(size_)}, {"expected", std::to_string(size)}});
  size_ = size;
  GW_ASSIGN(edges_, edges_hash());
  return {};
}

bool File::continues() {
  const auto now = stamp();
  return now && now->size > size_;
}

// The file's time moved: it may have grown, which is no harm, or been written anew.
Result<> File::look_again() {
  GW_ASSIGN(const Stamp now, stamp());
  if (now.size < size_) return sdk::fail(3105, ErrorKind::broken, {{"place", path_.string()}, {"seen", std::to_string(now.size)}, {"expected", std::to_string(size_)}});
  if (now.modified_ns == seen_modified_ns_ && now.size == seen_size_) return {};
  GW_ASSIGN(const std::uint64_t edges, edges_hash());
  if (now.size <= seen_size_ || edges != edges_) return sdk::fail(3106, ErrorKind::broken, {{"place", path_.string()}});
  seen_size_ = now.size, seen_modified_ns_ = now.modified_ns;
  return {};
}

Result<std::size_t> File::read(std::uint64_t offset, char* out, std::size_t room) {
  if (offset >= size_) return std::size_t{0};
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(room, size_ - offset));
  GW_ASSIGN(const std::size_t got, read_bytes(offset, out, want));
  GW_TRY(look_again());  // after the bytes: a change between the two would go unseen
  if (got < want) return sdk::fail(3105, ErrorKind::broken, {{"place", path_.string()}, {"seen", std::to_string(offset + got)}, {"expected", std::to_string(size_)}});
  return got;
}

Result<std::string> File::hash() {
  GW_ASSIGN(const Stamp now, stamp());
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = std::to_string(now.size) + "-" + std::to_string(now.modified_ns) + "-";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[edges_ >> shift & 15];
  return out;
}

}  // namespace godwit::csv
