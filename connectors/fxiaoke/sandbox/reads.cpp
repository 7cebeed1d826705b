#include "connectors/fxiaoke/sandbox/reads.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/columns.hpp"
#include "connectors/fxiaoke/sandbox/query.hpp"
#include "connectors/fxiaoke/sandbox/rejected.hpp"

namespace godwit::sandbox::fxiaoke {
namespace {

// How records are shown.
struct View {
  ValueRules rules;
  bool nulls = false;       // fields without a value are there, as null
  bool decorated = true;    // with __r and __l, and with what is worked out while reading
  std::vector<std::string> only;  // empty: all fields
};

bool shown(const View& view, std::string_view field) {
  return view.only.empty() || field == "_id" || std::find(view.only.begin(), view.only.end(), field) != view.only.end();
}

// The display name of a record; null where it is gone.
Json name_of(Records& records, const std::string& object_name, const std::string& id) {
  const Object* object = records.model().object(object_name);
  if (object == nullptr) return nullptr;
  const Value name = records.store().database().value("select \"name\" from " + quote_name(object_name) + " where \"_id\" = ?", {id});
  return is_null(name) ? Json() : Json(to_text(name));
}

Json computed(Records& records, const Object&, const Field& field, const Columns& columns) {
  Database& database = records.store().database();
  if (field.type == "count")
    return std::to_string(to_int(database.value("select count(*) from " + quote_name(raw_text(field, "of")) + " where " + quote_name(raw_text(field, "by")) +
                                                    " = ? and sandbox_deleted_ms is null", {at(columns, "_id")})));
  const std::string through = raw_text(field, "through");
  const Value id = at(columns, through);
  if (is_null(id)) return nullptr;
  const Value value = database.value("select " + quote_name(raw_text(field, "field")) + " from " + quote_name(raw_text(field, "object")) + " where \"_id\" = ?", {id});
  return is_null(value) ? Json() : Json(to_text(value));
}

// Read-only companions of a field: who writes a record back has to take them off.
void decorate(Records& records, const Field& field, const Value& held, const View& view, Json& out) {
  if (is_null(held)) return;
  if (!field.references.empty()) {
    const Json name = name_of(records, field.references.front(), to_text(held));
    if (!name.is_null()) out[field.name + "__r"] = name;
  } else if (field.type == "employee" || field.type == "department") {
    Json list = Json::array();
    for (const Json& id : Json::parse(to_text(held))) {
      const std::string plain = id;
      const Json name = name_of(records, field.type == "employee" ? "PersonnelObj" : "DepartmentObj", plain);
      list.push_back({{"id", field.type == "employee" && view.rules.convert_people ? to_open_user(plain) : plain}, {"name", name}});
    }
    if (!list.empty()) out[field.name + "__r"] = list.front();
    out[field.name + "__l"] = list;
  }
}

Json show(Records& records, const Object& object, const Columns& columns, const View& view) {
  Json out = Json::object();
  for (const Field& field : object.fields) {
    if (!shown(view, field.name)) continue;
    if (kept(field) == Kept::computed) {
      if (!view.decorated) continue;
      const Json value = computed(records, object, field, columns);
      if (!value.is_null() || view.nulls) out[field.name] = value;
      continue;
    }
    const Value& held = at(columns, field.name);
    if (is_null(held) && !view.nulls) continue;
    out[field.name] = wire_value(field, held, view.rules);
    if (view.decorated) decorate(records, field, held, view, out);
  }
  return out;
}

std::vector<std::string> projection(const Object& object, const Json& in, const char* name) {
  std::vector<std::string> only;
  const auto list = in.find(name);
  if (list == in.end() || list->is_null()) return only;
  if (!list->is_array()) throw Rejected{kParameterError, "参数错误: " + std::string(name) + " 应为列表"};
  for (const Json& field : *list) {
    if (!field.is_string() || object.field(field.get<std::string>()) == nullptr)
      throw Rejected{kParameterError, "参数错误: " + std::string(name) + " 的字段 " + field.dump() + " 不存在"};
    only.push_back(field);
  }
  return only;
}

bool wants_total(const Call& call) {
  const auto yes = [](const Json& in, const char* name) { return in.contains(name) && in[name].is_boolean() && in[name].get<bool>(); };
  const Json& total = call.body.contains("returnTotalNum") ? call.body["returnTotalNum"] : Json();
  return yes(call.data(), "find_explicit_total_num") || yes(call.data(), "need_return_count_num") || yes(call.body, "need_return_count_num") || total == 1 || total == 2;
}

struct Found {
  Json list = Json::array();
  CompiledQuery query;
  std::int64_t total = 0;
};

Found search(Records& records, const Call& call, const Object& object, const View& view, long most) {
  const auto info = call.data().find("search_query_info");
  if (info == call.data().end()) throw Rejected{kParameterError, "参数错误: search_query_info 缺失"};
  Found out;
  out.query = compile_query(object, *info, {records.settings().query_returns_invalid, call.convert_people});
  std::string list;
  std::vector<const Field*> fields;
  for (const Field& f : object.fields) {
    // A quote is read through its reference, which therefore is always read.
    if (kept(f) == Kept::computed || (!shown(view, f.name) && f.references.empty())) continue;
    list += (list.empty() ? "" : ", ") + quote_name(f.name);
    fields.push_back(&f);
  }
  const std::string from = " from " + quote_name(object.name) + " where " + out.query.where + " and sandbox_visible_ms <= ?";
  std::vector<Value> values = out.query.values;
  values.emplace_back(call.now_ms);
  Database& database = records.store().database();
  if (wants_total(call)) out.total = to_int(database.row("select count(*)" + from, values).value()[0]);
  values.emplace_back(std::int64_t{std::min(most, out.query.limit)});
  values.emplace_back(std::int64_t{out.query.offset});
  for (Row& row : database.rows("select " + list + from + " order by " + out.query.order_by + " limit ? offset ?", values)) {
    Columns columns;
    for (std::size_t i = 0; i < fields.size(); ++i) columns.emplace_back(fields[i]->name, std::move(row[i]));
    out.list.push_back(show(records, object, columns, view));
  }
  return out;
}

Json list_answer(const Records& records, const Object& object, Found found) {
  Json data = {{"dataList", std::move(found.list)}, {"offset", found.query.offset}, {"limit", found.query.limit}};
  data[records.settings().total_name] = found.total;
  if (!records.settings().list_in_result || !is_custom(object)) return {{"data", std::move(data)}};
  return {{"result", std::move(data)}};
}

const Object& object_asked(Records& records, const Call& call) { return records.object_of(call, required_text(call.data(), "dataObjectApiName")); }

}  // namespace

Json read_one(Records& records, const Call& call) {
  const Object& object = object_asked(records, call);
  const Record record = records.found(object, required_text(call.data(), "objectDataId"));
  View view{.rules = records.rules(call), .nulls = call.flag("includeNull", false)};
  return {{"data", show(records, object, record.columns, view)}};
}

Json read_query(Records& records, const Call& call) {
  const Object& object = object_asked(records, call);
  View view{.rules = records.rules(call), .nulls = call.flag("includeNull", false)};
  if (const auto info = call.data().find("search_query_info"); info != call.data().end() && info->is_object())
    view.only = projection(object, *info, "fieldProjection");
  return list_answer(records, object, search(records, call, object, view, 100));
}

Json read_simple(Records& records, const Call& call) {
  const Object& object = object_asked(records, call);
  const View view{.rules = records.rules(call), .nulls = call.flag("includeNull", false), .decorated = false, .only = projection(object, call.data(), "field_projection")};
  return list_answer(records, object, search(records, call, object, view, 100));
}

Json read_first(Records& records, const Call& call) {
  const Object& object = object_asked(records, call);
  const View view{.rules = records.rules(call), .nulls = call.flag("includeNull", false), .decorated = false, .only = projection(object, call.data(), "field_projection")};
  Found found = search(records, call, object, view, 1);
  return {{"data", found.list.empty() ? Json() : found.list.front()}};
}

}  // namespace godwit::sandbox::fxiaoke
