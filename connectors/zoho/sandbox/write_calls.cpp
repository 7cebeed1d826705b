#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/calls.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr std::size_t kMostRecords = 100;

bool asks_for(const Json& triggers, const char* word) {
  for (const Json& one : triggers)
    if (one == word) return true;
  return false;
}

void check_triggers(const Json& triggers) {
  if (!triggers.is_array()) refuse_call(400, "INVALID_DATA", "invalid data", {{"expected_data_type", "jsonarray"}, {"api_name", "trigger"}, {"json_path", "$.trigger"}});
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    bool known = false;
    for (const char* word : {"approval", "workflow", "blueprint", "pathfinder", "orchestration"}) known = known || triggers[i] == word;
    if (!known) refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", "trigger"}, {"json_path", "$.trigger[" + std::to_string(i) + "]"}});
  }
}

std::string path_of(std::size_t at) { return "$.data[" + std::to_string(at) + "]"; }

// One clash with If-Unmodified-Since fails the call where the organisation says so.
void check_clash(Service& service, const Written& written) {
  if (service.world.setting("clash") != "412") return;
  for (const Problem& problem : written.problems)
    if (problem.code == "PRECONDITION_FAILED") refuse_call(412, problem.code, problem.message, problem.details);
}

}  // namespace

Json json_body(const Request& request) {
  std::optional<Json> body = request.json();
  if (!body || !body->is_object()) refuse_call(400, "INVALID_DATA", "body is not a JSON object", {{"expected_data_type", "jsonobject"}});
  return std::move(*body);
}

Json data_of(const Json& body) {
  const auto data = body.find("data");
  if (data == body.end()) refuse_call(400, "MANDATORY_NOT_FOUND", "required field not found", {{"api_name", "data"}, {"json_path", "$.data"}});
  if (!data->is_array() || data->empty()) refuse_call(400, "INVALID_DATA", "invalid data", {{"expected_data_type", "jsonarray"}, {"api_name", "data"}, {"json_path", "$.data"}});
  if (data->size() > kMostRecords) refuse_call(400, "INVALID_DATA", "invalid data", {{"maximum_length", kMostRecords}, {"api_name", "data"}, {"json_path", "$.data"}});
  for (std::size_t i = 0; i < data->size(); ++i)
    if (!(*data)[i].is_object()) refuse_call(400, "INVALID_DATA", "invalid data", {{"expected_data_type", "jsonobject"}, {"api_name", "data"}, {"json_path", path_of(i)}});
  return *data;
}

Answer items_answer(Service& service, Json items, int all_ok) {
  std::size_t failed = 0;
  for (const Json& item : items) failed += item.at("status") == "error";
  const int none_ok = std::stoi(service.world.setting("all_failed_status"));
  const int status = failed == 0 ? all_ok : failed == items.size() ? none_ok : 207;
  return json_answer(status, {{"data", std::move(items)}});
}

WriteCall write_call(Service& service, const Request& request, const Object& module, const std::string& user, const Json& body) {
  WriteCall call{.module = module, .user = user, .now_ms = request.now_ms, .visible_at_ms = request.visible_at_ms, .external = service.org.external(request, module)};
  call.held_by_others = request.locked;
  if (const auto triggers = body.find("trigger"); triggers != body.end() && !triggers->is_null()) {
    check_triggers(*triggers);
    call.workflows = asks_for(*triggers, "workflow");
    call.approvals = asks_for(*triggers, "approval");
  }
  if (const std::string_view since = request.header("if-unmodified-since"); !since.empty()) {
    call.unmodified_since_ms = parse_iso_time(since);
    if (!call.unmodified_since_ms) refuse_call(400, "INVALID_DATA", "invalid header", {{"header", "If-Unmodified-Since"}});
  }
  return call;
}

Answer insert_records(Service& service, const Request& request, const Object& module, const std::string& user) {
  const Json body = json_body(request), data = data_of(body);
  const WriteCall call = write_call(service, request, module, user, body);
  Json items = Json::array();
  for (std::size_t i = 0; i < data.size(); ++i) items.push_back(service.writer.item(call, service.writer.insert(call, data[i], path_of(i)), false));
  service.world.stats.count_rows("inserted " + module.name, static_cast<std::int64_t>(data.size()));
  return items_answer(service, std::move(items), 201);
}

Answer update_records(Service& service, const Request& request, const Object& module, const std::string& user) {
  const Json body = json_body(request), data = data_of(body);
  const WriteCall call = write_call(service, request, module, user, body);
  const std::string& id_of_path = request.param("id");
  if (!id_of_path.empty() && data.size() > 1) refuse_call(400, "INVALID_DATA", "invalid data", {{"maximum_length", 1}, {"api_name", "data"}, {"json_path", "$.data"}});
  Json items = Json::array();
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto id = data[i].find("id");
    Written written;
    if (!id_of_path.empty()) written = service.writer.update(call, id_of_path, data[i], path_of(i));
    else if (id == data[i].end()) written.problems.push_back({"MANDATORY_NOT_FOUND", "required field not found", {{"api_name", "id"}, {"json_path", path_of(i) + ".id"}}});
    else if (!id->is_string()) written.problems.push_back(invalid_type("id", path_of(i) + ".id", "text"));
    else written = service.writer.update(call, id->get<std::string>(), data[i], path_of(i));
    check_clash(service, written);
    items.push_back(service.writer.item(call, written, false));
  }
  return items_answer(service, std::move(items), 200);
}

