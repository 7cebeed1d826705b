#pragma once
// The project that `godwit new` makes: the folder pipelines/first-steps, taken into the program when it is built.

#include <span>
#include <string_view>

namespace godwit::cli {

struct TemplateFile {
  std::string_view path;  // within the project; "gitignore" stands for ".gitignore"
  std::string_view text;
};
std::span<const TemplateFile> template_files();

}  // namespace godwit::cli
