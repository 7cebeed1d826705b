#pragma once
// Where a service is and how it is reached.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "plugins/sdk/settings.hpp"

namespace godwit::rest {

// Percent-encoding for a part of a path or query: all but letters, digits and -_.~, '+' too.
std::string url_part(std::string_view text);

// "acme.example:8080" of "https://acme.example:8080/api".
std::string host_of(std::string_view url);

// Takes the settings `ca` and `proxy`, which every service has that companies reach through their own network, into the rules of its client.
void add_network(const sdk::Settings& settings, nlohmann::ordered_json* rules);

}  // namespace godwit::rest