Answer upsert_records(Service& service, const Request& request, const Object& module, const std::string& user) {
  const Json body = json_body(request), data = data_of(body);
  WriteCall call = write_call(service, request, module, user, body);
  if (const auto fields = body.find("duplicate_check_fields"); fields != body.end() && !fields->is_null()) {
    if (!fields->is_array()) refuse_call(400, "INVALID_DATA", "invalid data", {{"expected_data_type", "jsonarray"}, {"api_name", "duplicate_check_fields"}, {"json_path", "$.duplicate_check_fields"}});
    for (const Json& field : *fields) call.check_fields.push_back(field.is_string() ? field.get<std::string>() : field.dump());
    service.writer.check_fields_usable(module, call.check_fields);
  }
  Json items = Json::array();
  for (std::size_t i = 0; i < data.size(); ++i) {
    const Written written = service.writer.upsert(call, data[i], path_of(i));
    check_clash(service, written);
    items.push_back(service.writer.item(call, written, true));
  }
  service.world.stats.count_rows("upserted " + module.name, static_cast<std::int64_t>(data.size()));
  return items_answer(service, std::move(items), 200);
}

Answer delete_records(Service& service, const Request& request, const Object& module, const std::string& user) {
  WriteCall call = write_call(service, request, module, user, Json::object());
  call.workflows = request.query_value("wf_trigger").value_or("true") != "false";
  std::vector<std::string> ids;
  if (!request.param("id").empty()) {
    ids.push_back(request.param("id"));
  } else {
    const std::string list = request.query_value("ids").value_or("");
    if (list.empty()) refuse_call(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {{"param_name", "ids"}});
    for (std::size_t from = 0; from <= list.size();) {
      const std::size_t end = std::min(list.find(',', from), list.size());
      ids.push_back(list.substr(from, end - from));
      from = end + 1;
    }
  }
  if (ids.size() > kMostRecords) refuse_call(400, "LIMIT_EXCEEDED", "ids are more than allowed", {{"limit", kMostRecords}, {"param_name", "ids"}});
  Json items = Json::array();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Written written = service.writer.remove(call, ids[i], path_of(i));
    if (!written.ok()) items.push_back(error_item(Problem{written.problems.front().code, written.problems.front().message, {{"id", ids[i]}}}));
    else items.push_back({{"code", "SUCCESS"}, {"details", {{"id", written.id}}}, {"message", "record deleted"}, {"status", "success"}});
  }
  return items_answer(service, std::move(items), 200);
}

Answer convert_lead(Service& service, const Request& request, const std::string& user) {
  Org& org = service.org;
  const Object &leads = org.module("Leads"), &contacts = org.module("Contacts"), &accounts = org.module("Accounts"), &deals = org.module("Deals");
  const Json body = json_body(request), data = data_of(body);
  const auto id = org.id_of(leads, nullptr, request.param("id"));
  if (!id) return error_answer(400, {"INVALID_DATA", "the id given seems to be invalid", {{"resource_path_index", 1}}});
  const Record lead = *org.store().get(leads, *id);
  if (to_int(lead["$converted"]) != 0) return error_answer(400, {"CONVERTED_RECORD", "the lead is already converted", {{"id", *id}}});
  const auto copy = [&](const char* from) { return is_null(lead[from]) ? Json() : Json(to_text(lead[from])); };
  const auto made = [&](const Object& module, const Json& sent) {
    const WriteCall call = write_call(service, request, module, user, body);
    Written written = service.writer.insert(call, sent, "$.data[0]");
    if (!written.ok()) throw Refused{error_answer(400, written.problems.front())};
    return written.id;
  };
  const Json owner = {{"id", to_text(lead["Owner"])}};
  const std::string account = made(accounts, {{"Account_Name", copy("Company")}, {"Phone", copy("Phone")}, {"Owner", owner}});
  const std::string contact = made(contacts, {{"First_Name", copy("First_Name")}, {"Last_Name", copy("Last_Name")}, {"Email", copy("Email")}, {"Phone", copy("Phone")}, {"Mobile", copy("Mobile")}, {"Account_Name", {{"id", account}}}, {"Owner", owner}});
  Json details = {{"Accounts", {{"id", account}}}, {"Contacts", {{"id", contact}}}, {"Deals", nullptr}};
  if (data[0].contains("Deals") && data[0]["Deals"].is_object()) {
    Json deal = data[0]["Deals"];
    deal["Account_Name"] = {{"id", account}}, deal["Contact_Name"] = {{"id", contact}};
    details["Deals"] = {{"id", made(deals, deal)}};
  }
  org.store().update(leads, *id, {{"$converted", std::int64_t{1}}, {"Modified_Time", org.stored_time(request.now_ms)}}, request.visible_at_ms);
  return json_answer(200, {{"data", Json::array({{{"code", "SUCCESS"}, {"details", details}, {"message", "The record has been converted successfully"}, {"status", "success"}}})}});
}

}  // namespace godwit::sandbox::zoho
