#pragma once
// Reading a ZIP archive by its directory, as spreadsheet programs do: what they would show is what is checked. Private
// to the report.

#include <cstdint>
#include <map>
#include <string>

#include "core/model/result.hpp"

namespace godwit::report {

class Zip {
 public:
  // GW-4208 when `bytes` are no archive, are cut off, name a part twice, or are encrypted or larger than 4 GiB.
  static Result<Zip> open(std::string bytes);

  bool has(const std::string& name) const { return entries_.contains(name); }
  // The part unpacked, at most 512 MiB, its checksum verified. GW-4208.
  Result<std::string> read(const std::string& name) const;

 private:
  struct Entry {
    std::uint32_t offset = 0, packed = 0, size = 0, crc = 0;
    std::uint16_t method = 0;
  };
  std::string bytes_;
  std::map<std::string, Entry> entries_;
};

}  // namespace godwit::report
