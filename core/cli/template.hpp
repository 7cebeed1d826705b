#pragma once
// What `godwit new` makes, taken into the program when it is built: the project of pipelines/first-steps, and the connectors of
// plugins/templates.

#include <span>
#include <string_view>

namespace godwit::cli {

struct TemplateFile {
  std::string_view path;  // within the project; "gitignore" stands for ".gitignore"
  std::string_view text;
};
std::span<const TemplateFile> template_files();
// All kinds; a path begins with the kind: "file/connector.cpp".
std::span<const TemplateFile> connector_template_files();

}  // namespace godwit::cli
