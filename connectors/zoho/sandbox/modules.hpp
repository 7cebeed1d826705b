#pragma once
// What the kit's model does not know of this vendor: system fields, layouts, the shape of the metadata answers.

#include <map>
#include <string>
#include <string_view>

#include "plugins/kits/sandbox/model.hpp"

namespace godwit::sandbox::zoho {

const std::map<std::string, Kind>& field_kinds();
// The texts of the metadata with the system fields of every module. Throws ModelError.
std::vector<std::string> completed_metadata(const std::vector<std::string>& texts);

// Members of the metadata; false and "" where they are not there.
bool flag(const Field& field, const char* member);
bool flag(const Object& module, const char* member);
std::string word(const Field& field, const char* member);
std::string word(const Object& module, const char* member);

bool is_lookup(const Field& field);  // lookup, ownerlookup, userlookup
bool is_read_only(const Field& field);
bool is_subform(const Object& module);  // rows of another module's record, reached through it alone
// Every module has one layout.
std::string layout_id(const Object& module);
std::string module_id(const Object& module);
std::string field_id(const Object& module, const Field& field);
// Lines of "pipelines" of the metadata that have this stage; true where the module has none.
bool stage_in_pipeline(const Object& module, const std::string& pipeline, const std::string& stage);

Json module_json(const Model& model, const Object& module);
Json field_json(const Model& model, const Object& module, const Field& field);
Json layout_json(const Model& model, const Object& module);

}  // namespace godwit::sandbox::zoho
