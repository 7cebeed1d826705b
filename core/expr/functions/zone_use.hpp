#pragma once
// How functions take a zone and what they do where the clocks were changed.

#include <memory>

#include "core/expr/functions/support.hpp"
#include "core/expr/functions/zone.hpp"

namespace godwit::fn {

inline constexpr std::int64_t kSecondMicros = 1000000, kDayMicros = 86400000000;
// First microsecond of year 1 and the one behind year 9999, which is all that timestamps may be.
inline constexpr std::int64_t kFirstMicro = -719162 * kDayMicros, kEndMicro = 2932897 * kDayMicros;

// Division towards minus infinity, and what is left over: never negative. b > 0.
inline constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
inline constexpr std::int64_t floor_modulo(std::int64_t a, std::int64_t b) { return a % b + (a % b < 0 ? b : 0); }
// A column may hold dates that no timestamp can: years beyond 290,000.
inline constexpr bool has_micros(std::int32_t days) { return days > -106000000 && days < 106000000; }

enum class Choice { error, earlier, later };
struct ClockChange {
  Choice gap = Choice::error, overlap = Choice::error;
};

// The zone named for parameter `index`, else the connection's; nullptr when neither is named.
Result<std::shared_ptr<const Zone>> constant_zone(const BindArguments& arguments, std::size_t index);
// The same, GW-2204 when neither is named.
Result<std::shared_ptr<const Zone>> needed_zone(const BindArguments& arguments, std::size_t index,
                                                std::string_view function);
// Parameters gap and overlap at `index` and the one behind it.
Result<ClockChange> constant_clock_change(const BindArguments& arguments, std::size_t index, std::string_view function);
extern const Parameter kGapParameter, kOverlapParameter;

// Appends the instant of a wall clock time (both in microseconds), or fails the row in a gap or overlap or outside
// the years 1 to 9999.
void append_instant(const Call& call, std::int32_t row, ZoneCursor& cursor, ClockChange change, std::int64_t wall);
// Appends a timestamp, or fails the row outside the years 1 to 9999.
void append_micros(const Call& call, std::int32_t row, std::int64_t micros);
// "2023-03-26T02:30:00".
std::string wall_text(std::int64_t micros);
void reject_range(const Call& call, std::int32_t row);

}  // namespace godwit::fn
