#pragma once
// Files as byte sources that notice when they change.

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "plugins/kits/delimited/source.hpp"

namespace godwit::csv {

// An open file, read by offset. Its end is the one that was planned: what the file grows by is not read, and a file
// that shrinks or is written anew while it is read gives GW-3105 or 3106. read() may be called from several threads.
class File : public delimited::ByteSource {
 public:
  // GW-3101 when there is none, 3102 when it may not be read, 3103 when it is a folder or a device.
  static Result<std::unique_ptr<File>> open(const std::filesystem::path& path);
  ~File() override;

  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t room) override;
  bool continues() override;

  // The end is `size`, as planned earlier; GW-3105 when the file is shorter now.
  Result<> plan_size(std::uint64_t size);
  // Text that changes when the file does: size, time of the last change, and the bytes of its first and last 64 KiB.
  // A change in the middle that leaves size and time as they were is not seen.
  Result<std::string> hash();

 private:
  struct Stamp {
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
  };
  File(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  Result<Stamp> stamp() const;
  Result<std::uint64_t> edges_hash() const;
  Result<std::size_t> read_bytes(std::uint64_t offset, char* out, std::size_t room) const;
  Result<> look_again();

  int descriptor_;
  std::filesystem::path path_;
  std::uint64_t size_ = 0;       // planned end
  std::uint64_t edges_ = 0;      // hash of the first and last bytes of the planned part
  std::atomic<std::int64_t> seen_modified_ns_ = 0;
  std::atomic<std::uint64_t> seen_size_ = 0;
};

}  // namespace godwit::csv
