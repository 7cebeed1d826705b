#include <fmt/format.h>

#include <algorithm>

#include "core/report/format.hpp"
#include "core/report/judge.hpp"

namespace godwit::report {
namespace {

// What a gate is about in one flow: `wrong` of `whole`.
struct Figure {
  std::int64_t wrong = 0, whole = 0;
};

// nullopt: the proof was not made.
using FigureOf = std::optional<Figure> (*)(const CutoverReport&, const FlowLine&);

std::optional<Figure> missing(const CutoverReport&, const FlowLine& f) {
  if (!f.verification) return std::nullopt;
  return Figure{f.verification->missing + f.verification->extra, f.verification->expected_rows};
}

std::optional<Figure> differing(const CutoverReport&, const FlowLine& f) {
  if (!f.verification) return std::nullopt;
  return Figure{f.verification->fields_differing, f.verification->fields_compared};
}

std::optional<Figure> totals(const CutoverReport& report, const FlowLine& f) {
  Figure figure;
  bool proved = true;
  for (const MoneyLine& line : report.money) {
    if (line.flow != f.name) continue;
    ++figure.whole;
    figure.wrong += line.verdict == Verdict::failed;
    proved = proved && line.verdict != Verdict::condition;
  }
  // What is known to be wrong counts even where something else was not taken.
  return proved || figure.wrong > 0 ? std::optional(figure) : std::nullopt;
}

struct Proof {
  std::string_view gate;
  FigureOf figure;
};
constexpr Proof kProofs[] = {{"missing", missing}, {"differing", differing}, {"totals", totals}};

bool exceeds(const Gate& gate, const Figure& figure, std::int64_t read) {
  if (gate.rows && figure.wrong > *gate.rows) return true;
  return gate.share && read >= gate.min_rows &&
         static_cast<double>(figure.wrong) > *gate.share * static_cast<double>(figure.whole);
}

std::string allowed(const Gate& gate) {
  std::string out;
  if (gate.share) out = fmt::format("{:g}%", *gate.share * 100);
  if (gate.rows) out += (out.empty() ? "" : ", ") + group_digits(*gate.rows);
  return out;
}

std::string seen(const Figure& figure) {
  return figure.whole == 0 ? group_digits(figure.wrong)
                           : fmt::format("{} ({})", group_digits(figure.wrong), percent(figure.wrong, figure.whole));
}

void add_proof_gates(CutoverReport& report, const std::vector<Gate>& gates) {
  for (const Gate& gate : gates)
    for (const Proof& proof : kProofs) {
      if (proof.gate != gate.name) continue;
      for (const FlowLine& f : report.flows) {
        if (!gate.flow.empty() && gate.flow != f.name) continue;
        const auto figure = proof.figure(report, f);
        if (figure && figure->whole == 0) continue;  // no total is about this flow
        const Verdict verdict = !figure                           ? Verdict::condition
                                : !exceeds(gate, *figure, f.read) ? Verdict::passed
                                : gate.stop                       ? Verdict::failed
                                                                  : Verdict::condition;
        report.gates.push_back({gate.name, f.name, verdict, figure ? seen(*figure) : "–", allowed(gate),
                                gate.stop ? "stop" : "report", presentable(gate.approver)});
      }
    }
}

bool covered(const CutoverReport& report, std::string_view gate, std::string_view flow) {
  return std::any_of(report.gates.begin(), report.gates.end(),
                     [&](const GateLine& g) { return g.name == gate && (g.flow.empty() || g.flow == flow); });
}

// One line over all flows that no gate of that name covers, when there is something to say.
template <typename Count>
void add_standing(CutoverReport& report, const char* name, Verdict verdict, const Count& count) {
  std::int64_t sum = 0;
  for (const FlowLine& f : report.flows)
    if (!covered(report, name, f.name)) sum += std::abs(count(f));
  if (sum != 0) report.gates.push_back({name, "", verdict, group_digits(sum), "0", "", ""});
}

void add_standing_lines(CutoverReport& report) {
  const auto add = [&](const char* name, Verdict verdict, std::string figure, std::string wanted) {
    report.gates.push_back({name, "", verdict, std::move(figure), std::move(wanted), "", ""});
  };
  add("run", report.state == "finished" ? Verdict::passed : Verdict::failed, report.state, "finished");

  std::int64_t gap = 0, verified = 0;
  for (const FlowLine& f : report.flows) gap += std::abs(f.open_rows()), verified += f.verification.has_value();
  add("books", gap == 0 ? Verdict::passed : Verdict::failed, group_digits(gap), "0");
  const auto flows = static_cast<std::int64_t>(report.flows.size());
  add("verified", verified == flows ? Verdict::passed : Verdict::condition, fmt::format("{} / {}", verified, flows),
      std::to_string(flows));

  std::int64_t all = 0, wrong = 0;
  Verdict worst = Verdict::passed;
  for (const MoneyLine& line : report.money) {
    if (covered(report, "totals", line.flow)) continue;
    ++all, wrong += line.verdict != Verdict::passed;
    worst = std::max(worst, line.verdict);
  }
  if (all != 0) add("totals", worst, fmt::format("{} / {}", wrong, all), "0");

  using V = VerificationLine;
  const auto proved = [](std::int64_t V::*figure) {
    return [figure](const FlowLine& f) { return f.verification ? (*f.verification).*figure : 0; };
  };
  add_standing(report, "missing", Verdict::failed,
               [](const FlowLine& f) { return f.verification ? f.verification->missing + f.verification->extra : 0; });
  add_standing(report, "differing", Verdict::condition, proved(&V::fields_differing));
  add_standing(report, "orphans", Verdict::condition, proved(&V::orphans));
  add_standing(report, "in_doubt", Verdict::condition, [](const FlowLine& f) { return f.in_doubt; });
  add_standing(report, "obligations", Verdict::condition,
               [](const FlowLine& f) { return f.obligations_open + f.obligations_failed; });
}

// run, books, verified, totals first, as a reader asks; the others in their order.
int rank(const GateLine& gate) {
  static constexpr std::string_view kFirst[] = {"run", "books", "verified", "totals"};
  return static_cast<int>(std::find(std::begin(kFirst), std::end(kFirst), gate.name) - std::begin(kFirst));
}

}  // namespace

void add_gate_lines(CutoverReport& report, const std::vector<Gate>& gates) {
  add_proof_gates(report, gates);
  add_standing_lines(report);
  std::stable_sort(report.gates.begin(), report.gates.end(),
                   [](const GateLine& a, const GateLine& b) { return rank(a) < rank(b); });
}

}  // namespace godwit::report
