#include "core/report/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <string_view>

namespace godwit::report {
namespace {

// APPNOTE 6.3.9, sections 4.3.7 (local header), 4.3.12 (directory) and 4.3.16 (its end).
constexpr std::string_view kLocal = "PK\x03\x04", kDirectory = "PK\x01\x02", kEnd = "PK\x05\x06";
constexpr std::size_t kLocalSize = 30, kDirectorySize = 46, kEndSize = 22, kMostComment = 0xFFFF;
constexpr std::size_t kMostBytes = std::size_t{512} << 20;

Failure damaged(std::string seen) { return fail(4208, {{"seen", std::move(seen)}}); }

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

Result<std::string> inflate_all(std::string_view packed, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return damaged("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib's interface knows no const
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) return damaged("a part cannot be unpacked");
  return out;
}

}  // namespace

Result<Zip> Zip::open(std::string bytes) {
  Zip zip;
  zip.bytes_ = std::move(bytes);
  const std::string_view all = zip.bytes_;
  if (all.size() < kEndSize || !all.starts_with(kLocal)) return damaged("no ZIP archive");
  std::size_t end = all.rfind(kEnd);
  if (end == std::string_view::npos || end + kEndSize > all.size() || all.size() - end > kEndSize + kMostComment ||
      end + kEndSize + number(all, end + 20, 2) != all.size())
    return damaged("the archive's end is missing");
  std::size_t at = number(all, end + 16, 4);
  const std::size_t count = number(all, end + 10, 2);
  for (std::size_t i = 0; i < count; ++i) {
    if (at > end || end - at < kDirectorySize || all.substr(at, 4) != kDirectory)
      return damaged("the archive's directory is damaged");
    const std::size_t name_size = number(all, at + 28, 2), extra = number(all, at + 30, 2),
                      comment = number(all, at + 32, 2);
    if (end - at - kDirectorySize < name_size + extra + comment) return damaged("the archive's directory is damaged");
    if ((number(all, at + 8, 2) & 1) != 0) return damaged("the archive is encrypted");
    const Entry entry{number(all, at + 42, 4), number(all, at + 20, 4), number(all, at + 24, 4),
                      number(all, at + 16, 4), static_cast<std::uint16_t>(number(all, at + 10, 2))};
    if (!zip.entries_.emplace(all.substr(at + kDirectorySize, name_size), entry).second)
      return damaged("a part stands twice in the archive");
    at += kDirectorySize + name_size + extra + comment;
  }
  if (at != end) return damaged("the archive's directory is damaged");
  return zip;
}

Result<std::string> Zip::read(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return damaged("no part " + name);
  const Entry& entry = found->second;
  const std::string_view all = bytes_;
  if (entry.size > kMostBytes) return damaged(name + " is larger than 512 MiB");
  if (entry.offset > all.size() || all.size() - entry.offset < kLocalSize || all.substr(entry.offset, 4) != kLocal)
    return damaged("the header of " + name + " is damaged");
  const std::size_t start =
      entry.offset + kLocalSize + number(all, entry.offset + 26, 2) + number(all, entry.offset + 28, 2);
  if (start > all.size() || all.size() - start < entry.packed) return damaged(name + " is cut off");
  const std::string_view packed = all.substr(start, entry.packed);
  std::string content;
  if (entry.method == 0 && entry.packed == entry.size) {
    content = packed;
  } else if (entry.method == Z_DEFLATED) {
    GW_ASSIGN(content, inflate_all(packed, entry.size));
  } else {
    return damaged(name + " is packed in an unknown way");
  }
  if (crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())) != entry.crc)
    return damaged("the checksum of " + name + " is wrong");
  return content;
}

}  // namespace godwit::report
