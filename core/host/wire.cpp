#include "core/host/wire.hpp"

#include <nlohmann/json.hpp>

#include "core/model/catalogue.hpp"

namespace godwit::wire {
namespace {

using nlohmann::json;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// Runs `read` over the parsed text; what is missing or of another type ends as GW-3012.
template <typename Read>
auto parse(std::string_view call, std::string_view text, Read read) -> Result<decltype(read(json()))> {
  try {
    return read(json::parse(text));
  } catch (const std::exception& e) {
    return fail(3012, {{"call", std::string(call)}, {"seen", e.what()}});
  }
}

template <typename T>
std::optional<T> optional_member(const json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || it->is_null()) return std::nullopt;
  return it->get<T>();
}

ObjectField field_of(const json& f) {
  ObjectField out;
  out.name = f.at("name").get<std::string>();
  const auto type = parse_type(f.at("type").get<std::string>());
  if (!type) throw std::invalid_argument("field " + out.name + " has unknown type " + f.at("type").get<std::string>());
  out.type = *type;
  out.nullable = f.value("nullable", true);
  out.length = optional_member<std::int64_t>(f, "length");
  if (const auto it = f.find("default"); it != f.end()) out.has_default = it->is_boolean() ? it->get<bool>() : !it->is_null();
  out.unique = f.value("unique", false), out.generated = f.value("generated", false);
  out.choices = optional_member<std::vector<std::string>>(f, "choices").value_or(std::vector<std::string>{});
  return out;
}

}  // namespace

std::string take(gw_text* text) {
  std::string out = text->data == nullptr ? std::string() : std::string(text->data, text->size);
  if (text->release != nullptr) text->release(text);
  return out;
}

Error error_of(int number, int kind, const json& arguments, std::string_view call) {
  Error out;
  out.number = number;
  out.kind = kind >= GW_RETRY && kind <= GW_CANCELLED ? static_cast<ErrorKind>(kind) : ErrorKind::broken;
  if (arguments.is_object()) {
    for (const auto& [name, value] : arguments.items()) {
      if (name == "@more" && value.is_array()) {
        for (const json& m : value)
          if (m.is_object() && m.value("number", json()).is_number_integer() && m.value("kind", json()).is_number_integer())
            out.more.push_back(error_of(m["number"].get<int>(), m["kind"].get<int>(), m.value("arguments", json::object()), call));
      } else if (value.is_string()) {
        out.arguments.emplace_back(name, value.get<std::string>());
      } else if (!value.is_null()) {
        out.arguments.emplace_back(name, dump(value));
      }
    }
  }
  if (number != 0 && find_message(number) != nullptr) return out;
  std::string message(out.argument("message"));
  if (message.empty()) message = (number == 0 ? "" : "GW-" + std::to_string(number) + " ") + (arguments.empty() ? "" : dump(arguments));
  out.number = 3011;
  out.arguments.emplace_back("call", std::string(call));
  out.arguments.emplace_back("seen", std::string(call));
  if (out.argument("message").empty()) out.arguments.emplace_back("message", message);
  return out;
}

std::int32_t give_error(const Error& failure, gw_error* error) {
  json arguments = json::object();
  for (const auto& [name, value] : failure.arguments) arguments[name] = value;
  auto* held = new std::string(dump(arguments));
  error->kind = static_cast<std::int32_t>(failure.kind), error->number = failure.number;
  error->json = {held->data(), held->size(), held, [](gw_text* text) {
                   delete static_cast<std::string*>(text->private_data);
                   text->release = nullptr;
                 }};
  return error->kind;
}

Error take_error(std::int32_t code, gw_error* error, std::string_view call) {
  const std::string text = take(&error->json);
  json arguments = json::parse(text, nullptr, false);
  if (arguments.is_discarded()) arguments = text.empty() ? json::object() : json{{"message", text}};
  return error_of(error->number, error->kind == GW_OK ? code : error->kind, arguments, call);
}

Error row_error(int number, std::string_view arguments_json, std::string_view call) {
  json arguments = json::parse(arguments_json, nullptr, false);
  if (arguments.is_discarded()) arguments = json::object();
  return error_of(number, GW_ROW_REJECTED, arguments, call);
}

std::string to_json(const ReadRequest& request) {
  json out{{"object", request.object}, {"columns", nullptr}, {"split", nullptr}, {"position", nullptr},
           {"batch_rows", request.batch_rows}, {"batch_bytes", request.batch_bytes}};
  if (!request.columns.empty()) out["columns"] = request.columns;
  if (!request.split.empty()) out["split"] = request.split;
  if (!request.position.empty()) out["position"] = request.position;
  if (!request.until.empty()) out["until"] = request.until;
  if (request.snapshot) out["snapshot"] = true;
  return dump(out);
}

