#include "core/run/unit_writer.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "core/run/exact_sum.hpp"

namespace godwit {
namespace {

using Clock = std::chrono::steady_clock;

bool is_written(Decision d) { return d == Decision::insert || d == Decision::update || d == Decision::remove; }

Operation operation_of(Decision d) {
  return d == Decision::insert ? Operation::insert : d == Decision::update ? Operation::update : Operation::remove;
}

// The rows of a batch that go to the target. All of them, in one kind: the columns go as they are, without a copy.
std::optional<Chunk> chunk_of(const SequencedBatch& b, const Schema& schema) {
  std::vector<std::int32_t> rows;
  rows.reserve(b.decisions.size());
  bool one_kind = true;
  for (std::size_t i = 0; i < b.decisions.size(); ++i) {
    if (!is_written(b.decisions[i]) || b.fates[i] != Fate::kept) continue;
    rows.push_back(static_cast<std::int32_t>(i));
    one_kind = one_kind && b.decisions[i] == b.decisions[static_cast<std::size_t>(rows.front())];
  }
  if (rows.empty()) return std::nullopt;
  Chunk chunk;
  chunk.operation = operation_of(b.decisions[static_cast<std::size_t>(rows.front())]);
  if (!one_kind)
    for (std::int32_t i : rows) chunk.operations.push_back(operation_of(b.decisions[static_cast<std::size_t>(i)]));
  chunk.batch.schema = schema;
  chunk.batch.rows = static_cast<std::int64_t>(rows.size());
  const bool whole = rows.size() == b.decisions.size();
  bool any_set = false;
  for (std::size_t c = 0; c < b.columns.size(); ++c) {
    chunk.batch.columns.push_back(whole ? b.columns[c] : take(b.columns[c], rows));
    any_set |= static_cast<bool>(b.set[c]);
  }
  if (any_set) {
    for (const Buffer& set : b.set) {
      if (!set || whole) {
        chunk.set.push_back(set);
        continue;
      }
      MutableBuffer bits(bitmap_bytes(chunk.batch.rows));
      std::memset(bits.data(), 0, bits.size());
      for (std::size_t r = 0; r < rows.size(); ++r)
        if (bit_is_set(set.data(), rows[r])) set_bit(bits.data(), static_cast<std::int64_t>(r));
      chunk.set.push_back(bits.finish());
    }
  }
  return chunk;
}

}  // namespace

std::vector<Column> source_key_columns(const CompiledFlow& flow, const MappedBatch& b) {
  std::vector<Column> out;
  for (int c : flow.source_key) out.push_back(b.read.batch.column(c));
  return out;
}

TypeId crosswalk_ids(const CompiledFlow& flow) {
  if (flow.identity || flow.id_field.empty()) return TypeId::null_type;
  return flow.id_type.id == TypeId::int64 ? TypeId::int64 : TypeId::utf8;
}

CrosswalkBuilder crosswalk_builder(const CompiledFlow& flow) {
  std::vector<std::string> fields;
  for (const TargetColumn& c : flow.columns) fields.push_back(c.name);
  Schema key;
  for (int c : flow.source_key) key.push_back(flow.source_schema[static_cast<std::size_t>(c)]);
  return CrosswalkBuilder(std::move(fields), std::move(key), crosswalk_ids(flow));
}

// What became of each row of the unit, batch by batch, once the target has answered.
struct UnitWriter::RowResults {
  std::vector<std::vector<OutcomeKind>> kinds;  // of rows that are still kept; unchanged for those not sent
  std::vector<Column> ids;                      // per batch, per row; length 0 when there are none
  bool with_ids = false;
};

// A unit between its intent and its settlement.
struct UnitWriter::Flight {
  FormedUnit unit;
  Unit target;
  SettledUnit settled;
  Clock::time_point began;
  std::future<Result<Outcomes>> answer;
};

UnitWriter::~UnitWriter() = default;

UnitWriter::UnitWriter(Parts parts)
    : p_(parts), pending_(*parts.context->journal, parts.context->run.scope, parts.flow->flow->name),
      builder_(crosswalk_builder(*parts.flow)) {}

Result<Outcomes> submit_patiently(Writer& writer, const Unit& unit, const StopCheck& stop) {
  auto wait = std::chrono::milliseconds(50);
  for (int attempt = 1;; ++attempt) {
    auto outcomes = writer.submit(unit);
    if (outcomes || outcomes.error().kind != ErrorKind::retry || attempt == 10 || (stop && !stop().empty())) return outcomes;
    std::this_thread::sleep_for(wait);
    wait = std::min(wait * 2, std::chrono::milliseconds(5000));
  }
}

Result<> UnitWriter::write(FormedUnit& unit) {
  // A unit of an earlier life asks the ledger first, with the writer that may be busy.
  if (unit.id.number <= p_.ledger_last) GW_TRY(flush());
  GW_ASSIGN(auto flight, depart(unit));
  if (p_.second_writer == nullptr) return arrive(*flight);
  std::swap(flight, flight_);
  if (!flight) return {};
  auto arrived = arrive(*flight);
  // Units are settled in their order: the one after is waited for, and asked for in the ledger when the run goes on.
  if (!arrived) flight_.reset();
  return arrived;
}

Result<> UnitWriter::flush() {
  if (!flight_) return {};
  const std::unique_ptr<Flight> last = std::move(flight_);
  return arrive(*last);
}

// Decides, puts the intent on record and hands the unit to a writer.
Result<std::unique_ptr<UnitWriter::Flight>> UnitWriter::depart(FormedUnit& formed) {
  auto flight = std::make_unique<Flight>();
  flight->began = Clock::now(), flight->unit = std::move(formed);
  FormedUnit& unit = flight->unit;
  const CompiledFlow& flow = *p_.flow;
  RunContext& run = *p_.context;
  SettledUnit& settled = flight->settled;
  settled.id = unit.id, settled.pass = unit.pass;
  settled.start_position = unit.start_position, settled.end_position = unit.end_position;
  settled.rows_read = unit.rows_read, settled.fence = run.run.fence;

  // What the target did with it already, if a killed process got that far.
  Unit& target = flight->target;
  target.run = run.run.id, target.flow = unit.id.flow, target.shard = unit.id.shard, target.number = unit.id.number;
  target.end_position = unit.end_position;
  Resolved resolved;
  if (unit.id.number <= p_.ledger_last) {
    GW_ASSIGN(resolved, p_.writer->resolve(target));
    if (resolved.resolution == Resolution::unknown)
      return fail(4041, {{"flow", flow.flow->name}, {"seen", std::to_string(unit.id.number)}});
  }
  const bool done = resolved.resolution == Resolution::done;

  if (done && !resolved.note.empty()) {
    GW_TRY(decode_decisions(resolved.note, unit));
    GW_TRY(p_.comparer->name_conflicts(unit));
    GW_ASSIGN(auto before, pending_.read(unit.id));
    if (before) settled.segments.push_back(std::move(*before));
  } else {
    GW_ASSIGN(const Comparison comparison, p_.comparer->decide(unit));
    if (!done && flow.flow->keep_prior && comparison.before.rows > 0) {
      GW_ASSIGN(EncodedSegment before, pending_.write(unit.id, comparison.before_keys, comparison.before));
      settled.segments.push_back(std::move(before));
    }
  }
  for (const SequencedBatch& b : unit.batches)
    if (auto chunk = chunk_of(b, flow.target_schema)) target.chunks.push_back(std::move(*chunk));
  settled.rows_written = target.rows();
  GW_TRY(run.journal->intend(settled));
  if (done || (settled.rows_written == 0 && !p_.compares)) {
    std::promise<Result<Outcomes>> known;
    known.set_value(std::move(resolved.outcomes));
    flight->answer = known.get_future();
    return flight;
  }
  if (p_.compares) target.note = encode_decisions(unit);
  Writer* writer = p_.second_writer == nullptr || first_is_next_ ? p_.writer : p_.second_writer;
  first_is_next_ = !first_is_next_;
  const auto how = p_.second_writer == nullptr ? std::launch::deferred : std::launch::async;
  flight->answer = std::async(how, [writer, unit_of_target = &target, stop = run.stop] { return submit_patiently(*writer, *unit_of_target, stop); });
  return flight;
}

// Waits for the target's answer, and settles the unit by it.
Result<> UnitWriter::arrive(Flight& flight) {
  FormedUnit& unit = flight.unit;
  Unit& target = flight.target;
  SettledUnit& settled = flight.settled;
  const CompiledFlow& flow = *p_.flow;
  RunContext& run = *p_.context;
  GW_ASSIGN(const Outcomes outcomes, flight.answer.get());
  if (outcomes.rows != settled.rows_written)
    return fail(5902, {{"place", flow.flow->name + " unit " + std::to_string(unit.id.number)}, {"seen", std::to_string(outcomes.rows) + " outcomes"}});
  target.chunks.clear();

  // Outcomes back onto the rows they belong to.
  RowResults results;
  results.with_ids = crosswalk_ids(flow) != TypeId::null_type;
  std::int64_t sent = 0;
  std::size_t refusal = 0;
  std::vector<std::uint8_t> kinds;
  kinds.reserve(static_cast<std::size_t>(outcomes.rows));
  for (SequencedBatch& b : unit.batches) {
    std::vector<OutcomeKind>& of = results.kinds.emplace_back(b.decisions.size(), OutcomeKind::unchanged);
    ColumnBuilder ids(flow.id_type);
    if (results.with_ids) ids.reserve(b.rows());
    for (std::size_t i = 0; i < b.decisions.size(); ++i) {
      const bool written = is_written(b.decisions[i]) && b.fates[i] == Fate::kept;
      if (results.with_ids)
        !written || outcomes.ids.length == 0 ? ids.null() : ids.append_from(outcomes.ids, sent);
      if (!written) continue;
      const OutcomeKind kind = outcomes.at(sent);
      of[i] = kind;
      kinds.push_back(static_cast<std::uint8_t>(kind));
      if (kind == OutcomeKind::refused) {
        const bool told = refusal < outcomes.refusals.size() && outcomes.refusals[refusal].row == sent;
        RowNote note{static_cast<std::int64_t>(i), told ? outcomes.refusals[refusal].error : make_error(4042), told ? outcomes.refusals[refusal].field : std::string()};
        if (told && !outcomes.refusals[refusal].words.empty() && note.error.argument("words").empty())
          note.error.arguments.emplace_back("words", outcomes.refusals[refusal].words);
        if (told) ++refusal;
        b.fates[i] = Fate::set_aside;
        b.set_aside.push_back(std::move(note));
      } else if (kind == OutcomeKind::missing) {
        b.fates[i] = Fate::set_aside;
        b.set_aside.push_back({static_cast<std::int64_t>(i), make_error(1431), ""});
      }
      ++sent;
    }
    if (results.with_ids) results.ids.push_back(ids.finish());
    std::ranges::stable_sort(b.set_aside, [](const RowNote& x, const RowNote& y) { return x.row < y.row; });
  }
  if (flow.insert_only()) {
    settled.outcomes = encode_outcomes(kinds);
  } else {
    GW_TRY(adopt(unit, results));
    GW_TRY(crosswalk_rows(unit, results, settled));
    GW_TRY(remember_parents(unit, results));
  }

  // Buckets, exceptions and money.
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
  settled.seconds = std::chrono::duration<double>(Clock::now() - flight.began).count();
  GW_TRY(run.journal->settle(settled));
  if (p_.seen != nullptr) GW_TRY(p_.seen->settled(unit.id));
  if (p_.obligations != nullptr) GW_TRY(p_.obligations->settled(unit.id));
  if (p_.parents != nullptr) GW_TRY(p_.parents->state().settled(unit.id));
  builder_.clear();
  counts_ += counts;
  return {};
}

// Rows that the target held already, equal to what would have been written, and that no earlier run of ours loaded: their ids are
// read back, so that children find them and the crosswalk knows them.
Result<> UnitWriter::adopt(FormedUnit& unit, RowResults& results) {
  if (!results.with_ids) return {};
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    SequencedBatch& b = unit.batches[n];
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < b.decisions.size(); ++i)
      if (b.fates[i] == Fate::kept && results.kinds[n][i] != OutcomeKind::deleted && results.ids[n].is_null(static_cast<std::int64_t>(i)))
        rows.push_back(static_cast<std::int32_t>(i));
    if (rows.empty()) continue;
    std::vector<Column> keys;
    for (std::size_t k = 0; k < p_.flow->key_count; ++k) keys.push_back(take(b.columns[k], rows));
    GW_ASSIGN(const Writer::Rows held, p_.writer->read_back(keys));
    if (held.ids.length == 0) continue;
    std::vector<std::int32_t> from(b.decisions.size(), -1);
    for (std::size_t r = 0; r < rows.size(); ++r)
      if (held.found[r]) from[static_cast<std::size_t>(rows[r])] = static_cast<std::int32_t>(r);
    ColumnBuilder ids(p_.flow->id_type);
    for (std::size_t i = 0; i < from.size(); ++i)
      from[i] >= 0 ? ids.append_from(held.ids, from[i]) : ids.append_from(results.ids[n], static_cast<std::int64_t>(i));
    results.ids[n] = ids.finish();
  }
  return {};
}

