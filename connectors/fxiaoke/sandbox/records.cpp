#include "connectors/fxiaoke/sandbox/records.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/columns.hpp"
#include "connectors/fxiaoke/sandbox/rejected.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

constexpr std::array<std::string_view, 3> kHistory{"create_time", "last_modified_time", "created_by"};
constexpr std::array<std::string_view, 5> kSetBySystem{"last_modified_by", "is_deleted", "lock_status", "life_status", "version"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  for (const std::string_view one : names)
    if (one == name) return true;
  return false;
}

Rejected no_such_field(const Object& object, const std::string& name) {
  return {kParameterError, "参数错误: 对象" + object.name + "没有可写字段" + name};
}

const Json& object_data_of(const Call& call) {
  const auto found = call.data().find("object_data");
  if (found == call.data().end() || !found->is_object()) throw Rejected{kParameterError, "参数错误: object_data 缺失"};
  return *found;
}

// X__o goes with option "other" of X and with nothing else.
void check_companions(const Object& object, const Columns& columns, const Record* before) {
  for (const auto& [name, value] : columns) {
    const Field* field = object.field(name);
    if (field == nullptr || !is_companion(*field) || is_null(value)) continue;
    const std::string base = name.substr(0, name.size() - 3);
    const Value& chosen = names(columns, base) || before == nullptr ? at(columns, base) : (*before)[base];
    if (to_text(chosen).find("other") == std::string::npos) throw Rejected{kBadValue, "字段[" + field->label + "](" + name + ")只能与选项other同时填写"};
  }
}

}  // namespace

ValueRules Records::rules(const Call& call) const { return {settings_.zone_minutes, settings_.keep_empty_text, call.convert_people}; }

std::string Records::life_status(const char* word) const {
  if (settings_.life_status_words) return word;
  constexpr std::array<std::string_view, 5> kWords{"ineffective", "normal", "under_review", "in_change", "invalid"};
  for (std::size_t i = 0; i < kWords.size(); ++i)
    if (kWords[i] == word) return std::to_string(i);
  return word;
}

const Object& Records::object_of(const Call& call, const std::string& name) const {
  const Object* object = model_.object(name);
  if (object == nullptr) throw Rejected{kParameterError, "参数错误: 对象" + name + "不存在"};
  if (is_custom(*object) != call.custom_path)
    throw Rejected{kParameterError, "参数错误: 对象" + name + "不属于此接口, " + (is_custom(*object) ? "请使用/cgi/crm/custom/v2/data" : "请使用/cgi/crm/v2/data")};
  return *object;
}

Record Records::found(const Object& object, const std::string& id) {
  std::optional<Record> record = store_.get(object, id);
  if (!record) throw Rejected{kNotThere, "数据不存在: " + object.label + " " + id};
  return std::move(*record);
}

void Records::seed(std::int64_t now_ms) {
  if (store_.database().fact("seeded")) return;
  for (const Object& object : model_.objects())
    for (const Json& in : object.raw->value("seed", Json::array())) {
      Columns columns;
      for (const auto& [name, wire] : in.items()) {
        const Field* field = object.field(name);
        if (field == nullptr) throw ModelError("metadata: a seed of " + object.name + " has " + name + ", which is no field of it");
        put(columns, name, column_value(*field, wire, {}));
      }
      if (object.name == "PersonnelObj") put(columns, "full_name", at(columns, "name")), put(columns, "user_id", at(columns, "_id"));
      for (const Field& f : object.fields)
        if (!names(columns, f.name) && !raw_text(f, "initial").empty()) put(columns, f.name, raw_text(f, "initial"));
      for (const char* time : {"create_time", "last_modified_time"}) put(columns, time, now_ms);
      put(columns, "is_deleted", std::int64_t{0}), put(columns, "lock_status", std::string("0")), put(columns, "life_status", life_status("normal"));
      put(columns, "record_type", std::string("default__c"));
      if (object.field("version") != nullptr) put(columns, "version", std::string("1"));
      store_.insert(object, columns, now_ms);
    }
  store_.database().set_fact("seeded", "1");
}

