#include "core/cli/template.hpp"

#include <vector>

namespace godwit::cli {

std::span<const TemplateFile> template_files() {
  static const std::vector<TemplateFile> files{
#include "cli_template_files.inc"
  };
  return files;
}

std::span<const TemplateFile> connector_template_files() {
  static const std::vector<TemplateFile> files{
#include "cli_connector_template_files.inc"
  };
  return files;
}

}  // namespace godwit::cli