// Rows whose entry would say nothing new keep the one they have. The unit's outcomes are those of its crosswalk rows, in their order:
// undo reads both side by side.
Result<> UnitWriter::crosswalk_rows(const FormedUnit& unit, const RowResults& results, SettledUnit& settled) {
  std::vector<std::uint8_t> kinds;
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    const SequencedBatch& b = unit.batches[n];
    std::vector<std::int32_t> present, gone;
    CrosswalkRows then;
    bool any_unchanged = false;
    for (std::size_t i = 0; i < b.fates.size(); ++i) any_unchanged |= b.fates[i] == Fate::kept && results.kinds[n][i] == OutcomeKind::unchanged;
    std::vector<std::string> references;
    for (const TargetColumn& c : p_.flow->columns)
      if (c.deferred && !b.pending.empty()) references.push_back(c.name);
    if ((any_unchanged || !references.empty()) && p_.crosswalk != nullptr) GW_TRY(p_.crosswalk->lookup(b.source_keys, references, &then));
    for (std::size_t i = 0; i < b.fates.size(); ++i) {
      if (b.fates[i] != Fate::kept) continue;
      const OutcomeKind kind = results.kinds[n][i];
      if (kind == OutcomeKind::unchanged && !then.found.empty() && then.found[i] && then.row_hashes[i] == b.source_hashes[i]) continue;
      if (kind == OutcomeKind::unknown) continue;
      (kind == OutcomeKind::deleted ? gone : present).push_back(static_cast<std::int32_t>(i));
    }
    for (const auto* rows : {&present, &gone}) {
      append_crosswalk(b, *rows, then, results.with_ids ? results.ids[n] : Column{}, rows == &gone ? CrosswalkState::forgotten : CrosswalkState::present);
      for (std::int32_t i : *rows) kinds.push_back(static_cast<std::uint8_t>(results.kinds[n][static_cast<std::size_t>(i)]));
    }
  }
  settled.outcomes = encode_outcomes(kinds);
  if (builder_.rows() > 0) settled.segments.push_back(builder_.encode());
  return {};
}