Columns Records::sent_columns(const Object& object, const Json& sent, const Call& call, bool creating) {
  Columns columns;
  for (const auto& [name, wire] : sent.items()) {
    if (name == "dataObjectApiName" || (name == "_id" && !creating)) continue;
    const Field* field = object.field(name);
    if (field != nullptr && among(kHistory, name) && creating) continue;  // set_history() looks at these
    if (field == nullptr || is_read_only(*field) || name == "_id" || among(kSetBySystem, name) || among(kHistory, name)) {
      if (settings_.refuse_unknown_fields) throw no_such_field(object, name);
      continue;
    }
    if (name == "owner" && !creating) {
      if (settings_.refuse_owner_in_update) throw Rejected{kWrongState, "负责人不能通过更新接口修改, 请使用changeOwner"};
      continue;
    }
    Value value = column_value(*field, wire, rules(call));
    if (name == "record_type" && !is_null(value) && to_text(value) != "default__c") throw Rejected{kBadValue, "业务类型" + to_text(value) + "不存在"};
    if (!creating && field->required && is_null(value)) throw Rejected{kRequired, "必填字段[" + field->label + "](" + name + ")不能为空"};
    put(columns, name, std::move(value));
  }
  return columns;
}

void Records::set_history(const Object& object, const Json& sent, const Call& call, Columns& columns) {
  const bool times = call.flag("hasSpecifyTime", false), author = call.flag("hasSpecifyCreatedBy", false);
  const ValueRules how = rules(call);
  Value created = call.now_ms, modified = call.now_ms, by = list_of(call.user);
  const auto take = [&](const char* name, Value& into) {
    const Value value = sent.contains(name) ? column_value(*object.field(name), sent.at(name), how) : Value();
    if (!is_null(value)) into = value;
  };
  if (times) take("create_time", created), modified = created, take("last_modified_time", modified);
  if (author) take("created_by", by), check_person("创建人", first_of(by));
  put(columns, "create_time", created), put(columns, "last_modified_time", modified);
  put(columns, "created_by", by), put(columns, "last_modified_by", list_of(call.user));
}

void Records::settle_owner(const Object& object, const Call& call, Columns& columns) {
  if (is_ownerless(object)) return put(columns, "owner", {});
  if (const Field* master = master_of(object); master != nullptr && is_null(at(columns, "owner"))) {
    if (const Object* above = model_.object(master->references.front()))
      if (const auto record = store_.get(*above, to_text(at(columns, master->name)))) put(columns, "owner", (*record)["owner"]);
  }
  const std::string pool = pool_field(object);
  const bool pooled = !pool.empty() && !is_null(at(columns, pool));
  if (is_null(at(columns, "owner")) && pooled) {
    if (object.field("biz_status") != nullptr) put(columns, "biz_status", std::string("un_assigned"));
    return;
  }
  if (is_null(at(columns, "owner"))) {
    if (!call.flag("fillOutOwner", false)) throw Rejected{kRequired, "必填字段[负责人](owner)不能为空"};
    put(columns, "owner", list_of(call.user));
  }
  const std::string owner = first_of(at(columns, "owner"));
  check_person("负责人", owner);
  if (is_null(at(columns, "data_own_department")))
    if (const auto person = store_.get(*model_.object("PersonnelObj"), owner)) put(columns, "data_own_department", (*person)["main_department"]);
  if (is_null(at(columns, "relevant_team")))
    put(columns, "relevant_team", Json::array({{{"teamMemberEmployee", Json::array({owner})}, {"teamMemberRole", "1"}, {"teamMemberPermissionType", "2"}}}).dump());
}

std::string Records::new_record(const Object& object, const Json& sent, const Call& call, const Columns& given) {
  Columns columns = sent_columns(object, sent, call, true);
  for (const auto& [name, value] : given) put(columns, name, value);
  check_companions(object, columns, nullptr);
  for (const Field& f : object.fields) {
    if (f.type == "auto_number") put(columns, f.name, next_number(store_.database(), object, f));
    if (const std::string initial = raw_text(f, "initial"); !initial.empty() && !names(columns, f.name)) put(columns, f.name, initial);
  }
  set_history(object, sent, call, columns);
  settle_owner(object, call, columns);
  for (const Field& f : object.fields)
    if (f.required && !is_read_only(f) && is_null(at(columns, f.name))) throw Rejected{kRequired, "必填字段[" + f.label + "](" + f.name + ")不能为空"};
  check_references(object, columns);
  check_rules(object, columns, call, "");
  check_doubles(object, columns, call, "");

  const std::string id = new_id(store_.database(), call.now_ms);
  put(columns, "_id", id);
  const bool approval = has_approval(object) && call.flag("triggerApprovalFlow", true);
  put(columns, "is_deleted", std::int64_t{0});
  put(columns, "lock_status", std::string(approval ? "1" : "0"));
  put(columns, "life_status", life_status(approval ? "under_review" : "normal"));
  if (is_null(at(columns, "record_type"))) put(columns, "record_type", std::string("default__c"));
  if (object.field("version") != nullptr) put(columns, "version", std::string("1"));
  store_.insert(object, columns, call.visible_at_ms);
  if (approval) note_event(store_.database(), "approval", object.name, id, call.now_ms);
  if (call.flag("triggerWorkFlow", true)) note_event(store_.database(), "workflow", object.name, id, call.now_ms);
  touch_parents(object, columns, call);
  return id;
}

