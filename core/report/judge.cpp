#include "core/report/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/model/exact_number.hpp"
#include "core/report/format.hpp"

namespace godwit::report {
namespace {

std::optional<ExactNumber> number(const std::optional<std::string>& text) {
  return text ? ExactNumber::parse(*text) : std::nullopt;
}

// a - b, or nothing where one of them was not taken.
std::optional<std::string> less(const std::optional<ExactNumber>& a, const std::optional<ExactNumber>& b) {
  if (!a || !b) return std::nullopt;
  return (*a - *b).to_string();
}

bool beyond(const std::optional<std::string>& difference, const ExactNumber& tolerance) {
  const auto value = number(difference);
  return value && tolerance < value->magnitude();
}

bool has_gate(const CutoverReport& report, std::string_view name) {
  return std::any_of(report.gates.begin(), report.gates.end(), [&](const GateLine& g) { return g.name == name; });
}

// A gate of the project overrules the line that every run has.
void add_line(CutoverReport& report, std::string name, Verdict verdict, std::string seen, std::string allowed) {
  if (has_gate(report, name)) return;
  report.gates.push_back({std::move(name), "", verdict, std::move(seen), std::move(allowed), "", ""});
}

template <typename Figure>
std::int64_t sum_magnitudes(const CutoverReport& report, const Figure& figure) {
  std::int64_t sum = 0;
  for (const FlowLine& flow : report.flows) sum += std::abs(figure(flow));
  return sum;
}

void add_open_items(CutoverReport& report) {
  const auto add = [&](const char* kind, const std::string& flow, std::int64_t rows) {
    if (rows != 0) report.open_items.push_back({kind, flow, rows});
  };
  for (const FlowLine& f : report.flows) {
    std::int64_t open = 0;
    for (const Cause& cause : report.causes)
      if (cause.flow == f.name) open += cause.open;
    add("set_aside", f.name, open);
    add("in_doubt", f.name, f.in_doubt);
    add("open_obligations", f.name, f.obligations_open);
    add("failed_obligations", f.name, f.obligations_failed);
    if (f.verification) {
      add("missing", f.name, f.verification->missing);
      add("extra", f.name, f.verification->extra);
      add("differing", f.name, f.verification->fields_differing);
      add("orphans", f.name, f.verification->orphans);
    }
    std::int64_t totals = 0;
    for (const MoneyLine& line : report.money) totals += line.flow == f.name && line.verdict != Verdict::passed ? 1 : 0;
    add("totals", f.name, totals);
  }
}

void add_standing_lines(CutoverReport& report) {
  const bool finished = report.state == "finished";
  add_line(report, "run", finished ? Verdict::passed : Verdict::failed, report.state, "finished");

  const std::int64_t gap = sum_magnitudes(report, [](const FlowLine& f) { return f.open_rows(); });
  add_line(report, "books", gap == 0 ? Verdict::passed : Verdict::failed, group_digits(gap), "0");

  std::int64_t verified = 0, missing = 0, differing = 0, off_totals = 0, unproved_totals = 0;
  for (const FlowLine& f : report.flows) {
    if (!f.verification) continue;
    ++verified;
    missing += f.verification->missing + f.verification->extra;
    differing += f.verification->fields_differing;
  }
  const auto flows = static_cast<std::int64_t>(report.flows.size());
  add_line(report, "verified", verified == flows ? Verdict::passed : Verdict::condition,
           fmt::format("{} / {}", verified, flows), std::to_string(flows));
  if (missing != 0) add_line(report, "missing", Verdict::failed, group_digits(missing), "0");
  if (differing != 0) add_line(report, "differing", Verdict::condition, group_digits(differing), "0");

  for (const MoneyLine& line : report.money) {
    off_totals += line.verdict == Verdict::failed ? 1 : 0;
    unproved_totals += line.verdict == Verdict::condition ? 1 : 0;
  }
  if (!report.money.empty())
    add_line(report, "totals",
             off_totals != 0        ? Verdict::failed
             : unproved_totals != 0 ? Verdict::condition
                                    : Verdict::passed,
             fmt::format("{} / {}", static_cast<std::int64_t>(report.money.size()) - off_totals - unproved_totals,
                         report.money.size()),
             std::to_string(report.money.size()));

  const std::int64_t in_doubt = sum_magnitudes(report, [](const FlowLine& f) { return f.in_doubt; });
  if (in_doubt != 0) add_line(report, "in_doubt", Verdict::condition, group_digits(in_doubt), "0");
  const std::int64_t open =
      sum_magnitudes(report, [](const FlowLine& f) { return f.obligations_open + f.obligations_failed; });
  if (open != 0) add_line(report, "obligations", Verdict::condition, group_digits(open), "0");
}

// run, books, verified, totals first, as a reader asks; the others in their order.
int rank(const GateLine& gate) {
  static constexpr std::string_view kFirst[] = {"run", "books", "verified", "totals"};
  const auto at = std::find(std::begin(kFirst), std::end(kFirst), gate.name);
  return static_cast<int>(at - std::begin(kFirst));
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return verdict == Verdict::passed ? "passed" : verdict == Verdict::condition ? "condition" : "failed";
}

std::optional<std::int64_t> FlowLine::found() const {
  return verification ? std::optional(verification->found_rows) : std::nullopt;
}

std::int64_t FlowLine::difference() const { return due() - found().value_or(written()); }

std::vector<Reason> FlowLine::reasons() const {
  std::vector<Reason> all{{"set_aside", set_aside}, {"in_doubt", in_doubt}};
  if (verification) all.push_back({"missing", verification->missing});
  std::int64_t rest = difference();
  for (const Reason& reason : all) rest -= reason.rows;
  all.push_back({"unexplained", rest});
  std::erase_if(all, [](const Reason& reason) { return reason.rows == 0; });
  return all;
}

void settle_money(MoneyLine& line) {
  const auto expected = number(line.expected), read = number(line.read), loaded = number(line.loaded),
             merged = number(line.merged), filtered = number(line.filtered), set_aside = number(line.set_aside),
             target = number(line.target);
  const ExactNumber tolerance = ExactNumber::parse(line.tolerance).value_or(ExactNumber()).magnitude();
  std::optional<ExactNumber> due;
  if (read && filtered && merged) due = *read - *filtered - *merged;
  if (due) line.due = due->to_string();
  line.difference = less(due, target);
  line.off_source = less(read, expected);
  line.off_target = less(target, loaded);
  if (due && loaded && set_aside) line.open = (*due - *loaded - *set_aside).to_string();

  line.source_agrees = line.off_source && !beyond(line.off_source, tolerance);
  line.target_agrees = line.off_target && !beyond(line.off_target, tolerance);
  // What the source lost on its way inside Godwit is never a matter of tolerance.
  if (beyond(line.open, ExactNumber()) || beyond(line.off_source, tolerance) || beyond(line.off_target, tolerance)) {
    line.verdict = Verdict::failed;
  } else if (!line.open || !line.off_target || (line.expected && !line.off_source)) {
    line.verdict = Verdict::condition;
  } else {
    line.verdict = Verdict::passed;
  }
}

void judge(CutoverReport& report) {
  add_open_items(report);
  add_standing_lines(report);
  std::stable_sort(report.gates.begin(), report.gates.end(),
                   [](const GateLine& a, const GateLine& b) { return rank(a) < rank(b); });
  report.verdict = Verdict::passed;
  for (const GateLine& gate : report.gates) report.verdict = std::max(report.verdict, gate.verdict);
}

}  // namespace godwit::report
