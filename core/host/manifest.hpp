#pragma once
// connector.json, read: everything that is known of a connector before its library is loaded.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/connection.hpp"
#include "core/model/catalogue.hpp"
#include "core/model/result.hpp"

namespace godwit {

struct Manifest {
  std::string name, title, version, text;
  Delivery delivery = Delivery::none;
  int writes_in_flight = 1;
  std::vector<std::string> extensions;  // lower case, with their dot
  std::vector<OwnedMessage> messages;
};

// GW-3008 with `place` for a text that is none.
Result<Manifest> parse_manifest(std::string_view text, std::string_view place);
Result<Manifest> read_manifest(const std::filesystem::path& file);

}  // namespace godwit
