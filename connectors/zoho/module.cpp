#include "connectors/zoho/module.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

bool is_among(std::string_view word, std::initializer_list<std::string_view> words) { return std::ranges::find(words, word) != words.end(); }

std::string text_member(const json& value, const char* name) {
  const auto it = value.find(name);
  return it != value.end() && it->is_string() ? it->get<std::string>() : std::string();
}
bool flag_member(const json& value, const char* name, bool otherwise) {
  const auto it = value.find(name);
  return it != value.end() && it->is_boolean() ? it->get<bool>() : otherwise;
}
std::int64_t count_member(const json& value, const char* name, std::int64_t otherwise) {
  const auto it = value.find(name);
  return it != value.end() && it->is_number_integer() ? it->get<std::int64_t>() : otherwise;
}

// Nullopt: a field that no query gives.
std::optional<Type> type_of(const json& field, const std::string& kind) {
  const std::string wire = text_member(field, "json_type");
  if (is_among(kind, {"subform", "fileupload", "imageupload", "profileimage", "multiselectlookup", "multiuserlookup"})) return std::nullopt;
  if (is_among(kind, {"currency", "double", "percent"}) || (wire == "double" && is_among(kind, {"formula", "rollup_summary"}))) {
    const std::int64_t scale = count_member(field, "decimal_place", -1), digits = count_member(field, "length", 16);
    if (scale < 0 || scale > 18) return Type(TypeId::number_text);
    return Type::decimal(static_cast<int>(std::clamp<std::int64_t>(digits + scale, scale + 1, 38)), static_cast<int>(scale));
  }
  if (is_among(kind, {"integer", "bigint"})) return Type(TypeId::int64);
  if (kind == "boolean") return Type(TypeId::boolean);
  if (kind == "date") return Type(TypeId::date32);
  if (kind == "datetime") return Type(TypeId::timestamp_tz);
  if (is_among(kind, {"lookup", "ownerlookup", "userlookup", "multiselectpicklist"})) return Type(TypeId::utf8);
  if (wire == "boolean") return Type(TypeId::boolean);
  if (wire == "integer") return Type(TypeId::int64);
  if (wire == "jsonobject" || wire == "jsonarray") return std::nullopt;
  return Type(TypeId::utf8);
}

FieldInfo::Shape shape_of(std::string_view kind) {
  if (is_among(kind, {"lookup", "ownerlookup", "userlookup"})) return FieldInfo::Shape::reference;
  return kind == "multiselectpicklist" ? FieldInfo::Shape::list : FieldInfo::Shape::plain;
}

FieldInfo text_field(const char* name) {
  FieldInfo out;
  out.name = name, out.kind = "text", out.read_only = true;
  return out;
}

}  // namespace

const FieldInfo* ModuleInfo::find(std::string_view field) const {
  const auto it = std::ranges::find(fields, field, &FieldInfo::name);
  return it == fields.end() ? nullptr : &*it;
}

std::string_view ModuleInfo::system_key() const {
  struct Entry {
    std::string_view module, field;
  };
  static constexpr Entry kEntries[] = {{"Leads", "Email"}, {"Contacts", "Email"}, {"Accounts", "Account_Name"}, {"Deals", "Deal_Name"}, {"Campaigns", "Campaign_Name"},
                                       {"Cases", "Subject"}, {"Solutions", "Solution_Title"}, {"Products", "Product_Name"}, {"Vendors", "Vendor_Name"}, {"Price_Books", "Price_Book_Name"},
                                       {"Quotes", "Subject"}, {"Sales_Orders", "Subject"}, {"Purchase_Orders", "Subject"}, {"Invoices", "Subject"}};
  for (const Entry& e : kEntries)
    if (e.module == name) return e.field;
  return is_among(name, {"Tasks", "Events", "Calls", "Notes", "Users"}) ? "" : "Name";
}

std::set<std::string, std::less<>> layout_required(const json& layouts) {
  std::set<std::string, std::less<>> out;
  bool first = true;
  const json* all = rest::find_at(layouts, "/layouts");
  if (all == nullptr || !all->is_array()) return out;
  for (const json& layout : *all) {
    std::set<std::string, std::less<>> required;
    const json* sections = rest::find_at(layout, "/sections");
    if (sections == nullptr || !sections->is_array() || text_member(layout, "status") == "inactive") continue;
    for (const json& section : *sections)
      if (const json* fields = rest::find_at(section, "/fields"); fields != nullptr && fields->is_array())
        for (const json& f : *fields)
          if (flag_member(f, "required", false)) required.insert(text_member(f, "api_name"));
    if (first) out = std::move(required);
    else std::erase_if(out, [&](const std::string& name) { return !required.contains(name); });
    first = false;
  }
  return out;
}

