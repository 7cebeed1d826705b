// Page one: what was migrated, whether it passed, the figures per object, and where to sign.

#include <fmt/format.h>

#include <algorithm>

#include "core/report/format.hpp"
#include "core/report/page.hpp"

namespace godwit::report {
namespace {

constexpr std::string_view kNone = "–";

std::string_view sign_of(Verdict verdict) {
  return verdict == Verdict::passed ? "✓" : verdict == Verdict::condition ? "!" : "✕";
}

std::string number_or_none(const std::optional<std::int64_t>& value) {
  return value ? group_digits(*value) : std::string(kNone);
}
std::string money_or_none(const std::optional<std::string>& value) {
  return value ? group_money(*value) : std::string(kNone);
}

// One gate of the project over several flows is one line.
struct GateGroup {
  Verdict verdict = Verdict::passed;  // the worst
  std::vector<const GateLine*> lines;
};

std::vector<GateGroup> grouped(const CutoverReport& report) {
  std::vector<GateGroup> groups;
  for (const GateLine& g : report.gates) {
    auto at = std::find_if(groups.begin(), groups.end(), [&](const GateGroup& group) {
      const GateLine& first = *group.lines.front();
      return first.name == g.name && first.allowed == g.allowed && first.action == g.action &&
             first.approver == g.approver;
    });
    if (at == groups.end()) at = groups.insert(groups.end(), GateGroup{});
    at->lines.push_back(&g);
    at->verdict = std::max(at->verdict, g.verdict);
  }
  return groups;
}

void heading(Page& page) {
  const CutoverReport& r = page.report;
  page.raw("<header class=\"head\"><div>").element("p class=\"kind\"", page.say("title"));
  page.element("h1", r.project);
  std::string under = page.say("run_of", {{"kind", page.label("kind", r.kind)}, {"run", std::to_string(r.run)}});
  under += page.environment();
  if (r.masked) under += page.say("is_masked");
  page.element("p class=\"under\"", under).raw("</div>");
  page.raw(
      fmt::format("<div class=\"verdict {}\" role=\"status\"><span class=\"sign\" aria-hidden=\"true\">{}</span><div>",
                  name_of(r.verdict), sign_of(r.verdict)));
  page.element("p class=\"word\"", page.say("verdict." + std::string(name_of(r.verdict))));
  std::size_t failed = 0, conditions = 0;
  const std::vector<GateGroup> groups = grouped(r);
  for (const GateGroup& g : groups)
    failed += g.verdict == Verdict::failed, conditions += g.verdict == Verdict::condition;
  page.element("p class=\"count\"",
               page.say("verdict.count", {{"passed", std::to_string(groups.size() - failed - conditions)},
                                          {"conditions", std::to_string(conditions)},
                                          {"failed", std::to_string(failed)}}));
  page.raw("</div></div></header>");
}

void fact(Page& page, std::string_view name, std::string_view value, bool code = false) {
  page.element("dt", page.say(name));
  page.element(code ? "dd class=\"code\"" : "dd", value.empty() ? kNone : value);
}

void facts(Page& page) {
  const CutoverReport& r = page.report;
  page.raw("<section class=\"facts\"><dl>");
  fact(page, "fact.target", r.target_display);
  if (r.target_identity != r.target_display) fact(page, "fact.identity", r.target_identity, true);
  fact(page, "fact.run_id", r.run_id, true);
  std::string when = moment(r.started_at);
  if (!r.ended_at.empty()) when += " · " + duration(milliseconds_between(r.started_at, r.ended_at), page.language);
  fact(page, "fact.started", when);
  std::string state = page.label("state", r.state);
  if (r.exit_code) state += page.say("fact.exit_code", {{"code", std::to_string(*r.exit_code)}});
  if (r.of_run) state += page.say("fact.of_run", {{"run", std::to_string(*r.of_run)}});
  if (r.undone_by) state += page.say("fact.undone_by", {{"run", std::to_string(*r.undone_by)}});
  fact(page, "fact.state", state);
  std::string plan;
  if (r.plan) {
    plan = page.say("fact.plan_number", {{"plan", std::to_string(*r.plan)}});
    if (r.plan_sampled) plan += page.say("fact.plan_sampled", {{"rows", group_digits(*r.plan_sampled)}});
    plan += " · " + r.plan_hash.substr(0, 16);
  }
  fact(page, "fact.plan", r.plan ? plan : page.say("fact.no_plan"));
  fact(page, "fact.mapping",
       page.say("fact.mapping_version", {{"version", std::to_string(r.mapping_version)}}) + " · " + r.mapping_hash);
  fact(page, "fact.extract", r.extract_hash, true);
  page.raw("</dl></section>");
}

// What a gate saw in each flow, worst first; nothing is said of flows in which it saw nothing.
void seen(Page& page, const GateGroup& group) {
  constexpr std::size_t kMostPassed = 4;
  const auto is_nothing = [](const GateLine& g) { return g.seen == "0" || g.seen.starts_with("0 ("); };
  std::vector<const GateLine*> shown;
  for (const Verdict verdict : {Verdict::failed, Verdict::condition, Verdict::passed})
    for (const GateLine* g : group.lines)
      if (g->verdict == verdict && (verdict != Verdict::passed || !is_nothing(*g))) shown.push_back(g);
  const auto passed =
      std::count_if(shown.begin(), shown.end(), [](const GateLine* g) { return g->verdict == Verdict::passed; });
  std::size_t left_out = 0;
  if (shown.size() > kMostPassed && passed > 0) {
    left_out = std::min(shown.size() - kMostPassed, static_cast<std::size_t>(passed));
    shown.resize(shown.size() - left_out);
  }
  page.raw("<td>");
  if (shown.empty()) page.text("0");
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const GateLine& g = *shown[i];
    page.raw(i == 0 ? "<span class=\"at\">" : ", <span class=\"at\">");
    page.text(g.name == "run" ? page.label("state", g.seen) : g.seen);
    if (!g.flow.empty()) page.raw(" <span class=\"soft\">").text(g.flow).raw("</span>");
    page.raw("</span>");
  }
  if (left_out != 0) page.text(page.say("gates.more", {{"flows", std::to_string(left_out)}}));
  page.raw("</td>");
}

void gates(Page& page) {
  page.raw("<section class=\"gates\"><table><caption class=\"hidden\">").text(page.say("gates"));
  page.raw("</caption><thead><tr><th></th>");
  for (const char* column : {"gates.gate", "gates.seen", "gates.allowed", "gates.then"})
    page.element("th scope=\"col\"", page.say(column));
  page.raw("</tr></thead><tbody>");
  for (const GateGroup& group : grouped(page.report)) {
    const GateLine& g = *group.lines.front();
    page.raw(
        fmt::format("<tr class=\"{}\"><td class=\"mark\"><span aria-hidden=\"true\">{}</span><span class=\"hidden\">",
                    name_of(group.verdict), sign_of(group.verdict)));
    page.text(page.say("verdict." + std::string(name_of(group.verdict)))).raw("</span></td>");
    page.element("th scope=\"row\"", page.label("gate", g.name));
    seen(page, group);
    page.element("td", g.name == "run" ? page.label("state", g.allowed) : g.allowed);
    std::string then = g.action == "stop"     ? page.say("gates.stop")
                       : g.action == "report" ? page.say("gates.report")
                                              : page.say("gates.always");
    if (!g.approver.empty()) then += page.say("gates.approver", {{"approver", g.approver}});
    page.element("td", then).raw("</tr>");
  }
  page.raw("</tbody></table></section>");
}

void reasons(Page& page, const FlowLine& f) {
  std::string words;
  for (const Reason& reason : f.reasons()) {
    if (!words.empty()) words += page.say("and");
    words += page.say("reason." + reason.kind, {{"rows", group_digits(reason.rows)}});
  }
  const std::int64_t gap = f.open_rows();
  if (gap != 0)
    words += (words.empty() ? "" : page.say("and")) + page.say("reason.books", {{"rows", group_digits(gap)}});
  if (!f.verification) words += (words.empty() ? "" : page.say("and")) + page.say("reason.not_verified");
  page.element("td class=\"why\"", words);
}

void flow_row(Page& page, const FlowLine& f) {
  const auto count = [&](std::int64_t value, std::string_view kind = "") {
    page.element(fmt::format("td class=\"n{}{}\"", value == 0 ? " zero" : "", kind), group_digits(value));
  };
  page.raw("<tr class=\"flow\"><th scope=\"row\">")
      .text(f.name)
      .raw("<span class=\"soft\">")
      .text(f.source + " → " + f.target);
  page.raw("</span></th>");
  page.element("td class=\"n\"", number_or_none(f.source_figure));
  const auto count_with = [&](std::int64_t value, std::int64_t besides, std::string_view words) {
    page.raw(value == 0 ? "<td class=\"n zero\">" : "<td class=\"n\">").text(group_digits(value));
    if (besides != 0) page.element("span class=\"sub\"", page.say(words, {{"rows", group_digits(besides)}}));
    page.raw("</td>");
  };
  count_with(f.read, f.derived, "table.derived");
  count_with(f.filtered, f.filtered_unknown, "table.of_them_unknown");
  count(f.merged);
  page.element("td class=\"n due\"", group_digits(f.due()));
  count(f.created), count(f.updated), count(f.unchanged);
  count(f.set_aside, f.set_aside != 0 ? " aside" : "");
  page.element("td class=\"n due\"", number_or_none(f.found()));
  // What was set aside knowingly is a condition; anything else that is not there is an error.
  const std::int64_t explained = f.set_aside + f.in_doubt;
  page.element(fmt::format("td class=\"n {}\"", f.difference() == 0 && explained == 0 ? "zero"
                                                : f.difference() == explained         ? "aside"
                                                                                      : "off"),
               group_digits(f.difference()));
  reasons(page, f);
  page.raw("<td class=\"hand\"></td><td class=\"hand\"></td></tr>");
}

void money_row(Page& page, const MoneyLine& m) {
  const bool off = m.verdict == Verdict::failed;
  page.raw(fmt::format("<tr class=\"money{}\"><th scope=\"row\">", off ? " wrong" : ""));
  page.text(m.total)
      .raw(m.currency.empty() ? "" : " <b>")
      .text(m.currency)
      .raw(m.currency.empty() ? "" : "</b>")
      .raw("</th>");
  const auto cell = [&](const std::optional<std::string>& value, std::string_view attributes) {
    page.element("td class=\"n" + std::string(attributes), money_or_none(value));
  };
  cell(m.expected, "\""), cell(m.read, "\""), cell(m.filtered, "\""), cell(m.merged, "\""), cell(m.due, " due\"");
  cell(m.loaded, "\" colspan=\"3\"");
  cell(m.set_aside, "\""), cell(m.target, " due\""), cell(m.difference, "\"");
  std::string words;
  const auto add = [&](const char* key, const std::string& value) {
    words += (words.empty() ? "" : page.say("and")) + page.say(key, {{"value", group_money(value)}});
  };
  const auto is_zero = [](const std::optional<std::string>& v) {
    return !v || v->find_first_not_of("-0.") == std::string::npos;
  };
  // The sum stands two columns further left already.
  if (!is_zero(m.set_aside)) words = page.say("bucket.set_aside");
  if (!is_zero(m.in_doubt)) add("reason.money_in_doubt", *m.in_doubt);
  if (!is_zero(m.off_target)) add("reason.money_off_target", *m.off_target);
  if (!is_zero(m.off_source)) add("reason.money_off_source", *m.off_source);
  if (!is_zero(m.open)) add("reason.money_open", *m.open);
  if (m.verdict == Verdict::condition)
    words += (words.empty() ? "" : page.say("and")) + page.say("reason.money_not_taken");
  page.element("td class=\"why\"", words).raw("<td class=\"hand\"></td><td class=\"hand\"></td></tr>");
}

void check_table(Page& page, bool on_its_own_page) {
  page.raw(on_its_own_page ? "<section class=\"check fresh\">" : "<section class=\"check\">")
      .element("h2", page.say("table"))
      .raw("<table><thead><tr>");
  page.element("th scope=\"col\"", page.say("table.object"));
  for (const char* column : {"source_figure", "read", "filtered", "merged", "due", "created", "updated", "unchanged",
                             "set_aside", "found", "difference"})
    page.element("th scope=\"col\" class=\"n\"", page.say(std::string("table.") + column));
  for (const char* column : {"reason", "responsible", "signature"})
    page.element("th scope=\"col\"", page.say(std::string("table.") + column));
  page.raw("</tr></thead>");
  for (const FlowLine& f : page.report.flows) {
    page.raw("<tbody>");
    flow_row(page, f);
    for (const MoneyLine& m : page.report.money)
      if (m.flow == f.name) money_row(page, m);
    page.raw("</tbody>");
  }
  page.raw("</table></section>");
}

void proof(Page& page) {
  std::int64_t compared = 0, differing = 0, tolerated = 0, verified = 0;
  for (const FlowLine& f : page.report.flows) {
    if (!f.verification) continue;
    ++verified;
    compared += f.verification->fields_compared, differing += f.verification->fields_differing,
        tolerated += f.verification->fields_tolerated;
  }
  page.raw("<section class=\"proof\"><div>").element("h2", page.say("proof.mapping"));
  if (verified == 0) {
    page.raw("<p>").prose(page.say("proof.not_verified")).raw("</p>");
  } else {
    page.raw("<dl class=\"figures\">");
    for (const auto& [name, value] :
         {std::pair("proof.compared", compared), {"proof.differing", differing}, {"proof.tolerated", tolerated}}) {
      page.raw("<div>")
          .element("dt", page.say(name))
          .element(value != 0 && std::string_view(name) == "proof.differing" ? "dd class=\"off\"" : "dd",
                   group_digits(value));
      page.raw("</div>");
    }
    page.raw("</dl>").element("p class=\"soft\"",
                              page.say("proof.mapping_means", {{"verified", std::to_string(verified)},
                                                               {"flows", std::to_string(page.report.flows.size())}}));
  }
  page.raw("</div><div>").element("h2", page.say("proof.independent")).raw("<ul>");
  std::int64_t gap = 0, targets = 0, targets_agree = 0, olds = 0, olds_agree = 0;
  for (const FlowLine& f : page.report.flows) gap += std::abs(f.open_rows());
  for (const MoneyLine& m : page.report.money) {
    if (m.off_target) ++targets, targets_agree += m.target_agrees;
    if (m.off_source) ++olds, olds_agree += m.source_agrees;
  }
  page.element("li",
               gap == 0 ? page.say("proof.books_close") : page.say("proof.books_open", {{"rows", group_digits(gap)}}));
  page.element("li", targets == 0 ? page.say("proof.no_totals")
                                  : page.say("proof.totals", {{"agree", std::to_string(targets_agree)},
                                                              {"all", std::to_string(targets)}}));
  page.element("li", olds == 0 ? page.say("proof.no_expected")
                               : page.say("proof.expected",
                                          {{"agree", std::to_string(olds_agree)}, {"all", std::to_string(olds)}}));
  page.raw("</ul>").element("p class=\"soft\"", page.say("proof.independent_means")).raw("</div>");
}

void open_items(Page& page) {
  page.raw("<div>").element("h2", page.say("open"));
  if (page.report.open_items.empty()) {
    page.element("p", page.say("open.none"));
  } else {
    page.raw("<div class=\"open\">");
    for (const OpenItem& item : page.report.open_items) {
      page.element("b", group_digits(item.rows)).raw("<span>").text(page.label("open", item.kind));
      page.raw(" <span class=\"soft\">").text(item.flow).raw("</span></span>");
    }
    page.raw("</div>");
  }
  page.raw("</div></section>");
}

void signatures(Page& page) {
  page.raw("<section class=\"sign\">")
      .element("p class=\"soft\"", page.say("sign.text", {{"run", std::to_string(page.report.run)}}));
  page.raw("<div class=\"boxes\">");
  for (const char* who : {"business", "it", "finance", "implementer", "date"})
    page.raw("<div class=\"box\">").element("span", page.say(std::string("sign.") + who)).raw("</div>");
  page.raw("</div></section>");
}

}  // namespace

void page_one(Page& page) {
  heading(page);
  page.raw("<div class=\"split\">");
  facts(page);
  gates(page);
  page.raw("</div>");
  // Page one is what people sign. Where the check table is too long for it, it follows on page two. Heights in mm, as
  // the style sheet prints them.
  const CutoverReport& r = page.report;
  const auto lines = [](std::size_t count) { return static_cast<double>(count); };
  double height = 24 + 4.5 * std::max(9.0, lines(grouped(r).size()) + 1) + 12 + 4.7 * lines(r.money.size()) +
                  std::max(26.0, 8 + 4.2 * lines(r.open_items.size())) + 25;
  for (const FlowLine& f : r.flows) height += 5 + 3.1 * lines(1 + (f.source.size() + f.target.size()) / 34);
  page.table_on_page_two = height > 187;
  if (!page.table_on_page_two) check_table(page, false);
  proof(page);
  open_items(page);
  signatures(page);
  if (page.table_on_page_two) check_table(page, true);
}

}  // namespace godwit::report
