#pragma once
// Every setting, once: the checks, the manifest and the secrecy of values all come from here.

#include <array>

#include "plugins/sdk/setting.hpp"

namespace acme {

using godwit::sdk::Kind;
using godwit::sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "url", .help = "Root of the service: https://acme.example/api."},
    Setting{.name = "token", .help = "Token that may read and write.", .optional = true, .secret = true},
    Setting{.name = "page_size", .help = "Rows asked for in one call.", .kind = Kind::integer, .unit = "rows", .initial = "100", .min = 1, .max = 1000},
    Setting{.name = "timeout", .help = "Longest time for one call.", .kind = Kind::integer, .unit = "s", .initial = "30", .min = 1, .max = 3600},
};
static_assert(godwit::sdk::well_described(kSettings));

}  // namespace acme