Json Records::create(const Call& call) {
  const Json& sent = object_data_of(call);
  const Object& object = object_of(call, required_text(sent, "dataObjectApiName"));
  if (call.held_by_others) throw Rejected{kLocked, "数据正在被其他人操作, 请稍后重试"};
  const std::string id = new_record(object, sent, call, {});
  Json detail_ids = Json::object();
  const Json details = call.data().value("details", Json::object());
  for (const auto& [name, list] : details.items()) {
    const Object* detail = model_.object(name);
    const Field* master = detail == nullptr ? nullptr : master_of(*detail);
    if (master == nullptr || master->references.front() != object.name || !list.is_array())
      throw Rejected{kParameterError, "参数错误: details." + name + "不是" + object.name + "的从对象列表"};
    for (const Json& one : list) {
      if (!one.is_object()) throw Rejected{kParameterError, "参数错误: details." + name + "的元素应为对象"};
      detail_ids[name].push_back(new_record(*detail, one, call, {{master->name, id}}));
    }
  }
  Json out = Json::object();
  if (!is_custom(object) || settings_.custom_create_returns_id) out["dataId"] = id;
  if (call.flag("includeDetailIds", false)) out["detailIds"] = detail_ids;
  return out;
}

Json Records::update(const Call& call) {
  const Json& sent = object_data_of(call);
  const Object& object = object_of(call, required_text(sent, "dataObjectApiName"));
  const std::string id = required_text(sent, "_id");
  const Record before = writable(object, id, call);
  Columns changes = sent_columns(object, sent, call, false);
  check_companions(object, changes, &before);
  check_references(object, changes);
  Columns after = before.columns;
  for (const auto& [name, value] : changes) put(after, name, value);
  check_rules(object, after, call, id);
  check_doubles(object, after, call, id);
  touch(object, id, std::move(changes), call);
  if (call.flag("triggerWorkFlow", true)) note_event(store_.database(), "workflow", object.name, id, call.now_ms);
  return Json::object();
}

void Records::touch(const Object& object, const std::string& id, Columns columns, const Call& call) {
  put(columns, "last_modified_time", call.now_ms);
  put(columns, "last_modified_by", list_of(call.user));
  store_.update(object, id, columns, call.visible_at_ms);
  if (object.field("version") != nullptr)
    store_.database().run("update " + quote_name(object.name) + " set version = cast(version as integer) + 1 where \"_id\" = ?", {id});
}

void Records::touch_parents(const Object& object, const Columns& columns, const Call& call) {
  if (!settings_.computed_bumps_time) return;
  for (const Object& parent : model_.objects())
    for (const Field& f : parent.fields)
      if (f.type == "count" && raw_text(f, "of") == object.name && !is_null(at(columns, raw_text(f, "by"))))
        store_.database().run("update " + quote_name(parent.name) + " set last_modified_time = ? where \"_id\" = ?", {call.now_ms, at(columns, raw_text(f, "by"))});
}

Record Records::writable(const Object& object, const std::string& id, const Call& call) {
  Record record = found(object, id);
  if (call.held_by_others) throw Rejected{kLocked, "数据正在被其他人操作, 请稍后重试"};
  if (record.deleted_ms) throw Rejected{kWrongState, "数据已作废: " + object.label + " " + id};
  if (to_text(record["lock_status"]) == "1") throw Rejected{kLocked, "数据已锁定, 不能操作: " + object.label + " " + id};
  return record;
}

}  // namespace godwit::sandbox::fxiaoke
