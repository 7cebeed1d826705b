#include "core/report/page.hpp"

#include <algorithm>
#include <array>

namespace godwit::report {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

Page& Page::element(std::string_view opening, std::string_view words) {
  html += '<', html += opening, html += '>';
  html += escaped(words);
  html += "</", html += opening.substr(0, opening.find(' ')), html += '>';
  return *this;
}

Page& Page::prose(std::string_view words) {
  for (bool code = false; !words.empty(); code = !code) {
    const std::size_t tick = words.find('`');
    // A tick without its pair is a tick.
    const bool opens = !code && tick != std::string_view::npos && words.find('`', tick + 1) == std::string_view::npos;
    const std::string_view part = opens ? words : words.substr(0, tick);
    if (code) {
      raw("<code class=\"code\">").text(part).raw("</code>");
    } else {
      text(part);
    }
    if (opens || tick == std::string_view::npos) break;
    words.remove_prefix(tick + 1);
  }
  return *this;
}

std::string Page::say(std::string_view key, std::initializer_list<Argument> arguments) const {
  return godwit::text("report." + std::string(key), language, arguments);
}

std::string Page::label(std::string_view group, std::string_view name) const {
  // Journals are written by other versions too: a name this version has no words for is shown as it is.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kKnown{{
      {"gate", " run books verified totals set_aside warned differing missing orphans in_doubt obligations conflicts "},
      {"kind", " pilot rehearsal cutover run delta replay undo "},
      {"state", " running interrupted stopped finished failed "},
      {"open",
       " set_aside set_aside_earlier failed_obligations open_obligations in_doubt missing extra differing orphans "
       "totals "},
      {"class", " missing extra value null case space truncated number time tolerated edited "},
      {"delivery", " transactional job upsert_by_key append_only none "},
  }};
  for (const auto& [known, names] : kKnown)
    if (known == group && names.find(" " + std::string(name) + " ") != std::string_view::npos)
      return say(std::string(group) + "." + std::string(name));
  return std::string(name);
}

std::string Page::environment() const {
  if (report.production) return say("in_production", {{"environment", report.environment}});
  return report.environment.empty() ? "" : say("in_environment", {{"environment", report.environment}});
}

}  // namespace godwit::report
