#pragma once
// Every setting, once: the checks, the manifest and the secrecy of values all come from here.

#include <array>

#include "plugins/sdk/setting.hpp"

namespace acme {

using godwit::sdk::Kind;
using godwit::sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "path", .help = "Folder that holds the files, NAME.jsonl each.", .kind = Kind::path},
    Setting{.name = "key", .help = "Column that identifies a record.", .initial = "id"},
};
static_assert(godwit::sdk::well_described(kSettings));

}  // namespace acme