void UnitWriter::append_crosswalk(const SequencedBatch& b, const std::vector<std::int32_t>& rows, const CrosswalkRows& then, const Column& ids, CrosswalkState state) {
  if (rows.empty()) return;
  std::vector<Column> keys = source_key_columns(*p_.flow, b);
  const bool whole = rows.size() == b.fates.size();
  std::vector<std::uint64_t> hashes;
  if (!whole) {
    for (Column& k : keys) k = take(k, rows);
    for (std::int32_t i : rows) hashes.push_back(b.source_hashes[static_cast<std::size_t>(i)]);
  }
  const std::int64_t first = builder_.append(keys, whole ? b.source_hashes : hashes, state);
  for (std::size_t c = 0; c < b.field_hashes.size(); ++c) {
    const std::span<std::uint32_t> out = builder_.mapped(static_cast<int>(c)).subspan(static_cast<std::size_t>(first));
    for (std::size_t r = 0; r < rows.size(); ++r) out[r] = b.field_hashes[c][static_cast<std::size_t>(rows[r])];
  }
  // References that wait for the second pass: what was linked before, if anything, stays on record until then.
  std::vector<bool> waits(b.pending.empty() ? 0 : b.fates.size(), false);
  for (const std::int64_t row : b.pending) waits[static_cast<std::size_t>(row)] = true;
  for (std::size_t c = 0, d = 0; !waits.empty() && c < b.field_hashes.size(); ++c) {
    if (!p_.flow->columns[c].deferred) continue;
    const std::span<std::uint32_t> out = builder_.mapped(static_cast<int>(c)).subspan(static_cast<std::size_t>(first));
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto row = static_cast<std::size_t>(rows[r]);
      if (waits[row]) out[r] = d < then.mapped.size() ? then.mapped[d][row] : kNoFieldHash;
    }
    ++d;
  }
  if (ids.length != 0) builder_.set_ids(first, whole ? ids : take(ids, rows));
}

