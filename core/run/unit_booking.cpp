// What a unit's rows add to the books: buckets, exceptions and money. Then it is settled.

#include <map>

#include "core/run/exact_sum.hpp"
#include "core/run/unit_writer_parts.hpp"

namespace godwit {

Result<> UnitWriter::book(Flight& flight, const RowResults& results) {
  const FormedUnit& unit = flight.unit;
  SettledUnit& settled = flight.settled;
  const CompiledFlow& flow = *p_.flow;
  RunContext& run = *p_.context;
  Counts& counts = settled.counts;
  std::map<std::tuple<std::string, std::string, std::string>, ExactSum> sums;
  std::vector<Hash128> filtered, waiting;
  std::vector<std::uint8_t> unknown;
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    const SequencedBatch& b = unit.batches[n];
    for (std::size_t i = 0; i < b.fates.size(); ++i) {
      const char* bucket = "loaded";
      switch (b.fates[i]) {
        case Fate::kept:
          switch (results.kinds[n][i]) {
            case OutcomeKind::created: ++counts.created; break;
            case OutcomeKind::updated: ++counts.updated; break;
            case OutcomeKind::deleted: ++counts.deleted, bucket = "deleted"; break;
            case OutcomeKind::unknown: ++counts.in_doubt, bucket = "in_doubt"; break;
            default: ++counts.unchanged;
          }
          break;
        case Fate::filtered: ++counts.filtered, bucket = "filtered"; break;
        case Fate::filtered_unknown: ++counts.filtered, ++counts.filtered_unknown, bucket = "filtered"; break;
        case Fate::set_aside: ++counts.set_aside, bucket = "set_aside"; break;
        case Fate::merged: ++counts.merged, bucket = "merged"; break;
      }
      if ((b.fates[i] == Fate::filtered || b.fates[i] == Fate::filtered_unknown) && !b.source_keys.empty()) {
        filtered.push_back(b.source_keys[i]);
        unknown.push_back(b.fates[i] == Fate::filtered_unknown);
      }
      for (std::size_t t = 0; t < b.totals.size(); ++t) {
        const auto row = static_cast<std::int64_t>(i);
        const MappedBatch::TotalCells& cells = b.totals[t];
        const std::string currency = cells.currency.length == 0 ? std::string() : value_text(cells.currency, row);
        sums[{flow.totals[t].total->name, currency, "read"}].add(cells.value, row);
        sums[{flow.totals[t].total->name, currency, bucket}].add(cells.value, row);
      }
    }
    counts.read += b.rows() + static_cast<std::int64_t>(b.read.unreadable.size());
    counts.set_aside += static_cast<std::int64_t>(b.read.unreadable.size());
    for (const Unreadable& u : b.read.unreadable) settled.set_aside.push_back(unreadable_row(flow, b, u));
    for (const RowNote& note : b.set_aside) settled.set_aside.push_back(set_aside_row(flow, b, note));
    std::int64_t last_warned = -1;
    for (const RowNote& note : b.warnings) {
      if (b.fates[static_cast<std::size_t>(note.row)] != Fate::kept) continue;
      counts.warned += note.row != last_warned, last_warned = note.row;
      SetAsideRow row = set_aside_row(flow, b, note);
      settled.warnings.push_back({row.source_key, row.locator, row.line, row.number, row.field, row.arguments, row.cause});
    }
    for (const MergedNote& m : b.merged) {
      const Batch& source = b.read.batch;
      MergedRow row;
      row.source_key = row_key(flow, b, m.row), row.key = b.source_keys[static_cast<std::size_t>(m.row)];
      row.survivor_key = m.survivor_key, row.survivor = m.survivor;
      if (source.places.length != 0) row.locator = value_text(source.places, m.row);
      if (!source.lines.empty()) row.line = source.lines[static_cast<std::size_t>(m.row)];
      settled.merged.push_back(std::move(row));
    }
    for (std::int64_t row : b.pending) {
      if (b.fates[static_cast<std::size_t>(row)] != Fate::kept || results.kinds[n][static_cast<std::size_t>(row)] == OutcomeKind::deleted) continue;
      ++counts.obligations_open;
      waiting.push_back(b.source_keys[static_cast<std::size_t>(row)]);
    }
  }
  if (counts.difference() != 0)
    return fail(5901, {{"place", flow.flow->name + " unit " + std::to_string(unit.id.number)}, {"seen", std::to_string(counts.difference())}});
  if (!filtered.empty()) settled.segments.push_back(encode_filtered(filtered, unknown).copy());
  for (const auto& [name, sum] : sums) {
    if (sum.overflow()) return fail(4043, {{"name", std::get<0>(name)}});
    settled.totals.push_back({std::get<0>(name), std::get<1>(name), std::get<2>(name), sum.text(), sum.rows()});
  }
  if (p_.obligations != nullptr) {
    GW_ASSIGN(KeyedState * state, p_.obligations->state("pending", StateKind::integer));
    std::vector<StateEntry> marks(waiting.size());
    for (StateEntry& e : marks) e.tag = 1;
    GW_TRY(state->put(waiting, marks));
    GW_TRY(p_.obligations->seal(unit.id));
  }
  if (p_.parents != nullptr) GW_TRY(p_.parents->state().seal(unit.id));
  settled.bytes_read = unit.bytes_read;
  settled.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - flight.began).count();
  GW_TRY(run.journal->settle(settled));
  if (p_.seen != nullptr) GW_TRY(p_.seen->settled(unit.id));
  if (p_.obligations != nullptr) GW_TRY(p_.obligations->settled(unit.id));
  if (p_.parents != nullptr) GW_TRY(p_.parents->state().settled(unit.id));
  builder_.clear();
  counts_ += counts;
  return {};
}

}  // namespace godwit
