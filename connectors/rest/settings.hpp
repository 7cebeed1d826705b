#pragma once
// Settings of a connection to an API that has no connector of its own. What the API is like stands in a file; these say where it is and who asks.

#include <array>

#include "plugins/sdk/setting.hpp"

namespace godwit::restapi {

using sdk::Kind;
using sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "url", .help = "Root of the API: https://acme.example/api."},
    Setting{.name = "api", .help = "File that describes the API: sign-in, limits, objects, how they are read and written (JSON, see the connector's page).", .kind = Kind::path},
    Setting{.name = "user", .help = "{{user}} in the description.", .optional = true},
    Setting{.name = "password", .help = "{{password}} in the description.", .optional = true, .secret = true},
    Setting{.name = "token", .help = "{{token}} in the description: an API key or access token.", .optional = true, .secret = true},
    Setting{.name = "client_id", .help = "{{client_id}} in the description.", .optional = true},
    Setting{.name = "client_secret", .help = "{{client_secret}} in the description.", .optional = true, .secret = true},
    Setting{.name = "refresh_token", .help = "{{refresh_token}} in the description.", .optional = true, .secret = true},
    Setting{.name = "concurrent", .help = "Calls under way at once, of all flows together; 0: as many as the API takes.", .kind = Kind::integer, .unit = "calls", .initial = "0", .min = 0, .max = 1000},
    Setting{.name = "ca", .help = "File with the certificates (PEM) of a private authority that signs the host's certificate.", .kind = Kind::path, .optional = true},
    Setting{.name = "proxy", .help = "Proxy for calls: http://proxy:3128. Left out: as the environment says.", .optional = true},
};
static_assert(sdk::well_described(kSettings));

}  // namespace godwit::restapi
