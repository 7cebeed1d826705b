#include "core/run/unit_writer.hpp"

#include <algorithm>
#include <thread>

#include "core/run/unit_writer_parts.hpp"

namespace godwit {
namespace {

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

// Rows of which nobody knows whether the target took them.
Outcomes in_doubt(std::int64_t rows) {
  Outcomes out;
  out.rows = rows, out.kind = OutcomeKind::unknown;
  return out;
}

}  // namespace

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
  // A unit of an earlier life asks the target first what became of it, with the writer that may be busy.
  if (unit.id.number <= p_.ledger_last || (!has_ledger() && p_.context->run.fence > 1)) GW_TRY(flush());
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
  flight->began = std::chrono::steady_clock::now(), flight->unit = std::move(formed);
  FormedUnit& unit = flight->unit;
  RunContext& run = *p_.context;
  SettledUnit& settled = flight->settled;
  settled.id = unit.id, settled.pass = unit.pass;
  settled.start_position = unit.start_position, settled.end_position = unit.end_position;
  settled.rows_read = unit.rows_read, settled.fence = run.run.fence;
  Unit& target = flight->target;
  target.run = run.run.id, target.flow = unit.id.flow, target.shard = unit.id.shard, target.number = unit.id.number;
  target.end_position = unit.end_position;

  // What the target did with it already, if a killed process got that far.
  Outcomes known;
  GW_ASSIGN(const bool done, has_ledger() ? ask_ledger(*flight, known) : ask_memory(*flight));
  for (const SequencedBatch& b : unit.batches)
    if (auto chunk = chunk_of(b, p_.flow->target_schema)) target.chunks.push_back(std::move(*chunk));
  settled.rows_written = target.rows();
  if (done && !has_ledger()) known = in_doubt(settled.rows_written);
  GW_TRY(run.journal->intend(settled, has_ledger() ? Journal::Durability::normal : Journal::Durability::full));
  // A ledger hears also of a unit that writes nothing, where what was decided is worth recording.
  if (done || (settled.rows_written == 0 && !(has_ledger() && p_.compares))) {
    std::promise<Result<Outcomes>> answer;
    answer.set_value(std::move(known));
    flight->answer = answer.get_future();
    return flight;
  }
  if (p_.compares && has_ledger()) target.note = encode_decisions(unit);
  if (flight->memory) target.memory = &*flight->memory;
  Writer* writer = p_.second_writer == nullptr || first_is_next_ ? p_.writer : p_.second_writer;
  first_is_next_ = !first_is_next_;
  const auto how = p_.second_writer == nullptr ? std::launch::deferred : std::launch::async;
  // Without a ledger a call that failed may have been carried out: the run stops, and goes on by asking the target.
  flight->answer = std::async(how, [writer, unit_of_target = &target, stop = run.stop, again = has_ledger()] {
    return again ? submit_patiently(*writer, *unit_of_target, stop) : writer->submit(*unit_of_target);
  });
  return flight;
}

// Decides what is to be done with the rows, and keeps what they will overwrite.
Result<> UnitWriter::decide(Flight& flight, bool read_back) {
  GW_ASSIGN(const Comparison comparison, p_.comparer->decide(flight.unit, read_back));
  if (read_back || !p_.flow->flow->keep_prior || comparison.before.rows == 0) return {};
  GW_ASSIGN(EncodedSegment before, pending_.write(flight.unit.id, comparison.before_keys, comparison.before));
  flight.settled.segments.push_back(std::move(before));
  return {};
}

// Whether the target's ledger has the unit, and then what became of its rows.
Result<bool> UnitWriter::ask_ledger(Flight& flight, Outcomes& outcomes) {
  FormedUnit& unit = flight.unit;
  Resolved resolved;
  if (unit.id.number <= p_.ledger_last) {
    GW_ASSIGN(resolved, p_.writer->resolve(flight.target));
    if (resolved.resolution == Resolution::unknown)
      return fail(4041, {{"flow", p_.flow->flow->name}, {"seen", std::to_string(unit.id.number)}});
  }
  if (resolved.resolution != Resolution::done) {
    GW_TRY(decide(flight, false));
    return false;
  }
  outcomes = std::move(resolved.outcomes);
  if (resolved.note.empty()) {
    GW_TRY(p_.comparer->decide(unit));
    return true;
  }
  GW_TRY(decode_decisions(resolved.note, unit));
  GW_TRY(p_.comparer->name_conflicts(unit));
  GW_ASSIGN(auto before, pending_.read(unit.id));
  if (before) flight.settled.segments.push_back(std::move(*before));
  return true;
}

