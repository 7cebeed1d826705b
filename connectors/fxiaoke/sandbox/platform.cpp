// What is no record: people by mobile, objects and their description, locks, teams, files, messages.

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/sandbox.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

constexpr std::size_t kMostReceivers = 500;
constexpr std::int64_t kCredentialLifeMs = 600'000;

}  // namespace

void Fxiaoke::add_platform_routes() {
  on("/cgi/user/getByMobile", [this](const Request& request, const Json& body) { return user_by_mobile(request, body); });
  business("/cgi/crm/v2/object/list", [this](const Call&) { return object_list(); });
  business("/cgi/crm/v2/object/describe", [this](const Call& call) { return object_describe(call); });
  business("/cgi/crm/v2/object/lock", [this](const Call& call) { return records_->lock(call, true); });
  business("/cgi/crm/v2/object/unlock", [this](const Call& call) { return records_->lock(call, false); });
  for (const char* action : {"add", "edit", "get", "delete"})
    business((std::string("/cgi/crm/team/") + action).c_str(), [this, action](const Call& call) { return records_->team(call, action); });
  business("/cgi/message/send", [this](const Call& call) { return message(call); });
}

void Fxiaoke::add_file_routes() {
  on("/cgi/crm/v2/generatorFileUploadCredential", [this](const Request& request, const Json& body) {
    tokens_->caller(request, body);
    return credential(request, body);
  });
  world_->router.on("POST", "/upload/{credential}", [this](Request& request) { return guarded(request, [&] { return upload(request); }); });
}

Json Fxiaoke::user_by_mobile(const Request& request, const Json& body) {
  // The call that finds out on whose behalf later calls run; so it has a token and no user yet.
  tokens_->check_legacy(request, body);
  const std::string mobile = required_text(body, "mobile");
  const Object& people = *world_->model.object("PersonnelObj");
  Json list = Json::array();
  for (const std::string& id : world_->store.find(people, *people.field("phone"), mobile, 10)) {
    const Record person = *world_->store.get(people, id);
    if (to_text(person["status"]) == "1") continue;
    list.push_back({{"openUserId", to_open_user(id)}, {"fullName", to_text(person["full_name"])}, {"mobile", mobile}, {"email", to_text(person["email"])}});
  }
  if (list.empty()) throw Rejected{kNotThere, "用户不存在: " + mobile};
  return {{"empList", std::move(list)}};
}

Json Fxiaoke::object_list() const {
  Json objects = Json::array();
  for (const Object& object : world_->model.objects())
    objects.push_back({{"describeApiName", object.name}, {"describeDisplayName", object.label}, {"defineType", is_custom(object) ? "custom" : "package"}, {"isActive", true}});
  return {{"data", {{"objects", std::move(objects)}}}};
}

Json Fxiaoke::object_describe(const Call& call) const {
  const auto text = [](const Json& in) { return in.contains("apiName") && in["apiName"].is_string() ? in["apiName"].get<std::string>() : std::string(); };
  const Json none = Json::object();
  const std::string top = text(call.body), inner = text(call.body.contains("data") ? call.body["data"] : none);
  const std::string& where = settings_.describe_api_name;
  const std::string name = where == "top" ? top : where == "data" ? inner : inner.empty() ? top : inner;
  const Object* object = world_->model.object(name);
  if (name.empty() || object == nullptr) throw Rejected{kParameterError, "参数错误: apiName " + name + " 缺失或不存在"};
  Json data = {{"describe", describe(*object)}};
  const bool details = call.flag("includeDetail", false) || call.body.value("data", none).value("includeDetail", false);
  if (details) {
    data["detailDescribeList"] = Json::array();
    for (const Object& other : world_->model.objects())
      if (const Field* master = master_of(other); master != nullptr && master->references.front() == object->name)
        data["detailDescribeList"].push_back({{"fieldApiName", master->name}, {"describe", describe(other)}});
  }
  return {{"data", std::move(data)}};
}

Json Fxiaoke::message(const Call& call) {
  const std::vector<std::string> receivers = required_ids(call.body, "toUser");
  if (receivers.size() > kMostReceivers) throw Rejected{kParameterError, "参数错误: toUser 不能超过500人"};
  const std::string type = required_text(call.body, "msgType");
  if (type != "text" && type != "composite" && type != "articles") throw Rejected{kParameterError, "参数错误: msgType " + type + " 不支持"};
  for (const std::string& receiver : receivers) note_event(world_->database, "message", "PersonnelObj", from_open_user(receiver), call.now_ms);
  return Json::object();
}

Json Fxiaoke::credential(const Request& request, const Json&) {
  const std::string word = world_->secret(24);
  world_->database.run("insert into sandbox_upload values (?, ?)", {word, request.now_ms + kCredentialLifeMs});
  return {{"data", {{"url", request.base_url + "/upload/" + word}}}};
}

Answer Fxiaoke::upload(const Request& request) {
  const auto failed = [](int code, const char* why) { return json_answer(200, {{"success", false}, {"code", code}, {"message", why}, {"data", nullptr}}); };
  if (world_->database.run("delete from sandbox_upload where credential = ? and until_ms > ?", {request.param("credential"), request.now_ms}) == 0)
    return failed(kTokenWrong, "上传凭证无效或已过期");
  std::string name = request.query_value("filename").value_or("file"), bytes = request.body;
  if (request.header("content-type").starts_with("multipart/")) {
    const auto parts = parse_multipart(request.header("content-type"), request.body);
    const Part* file = nullptr;
    if (parts)
      for (const Part& part : *parts)
        if (part.name == "facishareFile") file = &part;
    if (file == nullptr) return failed(kParameterError, "facishareFile 缺失");
    name = file->file_name, bytes = file->body;
  }
  const std::string npath = "N_" + iso_date(request.now_ms, settings_.zone_minutes) + "_" + md5_hex(world_->secret(16));
  world_->database.run("insert into sandbox_file values (?, ?, ?, ?)", {npath, name, static_cast<std::int64_t>(bytes.size()), bytes});
  return json_answer(200, {{"success", true}, {"code", 0}, {"message", "OK"}, {"data", npath}});
}

}  // namespace godwit::sandbox::fxiaoke