std::string to_json(const WriteRequest& request) {
  json columns = json::array();
  for (const Field& f : request.columns) columns.push_back({{"name", f.name}, {"type", to_string(f.type)}});
  return dump({{"object", request.object}, {"columns", columns}, {"key", request.key},
               {"id", request.id.empty() ? json() : json(request.id)}, {"run", request.run}, {"flow", request.flow}, {"ledger", request.ledger}});
}

std::string to_json(const Work& work) {
  return dump({{"object", work.object}, {"insert", work.inserts}, {"update", work.updates}, {"delete", work.deletes}, {"read", work.reads}});
}

Result<ConnectionFacts> parse_facts(std::string_view text) {
  return parse("check", text, [](const json& j) {
    ConnectionFacts out;
    out.identity = j.at("identity").get<std::string>();
    if (out.identity.empty()) throw std::invalid_argument("identity is empty");
    out.display = j.value("display", out.identity), out.version = j.value("version", "");
    out.writable = j.value("writable", false);
    out.objects = j.at("objects").get<std::vector<std::string>>();
    if (const auto delivery = optional_member<std::string>(j, "delivery")) {
      out.delivery = parse_delivery(*delivery);
      if (!out.delivery) throw std::invalid_argument("unknown delivery " + *delivery);
    }
    return out;
  });
}

Result<ObjectDescription> parse_description(std::string_view text) {
  return parse("describe", text, [](const json& j) {
    ObjectDescription out;
    out.object = j.at("object").get<std::string>();
    out.rows = optional_member<std::int64_t>(j, "rows"), out.bytes = optional_member<std::int64_t>(j, "bytes");
    for (const json& f : j.at("fields")) out.fields.push_back(field_of(f));
    out.key = j.value("key", std::vector<std::string>{});
    out.uniques = j.value("uniques", std::vector<std::vector<std::string>>{});
    out.checks = j.value("checks", std::vector<std::string>{});
    for (const json& r : j.value("references", json::array()))
      out.references.push_back({r.at("columns").get<std::vector<std::string>>(), r.at("object").get<std::string>(), r.at("to").get<std::vector<std::string>>()});
    out.hash = j.value("hash", ""), out.independent = j.value("independent", false);
    return out;
  });
}

Result<std::vector<std::string>> parse_splits(std::string_view text) {
  return parse("splits", text, [](const json& j) {
    auto out = j.get<std::vector<std::string>>();
    if (out.empty()) throw std::invalid_argument("no split at all");
    return out;
  });
}

Result<std::vector<GroupValue>> parse_groups(std::string_view text) {
  return parse("aggregate", text, [](const json& j) {
    std::vector<GroupValue> out;
    for (const json& g : j) out.push_back({optional_member<std::string>(g, "group"), optional_member<std::string>(g, "value").value_or("")});
    return out;
  });
}

Result<std::optional<Estimate>> parse_estimate(std::string_view text) {
  return parse("estimate", text, [](const json& j) -> std::optional<Estimate> {
    if (j.is_null()) return std::nullopt;
    Estimate out;
    out.calls = j.value("calls", std::int64_t{0}), out.jobs = j.value("jobs", std::int64_t{0}), out.seconds = j.value("seconds", 0.0), out.simulated = j.value("simulated", false);
    for (const json& b : j.value("budgets", json::array()))
      out.budgets.push_back({b.at("name").get<std::string>(), b.at("needs").get<std::int64_t>(), b.at("limit").get<std::int64_t>(),
                             b.value("remaining", b.at("limit").get<std::int64_t>()), b.value("window_s", 86400.0), b.value("resets_s", 0.0)});
    return out;
  });
}

bool plausible(const ArrowArray& array, std::int64_t children) {
  if (array.release == nullptr || array.length < 0 || array.offset < 0 || array.n_children != children) return false;
  if (children > 0 && array.children == nullptr) return false;
  for (std::int64_t c = 0; c < children; ++c) {
    const ArrowArray* child = array.children[c];
    if (child == nullptr || child->n_buffers < 0 || child->n_buffers > 3 || (child->n_buffers > 0 && child->buffers == nullptr)) return false;
    if (child->dictionary != nullptr || child->n_children != 0) return false;
  }
  return true;
}

}  // namespace godwit::wire
