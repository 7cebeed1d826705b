#pragma once
// Modules as the organisation describes them, and how their values stand in JSON.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"
#include "plugins/kits/rest/values.hpp"

namespace godwit::zoho {

struct FieldInfo {
  enum class Shape { plain, reference, list };  // reference: {"id": ...}; list: texts, here joined by ";"
  std::string name;
  std::string kind;          // data_type: picklist, ownerlookup ...
  Type type;
  Shape shape = Shape::plain;
  bool required = false, unique = false, case_sensitive = true, read_only = false;
  bool only_new = false;     // taken of new records and left alone afterwards
  bool quoted_number = false;
  std::int64_t length = 0;   // characters; 0: not told
  std::vector<std::string> choices;
  std::string target;        // module that a reference names; "": it may name several
};

struct ModuleInfo {
  std::string name;
  std::string deleted_of;  // of the list of deletions of a module: that module
  bool creatable = true, editable = true, deletable = true;
  std::vector<FieldInfo> fields;  // `id` first
  const FieldInfo* find(std::string_view field) const;
  // The field by which the vendor's upsert finds a record when no other is named; "Name" in modules of the organisation's own.
  std::string_view system_key() const;
  // Whether the vendor's upsert finds records by this field.
  bool is_upsert_key(const FieldInfo& field) const { return field.name != "id" && (field.unique || field.name == system_key()); }
};

// The answers to fields and layouts; `required`: names of the fields that every layout demands. Fields whose values no query gives (subforms,
// files, lists of references) are left out.
ModuleInfo parse_module(std::string_view name, const nlohmann::json& fields, const std::set<std::string, std::less<>>& required);
// Fields that every layout of the answer demands.
std::set<std::string, std::less<>> layout_required(const nlohmann::json& layouts);
// People of the organisation: read only, from a call of their own.
ModuleInfo users_module();
// "Deleted_Accounts": which records of Accounts were deleted, as long as Zoho lists them. Read only.
inline constexpr std::string_view kDeleted = "Deleted_";
ModuleInfo deleted_module(std::string_view of);
ObjectDescription description_of(const ModuleInfo& module);

// How values of the field are written and read.
rest::ValueForm form_of(const FieldInfo& field);
// Appends value `row` as JSON, a reference as {"id": ...}; `related`: module that a note's parent is of. An empty text is no value, or a fault:
// nothing is appended then.
std::optional<rest::ValueFault> append_value(const FieldInfo& field, const Column& column, std::int64_t row, bool clears_blanks, std::string_view related, std::string* out);
// Puts in the place of references their ids, and of lists their texts joined by ";".
void flatten(const ModuleInfo& module, nlohmann::json* record);

// Whether a text is a record's id, and whether one comes before the other: they grow, and are compared as numbers.
bool is_record_id(std::string_view text);
bool is_before(std::string_view a, std::string_view b);
// 'It''s', as COQL writes texts.
std::string coql_text(std::string_view text);

}  // namespace godwit::zoho
