#pragma once
// Text that a database can hold: valid UTF-8 without NUL.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/model/column.hpp"

namespace godwit::sql {

enum class TextFault { none, nul, not_utf8 };

// The first fault of `text` and the byte where it stands (its size when there is none).
struct TextCheck {
  TextFault fault = TextFault::none;
  std::size_t at = 0;
};
TextCheck check_text(std::string_view text);

// Whether none of the values [from, from + length) of a column with offsets and bytes has a fault. Looks at the bytes
// in one go, so that it costs little beside writing them; on false, check_text() finds the values at fault.
bool all_text_is_clean(const Column& column, std::int64_t from, std::int64_t length);

// Characters (code points) of valid UTF-8.
std::int64_t count_characters(std::string_view text);

}  // namespace godwit::sql
