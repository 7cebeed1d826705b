#pragma once
// The fields of a Run, as values: what every consumer of runs shares. Inlined: it runs once per field.

#include <cstdint>
#include <cstring>

#include "plugins/kits/delimited/records.hpp"

namespace godwit::delimited {

struct RawField {
  const char* data = nullptr;
  std::uint32_t size = 0;
  bool quoted = false;   // and the quotes are off
  bool doubled = false;  // doubled quotes remain inside
};

// The field that ends at *end, in a run's `text`, which is not looked at: quoted fields and others mix in ways that no processor guesses.
inline RawField field_at(const char* text, const std::uint32_t* end) {
  const std::uint32_t begin = (end[-1] + 1) & kEndPosition, quoted = end[0] >> 31;
  return {text + begin + quoted, (end[0] & kEndPosition) - begin - 2 * quoted, quoted != 0, (end[0] & kDoubledEnd) != 0};
}

// Calls take(RawField) for one field of the records [from, to) in order: the fast way to go through a run, column by
// column in groups of some dozen records.
template <typename Take>
inline void for_each_field(const Run& run, std::uint32_t from, std::uint32_t to, std::uint32_t field, Take&& take) {
  const char* const text = run.text;
  if (run.stride != 0) {
    const std::uint32_t* end = run.ends + run.first[from] + field;
    for (std::uint32_t r = from; r < to; ++r, end += run.stride) take(field_at(text, end));
  } else {
    for (std::uint32_t r = from; r < to; ++r) take(field_at(text, run.ends + run.first[r] + field));
  }
}

// Copies the inside of a quoted field with its doubled quotes made single; answers the bytes written. `out` has room
// for size + kPadding bytes, of which all may be written.
inline std::uint32_t unescape(const char* data, std::uint32_t size, char quote, char* out) {
  char* const begin = out;
  while (true) {
    const void* found = size == 0 ? nullptr : std::memchr(data, quote, size);
    if (found == nullptr) {
      std::memcpy(out, data, size);
      return static_cast<std::uint32_t>(out + size - begin);
    }
    const auto piece = static_cast<std::uint32_t>(static_cast<const char*>(found) - data) + 1;  // one quote of two
    std::memcpy(out, data, piece);
    out += piece, data += piece + 1, size -= piece + 1;
  }
}

// Copies `size` bytes, writing at least 32: most fields are short, and one fixed copy costs less than the question.
// Both sides have kPadding bytes behind.
inline void copy_field(const char* data, std::uint32_t size, char* out) {
  std::memcpy(out, data, 32);
  if (size > 32) [[unlikely]] std::memcpy(out + 32, data + 32, size - 32);
}

}  // namespace godwit::delimited
