#include "core/report/workbook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/model/exact_number.hpp"
#include "core/report/format.hpp"
#include "core/report/page.hpp"

namespace godwit::report {
namespace {

using Look = Cell::Look;

Cell word(std::string value, Look look = Look::plain) {
  if (value.size() > kMostCellBytes) value = std::string(fitting(value)) + "…";
  return {std::move(value), Cell::Kind::text, look};
}
Cell count(std::int64_t value) { return {std::to_string(value), Cell::Kind::number, Look::count}; }
Cell count(const std::optional<std::int64_t>& value) { return value ? count(*value) : Cell{}; }
Cell money(const std::optional<std::string>& value) {
  if (!value) return {};
  const auto exact = ExactNumber::parse(*value);
  if (!exact) return word(*value);
  const std::string digits = exact->to_string();
  const auto held = std::count_if(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return {digits, held <= 15 ? Cell::Kind::number : Cell::Kind::text, Look::money};
}
Look look_of(Verdict verdict) {
  return verdict == Verdict::passed ? Look::good : verdict == Verdict::condition ? Look::warn : Look::bad;
}

// Texts of the catalogue, without an HTML page around.
class Words {
 public:
  Words(const CutoverReport& r, Language l, const Seal& s) : page_(r, l, s) {}
  std::string operator()(std::string_view key, std::initializer_list<Argument> arguments = {}) const {
    return page_.say(key, arguments);
  }
  std::string label(std::string_view group, std::string_view name) const { return page_.label(group, name); }
  Sheet sheet(std::string_view name, std::vector<double> widths,
              std::initializer_list<std::string_view> columns) const {
    Sheet out{page_.say("sheet." + std::string(name)), std::move(widths), {}, 1, false};
    std::vector<Cell>& head = out.rows.emplace_back();
    for (const std::string_view column : columns) head.push_back(word(page_.say(column), Look::head));
    return out;
  }
  Language language() const { return page_.language; }
  const CutoverReport& report() const { return page_.report; }
  const Seal& seal() const { return page_.seal; }

 private:
  Page page_;
};

Sheet sign_off(const Words& say) {
  const CutoverReport& r = say.report();
  Sheet out{say("sheet.sign_off"), {30, 34, 22, 22, 22}, {}, 0, false};
  const auto line = [&](std::string name, std::string value) {
    out.rows.push_back({word(std::move(name), Look::soft), word(std::move(value))});
  };
  out.rows.push_back({word(say("title") + " · " + r.project, Look::title)});
  line(say("sheet.verdict"), "");
  out.rows.back()[1] = word(say("verdict." + std::string(name_of(r.verdict))), look_of(r.verdict));
  line(say("fact.run"), say("run_of", {{"kind", say.label("kind", r.kind)}, {"run", std::to_string(r.run)}}));
  line(say("fact.environment"),
       r.environment + (r.production ? say("fact.production") : "") + (r.masked ? say("is_masked") : ""));
  line(say("fact.target"), r.target_display);
  line(say("fact.identity"), r.target_identity);
  line(say("fact.run_id"), r.run_id);
  line(say("fact.started"), moment(r.started_at));
  line(say("fact.state"), say.label("state", r.state));
  line(say("fact.plan"), r.plan ? std::to_string(*r.plan) + " · " + r.plan_hash : say("fact.no_plan"));
  line(say("fact.mapping"),
       say("fact.mapping_version", {{"version", std::to_string(r.mapping_version)}}) + " · " + r.mapping_hash);
  line(say("fact.extract"), r.extract_hash);
  line(say("check.made_at"), moment(r.made_at));
  line(say("check.digest"), say.seal().digest);
  line(say("check.signature"), say.seal().signature.empty() ? say("check.unsigned") : say.seal().signature);
  if (!say.seal().public_key.empty()) line(say("check.public_key"), say.seal().public_key);
  out.rows.push_back({});
  out.rows.push_back({word(say("gates.gate"), Look::head), word(say("totals.verdict"), Look::head),
                      word(say("gates.seen"), Look::head), word(say("gates.allowed"), Look::head),
                      word(say("gates.then"), Look::head)});
  for (const GateLine& g : r.gates)
    out.rows.push_back({word(say.label("gate", g.name) + (g.flow.empty() ? "" : " · " + g.flow)),
                        word(say("verdict." + std::string(name_of(g.verdict))), look_of(g.verdict)),
                        word(g.name == "run" ? say.label("state", g.seen) : g.seen),
                        word(g.name == "run" ? say.label("state", g.allowed) : g.allowed),
                        word((g.action == "stop"     ? say("gates.stop")
                              : g.action == "report" ? say("gates.report")
                                                     : say("gates.always")) +
                             (g.approver.empty() ? "" : say("gates.approver", {{"approver", g.approver}})))});
  out.rows.push_back({});
  out.rows.push_back(
      {word(say("open"), Look::head), word(say("table.object"), Look::head), word(say("causes.rows"), Look::head)});
  for (const OpenItem& item : r.open_items)
    out.rows.push_back({word(say.label("open", item.kind)), word(item.flow), count(item.rows)});
  if (r.open_items.empty()) out.rows.push_back({word(say("open.none"))});
  out.rows.push_back({});
  out.rows.push_back({word(say("sign.text", {{"run", std::to_string(r.run)}}), Look::soft)});
  std::vector<Cell>& who = out.rows.emplace_back();
  for (const char* name : {"business", "it", "finance", "implementer", "date"})
    who.push_back(word(say(std::string("sign.") + name), Look::head));
  return out;
}

Sheet objects(const Words& say) {
  Sheet out = say.sheet(
      "objects", {20, 26, 26, 13, 11, 10, 10, 12, 10, 11, 11, 11, 11, 11, 11, 11, 11, 11, 12, 12, 12, 40, 16, 16},
      {"table.object",     "sheet.source",   "sheet.target",           "table.source_figure", "table.read",
       "sheet.derived",    "table.filtered", "sheet.filtered_unknown", "table.merged",        "table.due",
       "table.created",    "table.updated",  "table.unchanged",        "bucket.deleted",      "table.set_aside",
       "bucket.in_doubt",  "table.found",    "table.difference",       "fields.compared",     "fields.differing",
       "fields.tolerated", "table.reason",   "table.responsible",      "table.signature"});
  for (const FlowLine& f : say.report().flows) {
    std::string why;
    for (const Reason& reason : f.reasons())
      why += (why.empty() ? "" : say("and")) + say("reason." + reason.kind, {{"rows", group_digits(reason.rows)}});
    if (f.open_rows() != 0)
      why += (why.empty() ? "" : say("and")) + say("reason.books", {{"rows", group_digits(f.open_rows())}});
    if (!f.verification) why += (why.empty() ? "" : say("and")) + say("reason.not_verified");
    std::vector<Cell> row{word(f.name),       word(f.source),       word(f.target),     count(f.source_figure),
                          count(f.read),      count(f.derived),     count(f.filtered),  count(f.filtered_unknown),
                          count(f.merged),    count(f.due()),       count(f.created),   count(f.updated),
                          count(f.unchanged), count(f.deleted),     count(f.set_aside), count(f.in_doubt),
                          count(f.found()),   count(f.difference())};
    for (const auto figure :
         {&VerificationLine::fields_compared, &VerificationLine::fields_differing, &VerificationLine::fields_tolerated})
      row.push_back(f.verification ? count((*f.verification).*figure) : Cell{});
    row.push_back(word(why));
    out.rows.push_back(std::move(row));
  }
  return out;
}

Sheet money_sheet(const Words& say) {
  Sheet out = say.sheet("money", {22, 20, 10, 20, 20, 18, 18, 18, 20, 20, 16, 16, 12, 18},
                        {"totals.total", "table.object", "sheet.currency", "totals.expected", "totals.read",
                         "totals.filtered", "totals.merged", "totals.set_aside", "totals.loaded", "totals.target",
                         "totals.off_source", "totals.off_target", "totals.tolerance", "totals.verdict"});
  for (const MoneyLine& m : say.report().money)
    out.rows.push_back({word(m.total), word(m.flow), word(m.currency), money(m.expected), money(m.read),
                        money(m.filtered), money(m.merged), money(m.set_aside), money(m.loaded), money(m.target),
                        money(m.off_source), money(m.off_target), money(m.tolerance),
                        word(say("totals." + std::string(name_of(m.verdict))), look_of(m.verdict))});
  return out;
}

Sheet causes(const Words& say) {
  Sheet out = say.sheet(
      "causes", {20, 11, 22, 12, 12, 70, 60},
      {"table.object", "sheet.number", "sheet.field", "causes.rows", "sheet.open", "sheet.cause", "sheet.remedy"});
  for (const Cause& c : say.report().causes)
    out.rows.push_back({word(c.flow), word("GW-" + std::to_string(c.number)), word(c.field), count(c.rows),
                        count(c.open), word(c.title.in(say.language())), word(c.remedy.in(say.language()))});
  return out;
}

Sheet rows(const Words& say) {
  const CutoverReport& r = say.report();
  Sheet out = say.sheet("rows", {18, 24, 18, 11, 20, 60, 12, 80},
                        {"table.object", "sheet.place", "differences.key", "sheet.number", "sheet.field", "sheet.cause",
                         "sheet.state", "sheet.original"});
  for (const SetAsideRow& row : r.rows_set_aside)
    out.rows.push_back({word(row.flow), word(row.place), word(row.key), word("GW-" + std::to_string(row.number)),
                        word(row.field), word(row.words.in(say.language())),
                        word(row.state == "open"       ? say("sheet.state.open")
                             : row.state == "replayed" ? say("sheet.state.replayed")
                                                       : say("sheet.state.superseded")),
                        word(row.original)});
  const auto left_out = r.rows_set_aside_total - static_cast<std::int64_t>(r.rows_set_aside.size());
  if (left_out > 0) out.rows.push_back({word(say("sheet.left_out", {{"rows", group_digits(left_out)}}), Look::soft)});
  return out;
}

Sheet differences(const Words& say) {
  Sheet out = say.sheet("differences", {20, 22, 18, 12, 20, 50, 50},
                        {"table.object", "sheet.field", "differences.class", "differences.rows", "differences.key",
                         "differences.expected", "differences.found"});
  for (const DifferenceGroup& group : say.report().differences) {
    const std::vector<Cell> start{word(group.flow), word(group.field), word(say.label("class", group.kind)),
                                  count(group.rows)};
    if (group.examples.empty()) out.rows.push_back(start);
    for (const DifferenceExample& e : group.examples) {
      std::vector<Cell>& row = out.rows.emplace_back(start);
      row.push_back(word(e.key));
      row.push_back(word(e.expected_null ? say("null") : e.expected, e.expected_null ? Look::soft : Look::plain));
      row.push_back(word(e.found_null ? say("null") : e.found, e.found_null ? Look::soft : Look::plain));
    }
  }
  return out;
}

Sheet timings(const Words& say) {
  Sheet out = say.sheet("timings", {22, 14, 14, 14, 16, 16, 26},
                        {"table.object", "sheet.milliseconds", "timings.rows", "timings.speed", "sheet.bytes",
                         "sheet.journal_milliseconds", "timings.delivery"});
  for (const FlowLine& f : say.report().flows)
    out.rows.push_back({word(f.name), count(f.milliseconds), count(f.read),
                        f.milliseconds > 0 ? count(f.read * 1000 / f.milliseconds) : Cell{}, count(f.bytes_read),
                        count(f.journal_milliseconds), word(say.label("delivery", f.delivery))});
  return out;
}

std::string canonical(const Cell& cell) {
  if (cell.kind == Cell::Kind::text) return cell.value;
  return fmt::format("{:.15g}", std::strtod(cell.value.c_str(), nullptr));
}

}  // namespace

std::string_view fitting(std::string_view text) {
  if (text.size() <= kMostCellBytes) return text;
  std::size_t end = kMostCellBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

Workbook build_workbook(const CutoverReport& report, Language language, const Seal& seal) {
  const Words say(report, language, seal);
  return {sign_off(say), objects(say), money_sheet(say), causes(say), rows(say), differences(say), timings(say)};
}

std::string workbook_view(const Workbook& sheets) {
  std::string out;
  for (const Sheet& sheet : sheets) {
    if (sheet.name == kEnvelopeSheet) continue;
    // Lengths before contents: no content can pass for another cell's.
    out += fmt::format("sheet {} {}{}\n", sheet.name.size(), sheet.name, sheet.hidden ? " hidden" : "");
    for (std::size_t r = 0; r < sheet.rows.size(); ++r)
      for (std::size_t c = 0; c < sheet.rows[r].size(); ++c) {
        const Cell& cell = sheet.rows[r][c];
        if (cell.value.empty()) continue;
        const std::string value = canonical(cell);
        out += fmt::format("{} {} {} {} {}\n", r, c, cell.kind == Cell::Kind::number ? 'n' : 't', value.size(), value);
      }
  }
  return out;
}

}  // namespace godwit::report
