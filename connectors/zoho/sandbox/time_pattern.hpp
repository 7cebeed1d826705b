#pragma once
// Dates and times in the pattern that a bulk job's mapping names.

#include <optional>
#include <string>
#include <string_view>

namespace godwit::sandbox::zoho {

// `text` by a pattern such as dd/MM/yyyy or yyyy-MM-dd'T'HH:mm:ssXXX, as "2026-01-02" or "2026-01-02T03:04:05+08:00"; a time without an offset
// is in the organisation's zone. nullopt: it does not fit.
std::optional<std::string> by_pattern(std::string_view text, std::string_view pattern, bool with_time, int zone_minutes);

}  // namespace godwit::sandbox::zoho
