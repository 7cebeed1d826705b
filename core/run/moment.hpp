#pragma once
// Points in time of the run itself.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/result.hpp"

namespace godwit {

// Microseconds since 1970 UTC, of the machine's clock.
std::int64_t system_now_us();
// "2025-03-01T09:30:00.000000Z" as the journal writes it.
Result<std::int64_t> parse_moment(std::string_view iso);
// "22:30" (the next time the operator's clock shows it) or "2025-03-01T22:30" (operator's local time). GW-4078 for anything else.
Result<std::int64_t> parse_until(std::string_view text, std::int64_t now_us);

}  // namespace godwit
