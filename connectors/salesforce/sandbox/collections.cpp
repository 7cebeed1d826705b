// Up to 200 records in one call (contract, section 8).
#include <nlohmann/json.hpp>
#include <sstream>

#include "connectors/salesforce/sandbox/ids.hpp"
#include "connectors/salesforce/sandbox/soql.hpp"
#include "connectors/salesforce/sandbox/write_items.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::size_t kMostRecords = 200;

void check_count(std::size_t count) {
  if (count > kMostRecords) refuse_call(400, "LIMIT_EXCEEDED", "record limit reached. cannot submit more than 200 records into this call");
  if (count == 0) refuse_call(400, "REQUIRED_FIELD_MISSING", "Missing required field: records");
}

struct Body {
  Json records;
  bool all_or_none = false;
};

Body read_collection(const Call& call) {
  const std::optional<Json> body = call.request.json();
  if (!body || !body->is_object()) refuse_call(400, "JSON_PARSER_ERROR", "The request body is no JSON object");
  for (const auto& [name, value] : body->items())
    if (name != "records" && name != "allOrNone") refuse_call(400, "JSON_PARSER_ERROR", "Unrecognized field \"" + name + "\"");
  Body out;
  if (const auto all = body->find("allOrNone"); all != body->end()) {
    if (!all->is_boolean()) refuse_call(400, "JSON_PARSER_ERROR", "allOrNone is no boolean");
    out.all_or_none = all->get<bool>();
  }
  if (const auto records = body->find("records"); records != body->end() && records->is_array()) out.records = *records;
  check_count(out.records.size());
  return out;
}

const Object& type_of(const Org& org, const Json& record) {
  if (!record.is_object() || !record.contains("attributes") || !record["attributes"].is_object() || word(record["attributes"], "type").empty())
    refuse_call(400, "INVALID_FIELD", "The attributes.type of a record is missing");
  const Object* object = org.world().model.object(word(record["attributes"], "type"), true);
  if (object == nullptr) refuse_call(400, "INVALID_TYPE", "sObject type '" + word(record["attributes"], "type") + "' is not supported.");
  return *object;
}

void check_type_chunks(const Org& org, const std::vector<WriteItem>& items) {
  std::int64_t chunks = items.empty() ? 0 : 1;
  for (std::size_t i = 1; i < items.size(); ++i) chunks += items[i].object != items[i - 1].object;
  if (chunks > org.number("type_chunks")) refuse_call(400, "LIMIT_EXCEEDED", "Cannot have more than " + org.setting("type_chunks") + " chunks in a single operation. Please rearrange the data to reduce chunking.");
}

Json results(const std::vector<Outcome>& outcomes, bool with_created) {
  Json out = Json::array();
  for (const Outcome& one : outcomes) {
    Json item = Json::object();
    if (one.ok()) item["id"] = one.id;
    item["success"] = one.ok();
    item["errors"] = Json::array();
    for (const Problem& problem : one.problems) item["errors"].push_back(problem_json(problem, "statusCode"));
    if (with_created && one.ok()) item["created"] = one.created;
    out.push_back(std::move(item));
  }
  return out;
}

Answer write_all(Org& org, const Call& call, const std::vector<WriteItem>& items, bool all_or_none, bool with_created) {
  WriteCall how = write_call(org, call);
  how.all_or_none = all_or_none;
  return json_answer(200, results(write_items(org, how, items), with_created));
}

// Takes a member out of a record, whatever the case of its name; null when there is none.
Json take(Json& record, std::string_view name) {
  for (auto it = record.begin(); it != record.end(); ++it)
    if (same_word(it.key(), name)) {
      Json out = it.value();
      record.erase(it);
      return out;
    }
  return nullptr;
}

Answer create_all(Org& org, Call& call) {
  const Body body = read_collection(call);
  std::vector<WriteItem> items;
  for (const Json& record : body.records) items.push_back({.kind = WriteItem::Kind::create, .object = &type_of(org, record), .fields = record});
  check_type_chunks(org, items);
  return write_all(org, call, items, body.all_or_none, false);
}

Answer update_all(Org& org, Call& call) {
  const Body body = read_collection(call);
  std::vector<WriteItem> items;
  for (const Json& record : body.records) {
    WriteItem item{.kind = WriteItem::Kind::update, .object = &type_of(org, record), .fields = record};
    const Json id = take(item.fields, "id");
    if (id.is_string()) item.id = id.get<std::string>();
    else item.problems = {{"MISSING_ARGUMENT", "Id not specified in an update call", {"Id"}, ""}};
    items.push_back(std::move(item));
  }
  check_type_chunks(org, items);
  return write_all(org, call, items, body.all_or_none, false);
}

