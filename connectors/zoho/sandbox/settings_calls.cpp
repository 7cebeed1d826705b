// Metadata, the organisation, its users, the recycle bin.

#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/calls.hpp"

namespace godwit::sandbox::zoho {
namespace {

const Object& asked_module(Service& service, const Request& request) {
  const auto name = request.query_value("module");
  if (!name) refuse_call(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {{"param_name", "module"}});
  const Object* module = service.org.model().object(*name);
  if (module == nullptr || flag(*module, "people")) refuse_call(400, "INVALID_MODULE", "the module name given seems to be invalid", {{"param_name", "module"}});
  return *module;
}

Answer modules(Service& service, const Request& request) {
  service.accounts.user(request, "settings.modules.READ");
  Json all = Json::array();
  for (const Object& module : service.org.model().objects())
    if (!flag(module, "people")) all.push_back(module_json(service.org.model(), module));
  return json_answer(200, {{"modules", std::move(all)}});
}

Answer one_module(Service& service, const Request& request) {
  service.accounts.user(request, "settings.modules.READ");
  const Object* module = service.org.model().object(request.param("module"));
  if (module == nullptr || flag(*module, "people")) refuse_call(400, "INVALID_MODULE", "the module name given seems to be invalid", {{"resource_path_index", 2}});
  return json_answer(200, {{"modules", Json::array({module_json(service.org.model(), *module)})}});
}

Answer fields(Service& service, const Request& request) {
  service.accounts.user(request, "settings.fields.READ");
  const Object& module = asked_module(service, request);
  const std::string type = request.query_value("type").value_or("all");
  if (type != "all" && type != "unused") refuse_call(400, "INVALID_DATA", "invalid data", {{"param_name", "type"}});
  if (type == "unused") return empty_answer(204);  // every field stands in the layout
  Json all = Json::array();
  for (const Field& field : module.fields) all.push_back(field_json(service.org.model(), module, field));
  return json_answer(200, {{"fields", std::move(all)}});
}

Answer one_field(Service& service, const Request& request) {
  service.accounts.user(request, "settings.fields.READ");
  const Object& module = asked_module(service, request);
  for (const Field& field : module.fields)
    if (field_id(module, field) == request.param("id")) return json_answer(200, {{"fields", Json::array({field_json(service.org.model(), module, field)})}});
  return empty_answer(204);
}

Answer layouts(Service& service, const Request& request) {
  service.accounts.user(request, "settings.layouts.READ");
  const Object& module = asked_module(service, request);
  const std::string& id = request.param("id");
  if (!id.empty() && id != layout_id(module)) return empty_answer(204);
  return json_answer(200, {{"layouts", Json::array({layout_json(service.org.model(), module)})}});
}

Answer org(Service& service, const Request& request) {
  service.accounts.user(request, "org.READ");
  const int minutes = std::stoi(service.world.setting("zone_minutes"));
  return json_answer(200, {{"org", Json::array({{{"id", std::string(kOrgId) + "000000000099"},
                                                 {"zgid", kOrgId},
                                                 {"company_name", "Sandbox"},
                                                 {"time_zone", minutes == 480 ? "Asia/Shanghai" : "Etc/GMT"},
                                                 {"currency", "US Dollar"},
                                                 {"currency_symbol", "$"},
                                                 {"iso_code", "USD"},
                                                 {"type", "production"},
                                                 {"license_details", {{"paid", true}, {"paid_type", service.world.setting("edition")}, {"users_license_purchased", 6}}}}})}});
}

Json user_record(Service& service, const Record& user) {
  Json out = service.org.record_json(*service.org.model().object("Users"), user);
  for (const char* name : {"role", "profile"}) out[name] = {{"name", to_text(user[name])}, {"id", std::string(kOrgId) + (*name == 'r' ? "000000000061" : "000000000062")}};
  out["Isonline"] = false;
  return out;
}

Answer users(Service& service, const Request& request) {
  service.accounts.user(request, "users.READ");
  const std::string type = request.query_value("type").value_or("AllUsers");
  const bool admins = type == "AdminUsers" || type == "ActiveConfirmedAdmins", current = type == "CurrentUser";
  const bool active = type == "ActiveUsers" || type == "ActiveConfirmedUsers" || admins, gone = type == "DeactiveUsers";
  if (!active && !gone && !current && type != "AllUsers" && type != "ConfirmedUsers") refuse_call(400, "INVALID_DATA", "invalid data", {{"param_name", "type"}});
  const std::int64_t page = std::max<std::int64_t>(1, to_int(Value(request.query_value("page").value_or("1"))));
  const std::int64_t per_page = std::clamp<std::int64_t>(to_int(Value(request.query_value("per_page").value_or("200"))), 1, 200);
  Json all = Json::array();
  for (const Row& row : service.org.database().rows("select id from Users order by id")) {
    const Record user = *service.org.store().get(*service.org.model().object("Users"), to_text(row[0]));
    const bool works = to_text(user["status"]) == "active";
    if ((active && !works) || (gone && works) || (admins && to_text(user["profile"]) != "Administrator") || (current && to_text(row[0]) != kFirstUser)) continue;
    all.push_back(user_record(service, user));
  }
  Json some = Json::array();
  const auto from = static_cast<std::size_t>((page - 1) * per_page);
  for (std::size_t i = from; i < std::min(all.size(), from + static_cast<std::size_t>(per_page)); ++i) some.push_back(all[i]);
  if (some.empty()) return empty_answer(204);
  const std::size_t count = some.size();
  return json_answer(200, {{"users", std::move(some)}, {"info", {{"per_page", per_page}, {"count", count}, {"page", page}, {"more_records", from + count < all.size()}}}});
}

Answer one_user(Service& service, const Request& request) {
  service.accounts.user(request, "users.READ");
  const auto user = service.org.store().get(*service.org.model().object("Users"), request.param("id"));
  if (!user) return empty_answer(204);
  return json_answer(200, {{"users", Json::array({user_record(service, *user)})}});
}

Answer recycle_bin(Service& service, const Request& request) {
  service.accounts.user(request, "settings.recycle_bin.READ");
  const std::int64_t since = request.now_ms - std::stoll(service.world.setting("bin_days")) * 86'400'000;
  const std::int64_t page = std::max<std::int64_t>(1, to_int(Value(request.query_value("page").value_or("1"))));
  const std::int64_t per_page = std::clamp<std::int64_t>(to_int(Value(request.query_value("per_page").value_or("200"))), 1, 200);
  std::string ids = "," + request.query_value("ids").value_or("") + ",";
  const auto rows = service.org.database().rows(
      "select id, module, display_name, deleted_by, at_ms from sandbox_bin where type = 'recycle' and at_ms > ?1 and (?2 = ',,' or instr(?2, ',' || id || ',') > 0) order by at_ms desc, id desc limit ?3 offset ?4",
      {since, ids, per_page + 1, (page - 1) * per_page});
  if (rows.empty()) return empty_answer(204);
  Json all = Json::array();
  for (const Row& row : rows) {
    if (all.size() == static_cast<std::size_t>(per_page)) break;
    const Object* module = service.org.model().object(to_text(row[1]));
    const auto record = module == nullptr ? std::nullopt : service.org.store().get(*module, to_text(row[0]));
    Json owner = record && module->field("Owner") != nullptr ? service.org.user_json(to_text((*record)["Owner"])) : Json();
    all.push_back({{"id", to_text(row[0])}, {"display_name", to_text(row[2])}, {"module", {{"api_name", to_text(row[1])}}}, {"owner", owner},
                   {"deleted_by", service.org.user_json(to_text(row[3]))}, {"deleted_time", service.org.time_text(to_int(row[4]))}});
  }
  const std::size_t count = all.size();
  return json_answer(200, {{"recycle_bin", std::move(all)}, {"info", {{"per_page", per_page}, {"count", count}, {"page", page}, {"more_records", rows.size() > count}}}});
}

Answer purge(Service& service, const Request& request) {
  service.accounts.user(request, "settings.recycle_bin.DELETE");
  std::vector<Row> rows;
  if (const std::string& id = request.param("id"); !id.empty()) rows = service.org.database().rows("select module, id from sandbox_bin where type = 'recycle' and id = ?", {id});
  else {
    const std::string ids = "," + request.query_value("ids").value_or("") + ",";
    rows = service.org.database().rows("select module, id from sandbox_bin where type = 'recycle' and (?1 = ',,' or instr(?1, ',' || id || ',') > 0)", {ids});
  }
  if (rows.empty()) return error_answer(400, {"CANNOT_DELETE", "the record is not in the recycle bin", {{"id", request.param("id")}}});
  Json all = Json::array();
  for (const Row& row : rows) {
    const std::string module = to_text(row[0]), id = to_text(row[1]);
    if (const Object* object = service.org.model().object(module)) service.org.store().purge(*object, id);
    service.org.database().run("update sandbox_bin set type = 'permanent', at_ms = ? where module = ? and id = ?", {request.now_ms, module, id});
    all.push_back({{"code", "SUCCESS"}, {"details", {{"id", id}}}, {"message", "record deleted permanently"}, {"status", "success"}});
  }
  return json_answer(200, {{"recycle_bin", std::move(all)}});
}

}  // namespace

void add_settings_routes(Service& service) {
  const auto on = [&](const char* method, const char* path, Answer (*serve)(Service&, const Request&)) {
    service.world.router.on(method, std::string("/crm/v8") + path, guarded([&service, serve](const Request& request) { return serve(service, request); }));
  };
  on("GET", "/settings/modules", modules);
  on("GET", "/settings/modules/{module}", one_module);
  on("GET", "/settings/fields", fields);
  on("GET", "/settings/fields/{id}", one_field);
  on("GET", "/settings/layouts", layouts);
  on("GET", "/settings/layouts/{id}", layouts);
  on("GET", "/org", org);
  on("GET", "/users", users);
  on("GET", "/users/{id}", one_user);
  on("GET", "/settings/recycle_bin", recycle_bin);
  on("DELETE", "/settings/recycle_bin", purge);
  on("DELETE", "/settings/recycle_bin/{id}", purge);
}

}  // namespace godwit::sandbox::zoho
