#pragma once
// Objects as the tenant describes them, and how their values stand in JSON.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"
#include "plugins/kits/rest/values.hpp"

namespace godwit::fxiaoke {

struct FieldInfo {
  std::string name, label;
  std::string kind;           // as describe calls it: select_one, employee ...
  Type type;
  bool required = false, unique = false, read_only = false;
  bool only_new = false;      // taken of new records, and left alone afterwards
  bool is_list = false;       // a list of texts on the wire; here texts joined by ";"
  std::int64_t length = 0;    // characters; 0: not told
  std::vector<std::string> choices;
  std::string target;         // object that a reference names
};

struct ObjectType {
  std::string name, label;
  std::vector<FieldInfo> fields;  // `_id` first
  const FieldInfo* find(std::string_view field) const;
  bool is_custom() const { return name.ends_with("__c"); }
  // "/cgi/crm/v2/data/query" or "/cgi/crm/custom/v2/data/query": the family follows from the name.
  std::string path(std::string_view operation) const;
};

// The `fields` of a describe answer. `keeps_history`: who wrote a record and when can be written. Fields that are switched off are left out.
ObjectType parse_object(std::string_view name, const nlohmann::json& describe, bool keeps_history);
ObjectDescription description_of(const ObjectType& object);

// How values of the tenant are written and read; `offset_s`: of its midnight.
rest::ValueForm value_form(std::int64_t offset_s);
// Appends value `row` as JSON; an empty text is no value, or a fault. A fault, and nothing appended, when the field cannot hold it.
std::optional<rest::ValueFault> append_value(const FieldInfo& field, const Column& column, std::int64_t row, const rest::ValueForm& form, bool clears_blanks, std::string* out);
// The same for a filter: the text of one value, nullopt for null.
std::optional<std::string> filter_text(const FieldInfo& field, const Column& column, std::int64_t row, const rest::ValueForm& form);
// Appends a value that a record holds (null: absent). A fault when it is none of the field's type.
std::optional<rest::ValueFault> read_value(const FieldInfo& field, const nlohmann::json* value, const rest::ValueForm& form, ColumnBuilder* out);

}  // namespace godwit::fxiaoke
