// Notes and attachments of a record, and files of fields.

#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/calls.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr std::size_t kLargestField = 20 << 20;

// The record of the path. Throws Refused.
std::string parent_of(Service& service, const Request& request, const Object& module) {
  const External external = service.org.external(request, module);
  const auto id = service.org.id_of(module, external.own, request.param("id"));
  if (!id) refuse_call(400, "INVALID_DATA", "the id given seems to be invalid", {{"resource_path_index", 1}});
  return *id;
}

// Part `file` of a multipart body. Throws Refused.
Part file_of(const Request& request, std::size_t largest) {
  const auto parts = parse_multipart(request.header("content-type"), request.body);
  if (parts)
    for (const Part& part : *parts)
      if (part.name == "file") {
        if (part.body.size() > largest) refuse_call(400, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "the file is larger than allowed", {{"limit", largest}});
        return part;
      }
  refuse_call(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {{"param_name", "file"}});
}

Json done(const std::string& id, const char* message) { return {{"data", Json::array({{{"code", "SUCCESS"}, {"details", {{"id", id}}}, {"message", message}, {"status", "success"}}})}}; }

Answer attach(Service& service, const Request& request) {
  const Object& module = service.org.module(request.param("module"));
  const std::string user = service.accounts.user(request, "modules." + module.name + ".CREATE"), parent = parent_of(service, request, module);
  std::string name, bytes, link;
  if (const auto url = request.query_value("attachmentUrl")) link = name = *url;
  else {
    Part file = file_of(request, static_cast<std::size_t>(std::stoll(service.world.setting("largest_attachment_mb"))) << 20);
    name = file.file_name, bytes = std::move(file.body);
  }
  const std::string id = service.org.new_id();
  service.org.database().run("insert into sandbox_attachment values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                             {id, module.name, parent, name, static_cast<std::int64_t>(bytes.size()), bytes, link, user, request.now_ms});
  return json_answer(200, done(id, "attachment uploaded successfully"));
}

Answer attachments(Service& service, const Request& request) {
  const Object& module = service.org.module(request.param("module"));
  service.accounts.user(request, "modules." + module.name + ".READ");
  if (!request.query_value("fields")) return error_answer(400, {"REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {{"param_name", "fields"}}});
  const std::string fields = "," + *request.query_value("fields") + ",", parent = parent_of(service, request, module);
  Json data = Json::array();
  for (const Row& row : service.org.database().rows("select id, name, size, link, user, at_ms from sandbox_attachment where module = ? and parent = ? order by id", {module.name, parent})) {
    const Json all = {{"File_Name", to_text(row[1])}, {"Size", std::to_string(to_int(row[2]))}, {"$link_url", is_null(row[3]) || to_text(row[3]).empty() ? Json() : Json(to_text(row[3]))},
                      {"Owner", service.org.user_json(to_text(row[4]))}, {"Created_Time", service.org.time_text(to_int(row[5]))}, {"Parent_Id", {{"id", parent}, {"module", {{"api_name", module.name}}}}}};
    Json one = {{"id", to_text(row[0])}};
    for (const auto& [name, value] : all.items())
      if (fields.find("," + name + ",") != std::string::npos) one[name] = value;
    data.push_back(std::move(one));
  }
  if (data.empty()) return empty_answer(204);
  const std::size_t count = data.size();
  return json_answer(200, {{"data", std::move(data)}, {"info", {{"per_page", 200}, {"count", count}, {"page", 1}, {"more_records", false}}}});
}

Answer attachment(Service& service, const Request& request) {
  const Object& module = service.org.module(request.param("module"));
  const bool remove = request.method == "DELETE";
  service.accounts.user(request, "modules." + module.name + (remove ? ".DELETE" : ".READ"));
  const std::string parent = parent_of(service, request, module), &id = request.param("file");
  const auto row = service.org.database().row("select name, bytes from sandbox_attachment where module = ? and parent = ? and id = ?", {module.name, parent, id});
  if (!row) return remove ? error_answer(400, {"INVALID_DATA", "the id given seems to be invalid", {{"id", id}}}) : empty_answer(204);
  if (remove) {
    service.org.database().run("delete from sandbox_attachment where id = ?", {id});
    return json_answer(200, done(id, "record deleted"));
  }
  return {.body = to_text((*row)[1]), .content_type = "application/octet-stream", .headers = {{"Content-Disposition", "attachment;filename*=UTF-8''" + to_text((*row)[0])}}};
}

Answer add_notes(Service& service, const Request& request) {
  const Object &module = service.org.module(request.param("module")), &notes = service.org.module("Notes");
  const std::string user = service.accounts.user(request, "modules.notes.CREATE"), parent = parent_of(service, request, module);
  const Json body = json_body(request);
  Json data = data_of(body);
  WriteCall call = write_call(service, request, notes, user, body);
  Json items = Json::array();
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i]["Parent_Id"] = {{"module", {{"api_name", module.name}}}, {"id", parent}};
    items.push_back(service.writer.item(call, service.writer.insert(call, data[i], "$.data[" + std::to_string(i) + "]"), false));
  }
  return items_answer(service, std::move(items), 201);
}

Answer notes(Service& service, const Request& request) {
  const Object& module = service.org.module(request.param("module"));
  const std::string user = service.accounts.user(request, "modules.notes.READ");
  return list_records(service, request, service.org.module("Notes"), user, "t.\"Parent_Id\" = ?", {parent_of(service, request, module)});
}

Answer add_file(Service& service, const Request& request) {
  service.accounts.user(request, "modules.files.CREATE");
  Part file = file_of(request, kLargestField);
  const std::string id = md5_hex(service.world.secret(16)) + md5_hex(service.world.secret(16));
  service.org.database().run("insert into sandbox_file values (?, ?, ?, ?, ?)", {id, std::string("field"), file.file_name, file.body, request.now_ms});
  return json_answer(200, {{"data", Json::array({{{"code", "SUCCESS"}, {"details", {{"id", id}, {"name", file.file_name}}}, {"message", "file uploaded"}, {"status", "success"}}})}});
}

}  // namespace

void add_related_routes(Service& service) {
  const auto on = [&](const char* method, const char* path, Answer (*serve)(Service&, const Request&)) {
    service.world.router.on(method, std::string("/crm/v8") + path, guarded([&service, serve](const Request& request) { return serve(service, request); }));
  };
  on("POST", "/{module}/{id}/Attachments", attach);
  on("GET", "/{module}/{id}/Attachments", attachments);
  on("GET", "/{module}/{id}/Attachments/{file}", attachment);
  on("DELETE", "/{module}/{id}/Attachments/{file}", attachment);
  on("POST", "/{module}/{id}/Notes", add_notes);
  on("GET", "/{module}/{id}/Notes", notes);
  on("POST", "/files", add_file);
}

}  // namespace godwit::sandbox::zoho
