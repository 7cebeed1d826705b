#pragma once
// Dates and times as JSON services write and read them: ISO 8601 in its vendors' varieties, and counts since 1970.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::rest {

enum class DateForm { iso, epoch_s, epoch_ms };
enum class MomentForm {
  iso_z,       // 2026-01-02T03:04:05.000Z
  iso_offset,  // 2026-01-02T03:04:05+00:00
  iso_compact, // 2026-01-02T03:04:05.000+0000
  epoch_s,
  epoch_ms
};

// Microseconds since 1970-01-01T00:00; has_zone: the text named one, which is applied already.
struct Moment {
  std::int64_t us = 0;
  bool has_zone = false;
};

// "2024-01-31": days since 1970-01-01; years 0000 to 9999, real days only.
std::optional<std::int32_t> parse_date(std::string_view text);
// "08:15[:30[.25]]", perhaps with a "Z" behind it: microseconds since midnight. What is finer than a microsecond must be 0.
std::optional<std::int64_t> parse_time(std::string_view text);
// Date, 'T' or a space, time, and perhaps Z, +hh:mm or +hhmm.
std::optional<Moment> parse_moment(std::string_view text);

// With `digits` of a second's fraction (0 to 6; finer parts must be 0, see fits_digits). Nullopt for years outside 0000 to 9999.
std::optional<std::string> date_form_text(std::int32_t days);
std::optional<std::string> time_form_text(std::int64_t us, int digits);
std::optional<std::string> moment_form_text(std::int64_t us, int digits, std::string_view zone);
// Whether `us` has nothing finer than `digits` of a second's fraction.
bool fits_digits(std::int64_t us, int digits);

}  // namespace godwit::rest
