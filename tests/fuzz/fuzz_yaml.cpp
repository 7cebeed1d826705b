// Project files of any bytes: reading them gives a project or numbered mistakes with places, never anything else.
// The input is godwit.yaml, a flow and a mapping sheet, parted by lines that hold a form feed.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/config/files.hpp"
#include "core/model/catalogue.hpp"

namespace {

std::string next_part(std::string_view& rest) {
  const std::size_t end = rest.find("\n\f\n");
  std::string part(rest.substr(0, end));
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 3);
  return part;
}

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  godwit::config::MemoryFiles files;
  files.files["godwit.yaml"] = next_part(rest);
  files.files["flows/accounts.yaml"] = next_part(rest);
  files.files["map.csv"] = std::string(rest);
  files.variables["A"] = "value";
  const auto project = godwit::config::load(files, "/project", "e");
  if (project) {
    check(!project->name.empty() && project->mapping_hash.size() == 32);
    for (const auto& flow : project->flows) {
      check(!flow.from.empty() && flow.place.line > 0);
      for (const auto& field : flow.map) check(!field.name.empty() && field.expression.place.line > 0);
    }
    // The same files mean the same.
    const auto again = godwit::config::load(files, "/project", "e");
    check(again && again->mapping_hash == project->mapping_hash);
  } else {
    const std::string words = describe(project.error(), godwit::Language::zh_cn) + describe(project.error());
    check(words.find("GW-20") != std::string::npos);
    for (const auto& error : project.error().more) check(error.number >= 2000 && error.number < 2100);
  }
  return 0;
}
