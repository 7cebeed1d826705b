// What a tenant refuses: people who left, records that are not there, rules of its own, doubles.

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/columns.hpp"
#include "connectors/fxiaoke/sandbox/records.hpp"
#include "connectors/fxiaoke/sandbox/rejected.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

bool rule_holds(const ValidationRule& rule, const Field& field, const Value& value) {
  if (is_null(value)) return false;
  if (kept(field) == Kept::decimal || kept(field) == Kept::integer) {
    const double left = to_double(value), right = to_double(Value(rule.value));
    return rule.operation == "LT" ? left < right : rule.operation == "GT" ? left > right : left == right;
  }
  const std::string text = to_text(value);
  return rule.operation == "STARTWITH" ? text.starts_with(rule.value) : rule.operation == "LIKE" ? text.find(rule.value) != std::string::npos : text == rule.value;
}

bool option(const Call& call, const char* name, bool otherwise) {
  const Json options = call.data().value("optionInfo", Json::object());
  return options.is_object() && options.contains(name) && options[name].is_boolean() ? options[name].get<bool>() : otherwise;
}

}  // namespace

void Records::check_person(const std::string& what, const std::string& id) {
  const auto person = store_.get(*model_.object("PersonnelObj"), id);
  if (!person || person->deleted_ms) throw Rejected{kBadValue, what + "不存在: " + id};
  if (to_text((*person)["status"]) == "1") throw Rejected{kBadValue, what + "已离职: " + id};
}

void Records::check_references(const Object& object, const Columns& columns) {
  for (const auto& [name, value] : columns) {
    const Field* field = object.field(name);
    if (field == nullptr || is_null(value)) continue;
    if (!field->references.empty()) {
      const Object* target = model_.object(field->references.front());
      if (target == nullptr || !store_.exists(*target, to_text(value)))
        throw Rejected{kBadValue, "字段[" + field->label + "](" + name + ")关联的数据不存在或已作废: " + to_text(value)};
    } else if (field->type == "employee" && !is_system(*field)) {
      for (const Json& id : Json::parse(to_text(value))) check_person("字段[" + field->label + "](" + name + ")的人员", id);
    } else if (field->type == "department") {
      for (const Json& id : Json::parse(to_text(value)))
        if (!store_.exists(*model_.object("DepartmentObj"), id.get<std::string>()))
          throw Rejected{kBadValue, "字段[" + field->label + "](" + name + ")的部门不存在: " + id.get<std::string>()};
    } else if (field->type == "file_attachment" || field->type == "image") {
      for (const Json& file : Json::parse(to_text(value))) {
        const std::string path = file.is_object() ? file.value("path", "") : "";
        if (!store_.database().row("select 1 from sandbox_file where npath = ?", {path}))
          throw Rejected{kBadValue, "字段[" + field->label + "](" + name + ")的文件不存在: " + path};
      }
    }
  }
}

void Records::check_rules(const Object& object, const Columns& columns, const Call& call, std::string_view) {
  const bool rules_on = option(call, "useValidationRule", true), functions_off = option(call, "skipFuncValidate", false);
  for (const ValidationRule& rule : validation_rules(object)) {
    if (rule.function ? functions_off : !rules_on) continue;
    const Field* field = object.field(rule.field);
    if (field != nullptr && rule_holds(rule, *field, at(columns, rule.field)))
      throw Rejected{kRuleBroken, (rule.function ? "函数校验不通过: " : "验证规则不通过: ") + rule.name};
  }
}

void Records::check_doubles(const Object& object, const Columns& columns, const Call& call, std::string_view own_id) {
  if (const auto taken = store_.unique_conflict(object, columns, own_id))
    throw Rejected{kNotUnique, "字段[" + taken->field->label + "](" + taken->field->name + ")的值" + taken->seen + "已存在, 数据ID: " + taken->other};
  if (!option(call, "isDuplicateSearch", call.flag("checkDuplicateSearch", settings_.duplicate_search))) return;
  for (const DuplicateRule& rule : duplicate_rules(object)) {
    std::string where;
    std::vector<Value> values;
    for (const std::string& field : rule.fields) {
      where += quote_name(field) + " = ? and ";
      values.push_back(at(columns, field));  // null equals nothing
    }
    values.emplace_back(std::string(own_id));
    if (const auto row = store_.database().row("select \"_id\" from " + quote_name(object.name) + " where " + where + "\"_id\" <> ? and sandbox_deleted_ms is null", values))
      throw Rejected{kDuplicateFound, "查重规则不通过: " + rule.name + ", 重复数据ID: " + to_text((*row)[0])};
  }
}

}  // namespace godwit::sandbox::fxiaoke
