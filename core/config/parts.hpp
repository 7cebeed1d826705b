#pragma once
// The parts of reading a project, one file of code each. They add what they find to the project and what is wrong to
// the findings.

#include <string>
#include <string_view>
#include <vector>

#include "core/config/files.hpp"
#include "core/config/reader.hpp"

namespace godwit::config {

// What the flow files need to know of godwit.yaml.
struct Names {
  bool complete = false;  // godwit.yaml could be read: an unknown connection is really unknown
  std::vector<std::string> connections, flows;
};

// godwit.yaml for one environment; connections come out unresolved.
void read_project_file(const NodePtr& root, ValueReader& reader, std::string_view environment,
                       const ProjectFiles& files, const LoadOptions& options,
                       const std::vector<std::string>& flow_names, Project& project);

// One connection's settings with ${env:X} and ${file:X} filled in. `text` is the setting as written.
std::string resolve_text(const Node& node, std::string_view text, ValueReader& reader, const ProjectFiles& files,
                         std::vector<std::string>& secrets);

// flows/NAME.yaml.
Flow read_flow_file(const NodePtr& root, ValueReader& reader, std::string name, const Names& names,
                    const ProjectFiles& files, Findings& findings);

// One entry of `validate:`; may stand for several rules.
void read_rule(const Node& node, ValueReader& reader, const Names& names, std::vector<ValidateRule>& out);

// A mapping sheet (CSV): appends to `map`.
void read_sheet(const Node& node, const std::string& path, ValueReader& reader, const ProjectFiles& files,
                Findings& findings, std::vector<NamedExpression>& map);

// A column name that an expression may use as it stands, and the expression that is the column of any name.
bool is_bare_name(std::string_view text);
std::string column_expression(const std::string& name);

// Files named in calls of value_map() in an expression's text.
std::vector<std::string> value_map_files(std::string_view expression);

// Sets mapping_hash and flow_hashes; a map file that cannot be read is a finding.
void hash_mapping(const ProjectFiles& files, Findings& findings, Project& project);

}  // namespace godwit::config
