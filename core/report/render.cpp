#include "core/report/render.hpp"

#include <fmt/format.h>

#include "core/report/format.hpp"
#include "core/report/page.hpp"

namespace godwit::report {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

void head(Page& page) {
  page.raw("<!DOCTYPE html>\n");
  page.raw(page.language == Language::zh_cn ? "<html lang=\"zh-CN\">" : "<html lang=\"en\">");
  page.raw(
      "<head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
      "<meta name=\"color-scheme\" content=\"light dark\"/>"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
      "<meta name=\"generator\" content=\"Godwit\"/>");
  page.element("title", page.say("title") + " · " + page.report.project + " · " + std::to_string(page.report.run));
  page.raw("<style>").raw(style_sheet()).raw("</style></head>\n");
}

// Printed at the foot of every page: which report this page belongs to, and its digest.
void footer(Page& page) {
  page.raw("<footer class=\"foot\"><span>");
  page.text(fmt::format("{} · {} · {}", page.report.project,
                        page.say("foot.run", {{"run", std::to_string(page.report.run)}}), moment(page.report.made_at)));
  page.raw("</span><span class=\"code\">").text("SHA-256 " + page.seal.digest).raw("</span></footer>\n");
}

}  // namespace

std::string render_view(const CutoverReport& report, Language language, const Seal& seal) {
  Page page(report, language, seal);
  head(page);
  // The outer table's empty foot is repeated on every printed page and keeps the room in which the fixed footer stands.
  page.raw(
      "<body><table class=\"sheet\" role=\"presentation\"><tfoot><tr><td></td></tr></tfoot><tbody><tr><td><main>\n");
  page_one(page);
  accounting(page);
  verification(page);
  set_aside(page);
  appendix(page);
  page.raw("</main></td></tr></tbody></table>\n");
  footer(page);
  page.raw("</body></html>\n");
  return std::move(page.html);
}

std::string render_html(const CutoverReport& report, Language language) {
  std::string html = render_view(report, language, report.seal);
  const std::string block = std::string(kJsonOpening) + embeddable(envelope_json(report)) + std::string(kJsonClosing);
  html.insert(html.rfind("</body>"), block);
  return html;
}

std::string embeddable(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 16);
  for (const char c : json) {
    switch (c) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Seal blank_seal(bool is_signed) {
  // As long as the real ones: the workbook's view counts characters.
  return {std::string(64, '0'), is_signed ? std::string(88, '0') : "", is_signed ? std::string(44, '0') : ""};
}

std::string without_seal(std::string text, const Seal& seal) {
  const Seal blank = blank_seal(!seal.signature.empty());
  replace_all(text, seal.digest, blank.digest);
  replace_all(text, seal.signature, blank.signature);
  replace_all(text, seal.public_key, blank.public_key);
  return text;
}

}  // namespace godwit::report
