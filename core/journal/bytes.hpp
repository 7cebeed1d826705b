#pragma once
// Little-endian bytes, written and read with every bound checked. Internal to core/journal.

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::journal_detail {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the journal's files are little-endian");

// Appends to a vector of bytes.
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::uint8_t>* out) : out_(out) {}
  template <typename T>
  void fixed(T value) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(&value);
    out_->insert(out_->end(), p, p + sizeof value);
  }
  void varint(std::uint64_t value) {
    while (value >= 0x80) out_->push_back(static_cast<std::uint8_t>(value | 0x80)), value >>= 7;
    out_->push_back(static_cast<std::uint8_t>(value));
  }
  void raw(const void* bytes, std::size_t n) {
    const auto* p = static_cast<const std::uint8_t*>(bytes);
    out_->insert(out_->end(), p, p + n);
  }
  void text(std::string_view value) { varint(value.size()), raw(value.data(), value.size()); }

 private:
  std::vector<std::uint8_t>* out_;
};

// Reads a span. After the first read beyond its end ok() is false and every further read gives zeros: callers check
// once, at the end of a structure, and before using a count to reserve memory.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool at_end() const { return ok_ && at_ == end_; }
  void fail() { ok_ = false, at_ = end_; }

  template <typename T>
  T fixed() {
    T value{};
    if (left() < sizeof value) return fail(), value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) break;
      const std::uint8_t byte = *at_++;
      if (shift == 63 && byte > 1) break;  // more than 64 bits
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    fail();
    return 0;
  }
  std::span<const std::uint8_t> raw(std::uint64_t n) {
    if (n > left()) return fail(), std::span<const std::uint8_t>();
    const std::span<const std::uint8_t> view(at_, static_cast<std::size_t>(n));
    at_ += n;
    return view;
  }
  std::string_view text() {
    const auto view = raw(varint());
    return {reinterpret_cast<const char*>(view.data()), view.size()};
  }
  // A count of things that take at least `least` bytes each: more than could follow is a damaged count.
  std::size_t count(std::size_t least) {
    const std::uint64_t n = varint();
    if (n > left() / (least == 0 ? 1 : least)) return fail(), 0;
    return static_cast<std::size_t>(n);
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

// "5f0c": for messages and names.
std::string hex(std::uint64_t value);

}  // namespace godwit::journal_detail
