// The pages behind page one: drawn books, control totals, fields compared, differences.

#include <fmt/format.h>

#include <algorithm>

#include "core/report/flow_picture.hpp"
#include "core/report/format.hpp"
#include "core/report/page.hpp"

namespace godwit::report {
namespace {

void money_table(Page& page) {
  if (page.report.money.empty()) return;
  page.section(page.report.money.size())
      .element("h2", page.say("totals"))
      .element("p class=\"lead\"", page.say("totals.lead"));
  page.raw("<table class=\"wide\"><thead><tr>").element("th scope=\"col\"", page.say("totals.total"));
  for (const char* column : {"expected", "read", "filtered", "merged", "set_aside", "loaded", "target", "off_source",
                             "off_target", "tolerance"})
    page.element("th scope=\"col\" class=\"n\"", page.say(std::string("totals.") + column));
  page.element("th scope=\"col\" class=\"key\"", page.say("totals.verdict")).raw("</tr></thead><tbody>");
  for (const MoneyLine& m : page.report.money) {
    page.raw("<tr><th scope=\"row\">")
        .text(m.total)
        .raw(" <b>")
        .text(m.currency)
        .raw("</b> <span class=\"soft\">")
        .text(m.flow)
        .raw("</span></th>");
    for (const auto* sum : {&m.expected, &m.read, &m.filtered, &m.merged, &m.set_aside, &m.loaded, &m.target})
      page.element("td class=\"n\"", *sum ? group_money(**sum) : "–");
    page.element(m.off_source && !m.source_agrees ? "td class=\"n off\"" : "td class=\"n\"",
                 m.off_source ? group_money(*m.off_source) : "–");
    page.element(m.off_target && !m.target_agrees ? "td class=\"n off\"" : "td class=\"n\"",
                 m.off_target ? group_money(*m.off_target) : "–");
    page.element("td class=\"n soft\"", group_money(m.tolerance));
    page.element(fmt::format("td class=\"key {}\"", name_of(m.verdict)),
                 page.say("totals." + std::string(name_of(m.verdict))));
    page.raw("</tr>");
  }
  page.raw("</tbody></table></section>");
}

void fields(Page& page) {
  bool any = false;
  for (const FlowLine& f : page.report.flows) any = any || f.verification;
  if (!any) return;
  page.section(page.report.flows.size())
      .element("h2", page.say("fields"))
      .element("p class=\"lead\"", page.say("fields.lead"));
  page.raw("<table><thead><tr>").element("th scope=\"col\"", page.say("table.object"));
  for (const char* column : {"expected", "found", "missing", "extra", "orphans", "compared", "differing", "tolerated"})
    page.element("th scope=\"col\" class=\"n\"", page.say(std::string("fields.") + column));
  page.element("th scope=\"col\" class=\"why\"", page.say("fields.which")).raw("</tr></thead><tbody>");
  for (const FlowLine& f : page.report.flows) {
    page.raw("<tr>").element("th scope=\"row\"", f.name);
    if (!f.verification) {
      page.element("td colspan=\"9\" class=\"soft\"", page.say("reason.not_verified")).raw("</tr>");
      continue;
    }
    const VerificationLine& v = *f.verification;
    page.element("td class=\"n\"", group_digits(v.expected_rows)).element("td class=\"n\"", group_digits(v.found_rows));
    for (const std::int64_t wrong : {v.missing, v.extra, v.orphans})
      page.element(wrong == 0 ? "td class=\"n zero\"" : "td class=\"n off\"", group_digits(wrong));
    page.element("td class=\"n\"", group_digits(v.fields_compared));
    page.element(v.fields_differing == 0 ? "td class=\"n zero\"" : "td class=\"n off\"",
                 group_digits(v.fields_differing));
    page.element(v.fields_tolerated == 0 ? "td class=\"n zero\"" : "td class=\"n\"", group_digits(v.fields_tolerated));
    std::string which;
    for (const FieldFigures& field : v.fields) {
      if (field.differing == 0 && field.tolerated == 0) continue;
      std::string figures;
      if (field.differing != 0) figures = page.say("fields.of_differing", {{"rows", group_digits(field.differing)}});
      if (field.tolerated != 0)
        figures += (figures.empty() ? "" : page.say("comma")) +
                   page.say("fields.of_tolerated", {{"rows", group_digits(field.tolerated)}});
      which += which.empty() ? "" : page.say("and");
      which += page.say("fields.of", {{"field", field.field}, {"figures", figures}});
    }
    page.element("td class=\"why\"", which).raw("</tr>");
  }
  page.raw("</tbody></table></section>");
}

void value(Page& page, const std::string& shown, bool null) {
  if (null) {
    page.raw("<td class=\"value\"><i class=\"soft\">").text(page.say("null")).raw("</i></td>");
  } else {
    page.raw("<td class=\"value\"><bdi>").text(shown).raw("</bdi></td>");
  }
}

std::size_t lines_of(const std::vector<DifferenceGroup>& groups) {
  std::size_t lines = 0;
  for (const DifferenceGroup& group : groups) lines += std::max<std::size_t>(1, group.examples.size());
  return lines;
}

void differences(Page& page) {
  if (page.report.differences.empty()) return;
  page.section(lines_of(page.report.differences))
      .element("h2", page.say("differences"))
      .element("p class=\"lead\"", page.say("differences.lead"));
  page.raw("<table><thead><tr>");
  for (const char* column : {"differences.where", "differences.class"})
    page.element("th scope=\"col\"", page.say(column));
  page.element("th scope=\"col\" class=\"n\"", page.say("differences.rows"));
  page.element("th scope=\"col\" class=\"key\"", page.say("differences.key"));
  for (const char* column : {"differences.expected", "differences.found"})
    page.element("th scope=\"col\"", page.say(column));
  page.raw("</tr></thead>");
  for (const DifferenceGroup& group : page.report.differences) {
    page.raw("<tbody>");
    const std::size_t lines = std::max<std::size_t>(1, group.examples.size());
    for (std::size_t i = 0; i < lines; ++i) {
      page.raw("<tr>");
      if (i == 0) {
        page.raw(fmt::format("<th scope=\"rowgroup\" rowspan=\"{}\">", lines))
            .text(group.flow)
            .raw(" <span class=\"code\">")
            .text(group.field)
            .raw("</span></th>");
        page.element(fmt::format("td rowspan=\"{}\"", lines), page.label("class", group.kind));
        page.element(fmt::format("td rowspan=\"{}\" class=\"n\"", lines), group_digits(group.rows));
      }
      if (i < group.examples.size()) {
        const DifferenceExample& e = group.examples[i];
        page.raw("<td class=\"code key\"><bdi>").text(e.key).raw("</bdi></td>");
        value(page, e.expected, e.expected_null), value(page, e.found, e.found_null);
      } else {
        page.raw("<td></td><td></td><td></td>");
      }
      page.raw("</tr>");
    }
    page.raw("</tbody>");
  }
  page.raw("</table></section>");
}

}  // namespace

void accounting(Page& page) {
  if (page.report.flows.empty()) return;
  page.raw(page.table_on_page_two ? "<section class=\"block\">" : "<section class=\"block fresh\">")
      .element("h2", page.say("picture"))
      .element("p class=\"lead\"", page.say("picture.lead"));
  page.raw("<div class=\"pictures\">");
  for (const FlowLine& f : page.report.flows) flow_picture(page, f);
  page.raw("</div></section>");
  money_table(page);
}

void verification(Page& page) {
  fields(page);
  differences(page);
}

}  // namespace godwit::report
