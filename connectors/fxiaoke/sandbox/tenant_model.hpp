#pragma once
// What the kit's model does not know of this vendor: system fields, "other" texts, rules of the tenant, and how a field's values are kept.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kits/sandbox/model.hpp"

namespace godwit::sandbox::fxiaoke {

// What the describe types mean to the kit.
const std::map<std::string, Kind>& field_kinds();

struct ModelSwitches {
  bool unconfirmed_objects = true;             // objects whose names the contract marks as unconfirmed
  std::string leads_pool = "LeadsPoolObj";     // the name of 线索池
  bool version_field = true;
};

// The texts of the metadata with the system fields of every object, the X__o companions of fields that have an option "other", and the
// switches obeyed. Throws ModelError.
std::vector<std::string> completed_metadata(const std::vector<std::string>& texts, const ModelSwitches& switches);

// How a field's values are kept in its column.
enum class Kept { text, decimal, integer, boolean, list, json, computed };
Kept kept(const Field& field);
bool is_system(const Field& field);
bool is_companion(const Field& field);
bool is_read_only(const Field& field);  // numbered, counted or worked out by the vendor
std::string raw_text(const Field& field, const char* member);  // a member of the metadata; "" where there is none

// A rule of the tenant that refuses a record: true of it, and `name` is the vendor's sentence.
struct ValidationRule {
  std::string name, field, operation, value;
  bool function = false;  // skipFuncValidate passes it by
};
std::vector<ValidationRule> validation_rules(const Object& object);

// Records that agree in all of these fields count as doubles (查重).
struct DuplicateRule {
  std::string name;
  std::vector<std::string> fields;
};
std::vector<DuplicateRule> duplicate_rules(const Object& object);

bool is_custom(const Object& object);
bool has_approval(const Object& object);      // a new record starts an approval unless the call says no
bool is_ownerless(const Object& object);      // people, departments and pools belong to nobody
std::string pool_field(const Object& object);  // the reference to its 公海 or 线索池, or ""
const Field* master_of(const Object& object);  // the master_detail field, or null

// data.describe of one object.
Json describe(const Object& object);

}  // namespace godwit::sandbox::fxiaoke
