// Single records (contract, sections 7 and 15).
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/ids.hpp"
#include "connectors/salesforce/sandbox/soql.hpp"
#include "connectors/salesforce/sandbox/write_items.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::salesforce {
namespace {

int status_of(const std::vector<Problem>& problems) {
  const std::string& code = problems.front().code;
  if (code == "INSUFFICIENT_ACCESS_OR_READONLY") return 403;
  return 400;
}

Answer refused(const Outcome& outcome) { return problems_answer(status_of(outcome.problems), outcome.problems); }

// The record that a path names. Throws Refused with 404.
Record existing(Org& org, const Object& object, const std::string& id, const Call& call) {
  const std::optional<std::string> full = full_id(id);
  std::optional<Record> record = full && org.object_of(*full) == &object ? org.store().get(object, *full) : std::nullopt;
  if (record && record->deleted_ms) refuse_call(404, "ENTITY_IS_DELETED", "entity is deleted");
  if (!record || record->visible_ms > call.request.now_ms) refuse_call(404, "NOT_FOUND", "The requested resource does not exist");
  return std::move(*record);
}

Json body_object(const Call& call) {
  std::optional<Json> body = call.request.json();
  if (!body || !body->is_object()) refuse_call(400, "JSON_PARSER_ERROR", "The request body is no JSON object");
  return std::move(*body);
}

// JSON, or multipart/form-data: one part with the fields as JSON, one part with the bytes, named for its field.
Json create_body(Org& org, const Object& object, const Call& call) {
  const std::string_view type = call.request.header("Content-Type");
  if (!type.starts_with("multipart/")) {
    Json body = body_object(call);
    for (const Field& field : object.fields) {
      const auto found = body.find(field.name);
      if (field.kind == Kind::bytes && found != body.end() && found->is_string() && static_cast<std::int64_t>(found->get_ref<const std::string&>().size()) > org.number("json_file_limit"))
        refuse_call(400, "STRING_TOO_LONG", field.label + ": data value too large: send it as multipart/form-data");
    }
    return body;
  }
  const std::optional<std::vector<Part>> parts = parse_multipart(type, call.request.body);
  if (!parts) refuse_call(400, "INVALID_MULTIPART_REQUEST", "Multipart message does not conform to its boundary");
  Json body = Json::object();
  for (const Part& part : *parts) {
    const Field* field = object.field(part.name);
    if (field != nullptr && field->kind == Kind::bytes) {
      body[part.name] = base64(part.body);
      continue;
    }
    const Json fields = Json::parse(part.body, nullptr, false);
    if (!fields.is_object()) refuse_call(400, "INVALID_MULTIPART_REQUEST", "The part \"" + part.name + "\" is no JSON object");
    body.update(fields);
  }
  return body;
}

Answer create(Org& org, Call& call) {
  const Object& object = org.object(call.request.param("object"));
  const Outcome outcome = write_items(org, write_call(org, call), {{.kind = WriteItem::Kind::create, .object = &object, .fields = create_body(org, object, call)}}).front();
  if (!outcome.ok()) return refused(outcome);
  Answer answer = json_answer(201, {{"id", outcome.id}, {"success", true}, {"errors", Json::array()}});
  answer.headers.emplace_back("Location", "/services/data/v" + call.version + "/sobjects/" + object.name + "/" + outcome.id);
  return answer;
}

// GET of one record: all its fields, or those of ?fields=.
Answer read_record(Org& org, const Object& object, const std::string& id, const Call& call) {
  const auto lock = org.database().lock();
  existing(org, object, id, call);
  std::string fields = call.request.query_value("fields").value_or("");
  if (fields.empty())
    for (const Field& field : object.fields) fields += (fields.empty() ? "" : ",") + field.name;
  try {
    const Soql soql = compile_soql(org, "SELECT " + fields + " FROM " + object.name + " WHERE Id = '" + *full_id(id) + "'", {.now_ms = call.request.now_ms, .version = call.version});
    const std::optional<Row> row = org.database().row(soql.select, soql.values);
    if (!row) return problem_answer(404, "NOT_FOUND", "The requested resource does not exist");
    return json_answer(200, record_json(org, soql, *row, call.version));
  } catch (const SoqlError& e) {
    return problem_answer(400, e.code, e.message);
  }
}

Answer update(Org& org, Call& call) {
  const Object& object = org.object(call.request.param("object"));
  const std::string id = call.request.param("id");
  Json body = body_object(call);
  {
    const auto lock = org.database().lock();
    existing(org, object, id, call);
  }
  const Outcome outcome = write_items(org, write_call(org, call), {{.kind = WriteItem::Kind::update, .object = &object, .id = id, .fields = std::move(body)}}).front();
  return outcome.ok() ? empty_answer(204) : refused(outcome);
}

Answer remove_record(Org& org, const Object& object, const std::string& id, const Call& call) {
  {
    const auto lock = org.database().lock();
    existing(org, object, id, call);
  }
  const Outcome outcome = write_items(org, write_call(org, call), {{.kind = WriteItem::Kind::remove, .object = &object, .id = id}}).front();
  return outcome.ok() ? empty_answer(204) : refused(outcome);
}

// 300: the addresses of the records that an external id matches.
Answer several(const Object& object, const std::vector<std::string>& ids, const Call& call) {
  Json out = Json::array();
  for (const std::string& id : ids) out.push_back("/services/data/v" + call.version + "/sobjects/" + object.name + "/" + id);
  return json_answer(300, out);
}

const Field& key_of(const Object& object, const std::string& name) {
  const Field* key = object.field(name, true);
  if (key == nullptr || !is_key(*key)) refuse_call(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + name);
  return *key;
}

Answer upsert(Org& org, Call& call) {
  const Object& object = org.object(call.request.param("object"));
  const Field& key = key_of(object, call.request.param("key"));
  const std::string value = call.request.param("value");
  Json body = body_object(call);
  for (const auto& [name, given] : body.items())
    if (same_word(name, key.name)) return problem_answer(400, "INVALID_FIELD", "The " + key.name + " field should not be specified in the sobject data.", {key.name});
  {
    const auto lock = org.database().lock();
    if (const std::vector<std::string> found = find_by_key(org, object, key, value); found.size() > 1) return several(object, found, call);
    if (key.kind == Kind::id) existing(org, object, value, call);
  }
  const Outcome outcome = write_items(org, write_call(org, call), {{.kind = WriteItem::Kind::upsert, .object = &object, .key = &key, .key_value = value, .fields = std::move(body)}}).front();
  if (outcome.matches.size() > 1) return several(object, outcome.matches, call);
  if (!outcome.ok()) return refused(outcome);
  if (!outcome.created && org.setting("upsert_update_status") == "204") return empty_answer(204);
  return json_answer(outcome.created ? 201 : 200, {{"id", outcome.id}, {"success", true}, {"errors", Json::array()}, {"created", outcome.created}});
}

Answer blob(Org& org, const Object& object, const Field& field, const Call& call) {
  const auto lock = org.database().lock();
  const Record record = existing(org, object, call.request.param("key"), call);
  return {.status = 200, .body = to_text(record[field.name]), .content_type = "application/octetstream"};
}

// /sobjects/Account/Legacy_Id__c/A-1, and /sobjects/ContentVersion/068…/VersionData
Answer by_key(Org& org, Call& call, bool read) {
  const Object& object = org.object(call.request.param("object"));
  if (const Field* field = object.field(call.request.param("value")); read && field != nullptr && field->kind == Kind::bytes) return blob(org, object, *field, call);
  const Field& key = key_of(object, call.request.param("key"));
  std::vector<std::string> found;
  {
    const auto lock = org.database().lock();
    found = find_by_key(org, object, key, call.request.param("value"));
  }
  if (found.empty()) return problem_answer(404, "NOT_FOUND", "The requested resource does not exist");
  if (found.size() > 1) return several(object, found, call);
  return read ? read_record(org, object, found.front(), call) : remove_record(org, object, found.front(), call);
}

}  // namespace

void add_single(Org& org) {
  org.route("POST", "/sobjects/{object}", [&org](Call& call) { return create(org, call); }, Run::free);
  org.route("GET", "/sobjects/{object}/{id}", [&org](Call& call) { return read_record(org, org.object(call.request.param("object")), call.request.param("id"), call); }, Run::free);
  org.route("PATCH", "/sobjects/{object}/{id}", [&org](Call& call) { return update(org, call); }, Run::free);
  org.route("DELETE", "/sobjects/{object}/{id}", [&org](Call& call) { return remove_record(org, org.object(call.request.param("object")), call.request.param("id"), call); }, Run::free);
  org.route("GET", "/sobjects/{object}/{key}/{value}", [&org](Call& call) { return by_key(org, call, true); }, Run::free);
  org.route("PATCH", "/sobjects/{object}/{key}/{value}", [&org](Call& call) { return upsert(org, call); }, Run::free);
  org.route("DELETE", "/sobjects/{object}/{key}/{value}", [&org](Call& call) { return by_key(org, call, false); }, Run::free);
}

}  // namespace godwit::sandbox::salesforce
