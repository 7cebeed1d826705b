// JSON Schema of the project files, for editors. The settings of each connector come from its manifest.

#include <nlohmann/json.hpp>

#include "core/config/project.hpp"

namespace godwit {
namespace {

using nlohmann::json;

json text(std::string_view help) { return {{"type", "string"}, {"description", help}}; }

// Editors read `007` as a number and `no` as a boolean; to us each is text.
json scalar(std::string_view help) { return {{"type", {"string", "number", "boolean"}}, {"description", help}}; }

json choice(std::initializer_list<const char*> words, const char* initial, std::string_view help) {
  json out{{"enum", json::array()}, {"description", help}};
  for (const char* word : words) out["enum"].push_back(word);
  if (initial != nullptr) out["default"] = initial;
  return out;
}

// A boolean that may be written yes and no.
json flag(bool initial, std::string_view help) {
  return {
      {"enum", {true, false, "yes", "no", "true", "false", "on", "off"}}, {"default", initial}, {"description", help}};
}

json ref(std::string_view name) { return {{"$ref", "#/$defs/" + std::string(name)}}; }

json one_or_list(json item, std::string_view help) {
  return {{"anyOf", {item, {{"type", "array"}, {"items", item}, {"minItems", 1}}}}, {"description", help}};
}

json object(json properties, json required = json::array()) {
  json out{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

json map_of(json value, std::string_view help) {
  return {{"type", "object"}, {"additionalProperties", std::move(value)}, {"description", help}};
}

json shared_definitions() {
  return {{"expression",
           {{"anyOf",
             {{{"type", {"string", "number", "boolean", "null"}}},
              object({{"const",
                       {{"type", {"string", "number", "boolean"}}, {"description", "The value itself, as text."}}}},
                     {"const"})}},
            {"description", "An expression over the source's columns and let names, or {const: value}."}}},
          {"zone", text("IANA time zone, such as Asia/Shanghai.")}};
}

// One setting of a manifest as a property. Any setting may be written as ${env:NAME} or ${file:path}.
json setting_schema(const json& setting) {
  json p{{"description", setting.value("help", "")}};
  const std::string kind = setting.value("kind", "text");
  static const json kReference{{"type", "string"}, {"pattern", "\\$\\{(env|file):[^}]+\\}"}};
  if (kind == "integer") {
    json number{{"type", "integer"}};
    if (setting.contains("min") && setting["min"].is_number()) number["minimum"] = setting["min"];
    if (setting.contains("max") && setting["max"].is_number()) number["maximum"] = setting["max"];
    p["anyOf"] = {number, {{"type", "string"}, {"pattern", "^-?[0-9]+$"}}, kReference};
  } else if (kind == "boolean") {
    p["anyOf"] = {{{"enum", {true, false, "yes", "no", "true", "false", "on", "off"}}}, kReference};
  } else if (kind == "choice") {
    // A choice such as 1252 or no is no text to an editor's YAML.
    json words = json::array();
    for (const auto& word : setting.value("choices", json::array())) {
      words.push_back(word);
      if (word == "yes" || word == "true" || word == "on") words.push_back(true);
      if (word == "no" || word == "false" || word == "off") words.push_back(false);
    }
    p["anyOf"] = {{{"enum", words}}, kReference};
  } else if (kind == "list") {
    const json item{{"type", {"string", "number", "boolean"}}};
    p["anyOf"] = {{{"type", "array"}, {"items", item}}, item};
  } else {
    p["type"] = {"string", "number", "boolean"};
  }
  if (setting.contains("default") && !setting["default"].is_null() && setting["default"] != "")
    p["default"] = setting["default"];
  if (setting.value("secret", false)) p["writeOnly"] = true;
  return p;
}

// Completes the settings once `connector` is written. An overlay's connection has no connector: nothing is required of
// it.
json connection_schema(const std::vector<std::string>& manifests, bool overlay) {
  json out{
      {"type", "object"},
      {"properties", {{"connector", text("The connector; `godwit connectors` lists them.")}, {"zone", ref("zone")}}},
      {"description", "A configured connector. A value may hold ${env:NAME} and ${file:path}."}};
  if (!overlay) out["required"] = {"connector"};
  json names = json::array(), rules = json::array();
  for (const std::string& text_of : manifests) {
    const json manifest = json::parse(text_of, nullptr, false);
    if (!manifest.is_object() || !manifest.contains("name")) continue;
    const json& name = manifest["name"];
    names.push_back(name);
    json properties{{"connector", {{"const", name}, {"description", manifest.value("title", "")}}},
                    {"zone", ref("zone")}};
    json required = json::array();
    for (const json& setting : manifest.value("settings", json::array())) {
      if (!setting.is_object() || !setting.contains("name")) continue;
      const std::string key = setting["name"];
      properties[key] = setting_schema(setting);
      if (setting.value("required", false)) required.push_back(key);
    }
    json then = object(std::move(properties), overlay ? json::array() : required);
    rules.push_back({{"if", {{"properties", {{"connector", {{"const", name}}}}}, {"required", {"connector"}}}},
                     {"then", std::move(then)}});
  }
  if (!names.empty()) out["properties"]["connector"]["enum"] = std::move(names);
  if (!rules.empty()) out["allOf"] = std::move(rules);
  return out;
}

json gate_schema() {
  const json count{{"anyOf", {{{"type", "integer"}, {"minimum", 0}}, {{"type", "string"}, {"pattern", "^[0-9]+$"}}}}};
  const json share{{"type", "string"}, {"pattern", "^[0-9]+(\\.[0-9]+)? *%$"}};
  json full =
      object({{"share", share},
              {"rows", count},
              {"min_rows", count},
              {"on", choice({"stop", "report"}, "report", "stop ends the run safely and resumable; report shows it.")},
              {"flow", text("Only for this flow.")},
              {"approver", text("Who must approve that it was exceeded.")}});
  full["anyOf"] = {{{"required", {"share"}}}, {{"required", {"rows"}}}};
  full["description"] = "A threshold: share (1%) counted from min_rows rows on, or rows.";
  const json one{{"anyOf", {share, count, full}}};
  return {{"anyOf", {share, count, full, {{"type", "array"}, {"items", one}}}}};
}

json project_schema(const std::vector<std::string>& manifests) {
  json gates = json::object();
  for (const char* name :
       {"set_aside", "warned", "differing", "missing", "in_doubt", "obligations", "totals", "conflicts"}) {
    gates[name] = ref("gate");
  }
  const json total = object({{"flow", text("The flow whose rows are summed.")},
                             {"source", ref("expression")},
                             {"target", text("Target field, summed by the target itself.")},
                             {"currency", text("Target field to sum by.")},
                             {"source_currency", ref("expression")},
                             {"expected", text("CSV of the old system's own figures.")},
                             {"tolerance", scalar("Largest difference that still passes.")}},
                            {"flow", "source", "target"});
  const json environment =
      object({{"production", flag(false, "Runs only with --cutover.")},
              {"mask", choice({"pii"}, nullptr, "Masks personal data.")},
              {"connections", map_of(ref("overlay"), "Settings that differ in this environment, key by key.")}});
  json out = object({{"project", text("The project's name.")},
                     {"language", choice({"en", "zh-CN"}, "en", "Language of messages, sheets and reports.")},
                     {"connections", map_of(ref("connection"), "Connections by name.")},
                     {"environments", map_of(environment, "An overlay each; chosen with --env.")},
                     {"gates", object(gates)},
                     {"totals", map_of(total, "Control totals, computed apart from the mapping.")},
                     {"memory",
                      {{"type", {"string", "integer"}},
                       {"default", "64 MB"},
                       {"description", "What a run aims to stay within, such as 64 MB."}}},
                     {"signing_key", text("Path of the Ed25519 key that signs the report.")},
                     {"zone", ref("zone")}},
                    {"project"});
  out["$defs"] = shared_definitions();
  out["$defs"]["connection"] = connection_schema(manifests, false);
  out["$defs"]["overlay"] = connection_schema(manifests, true);
  out["$defs"]["gate"] = gate_schema();
  out["title"] = "Godwit project (godwit.yaml)";
  return out;
}

json rule_schema() {
  const json word{{"type", {"string", "number", "boolean"}}};
  const json length{
      {"anyOf",
       {{{"type", "integer"}, {"minimum", 0}},
        object({{"min", {{"type", "integer"}, {"minimum", 0}}}, {"max", {{"type", "integer"}, {"minimum", 0}}}})}}};
  json out = object(
      {{"require", one_or_list({{"type", "string"}}, "Fields that must have a value.")},
       {"unique",
        one_or_list({{"type", "string"}}, "A field, or the fields of one composite key, that no two rows share.")},
       {"check", ref("expression")},
       {"in", map_of(one_or_list(word, "Allowed values."), "Allowed values by field.")},
       {"pattern", map_of({{"type", "string"}}, "RE2 pattern of the whole value, by field.")},
       {"length", map_of(length, "Characters by field: the most, or {min, max}.")},
       {"reference",
        {{"anyOf",
          {map_of(one_or_list({{"type", "string"}}, "Flows."), "Field: flow that loaded the value as its source key."),
           one_or_list({{"type", "string"}}, "Fields of a composite key; the flow stands in `to`.")}}}},
       {"to", one_or_list({{"type", "string"}}, "Flows of a reference.")},
       {"level", choice({"error", "warning"}, "error", "error sets the row aside, warning only counts it.")},
       {"say", text("The reason in your own words.")}});
  out["oneOf"] = json::array();
  for (const char* kind : {"require", "unique", "check", "in", "pattern", "length", "reference"})
    out["oneOf"].push_back({{"required", {kind}}});
  return out;
}

json flow_schema() {
  const json reference{{"type", "string"}, {"pattern", "^[^. ]+\\..+$"}};
  const json expressions = map_of(ref("expression"), "Target field: expression.");
  json out = object(
      {{"from", one_or_list(reference, "connection.object, or several objects of one shape.")},
       {"query", text("A statement in the source's own language, read in the place of the object.")},
       {"where", ref("expression")},
       {"delete_when", ref("expression")},
       {"to", {{"type", "string"}, {"pattern", "^[^. ]+\\..+$"}, {"description", "connection.object"}}},
       {"key",
        {{"anyOf", {expressions, one_or_list({{"type", "string"}}, "Names that source and target share.")}},
         {"description", "The external key in the target. Without it rows are only inserted."}}},
       {"source_key", one_or_list({{"type", "string"}}, "Source columns that identify the row for ever.")},
       {"let", map_of(ref("expression"), "Names for expressions, usable in map and where.")},
       {"map",
        {{"anyOf", {expressions, {{"type", "string"}, {"pattern", "\\.csv$"}}}},
         {"description", "Fields and expressions, or a CSV sheet."}}},
       {"validate",
        {{"anyOf", {ref("rule"), {{"type", "array"}, {"items", ref("rule")}}}},
         {"description", "Rules over the target's fields; source.x is the source."}}},
       {"on_double", choice({"set_aside", "merge"}, "set_aside",
                            "The same key twice in the source: the first in source order wins; later rows are set "
                            "aside or merged into it.")},
       {"on_conflict", choice({"set_aside", "source", "target"}, "set_aside", "Delta: both sides changed one field.")},
       {"compare", choice({"scan", "journal"}, "scan", "journal skips reading the target back and says so.")},
       {"keep_prior", flag(true, "Keep before-images; undo needs them.")},
       {"tolerance", map_of(scalar("0.01, 1s, case or space."), "Differences that verify tolerates, by field.")},
       {"after", one_or_list({{"type", "string"}}, "Flows that run before, beside those that parent() names.")},
       {"id", text("The target's generated key.")},
       {"zone", ref("zone")}},
      {"from", "to"});
  out["anyOf"] = {{{"required", {"map"}}}, {{"required", {"key"}}}};
  out["$defs"] = shared_definitions();
  out["$defs"]["rule"] = rule_schema();
  out["title"] = "Godwit flow (flows/NAME.yaml)";
  return out;
}

}  // namespace

json project_json_schema(std::string_view which, const std::vector<std::string>& manifests) {
  json out = which == "flow" ? flow_schema() : project_schema(manifests);
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  return out;
}

}  // namespace godwit