Answer upsert_all(Org& org, Call& call) {
  const Object& object = org.object(call.request.param("object"));
  const Field* key = object.field(call.request.param("key"), true);
  if (key == nullptr || !is_key(*key)) return problem_answer(400, "INVALID_FIELD", "Field name provided, " + call.request.param("key") + " is not an External ID or indexed field for " + object.name);
  const Body body = read_collection(call);
  std::vector<WriteItem> items;
  for (const Json& record : body.records) {
    if (&type_of(org, record) != &object) return problem_answer(400, "INVALID_TYPE", "All records must be of type " + object.name);
    WriteItem item{.kind = WriteItem::Kind::upsert, .object = &object, .key = key, .fields = record};
    item.key_value = take(item.fields, key->name);
    if (key->kind != Kind::id && !take(item.fields, "id").is_null()) item.problems = {{"INVALID_FIELD", "The Id field should not be specified in the sobject data.", {"Id"}, ""}};
    items.push_back(std::move(item));
  }
  return write_all(org, call, items, body.all_or_none, true);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, ',');) out.push_back(trimmed(one));
  return out;
}

Answer remove_all(Org& org, Call& call) {
  const std::vector<std::string> ids = split(call.request.query_value("ids").value_or(""));
  check_count(ids.size());
  std::vector<WriteItem> items;
  for (const std::string& id : ids) {
    const std::optional<std::string> full = full_id(id);
    WriteItem item{.kind = WriteItem::Kind::remove, .object = full ? org.object_of(*full) : nullptr, .id = id};
    if (item.object == nullptr) {
      item.object = &org.world().model.objects().front();
      item.problems = {{"MALFORMED_ID", "malformed id " + id, {}, ""}};
    }
    items.push_back(std::move(item));
  }
  return write_all(org, call, items, call.request.query_value("allOrNone").value_or("false") == "true", false);
}

Answer read_some(Org& org, Call& call, const std::vector<std::string>& ids, const std::vector<std::string>& fields) {
  const Object& object = org.object(call.request.param("object"));
  if (ids.empty() || fields.empty()) return problem_answer(400, "MISSING_ARGUMENT", "ids and fields have to be specified");
  if (ids.size() > 2000) return problem_answer(400, "LIMIT_EXCEEDED", "cannot retrieve more than 2000 records");
  std::string list = "Id";
  for (const std::string& field : fields)
    if (!same_word(field, "Id")) list += "," + field;
  Json out = Json::array();
  try {
    for (const std::string& id : ids) {
      const std::optional<std::string> full = full_id(id);
      std::optional<Row> row;
      const Soql soql = compile_soql(org, "SELECT " + list + " FROM " + object.name + " WHERE Id = '" + full.value_or("000000000000000AAA") + "'", {.now_ms = call.request.now_ms, .version = call.version});
      row = org.database().row(soql.select, soql.values);
      out.push_back(row ? record_json(org, soql, *row, call.version) : Json(nullptr));
    }
  } catch (const SoqlError& e) {
    return problem_answer(400, e.code, e.message);
  }
  return json_answer(200, out);
}

Answer read_by_body(Org& org, Call& call) {
  const std::optional<Json> body = call.request.json();
  if (!body || !body->is_object()) return problem_answer(400, "JSON_PARSER_ERROR", "The request body is no JSON object");
  const auto texts = [&](const char* member) {
    std::vector<std::string> out;
    if (const auto found = body->find(member); found != body->end() && found->is_array())
      for (const Json& one : *found)
        if (one.is_string()) out.push_back(one.get<std::string>());
    return out;
  };
  return read_some(org, call, texts("ids"), texts("fields"));
}

}  // namespace

void add_collections(Org& org) {
  org.route("POST", "/composite/sobjects", [&org](Call& call) { return create_all(org, call); }, Run::free);
  org.route("PATCH", "/composite/sobjects", [&org](Call& call) { return update_all(org, call); }, Run::free);
  org.route("DELETE", "/composite/sobjects", [&org](Call& call) { return remove_all(org, call); }, Run::free);
  org.route("PATCH", "/composite/sobjects/{object}/{key}", [&org](Call& call) { return upsert_all(org, call); }, Run::free);
  org.route("POST", "/composite/sobjects/{object}", [&org](Call& call) { return read_by_body(org, call); });
  org.route("GET", "/composite/sobjects/{object}",
            [&org](Call& call) { return read_some(org, call, split(call.request.query_value("ids").value_or("")), split(call.request.query_value("fields").value_or(""))); });
}

}  // namespace godwit::sandbox::salesforce
