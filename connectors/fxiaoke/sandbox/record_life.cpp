// What happens to a record after it was made: 作废, 恢复, 删除, 更换负责人, 公海, 锁定, 相关团队.

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/columns.hpp"
#include "connectors/fxiaoke/sandbox/records.hpp"
#include "connectors/fxiaoke/sandbox/rejected.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

std::string person_sent(const Json& in, const Call& call) {
  if (!in.is_string()) throw Rejected{kParameterError, "参数错误: 人员应为字符串"};
  const std::string id = in;
  return call.convert_people ? from_open_user(id) : id;
}

}  // namespace

bool Records::sits_in_pool(const Object& object, const Record& record) const {
  const std::string pool = pool_field(object);
  return !pool.empty() && !is_null(record[pool]) && is_null(record["owner"]);
}

void Records::invalidate(const Object& object, const std::string& id, const Call& call) {
  writable(object, id, call);
  touch(object, id, {{"is_deleted", std::int64_t{1}}, {"life_status", life_status("invalid")}}, call);
  store_.remove(object, id, call.now_ms);
}

Json Records::invalid(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "dataObjectApiName"));
  invalidate(object, required_text(call.data(), "object_data_id"), call);
  return Json::object();
}

Json Records::invalid_many(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "dataObjectApiName"));
  for (const std::string& id : required_ids(call.data(), "idList")) invalidate(object, id, call);
  return Json::object();
}

Json Records::remove(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "dataObjectApiName"));
  for (const std::string& id : required_ids(call.data(), "idList")) {
    if (!found(object, id).deleted_ms) throw Rejected{kWrongState, "只能删除已作废的数据: " + object.label + " " + id};
    store_.purge(object, id);
    store_.database().run("insert or replace into sandbox_purged values (?, ?, ?)", {object.name, id, call.now_ms});
  }
  return Json::object();
}

Json Records::recover(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "dataObjectApiName"));
  for (const std::string& id : required_ids(call.data(), "idList")) {
    const Record record = found(object, id);
    if (!record.deleted_ms) throw Rejected{kWrongState, "数据未作废, 不能恢复: " + object.label + " " + id};
    // While it was away somebody may have taken what must be unique.
    check_doubles(object, record.columns, call, id);
    store_.restore(object, id);
    touch(object, id, {{"is_deleted", std::int64_t{0}}, {"life_status", life_status("normal")}}, call);
  }
  return Json::object();
}

Json Records::change_owner(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "dataObjectApiName"));
  const auto list = call.data().find("Data");
  if (list == call.data().end() || !list->is_array() || list->empty()) throw Rejected{kParameterError, "参数错误: Data 缺失"};
  for (const Json& one : *list) {
    const std::string id = required_text(one, "objectDataId");
    const auto owners = one.find("ownerId");
    if (owners == one.end() || !owners->is_array() || owners->size() != 1) throw Rejected{kParameterError, "参数错误: ownerId 应为一个人员的列表"};
    const Record record = writable(object, id, call);
    if (is_ownerless(object)) throw Rejected{kWrongState, "对象" + object.name + "没有负责人"};
    if (sits_in_pool(object, record)) throw Rejected{kWrongState, "数据在公海/线索池中, 请先领取再更换负责人: " + id};
    const std::string owner = person_sent(owners->front(), call);
    check_person("负责人", owner);
    touch(object, id, {{"owner", list_of(owner)}}, call);
  }
  return Json::object();
}

Json Records::choose(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "apiName"));
  for (const std::string& id : required_ids(call.data(), "objectIds")) {
    if (!sits_in_pool(object, writable(object, id, call))) throw Rejected{kWrongState, "数据不在公海/线索池中: " + id};
    Columns columns{{"owner", list_of(call.user)}};
    if (object.field("biz_status") != nullptr) put(columns, "biz_status", std::string("un_processed"));
    touch(object, id, std::move(columns), call);
  }
  return Json::object();
}

Json Records::give_back(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "apiName"));
  const std::string pool = pool_field(object);
  if (pool.empty()) throw Rejected{kWrongState, "对象" + object.name + "没有公海/线索池"};
  const std::string into = required_text(call.data(), "objectPoolId"), reason = required_text(call.data(), "backReason");
  if (reason != "0" && reason != "1" && reason != "2" && reason != "other") throw Rejected{kBadValue, "退回原因" + reason + "不存在"};
  if (reason == "other") required_text(call.data(), "backReason__o");
  for (const std::string& id : required_ids(call.data(), "objectIds")) {
    writable(object, id, call);
    Columns columns{{pool, into}, {"owner", {}}};
    check_references(object, columns);
    if (object.field("biz_status") != nullptr) put(columns, "biz_status", std::string("un_assigned"));
    touch(object, id, std::move(columns), call);
  }
  return Json::object();
}

