#pragma once
// Every setting, once: the checks, the manifest and the secrecy of values all come from here.

#include <array>

#include "plugins/sdk/setting.hpp"

namespace acme {

using godwit::sdk::Kind;
using godwit::sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "path", .help = "The database file.", .kind = Kind::path},
    Setting{.name = "busy_timeout", .help = "How long to wait for a lock of another program.", .kind = Kind::integer, .unit = "ms", .initial = "10000", .min = 0, .max = 3600000},
};
static_assert(godwit::sdk::well_described(kSettings));

}  // namespace acme
