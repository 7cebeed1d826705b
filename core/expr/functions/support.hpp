#pragma once
// What the functions share: reading arguments, answering a row, and reading constants in bind.

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/expr/function.hpp"

namespace godwit::fn {

// Longest text a function may make of one row, and of one call. Without a bound repeat('x', 2000000000) would
// take the machine down, and offsets of a text column are 32 bits wide.
inline constexpr std::size_t kLongestText = std::size_t{16} << 20;
inline constexpr std::size_t kLongestColumn = std::size_t{1} << 30;

// ---- arguments ----

inline bool is_null(const ArgumentColumn& argument, std::int64_t row) {
  return !argument || argument.column->type.id == TypeId::null_type || argument.column->is_null(argument.at(row));
}
inline std::string_view text_at(const ArgumentColumn& argument, std::int64_t row) {
  return argument.column->text(argument.at(row));
}
inline std::int64_t integer_at(const ArgumentColumn& argument, std::int64_t row) {
  return argument.column->int64(argument.at(row));
}
// The integer, or `otherwise` when the argument is left out or null.
inline std::int64_t integer_or(const ArgumentColumn& argument, std::int64_t row, std::int64_t otherwise) {
  return is_null(argument, row) ? otherwise : integer_at(argument, row);
}

// ---- answers ----

// What a message quotes of a value: right UTF-8, and of a long one only the beginning.
std::string excerpt(std::string_view text);

// The row fails: null in the column and one numbered error.
void reject(const Call& call, std::int32_t row, int number, std::initializer_list<Argument> arguments);
void reject(const Call& call, std::int32_t row, Error error);

// Appends texts and refuses what is too long, per row and per call. One per call.
class TextOut {
 public:
  explicit TextOut(const Call& call) : call_(call) {}
  void append(std::int32_t row, std::string_view text) {
    total_ += text.size();
    if (text.size() > kLongestText || total_ > kLongestColumn) [[unlikely]]
      return refuse(row, text.size());
    call_.out.append_text(text);
  }
  // Fails the row, for a text that is not even worth making.
  void refuse(std::int32_t row, std::size_t bytes);

 private:
  const Call& call_;
  std::size_t total_ = 0;
};

// A function from one text to a text: f(text, scratch) answers a view of either. No allocation per row once
// the scratch has grown.
template <typename F>
Bound text_to_text(F f) {
  return {TypeId::utf8, [f = std::move(f)](const Call& call) {
            const ArgumentColumn& argument = call.arguments[0];
            std::string scratch;
            TextOut out(call);
            for (const std::int32_t row : call.rows) out.append(row, f(text_at(argument, row), scratch));
          }};
}

// The same as bind of a function without constants.
template <typename F>
auto plain_text_to_text(F f) {
  return [f](const BindArguments&) -> Result<Bound> { return text_to_text(f); };
}

// A function from one text to true or false.
template <typename F>
auto plain_text_to_bool(F f) {
  return [f](const BindArguments&) -> Result<Bound> {
    return Bound{TypeId::boolean, [f](const Call& call) {
                   for (const std::int32_t row : call.rows) call.out.append_bool(f(text_at(call.arguments[0], row)));
                 }};
  };
}

// ---- constants ----

// The literal given for parameter `index`, or `otherwise` when it is left out or null.
std::string constant_or(const BindArguments& arguments, std::size_t index, std::string_view otherwise);
inline bool given(const BindArguments& arguments, std::size_t index) {
  return index < arguments.types.size() && arguments.types[index].id != TypeId::null_type;
}
// The integer literal, in [low, high].
Result<std::int64_t> constant_integer(const BindArguments& arguments, std::size_t index, std::string_view function,
                                      std::string_view parameter, std::int64_t low, std::int64_t high,
                                      std::int64_t otherwise);
// The boolean literal.
Result<bool> constant_bool(const BindArguments& arguments, std::size_t index, std::string_view function,
                           std::string_view parameter, bool otherwise);
// Which of `choices` the literal is; the first when it is left out.
Result<int> constant_choice(const BindArguments& arguments, std::size_t index, std::string_view function,
                            std::string_view parameter, std::initializer_list<std::string_view> choices);
// GW-2200: a constant that is no value for its parameter.
Failure bad_constant(std::string_view function, std::string_view parameter, std::string_view seen,
                     std::string_view expected);
// A locale name ("de_DE", "de-DE", "zh_CN") that ICU knows, in ICU's spelling; "" when left out.
Result<std::string> constant_locale(const BindArguments& arguments, std::size_t index, std::string_view function);

// ---- UTF-8 ----

inline bool is_ascii(std::string_view text) {
  const char* p = text.data();
  std::size_t n = text.size();
  for (; n >= 8; p += 8, n -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  for (; n != 0; ++p, --n) {
    if ((static_cast<unsigned char>(*p) & 0x80) != 0) return false;
  }
  return true;
}

// The character at byte `at`, which moves behind it. Bytes that are no UTF-8 give U+FFFD, one maximal part at a time.
inline char32_t next_character(std::string_view text, std::size_t& at) {
  const unsigned char lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return ++at, lead;
  std::int64_t i = static_cast<std::int64_t>(at);
  const auto n = static_cast<std::int64_t>(text.size());
  UChar32 c;
  U8_NEXT_OR_FFFD(text.data(), i, n, c);
  at = static_cast<std::size_t>(i);
  return static_cast<char32_t>(c);
}
// The character that ends at byte `at`, which moves before it; `at` > 0.
inline char32_t previous_character(std::string_view text, std::size_t& at) {
  const unsigned char last = static_cast<unsigned char>(text[at - 1]);
  if (last < 0x80) return --at, last;
  // ICU's macro wants 32-bit indices; a character is at most 4 bytes, so it sees only those.
  const std::size_t base = at > 4 ? at - 4 : 0;
  auto i = static_cast<std::int32_t>(at - base);
  UChar32 c;
  U8_PREV_OR_FFFD(text.data() + base, 0, i, c);
  at = base + static_cast<std::size_t>(i);
  return static_cast<char32_t>(c);
}
inline void append_character(std::string& out, char32_t c) {
  char bytes[U8_MAX_LENGTH];
  int n = 0;
  U8_APPEND_UNSAFE(bytes, n, static_cast<UChar32>(c));
  out.append(bytes, static_cast<std::size_t>(n));
}
// Characters (code points) in the text.
std::int64_t count_characters(std::string_view text);
// Byte at which character number `characters` (from 0) begins; the text's size when it has fewer.
std::size_t byte_of_character(std::string_view text, std::int64_t characters);

// Unicode White_Space: tab to CR, NEL, NBSP, U+2000-200A, line and paragraph separator, U+202F, U+205F, U+3000.
inline bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}
// Takes no room and means nothing between words: ZWSP, word joiner, BOM, soft hyphen, direction marks. ZWJ and ZWNJ
// are not among them: emoji and Persian words are spelt with them.
inline bool is_invisible(char32_t c) {
  return c == 0x200B || c == 0x2060 || c == 0xFEFF || c == 0xAD || c == 0x180E || c == 0x200E || c == 0x200F;
}
// Without the spaces and invisible characters at either end.
std::string_view trimmed(std::string_view text);
std::string_view trimmed_left(std::string_view text);
std::string_view trimmed_right(std::string_view text);
inline bool is_blank(std::string_view text) { return trimmed(text).empty(); }

// Parameters that many functions share.
inline const Parameter kText1{.name = "text", .help = "The text."};
inline const Parameter kData{
    .name = "data", .types = kText | one_of(TypeId::binary), .help = "The text (its UTF-8 bytes) or bytes."};

}  // namespace godwit::fn