ModuleInfo parse_module(std::string_view name, const json& fields, const std::set<std::string, std::less<>>& required) {
  ModuleInfo out;
  out.name = name;
  FieldInfo id = text_field("id");
  id.unique = true;
  out.fields.push_back(std::move(id));
  const json* all = rest::find_at(fields, "/fields");
  if (all == nullptr || !all->is_array()) return out;
  for (const json& f : *all) {
    FieldInfo info;
    info.name = text_member(f, "api_name"), info.kind = text_member(f, "data_type");
    const auto type = type_of(f, info.kind);
    if (!type || info.name.empty() || out.find(info.name) != nullptr) continue;
    info.type = *type, info.shape = shape_of(info.kind);
    info.quoted_number = info.type.id == TypeId::int64 && text_member(f, "json_type") == "string";
    const json* operations = rest::find_at(f, "/operation_type");
    const bool creates = operations == nullptr || flag_member(*operations, "api_create", true), updates = operations == nullptr || flag_member(*operations, "api_update", true);
    info.read_only = flag_member(f, "read_only", false) || flag_member(f, "field_read_only", false) || !creates || is_among(info.kind, {"autonumber", "formula", "rollup_summary"});
    info.only_new = creates && !updates;
    info.required = !info.read_only && (flag_member(f, "system_mandatory", false) || required.contains(info.name));
    // {} is the answer of a field that is not unique.
    if (const json* unique = rest::find_at(f, "/unique"); unique != nullptr && unique->is_object() && !unique->empty())
      info.unique = true, info.case_sensitive = flag_member(*unique, "casesensitive", false);
    if (info.name == out.system_key()) info.case_sensitive = false;
    if (is_among(info.kind, {"text", "textarea", "email", "phone", "website"})) info.length = count_member(f, "length", 0);
    if (const json* values = rest::find_at(f, "/pick_list_values"); values != nullptr && values->is_array())
      for (const json& v : *values) {
        const std::string actual = text_member(v, "actual_value");
        if (text_member(v, "type") != "unused" && !actual.empty()) info.choices.push_back(actual);
      }
    if (const json* target = rest::find_at(f, "/lookup/module/api_name"); target != nullptr && target->is_string()) info.target = target->get<std::string>();
    if (is_among(info.kind, {"ownerlookup", "userlookup"})) info.target = "Users";
    out.fields.push_back(std::move(info));
  }
  return out;
}

ModuleInfo users_module() {
  ModuleInfo out;
  out.name = "Users", out.creatable = out.editable = out.deletable = false;
  for (const char* name : {"id", "full_name", "first_name", "last_name", "email", "status", "zuid", "time_zone", "role", "profile"}) {
    FieldInfo f = text_field(name);
    f.unique = f.name == "id";
    if (is_among(f.name, {"role", "profile"})) f.shape = FieldInfo::Shape::reference;
    out.fields.push_back(std::move(f));
  }
  return out;
}

ModuleInfo deleted_module(std::string_view of) {
  ModuleInfo out;
  out.name = std::string(kDeleted) + std::string(of), out.deleted_of = of, out.creatable = out.editable = out.deletable = false;
  for (const char* name : {"id", "display_name", "type", "deleted_time", "deleted_by", "created_by"}) {
    FieldInfo f = text_field(name);
    f.unique = f.name == "id";
    if (f.name == "deleted_time") f.type = Type(TypeId::timestamp_tz);
    if (is_among(f.name, {"deleted_by", "created_by"})) f.shape = FieldInfo::Shape::reference, f.target = "Users";
    out.fields.push_back(std::move(f));
  }
  return out;
}

ObjectDescription description_of(const ModuleInfo& module) {
  ObjectDescription out;
  out.object = module.name, out.key = {"id"};
  for (const FieldInfo& f : module.fields) {
    ObjectField& field = out.fields.emplace_back();
    field.name = f.name, field.type = f.type, field.unique = f.unique && f.type.id == TypeId::utf8, field.generated = f.read_only;
    field.nullable = !f.required, field.has_default = f.name == "Owner" || f.read_only;
    if (f.length > 0) field.length = f.length;
    if (f.shape == FieldInfo::Shape::plain) field.choices = f.choices;
    if (f.unique && f.name != "id") out.uniques.push_back({f.name});
    if (!f.target.empty()) out.references.push_back({{f.name}, f.target, {"id"}});
  }
  return out;
}

rest::ValueForm form_of(const FieldInfo& field) {
  rest::ValueForm form;
  form.moments = rest::MomentForm::iso_offset, form.fraction_digits = 0;
  if (field.quoted_number) form.numbers = rest::ValueForm::Numbers::text;
  return form;
}

std::optional<rest::ValueFault> append_value(const FieldInfo& field, const Column& column, std::int64_t row, bool clears_blanks, std::string_view related, std::string* out) {
  rest::WrittenValue value;
  if (auto fault = rest::write_value(column, row, form_of(field), &value)) return fault;
  if (value.quoted && value.text.empty() && !value.null) {
    if (!clears_blanks) return rest::ValueFault{sql::kWouldBeAltered, "\"\"", "null"};
    value.null = true;
  }
  if (value.null) {
    *out += "null";
  } else if (field.shape == FieldInfo::Shape::reference) {
    *out += R"({"id":)";
    rest::append_json(value, out);
    if (field.name == "Parent_Id" && field.target.empty()) {
      *out += R"(,"module":{"api_name":)";
      rest::append_quoted(related, out);
      *out += '}';
    }
    *out += '}';
  } else if (field.shape == FieldInfo::Shape::list) {
    *out += '[';
    std::string_view left = value.text;
    for (bool first = true; !left.empty(); first = false) {
      const std::size_t end = std::min(left.find(';'), left.size());
      if (!first) *out += ',';
      rest::append_quoted(left.substr(0, end), out);
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    *out += ']';
  } else {
    rest::append_json(value, out);
  }
  return std::nullopt;
}

void flatten(const ModuleInfo& module, json* record) {
  for (const FieldInfo& f : module.fields) {
    const auto held = record->find(f.name);
    if (held == record->end()) continue;
    if (f.shape == FieldInfo::Shape::reference && held->is_object()) {
      const json* id = rest::find_at(*held, "/id");
      json plain = id == nullptr ? json() : *id;
      *held = std::move(plain);
    } else if (f.shape == FieldInfo::Shape::list && held->is_array()) {
      std::string joined;
      for (const json& one : *held)
        if (const auto text = rest::scalar_text(one)) joined += (joined.empty() ? "" : ";") + *text;
      *held = joined.empty() ? json() : json(joined);
    }
  }
}

bool is_record_id(std::string_view text) { return !text.empty() && text.size() <= 20 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }); }

bool is_before(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

std::string coql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

}  // namespace godwit::zoho
