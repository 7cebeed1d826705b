#pragma once
// Figures and customers' values as people read them. Pure functions; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/catalogue.hpp"

namespace godwit::report {

// 1234567 -> "1,234,567", in both languages.
std::string group_digits(std::int64_t value);

// "-1234567.50" -> "-1,234,567.50"; text that is no number stays as it is.
std::string group_money(std::string_view number);

// "1.56%" of part in whole; "<0.01%" where it would round to nothing and is not, "" for a whole of 0.
std::string percent(std::int64_t part, std::int64_t whole);

// "840 ms", "3.2 s", "4 min 12 s", "2 h 05 min".
std::string duration(std::int64_t milliseconds, Language language);

// "12.4 MB" (powers of 1000).
std::string bytes(std::int64_t count);

// ISO 8601 "2025-03-08T13:02:11.123456Z" -> "2025-03-08 13:02:11 UTC"; other text stays as it is.
std::string moment(std::string_view iso);

// Milliseconds between two ISO 8601 moments in UTC; 0 where one is no moment or they run backwards.
std::int64_t milliseconds_between(std::string_view from, std::string_view to);

// Free text fit to be shown and compared by eye: bytes that are no UTF-8 become <xx>, control characters and marks of
// direction or width become their code point (<U+202E>), line ends ⏎, spaces at either end ␣. The result is NFC; where
// the text was not, its combining marks are spelled out, because two texts that differ must not look the same. Longer
// texts than `most` characters end in "… (+n)".
std::string presentable(std::string_view text, std::size_t most = 200);

// The text in Unicode's normal form C; bytes that are no UTF-8 may become U+FFFD.
std::string composed(std::string text);

// A value of a masked project: its first character and dots for the rest, however long it was.
std::string masked_value(std::string_view value);

// Customer numbers are how people find a row, so keys that look like codes (letters and digits, or at most eight
// digits) stay readable; anything else is masked.
std::string masked_key(std::string_view key);

}  // namespace godwit::report
