// What a writer promises when calls are repeated, lost or made to fail.

#include <algorithm>

#include "core/contract/faults.hpp"
#include "core/contract/target.hpp"
#include "core/contract/tests_list.hpp"

namespace godwit::contract {
namespace {

// How this target takes a row that may be there already.
Operation repeatable(const Target& x) { return x.keyed() ? Operation::upsert : Operation::insert; }

const char* resolution_name(Resolution r) { return r == Resolution::done ? "done" : r == Resolution::absent ? "absent" : "unknown"; }

void twice(Target& x, Trial& t) {
  if (x.delivery() == Delivery::append_only) return t.skip("contract.skip.append_only");
  const auto rows = x.ordinary_rows(12);
  const Unit unit = x.unit("twice", 1, repeatable(x), rows);
  for (int round = 0; round < 2; ++round) {
    auto w = x.writer("twice");
    if (!w) return t.refused("open_writer", w.error());
    const auto outcomes = w->writer->submit(unit);
    if (!outcomes && round == 0) return t.refused("submit", outcomes.error());
    // The second time: an error that refuses the unit, or an outcome for every row. Either way nothing comes twice.
    if (round == 1 && !outcomes) t.expect(outcomes.error().kind != ErrorKind::row_rejected, "contract.wrong_kind", {{"place", "submitted twice"}, {"seen", describe(outcomes.error())}});
    x.expect_there(t, "submitted " + std::string(round == 0 ? "once" : "twice"), rows);
  }
}

void resolve(Target& x, Trial& t) {
  const auto rows = x.ordinary_rows(12);
  const Unit first = x.unit("resolve", 1, Operation::insert, rows), never = x.unit("resolve", 2, Operation::insert, {});
  Unit other_flow = first, other_run = first;
  other_flow.flow = "resolve-2", other_run.run += "-2";
  const bool transactional = x.delivery() == Delivery::transactional;
  Outcomes submitted;
  {
    auto w = x.writer("resolve");
    if (!w) return t.refused("open_writer", w.error());
    const auto before = w->writer->resolve(first);
    if (!before) return t.refused("resolve", before.error());
    t.expect(before->resolution != Resolution::done && (before->resolution == Resolution::absent || !transactional), "contract.differs",
             {{"place", "resolve before submit"}, {"seen", resolution_name(before->resolution)}, {"expected", "absent"}});
    auto outcomes = w->writer->submit(first);
    if (!outcomes) return t.refused("submit", outcomes.error());
    submitted = std::move(*outcomes);
  }
  // Asked by another process, as after a kill.
  auto w = x.writer("resolve");
  if (!w) return t.refused("open_writer", w.error());
  const auto after = w->writer->resolve(first);
  if (!after) return t.refused("resolve", after.error());
  const auto last = w->writer->last_unit(first.run, first.flow, 0);
  if (!last) return t.refused("last_unit", last.error());
  if (!transactional) {
    t.expect(after->resolution != Resolution::absent, "contract.differs", {{"place", "resolve after submit"}, {"seen", "absent"}, {"expected", "done | unknown"}});
    return t.note("contract.no_ledger", {{"seen", resolution_name(after->resolution)}});
  }
  t.expect_same("resolve after submit", resolution_name(after->resolution), "done");
  t.expect_same("last_unit", std::to_string(*last), "1");
  if (after->resolution != Resolution::done) return;
  t.expect_same("end_position", after->end_position, first.end_position);
  t.expect_same("note", after->note, first.note);
  t.expect_same("rows", std::to_string(after->outcomes.rows), std::to_string(submitted.rows));
  for (std::int64_t r = 0; r < std::min(submitted.rows, after->outcomes.rows); ++r) {
    if (after->outcomes.at(r) != submitted.at(r)) t.fail("contract.outcome", {{"place", "resolve, row " + std::to_string(r)}, {"seen", std::to_string(int(after->outcomes.at(r)))}, {"expected", std::to_string(int(submitted.at(r)))}});
    if (submitted.ids.length != 0 && after->outcomes.ids.length == submitted.ids.length)
      t.expect_same("id of row " + std::to_string(r), value_text(after->outcomes.ids, r), value_text(submitted.ids, r));
  }
  t.expect_same("ids", std::to_string(after->outcomes.ids.length), std::to_string(submitted.ids.length));
  for (const Unit* absent : {&never, static_cast<const Unit*>(&other_flow), static_cast<const Unit*>(&other_run)}) {
    const auto none = w->writer->resolve(*absent);
    if (!none) t.refused("resolve", none.error());
    else t.expect_same("resolve " + absent->flow + " unit " + std::to_string(absent->number), resolution_name(none->resolution), "absent");
  }
  if (const auto none = w->writer->last_unit(first.run, "resolve-2", 0)) t.expect_same("last_unit of another flow", std::to_string(*none), "0");
}

// Everything from open() to the outcomes, with operation `at` failing.
Result<Outcomes> write_with_fault(Target& x, const std::string& flow, const Unit& unit, long at, long* operations) {
  Faults faults(at);
  Result<Outcomes> out = [&]() -> Result<Outcomes> {
    GW_ASSIGN(Writing w, x.writer(flow));
    return w.writer->submit(unit);
  }();
  *operations = faults.disarm();
  return out;
}

void faults(Target& x, Trial& t) {
  if (!can_fail()) return t.skip("contract.skip.no_faults");
  if (x.delivery() == Delivery::append_only) return t.skip("contract.skip.append_only");
  long operations = 0, ignored = 0;
  const std::string flow = "faults";
  std::int64_t number = 0;
  // The first unit of a flow also makes ledger and files.
  for (int round = 0; round < 2; ++round) {
    const auto counted = write_with_fault(x, flow, x.unit(flow, ++number, repeatable(x), x.ordinary_rows(20)), 0, &operations);
    if (!counted) return t.refused("submit", counted.error());
  }
  const std::int64_t most = std::max<std::int64_t>(x.subject().options().points, 2), points = std::min<std::int64_t>(operations, most);
  std::int64_t failed = 0;
  for (std::int64_t p = 0; p < points && !t.failed(); ++p) {
    const long at = operations <= most ? p + 1 : 1 + p * (operations - 1) / (points - 1);
    const auto rows = x.ordinary_rows(20);
    const Unit unit = x.unit(flow, ++number, repeatable(x), rows);
    const auto outcomes = write_with_fault(x, flow, unit, at, &ignored);
    const std::string place = "operation " + std::to_string(at);
    auto w = x.writer(flow);
    if (!w) return t.refused("open_writer after " + place, w.error());
    if (!outcomes) {
      ++failed;
      t.expect(outcomes.error().kind != ErrorKind::row_rejected && outcomes.error().number != 3010, "contract.wrong_kind", {{"place", place}, {"seen", describe(outcomes.error())}});
    } else {
      // A call that was lost and sent again meets the records of its own first attempt: whoever was asked for an upsert cannot tell those apart.
      const bool may_meet_itself = x.delivery() != Delivery::transactional && repeatable(x) == Operation::upsert;
      const auto written = [&](OutcomeKind kind) { return kind == OutcomeKind::created || (may_meet_itself && kind == OutcomeKind::updated); };
      std::int64_t other = 0;
      while (other < outcomes->rows && written(outcomes->at(other))) ++other;
      if (other < outcomes->rows) t.fail("contract.outcome", {{"place", place + ", row " + std::to_string(other)}, {"seen", reason(*outcomes, other)}, {"expected", "created"}});
    }
    const auto resolved = w->writer->resolve(unit);
    if (!resolved) return t.refused("resolve after " + place, resolved.error());
    bool again = !outcomes;
    if (x.delivery() == Delivery::transactional) {
      t.expect(resolved->resolution != Resolution::unknown, "contract.differs", {{"place", "resolve after " + place}, {"seen", "unknown"}, {"expected", outcomes ? "done" : "absent | done"}});
      if (outcomes) t.expect_same("resolve after " + place, resolution_name(resolved->resolution), "done");
      again = resolved->resolution == Resolution::absent;
      // All of the unit or nothing of it.
      if (again) x.expect_absent(t, place + ", absent", rows);
    }
    if (again)
      if (const auto done = w->writer->submit(unit); !done) t.refused("submit after " + place, done.error());
    x.expect_there(t, place, rows);
  }
  t.note("contract.tried_writes", {{"count", std::to_string(points)}, {"of", std::to_string(operations)}, {"failed", std::to_string(failed)}});
}

void cancel(Target& x, Trial& t) {
  const auto host = x.subject().new_host();
  auto w = x.writer_on(*host, "cancel");
  if (!w) return t.refused("open_writer", w.error());
  const auto rows = x.ordinary_rows(2000);
  const Unit unit = x.unit("cancel", 1, Operation::insert, rows);
  host->request_cancel();
  const auto outcomes = w->writer->submit(unit);
  if (outcomes) return x.expect_there(t, "asked to stop", rows);
  t.expect(outcomes.error().kind == ErrorKind::cancelled, "contract.wrong_kind", {{"place", "asked to stop"}, {"seen", describe(outcomes.error())}});
  if (x.delivery() == Delivery::transactional) x.expect_absent(t, "asked to stop", rows);
}

void empty_unit(Target& x, Trial& t) {
  auto w = x.writer("empty");
  if (!w) return t.refused("open_writer", w.error());
  const auto none = w->writer->submit(x.unit("empty", 1, Operation::insert, {}));
  if (!none) return t.refused("submit", none.error());
  t.expect_same("rows", std::to_string(none->rows), "0");
  // Units of one flow in a row, by one writer: each stands for itself.
  for (std::int64_t n = 2; n <= 4; ++n) {
    const auto rows = x.ordinary_rows(5);
    const auto outcomes = w->writer->submit(x.unit("empty", n, Operation::insert, rows));
    if (!outcomes) return t.refused("submit", outcomes.error());
    x.expect_there(t, "unit " + std::to_string(n), rows);
  }
  if (x.delivery() != Delivery::transactional) return;
  const auto last = w->writer->last_unit(x.request().run, "empty", 0);
  if (last) t.expect_same("last_unit", std::to_string(*last), "4");
}

}  // namespace

const std::vector<WritingTest>& recovery_tests() {
  static const std::vector<WritingTest> all{{"empty_unit", empty_unit}, {"twice", twice}, {"resolve", resolve}, {"write_faults", faults}, {"write_cancel", cancel}};
  return all;
}

}  // namespace godwit::contract
