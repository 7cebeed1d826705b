#pragma once
// The declaration as data: the text of connector.json.

#include <nlohmann/json.hpp>
#include <string>

#include "plugins/sdk/connector.hpp"
#include "plugins/sdk/json.hpp"

namespace godwit::sdk {

inline std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::text: return "text";
    case Kind::integer: return "integer";
    case Kind::boolean: return "boolean";
    case Kind::choice: return "choice";
    case Kind::path: return "path";
  }
  return "text";
}

inline std::vector<std::string> split_bars(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t bar = text.find('|');
    out.emplace_back(text.substr(0, bar));
    text.remove_prefix(bar == std::string_view::npos ? text.size() : bar + 1);
  }
  return out;
}

// Members in reading order, two spaces deep, with a final line feed. Throws nlohmann::json::exception when
// messages.json is no JSON: the connector's folder test sees it first.
inline std::string manifest(const Connector& connector) {
  using nlohmann::ordered_json;
  ordered_json out{{"abi", GW_ABI_VERSION},
                   {"name", connector.name},
                   {"title", connector.title},
                   {"version", connector.version},
                   {"reads", connector.reads},
                   {"writes", connector.delivery != Delivery::none},
                   {"aggregates", connector.aggregates},
                   {"delivery", to_string(connector.delivery)},
                   {"extensions", split_bars(connector.extensions)},
                   {"limits",
                    {{"rows_per_write", connector.limits.rows_per_write},
                     {"writes_in_flight", connector.limits.writes_in_flight},
                     {"readers", connector.limits.readers}}},
                   {"settings", ordered_json::array()}};
  for (const Setting& s : connector.settings) {
    ordered_json setting{{"name", s.name}, {"kind", kind_name(s.kind)}, {"help", s.help}};
    if (!s.unit.empty()) setting["unit"] = s.unit;
    if (!s.initial.empty()) setting["default"] = s.initial;
    setting["required"] = s.initial.empty() && !s.optional;
    if (s.min != std::numeric_limits<std::int64_t>::min()) setting["min"] = s.min;
    if (s.max != std::numeric_limits<std::int64_t>::max()) setting["max"] = s.max;
    if (!s.choices.empty()) setting["choices"] = split_bars(s.choices);
    if (s.secret) setting["secret"] = true;
    out["settings"].push_back(std::move(setting));
  }
  if (!connector.messages.empty()) out["messages"] = ordered_json::parse(connector.messages);
  return dump(out, 2) + "\n";
}

}  // namespace godwit::sdk
