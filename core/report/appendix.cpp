// Timings, versions, the runs before this one, and how anyone can check that the report is as it was made.

#include <fmt/format.h>

#include "core/report/format.hpp"
#include "core/report/page.hpp"

namespace godwit::report {
namespace {

void timings(Page& page) {
  if (page.report.flows.empty()) return;
  page.section(page.report.flows.size()).element("h2", page.say("timings")).raw("<table><thead><tr>");
  page.element("th scope=\"col\"", page.say("table.object"));
  for (const char* column : {"time", "rows", "speed", "bytes", "journal"})
    page.element("th scope=\"col\" class=\"n\"", page.say(std::string("timings.") + column));
  page.element("th scope=\"col\" class=\"key\"", page.say("timings.delivery")).raw("</tr></thead><tbody>");
  for (const FlowLine& f : page.report.flows) {
    page.raw("<tr>")
        .element("th scope=\"row\"", f.name)
        .element("td class=\"n\"", duration(f.milliseconds, page.language));
    page.element("td class=\"n\"", group_digits(f.read));
    page.element("td class=\"n\"", f.milliseconds > 0 ? group_digits(f.read * 1000 / f.milliseconds) : "–");
    page.element("td class=\"n\"", bytes(f.bytes_read));
    page.element("td class=\"n\"", f.milliseconds > 0 ? percent(f.journal_milliseconds, f.milliseconds) : "–");
    page.element("td class=\"key\"", page.label("delivery", f.delivery)).raw("</tr>");
  }
  page.raw("</tbody></table></section>");
}

void history(Page& page) {
  if (page.report.history.empty()) return;
  page.section(page.report.history.size())
      .element("h2", page.say("history"))
      .element("p class=\"lead\"", page.say("history.lead"));
  page.raw("<table><thead><tr>").element("th scope=\"col\" class=\"n\"", page.say("history.run"));
  page.element("th scope=\"col\" class=\"key\"", page.say("history.kind"));
  for (const char* column : {"state", "started"})
    page.element("th scope=\"col\"", page.say(std::string("history.") + column));
  for (const char* column : {"time", "mapping"})
    page.element("th scope=\"col\" class=\"n\"", page.say(std::string("history.") + column));
  for (const FlowLine& f : page.report.flows) page.element("th scope=\"col\" class=\"n\"", f.name);
  page.raw("</tr></thead><tbody>");
  for (const HistoryRun& h : page.report.history) {
    page.raw(h.number == page.report.run ? "<tr class=\"this\">" : "<tr>")
        .element("th scope=\"row\" class=\"n\"", std::to_string(h.number));
    page.element("td class=\"key\"", page.label("kind", h.kind));
    page.element("td", page.label("state", h.state) +
                           (h.undone_by ? page.say("fact.undone_by", {{"run", std::to_string(*h.undone_by)}}) : ""));
    page.element("td", moment(h.started_at));
    page.element("td class=\"n\"",
                 h.ended_at.empty() ? "–" : duration(milliseconds_between(h.started_at, h.ended_at), page.language));
    page.element("td class=\"n\"", std::to_string(h.mapping_version));
    for (const FlowLine& f : page.report.flows) {
      const auto at = h.flows.find(f.name);
      page.element("td class=\"n\"", at == h.flows.end()
                                         ? "–"
                                         : group_digits(at->second.read) + " / " + group_digits(at->second.set_aside));
    }
    page.raw("</tr>");
  }
  page.raw("</tbody></table></section>");
}

void versions(Page& page) {
  page.raw("<section class=\"block two\"><div>").element("h2", page.say("versions")).raw("<dl class=\"pairs\">");
  for (const auto& [name, version] : page.report.versions)
    page.element("dt", name).element("dd class=\"code\"", version);
  page.element("dt", page.say("versions.mapping")).element("dd class=\"code\"", page.report.mapping_hash);
  page.element("dt", page.say("versions.extract")).element("dd class=\"code\"", page.report.extract_hash);
  if (!page.report.plan_hash.empty())
    page.element("dt", page.say("versions.plan")).element("dd class=\"code\"", page.report.plan_hash);
  page.raw("</dl></div>");
}

void how_to_check(Page& page) {
  page.raw("<div>").element("h2", page.say("check")).element("p", page.say("check.text"));
  page.raw("<pre class=\"code\">").text("godwit report --check " + page.say("check.file")).raw("</pre>");
  page.element("p class=\"soft\"", page.say("check.by_hand"));
  page.raw("<pre class=\"code\">")
      .text("jq -cSj .report " + page.say("check.json_file") + " | sha256sum")
      .raw("</pre>");
  page.raw("<dl class=\"pairs\">").element("dt", page.say("check.made_at")).element("dd", moment(page.report.made_at));
  page.element("dt", page.say("check.digest")).element("dd class=\"code\"", page.seal.digest);
  if (page.seal.signature.empty()) {
    page.element("dt", page.say("check.signature")).element("dd", page.say("check.unsigned"));
  } else {
    page.element("dt", page.say("check.signature")).element("dd class=\"code\"", page.seal.signature);
    page.element("dt", page.say("check.public_key")).element("dd class=\"code\"", page.seal.public_key);
  }
  page.raw("</dl></div></section>");
}

}  // namespace

void appendix(Page& page) {
  timings(page);
  history(page);
  versions(page);
  how_to_check(page);
}

}  // namespace godwit::report
