// ${env:NAME} and ${file:path} in connection settings.

#include "core/config/parts.hpp"

namespace godwit::config {
namespace {

constexpr std::size_t kLargestSecret = 64 << 10;  // bytes: keys and certificates fit

}  // namespace

std::string resolve_text(const Node& node, std::string_view text, ValueReader& reader, const ProjectFiles& files,
                         std::vector<std::string>& secrets) {
  std::string out;
  while (true) {
    const std::size_t at = text.find("${");
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    if (at > 0 && text[at - 1] == '$') {  // $${ is ${
      out.pop_back();
      out += "${";
      text.remove_prefix(at + 2);
      continue;
    }
    const std::size_t close = text.find('}', at);
    const std::string_view inside = text.substr(at + 2, close == std::string_view::npos ? close : close - at - 2);
    const bool env = inside.starts_with("env:"), file = inside.starts_with("file:");
    const std::string name(inside.substr(env ? 4 : file ? 5 : 0));
    if (close == std::string_view::npos || (!env && !file) || name.empty()) {
      reader.report(2046, node,
                    {{"seen", std::string(text.substr(at, close == std::string_view::npos ? close : close - at + 1))}});
      return out;
    }
    text.remove_prefix(close + 1);
    if (env) {
      const auto value = files.variable(name);
      if (!value || value->empty()) {
        reader.report(2047, node, {{"seen", name}});
        continue;
      }
      out += *value;
      secrets.push_back(*value);
      continue;
    }
    FileText read = files.read(name, kLargestSecret);
    if (read.state == FileText::State::ok) {
      // Editors end a file with a line feed; a password does not.
      while (read.bytes.ends_with('\n') || read.bytes.ends_with('\r')) read.bytes.pop_back();
      if (read.bytes.starts_with("\xEF\xBB\xBF")) read.bytes.erase(0, 3);
    }
    if (read.state != FileText::State::ok || read.bytes.empty()) {
      reader.report(read.state == FileText::State::unreadable || read.state == FileText::State::too_large ? 2049 : 2048,
                    node, {{"seen", name}, {"reason", read.reason}});
      continue;
    }
    out += read.bytes;
    secrets.push_back(std::move(read.bytes));
  }
}

}  // namespace godwit::config
