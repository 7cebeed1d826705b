#pragma once
// The JSON texts of the boundary, on the plugin's side: requests in, descriptions out. docs/boundary.md gives
// every member.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/exchange.hpp"
#include "plugins/sdk/error.hpp"

namespace godwit::sdk {

// Bytes that are no UTF-8 become U+FFFD: a text that cannot be said must not hide the error that says it.
inline std::string dump(const nlohmann::ordered_json& json, int indent = -1) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

inline nlohmann::ordered_json arguments_json(const std::vector<Argument>& arguments) {
  auto out = nlohmann::ordered_json::object();
  for (const auto& [name, value] : arguments) out[name] = value;
  return out;
}

// Arguments of the message, with further errors of the same pass in "@more".
inline nlohmann::ordered_json error_json(const Error& error) {
  nlohmann::ordered_json out = arguments_json(error.arguments);
  for (const Error& e : error.more)
    out["@more"].push_back({{"number", e.number}, {"kind", static_cast<int>(e.kind)}, {"arguments", error_json(e)}});
  return out;
}

inline nlohmann::ordered_json to_json(const ConnectionFacts& facts) {
  nlohmann::ordered_json out{{"identity", facts.identity}, {"display", facts.display}, {"version", facts.version},
                             {"writable", facts.writable}, {"objects", facts.objects}};
  if (facts.delivery) out["delivery"] = to_string(*facts.delivery);
  return out;
}

inline nlohmann::ordered_json to_json(const ObjectDescription& object) {
  nlohmann::ordered_json out{{"object", object.object}, {"rows", nullptr}, {"bytes", nullptr}};
  if (object.rows) out["rows"] = *object.rows;
  if (object.bytes) out["bytes"] = *object.bytes;
  out["fields"] = nlohmann::ordered_json::array();
  for (const ObjectField& f : object.fields) {
    nlohmann::ordered_json field{{"name", f.name}, {"type", to_string(f.type)}, {"nullable", f.nullable}};
    if (f.length) field["length"] = *f.length;
    field["default"] = f.has_default, field["unique"] = f.unique, field["generated"] = f.generated;
    if (!f.choices.empty()) field["choices"] = f.choices;
    out["fields"].push_back(std::move(field));
  }
  out["key"] = object.key, out["uniques"] = object.uniques, out["checks"] = object.checks;
  out["references"] = nlohmann::ordered_json::array();
  for (const ObjectReference& r : object.references)
    out["references"].push_back({{"columns", r.columns}, {"object", r.object}, {"to", r.to}});
  out["hash"] = object.hash;
  if (object.independent) out["independent"] = true;
  return out;
}

inline nlohmann::ordered_json to_json(const std::vector<GroupValue>& groups) {
  auto out = nlohmann::ordered_json::array();
  for (const GroupValue& g : groups) {
    nlohmann::ordered_json group{{"group", nullptr}, {"value", g.value}};
    if (g.group) group["group"] = *g.group;
    out.push_back(std::move(group));
  }
  return out;
}

inline nlohmann::ordered_json to_json(const Estimate& estimate) {
  nlohmann::ordered_json out{{"calls", estimate.calls}, {"jobs", estimate.jobs}, {"seconds", estimate.seconds}, {"simulated", estimate.simulated},
                             {"budgets", nlohmann::ordered_json::array()}};
  for (const Budget& b : estimate.budgets)
    out["budgets"].push_back({{"name", b.name}, {"needs", b.needs}, {"limit", b.limit}, {"remaining", b.remaining}, {"window_s", b.window_s}, {"resets_s", b.resets_s}});
  return out;
}

inline Work work(std::string_view text) {
  const auto json = nlohmann::json::parse(text);
  return {json.at("object").get<std::string>(), json.value("insert", std::int64_t{0}), json.value("update", std::int64_t{0}),
          json.value("delete", std::int64_t{0}), json.value("read", std::int64_t{0})};
}

// "" for a member that is absent or null.
inline std::string text_member(const nlohmann::json& json, const char* name) {
  const auto it = json.find(name);
  return it == json.end() || it->is_null() ? std::string() : it->get<std::string>();
}

// The two requests; a nlohmann exception stops at the boundary as GW-3027.
inline ReadRequest read_request(std::string_view text) {
  const auto json = nlohmann::json::parse(text);
  ReadRequest out;
  out.object = json.at("object").get<std::string>();
  if (json.contains("columns") && !json["columns"].is_null()) out.columns = json["columns"].get<std::vector<std::string>>();
  out.split = text_member(json, "split"), out.position = text_member(json, "position");
  out.until = text_member(json, "until");
  out.batch_rows = json.value("batch_rows", out.batch_rows), out.batch_bytes = json.value("batch_bytes", out.batch_bytes);
  out.snapshot = json.value("snapshot", false);
  return out;
}

inline WriteRequest write_request(std::string_view text) {
  const auto json = nlohmann::json::parse(text);
  WriteRequest out;
  out.object = json.at("object").get<std::string>();
  for (const auto& column : json.at("columns")) {
    const auto type = parse_type(column.at("type").get<std::string>());
    if (!type) throw std::invalid_argument("unknown type " + column.at("type").get<std::string>());
    out.columns.push_back({column.at("name").get<std::string>(), *type});
  }
  out.key = json.at("key").get<std::vector<std::string>>();
  for (const std::string& key : out.key)
    if (find_field(out.columns, key) < 0) throw std::invalid_argument("key " + key + " is not among the columns");
  out.id = text_member(json, "id"), out.run = text_member(json, "run"), out.flow = text_member(json, "flow");
  out.ledger = json.value("ledger", true);
  return out;
}

}  // namespace godwit::sdk