Json Records::take_out(const Call& call) {
  const Object& object = object_of(call, required_text(call.data(), "apiName"));
  const std::string pool = pool_field(object);
  const std::string out_of = required_text(call.data(), "objectPoolId");
  const bool keep = call.data().value("isKeepOwner", false);
  // objectIDs: written with two capitals here, and only here.
  for (const std::string& id : required_ids(call.data(), "objectIDs")) {
    const Record record = writable(object, id, call);
    if (pool.empty() || to_text(record[pool]) != out_of) throw Rejected{kWrongState, "数据不在该公海/线索池中: " + id};
    Columns columns{{pool, {}}};
    if (!keep || is_null(record["owner"])) {
      const auto owner = call.data().find("owner");
      if (owner == call.data().end()) throw Rejected{kParameterError, "参数错误: owner 缺失"};
      const std::string person = person_sent(owner->is_array() && !owner->empty() ? owner->front() : *owner, call);
      check_person("负责人", person);
      put(columns, "owner", list_of(person));
    }
    touch(object, id, std::move(columns), call);
  }
  return Json::object();
}

Json Records::lock(const Call& call, bool locked) {
  const std::string name = required_text(call.data(), "dataObjectApiName");
  const Object* object = model_.object(name);
  if (object == nullptr) throw Rejected{kParameterError, "参数错误: 对象" + name + "不存在"};
  const int details = call.data().value("detailObjStrategy", 0);
  if (details != 0 && details != 1) throw Rejected{kParameterError, "参数错误: detailObjStrategy 应为0或1"};
  for (const std::string& id : required_ids(call.data(), "dataIds")) {
    if (found(*object, id).deleted_ms) throw Rejected{kWrongState, "数据已作废: " + object->label + " " + id};
    const Columns columns{{"lock_status", std::string(locked ? "1" : "0")}};
    touch(*object, id, columns, call);
    if (details == 0) continue;
    for (const Object& detail : model_.objects())
      if (const Field* master = master_of(detail); master != nullptr && master->references.front() == object->name)
        for (const std::string& child : store_.find(detail, *master, id, 10'000)) touch(detail, child, columns, call);
  }
  return Json::object();
}

Json Records::team(const Call& call, const std::string& action) {
  const std::string name = required_text(call.data(), "dataObjectApiName"), id = required_text(call.data(), "objectDataId");
  const Object* object = model_.object(name);
  if (object == nullptr) throw Rejected{kParameterError, "参数错误: 对象" + name + "不存在"};
  const Record record = action == "get" ? found(*object, id) : writable(*object, id, call);
  Json team = is_null(record["relevant_team"]) ? Json::array() : Json::parse(to_text(record["relevant_team"]));
  if (action == "get") return {{"data", {{"relevant_team", team}}}};
  const auto sent = call.data().find("teamMembers");
  if (sent == call.data().end() || !sent->is_array() || sent->empty()) throw Rejected{kParameterError, "参数错误: teamMembers 缺失"};
  for (const Json& one : *sent) {
    const auto person = one.find("teamMemberEmployee");
    if (person == one.end() || !person->is_array() || person->size() != 1) throw Rejected{kParameterError, "参数错误: teamMemberEmployee 应为一个人员的列表"};
    const std::string member = person_sent(person->front(), call);
    check_person("团队成员", member);
    const auto same = [&](const Json& other) { return other.value("teamMemberEmployee", Json::array()) == Json::array({member}); };
    Json kept = Json::array();
    bool was_there = false;
    for (const Json& other : team) {
      if (same(other)) was_there = true;
      else kept.push_back(other);
    }
    if (action != "add" && !was_there) throw Rejected{kNotThere, "团队成员不存在: " + member};
    if (action != "delete")
      kept.push_back({{"teamMemberEmployee", Json::array({member})},
                      {"teamMemberRole", one.value("teamMemberRole", "4")},
                      {"teamMemberPermissionType", one.value("teamMemberPermissionType", "1")}});
    team = std::move(kept);
  }
  touch(*object, id, {{"relevant_team", team.empty() ? Value() : Value(team.dump())}}, call);
  return Json::object();
}

}  // namespace godwit::sandbox::fxiaoke