// Without a ledger the intent says what was to be done, and the target's rows say how far that got. Rows that cannot be told apart, those
// of a flow without a key, are for the writer's memory; without one nobody knows, and they are in doubt (answers true).
Result<bool> UnitWriter::ask_memory(Flight& flight) {
  FormedUnit& unit = flight.unit;
  flight.memory.emplace(*p_.context->journal, unit.id);
  if (p_.context->run.fence > 1) GW_TRY(flight.memory->load());
  const std::string& recorded = flight.memory->decisions();
  if (recorded.empty() || p_.flow->insert_only()) {
    GW_TRY(decide(flight, false));
    flight.settled.decisions = encode_decisions(unit);
    return !recorded.empty() && p_.delivery == Delivery::upsert_by_key;
  }
  GW_TRY(decide(flight, true));
  GW_ASSIGN(flight.recovered, RecoveredRows::of(unit, recorded));
  GW_ASSIGN(auto before, pending_.read(unit.id));
  if (before) flight.settled.segments.push_back(std::move(*before));
  return false;
}

// Waits for the target's answer, and settles the unit by it.
Result<> UnitWriter::arrive(Flight& flight) {
  GW_ASSIGN(const Outcomes outcomes, flight.answer.get());
  if (outcomes.rows != flight.settled.rows_written)
    return fail(5902, {{"place", flight.unit.id.flow + " unit " + std::to_string(flight.unit.id.number)}, {"seen", std::to_string(outcomes.rows) + " outcomes"}});
  flight.target.chunks.clear();
  std::vector<std::uint8_t> kinds;
  RowResults results = results_of(flight, outcomes, kinds);
  if (p_.flow->insert_only()) {
    flight.settled.outcomes = encode_outcomes(kinds);
  } else {
    GW_TRY(adopt(flight.unit, results));
    GW_TRY(crosswalk_rows(flight.unit, results, flight.settled));
    GW_TRY(remember_parents(flight.unit, results));
  }
  return book(flight, results);
}

// Outcomes back onto the rows they belong to; `kinds`: of the rows that were sent, in their order.
UnitWriter::RowResults UnitWriter::results_of(Flight& flight, const Outcomes& outcomes, std::vector<std::uint8_t>& kinds) {
  const CompiledFlow& flow = *p_.flow;
  RowResults results;
  results.with_ids = crosswalk_ids(flow) != TypeId::null_type;
  std::int64_t sent = 0;
  std::size_t refusal = 0;
  kinds.reserve(static_cast<std::size_t>(outcomes.rows));
  for (std::size_t n = 0; n < flight.unit.batches.size(); ++n) {
    SequencedBatch& b = flight.unit.batches[n];
    std::vector<OutcomeKind>& of = results.kinds.emplace_back(b.decisions.size(), OutcomeKind::unchanged);
    ColumnBuilder ids(flow.id_type);
    if (results.with_ids) ids.reserve(b.rows());
    for (std::size_t i = 0; i < b.decisions.size(); ++i) {
      const bool written = is_written(b.decisions[i]) && b.fates[i] == Fate::kept;
      if (results.with_ids)
        !written || outcomes.ids.length == 0 ? ids.null() : ids.append_from(outcomes.ids, sent);
      if (flight.recovered && b.fates[i] == Fate::kept)
        of[i] = flight.recovered->outcome(n, i, written ? outcomes.at(sent) : OutcomeKind::unchanged, written);
      else if (written)
        of[i] = outcomes.at(sent);
      if (!written) continue;
      const OutcomeKind kind = of[i];
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
      } else if (kind == OutcomeKind::unknown) {
        b.warnings.push_back({static_cast<std::int64_t>(i), make_error(1433), ""});
      }
      ++sent;
    }
    if (results.with_ids) results.ids.push_back(ids.finish());
    std::ranges::stable_sort(b.set_aside, [](const RowNote& x, const RowNote& y) { return x.row < y.row; });
    std::ranges::stable_sort(b.warnings, [](const RowNote& x, const RowNote& y) { return x.row < y.row; });
  }
  return results;
}

}  // namespace godwit
