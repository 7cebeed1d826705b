#include "core/run/run_gates.hpp"

#include <fmt/format.h>

#include <optional>

namespace godwit {
namespace {

// Rows that a gate is about; nullopt: verify or report judge it.
std::optional<std::int64_t> rows_of(const std::string& gate, const Counts& c, std::int64_t conflicts) {
  if (gate == "set_aside") return c.set_aside;
  if (gate == "warned") return c.warned;
  if (gate == "in_doubt") return c.in_doubt;
  if (gate == "obligations") return c.obligations_failed + c.obligations_open;
  if (gate == "conflicts") return conflicts;
  return std::nullopt;
}

bool exceeds(const Gate& gate, std::int64_t rows, std::int64_t read) {
  if (gate.rows && rows > *gate.rows) return true;
  return gate.share && read >= gate.min_rows && static_cast<double>(rows) > *gate.share * static_cast<double>(read);
}

std::string allowed_text(const Gate& gate) {
  std::string out;
  if (gate.share) out = fmt::format("{:g}%", *gate.share * 100);
  if (gate.rows) out += fmt::format("{}{}", out.empty() ? "" : ", ", *gate.rows);
  return out;
}

std::string seen_text(std::int64_t rows, std::int64_t read) {
  return read == 0 ? fmt::format("{}", rows) : fmt::format("{} ({:.2f}%)", rows, 100.0 * static_cast<double>(rows) / static_cast<double>(read));
}

}  // namespace

Result<> check_stop_gates(const Project& project, const std::string& flow, const Counts& counts) {
  for (const Gate& g : project.gates) {
    if (!g.stop || (!g.flow.empty() && g.flow != flow)) continue;
    const auto rows = rows_of(g.name, counts, 0);
    if (rows && exceeds(g, *rows, counts.read))
      return fail(4072, {{"place", g.place.to_string()}, {"gate", g.name}, {"flow", flow}, {"seen", seen_text(*rows, counts.read)}, {"expected", allowed_text(g)}});
  }
  return {};
}

std::vector<GateRecord> judge_run_gates(const Project& project, std::int64_t run, const std::vector<FlowRunRecord>& flows,
                                        const std::map<std::string, std::int64_t>& conflicts) {
  std::vector<GateRecord> out;
  for (const Gate& g : project.gates) {
    for (const FlowRunRecord& f : flows) {
      if (!g.flow.empty() && g.flow != f.flow) continue;
      const auto found = conflicts.find(f.flow);
      const auto rows = rows_of(g.name, f.counts, found == conflicts.end() ? 0 : found->second);
      if (!rows) continue;
      const bool over = exceeds(g, *rows, f.counts.read);
      out.push_back({run, g.name, f.flow, !over ? "passed" : g.stop ? "failed" : "condition", seen_text(*rows, f.counts.read), allowed_text(g), g.stop ? "stop" : "report", g.approver});
    }
  }
  return out;
}

}  // namespace godwit
