#include "core/run/unit_memory.hpp"

#include <algorithm>

#include "core/run/unit_writer.hpp"

namespace godwit {

Result<> JournalMemory::load() {
  GW_ASSIGN(entries_, journal_.memory(unit_));
  const auto own = std::ranges::find(entries_, Journal::kDecisions, &std::pair<std::string, std::string>::first);
  if (own == entries_.end()) return {};
  decisions_ = std::move(own->second);
  entries_.erase(own);
  return {};
}

Result<> JournalMemory::put(std::string_view name, std::string_view text) {
  if (name == Journal::kDecisions) return fail(5902, {{"place", unit_.flow + " unit " + std::to_string(unit_.number)}, {"seen", std::string(name)}});
  GW_TRY(journal_.remember(unit_, name, text));
  const auto known = std::ranges::find(entries_, name, &std::pair<std::string, std::string>::first);
  if (known != entries_.end()) known->second = text;
  else entries_.emplace_back(name, text);
  return {};
}

Result<RecoveredRows> RecoveredRows::of(FormedUnit& unit, std::string_view recorded) {
  GW_ASSIGN(const std::vector<Decision> all, parse_decisions(recorded, unit));
  RecoveredRows out;
  auto at = all.begin();
  for (SequencedBatch& b : unit.batches) {
    const std::vector<Decision>& then = out.intended_.emplace_back(at, at + b.rows());
    at += b.rows();
    for (std::size_t i = 0; i < then.size(); ++i)
      if (then[i] == Decision::remove && b.decisions[i] == Decision::none && b.fates[i] == Fate::filtered)
        b.fates[i] = Fate::kept, b.decisions[i] = Decision::unchanged;
  }
  return out;
}

OutcomeKind RecoveredRows::outcome(std::size_t batch, std::size_t row, OutcomeKind answered, bool sent) const {
  const Decision then = intended_[batch][row];
  if (sent) return then == Decision::insert && answered == OutcomeKind::updated ? OutcomeKind::created : answered;
  switch (then) {
    case Decision::insert: return OutcomeKind::created;
    case Decision::update: return OutcomeKind::updated;
    case Decision::remove: return OutcomeKind::deleted;
    default: return answered;
  }
}

}  // namespace godwit
