#pragma once
// The file that is written to: bytes at given places, and what is there already.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/model/result.hpp"

namespace godwit::csv {

class OutputFile {
 public:
  OutputFile() = default;
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Opens the file, making it when there is none. GW-3101 without its folder, 3103 for a folder, 3111 without the right.
  Result<> open(const std::filesystem::path& path);
  bool is_open() const { return descriptor_ >= 0; }
  Result<std::uint64_t> size() const;
  // Up to `size` bytes from `offset` on.
  Result<std::string> read(std::uint64_t offset, std::size_t size) const;
  // GW-3112 when not all bytes could be written.
  Result<> write(std::uint64_t offset, std::string_view bytes);
  // Cuts the file, and waits until the disk has it.
  Result<> truncate(std::uint64_t size);
  Result<> sync();

 private:
  Failure failed(int error) const;

  int descriptor_ = -1;
  std::filesystem::path path_;
};

}  // namespace godwit::csv