// What children will find. A row that the target holds stays found whatever becomes of doubles of its key, or of itself in a
// later run: the record is there.
Result<> UnitWriter::remember_parents(const FormedUnit& unit, const RowResults& results) {
  if (p_.parents == nullptr) return {};
  ParentIndex& parents = *p_.parents;
  for (std::size_t n = 0; n < unit.batches.size(); ++n) {
    const SequencedBatch& b = unit.batches[n];
    std::vector<Hash128> loaded, gone, others;
    std::vector<ParentTag> other_tags;
    ColumnBuilder ids(parents.id_type());
    for (std::size_t i = 0; i < b.fates.size(); ++i) {
      if (b.fates[i] == Fate::merged) continue;
      if (b.fates[i] != Fate::kept) {
        others.push_back(b.source_keys[i]);
        other_tags.push_back(b.fates[i] == Fate::set_aside ? ParentTag::set_aside : ParentTag::filtered);
      } else if (results.kinds[n][i] == OutcomeKind::deleted) {
        gone.push_back(b.source_keys[i]);
      } else {
        loaded.push_back(b.source_keys[i]);
        if (results.with_ids) ids.append_from(results.ids[n], static_cast<std::int64_t>(i));
        else if (p_.flow->identity) ids.null();
        else ids.append_from(b.columns.front(), static_cast<std::int64_t>(i));  // the target's key is the id
      }
    }
    GW_TRY(parents.put(loaded, std::vector<ParentTag>(loaded.size(), ParentTag::loaded), ids.finish()));
    GW_TRY(parents.put_unless_loaded(others, other_tags));
    GW_TRY(put_merged(b));
    if (!gone.empty()) GW_TRY(parents.erase(gone));
  }
  return {};
}

// A merged row answers with its survivor's id, or shares its survivor's fate.
Result<> UnitWriter::put_merged(const SequencedBatch& b) {
  std::vector<Hash128> keys, survivors;
  for (const MergedNote& m : b.merged) {
    const Hash128& key = b.source_keys[static_cast<std::size_t>(m.row)];
    if (key != m.survivor) keys.push_back(key), survivors.push_back(m.survivor);
  }
  if (keys.empty()) return {};
  std::vector<ReferenceState> states;
  Column ids;
  GW_TRY(p_.parents->probe(survivors, &states, &ids));
  std::vector<ParentTag> tags;
  for (ReferenceState s : states)
    tags.push_back(s == ReferenceState::found || s == ReferenceState::merged ? ParentTag::merged
                   : s == ReferenceState::filtered                           ? ParentTag::filtered
                                                                             : ParentTag::set_aside);
  return p_.parents->put(keys, tags, ids);
}

}  // namespace godwit
