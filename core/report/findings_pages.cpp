// What did not arrive, and why: causes of rows set aside, warnings, references that could not be set.

#include <fmt/format.h>

#include "core/report/format.hpp"
#include "core/report/page.hpp"

namespace godwit::report {
namespace {

void examples(Page& page, const std::vector<Example>& all, std::int64_t rows) {
  if (all.empty()) return;
  page.raw("<table class=\"examples\"><tbody>");
  for (const Example& e : all) {
    if (!e.place.empty()) page.raw("<tr><td class=\"code\">").text(e.place).raw("</td>");
    if (e.place.empty()) page.raw("<tr>");
    page.raw("<td class=\"code\"><bdi>")
        .text(e.key)
        .raw("</bdi></td><td class=\"value\"><bdi>")
        .text(e.words.in(page.language))
        .raw("</bdi></td></tr>");
  }
  page.raw("</tbody></table>");
  const auto hidden = rows - static_cast<std::int64_t>(all.size());
  if (hidden > 0) page.element("p class=\"soft more\"", page.say("causes.more", {{"rows", group_digits(hidden)}}));
}

void cause(Page& page, const Cause& c, std::int64_t of) {
  page.raw("<article class=\"cause\"><header><span class=\"rows\">")
      .text(group_digits(c.rows))
      .raw("</span><div><h3><bdi>");
  page.text(c.title.in(page.language)).raw("</bdi></h3><p class=\"soft\">");
  std::string under = fmt::format("GW-{} · {}", c.number, c.flow);
  if (!c.field.empty()) under += " · " + c.field;
  if (of > 0) under += " · " + page.say("causes.share", {{"share", percent(c.rows, of)}});
  if (c.open != 0 && c.open != c.rows) under += " · " + page.say("causes.open", {{"rows", group_digits(c.open)}});
  page.text(under).raw("</p>");
  if (!c.remedy.in(page.language).empty())
    page.raw("<p class=\"remedy\">").prose(c.remedy.in(page.language)).raw("</p>");
  page.raw("</div></header><div>");
  examples(page, c.examples, c.rows);
  page.raw("</div></article>");
}

void causes(Page& page, const std::vector<Cause>& all, const char* heading) {
  if (all.empty()) return;
  page.raw("<section class=\"block\">")
      .element("h2", page.say(heading))
      .raw("<p class=\"lead\">")
      .prose(page.say(std::string(heading) + ".lead"))
      .raw("</p>");
  for (const Cause& c : all) {
    std::int64_t of = 0;
    for (const FlowLine& f : page.report.flows)
      if (f.name == c.flow) of = f.read + f.derived;
    cause(page, c, of);
  }
  page.raw("</section>");
}

void failed_references(Page& page) {
  if (page.report.failed_obligations.empty()) return;
  page.raw("<section class=\"block\">")
      .element("h2", page.say("references"))
      .element("p class=\"lead\"", page.say("references.lead"));
  for (const FailedObligations& group : page.report.failed_obligations) {
    page.raw("<article class=\"cause\"><header><span class=\"rows\">")
        .text(group_digits(group.rows))
        .raw("</span><div><h3>");
    page.text(group.flow + " · " + group.field).raw("</h3></div></header><div>");
    examples(page, group.examples, group.rows);
    page.raw("</div></article>");
  }
  page.raw("</section>");
}

}  // namespace

void set_aside(Page& page) {
  causes(page, page.report.causes, "causes");
  failed_references(page);
  causes(page, page.report.warnings, "warnings");
}

}  // namespace godwit::report
