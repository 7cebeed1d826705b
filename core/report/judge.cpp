#include "core/report/judge.hpp"

#include <algorithm>

namespace godwit::report {
namespace {

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

}  // namespace

std::string_view name_of(Verdict verdict) {
  return verdict == Verdict::passed ? "passed" : verdict == Verdict::condition ? "condition" : "failed";
}

std::optional<std::int64_t> FlowLine::found() const {
  return verification ? std::optional(verification->found_rows) : std::nullopt;
}

FlowLine* CutoverReport::flow(std::string_view name) {
  const auto at = std::find_if(flows.begin(), flows.end(), [&](const FlowLine& f) { return f.name == name; });
  return at == flows.end() ? nullptr : &*at;
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

void judge(CutoverReport& report, const std::vector<Gate>& gates) {
  add_open_items(report);
  add_gate_lines(report, gates);
  report.verdict = Verdict::passed;
  for (const GateLine& gate : report.gates) report.verdict = std::max(report.verdict, gate.verdict);
}

}  // namespace godwit::report
