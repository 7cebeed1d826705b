// What a writer promises while nothing goes wrong.

#include <algorithm>

#include "core/contract/target.hpp"
#include "core/contract/tests_list.hpp"

namespace godwit::contract {
namespace {

// Submits and complains unless every row has this outcome; empty when it could not be submitted.
std::optional<Outcomes> submitted(Target& x, Trial& t, Writer& writer, const std::string& flow, std::int64_t number, Operation operation, const std::vector<Row>& rows, OutcomeKind expected) {
  auto outcomes = writer.submit(x.unit(flow, number, operation, rows));
  if (!outcomes) return t.refused("submit", outcomes.error()), std::nullopt;
  for (std::int64_t r = 0; r < outcomes->rows; ++r)
    if (!t.expect(outcomes->at(r) == expected, "contract.outcome", {{"place", "row " + std::to_string(r)}, {"seen", reason(*outcomes, r)}, {"expected", name_of(expected)}})) break;
  return std::move(*outcomes);
}

// Whether the writer does this at all: it refuses every row of an operation that it does not know.
bool refuses_all(const Outcomes& outcomes) {
  for (std::int64_t r = 0; r < outcomes.rows; ++r)
    if (outcomes.at(r) != OutcomeKind::refused) return false;
  return outcomes.rows > 0;
}

void insert(Target& x, Trial& t) {
  auto w = x.writer("insert");
  if (!w) return t.refused("open_writer", w.error());
  const auto rows = x.ordinary_rows(40);
  const auto outcomes = submitted(x, t, *w->writer, "insert", 1, Operation::insert, rows, OutcomeKind::created);
  if (!outcomes || t.failed()) return;
  if (!x.request().id.empty()) {
    t.expect(outcomes->ids.length == outcomes->rows && !outcomes->ids.has_nulls(), "contract.no_ids", {{"place", x.request().id}});
    std::set<std::string> ids;
    for (std::int64_t i = 0; i < outcomes->ids.length; ++i) t.expect(ids.insert(value_text(outcomes->ids, i)).second, "contract.twice", {{"place", x.request().id}, {"seen", value_text(outcomes->ids, i)}});
  }
  x.expect_there(t, "inserted", rows);
  // What it says it can read back is what the reader reads.
  if (!x.keyed()) return;
  auto back = x.read_back(*w->writer, rows);
  if (!back) return t.refused("read_back", back.error());
  auto more = x.ordinary_rows(1);
  const auto none = x.read_back(*w->writer, more);
  if (none) t.expect(none->front().empty(), "contract.there", {{"place", "read_back of a key that is not there"}, {"seen", "1"}});
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (t.expect((*back)[r].size() == 1, "contract.lost", {{"place", "read_back, row " + std::to_string(r)}, {"seen", "0"}}))
      t.expect((*back)[r].front() == x.expected(rows[r]), "contract.altered", {{"place", "read_back, row " + std::to_string(r)}, {"field", ""}, {"seen", "-"}, {"expected", "-"}});
}

void every_type(Target& x, Trial& t) {
  std::int64_t taken = 0, refused = 0, number = 0;
  for (std::size_t c = 0; c < x.fields().size(); ++c) {
    const ObjectField& field = x.fields()[c];
    if (x.identifies(c) || field.unique) continue;
    std::vector<Row> rows;
    for (const Value& v : extremes(field)) rows.push_back(x.ordinary_row()), rows.back()[c].value = v;
    if (field.nullable) rows.push_back(x.ordinary_row()), rows.back()[c].value = {};
    if (rows.empty()) continue;
    auto w = x.writer("every-type");
    if (!w) return t.refused("open_writer", w.error());
    const auto outcomes = w->writer->submit(x.unit("every-type", ++number, Operation::insert, rows));
    if (!outcomes) {
      t.refused("submit " + field.name, outcomes.error());
      continue;
    }
    // Taken as it is, or refused with a reason; never altered in silence.
    std::vector<Row> there, absent;
    for (std::int64_t r = 0; r < outcomes->rows; ++r) (outcomes->at(r) == OutcomeKind::refused ? absent : there).push_back(rows[static_cast<std::size_t>(r)]);
    t.expect(!there.empty(), "contract.outcome", {{"place", field.name}, {"seen", reason(*outcomes, 0)}, {"expected", "created"}});
    x.expect_there(t, field.name, there);
    x.expect_absent(t, field.name, absent);
    taken += static_cast<std::int64_t>(there.size()), refused += static_cast<std::int64_t>(absent.size());
  }
  t.note("contract.tried_values", {{"count", std::to_string(taken)}, {"refused", std::to_string(refused)}});
}

// A text field in which null, empty and unset can be told apart, or the number of columns.
std::size_t free_text(Target& x) {
  std::size_t c = 0;
  while (c < x.fields().size() && !(x.fields()[c].type.id == TypeId::utf8 && x.fields()[c].nullable && !x.fields()[c].unique && !x.identifies(c) && x.fields()[c].choices.empty())) ++c;
  return c;
}

// A system without empty texts must not make them null in silence.
bool refuses_empty(Target& x, Trial& t, Writer& writer, std::size_t c) {
  auto row = x.ordinary_rows(1);
  row[0][c].value = std::string();
  return submitted(x, t, writer, "null-empty-unset", 3, Operation::insert, row, OutcomeKind::refused) && !t.failed();
}

void null_empty_unset(Target& x, Trial& t) {
  const std::size_t c = free_text(x);
  if (c == x.fields().size()) return t.skip("contract.skip.no_text");
  auto w = x.writer("null-empty-unset");
  if (!w) return t.refused("open_writer", w.error());
  auto rows = x.ordinary_rows(5);
  const bool has_empty = !x.subject().options().no_empty_text;
  rows[0][c].value = {}, rows[2][c] = {Value(), false};
  if (has_empty) rows[1][c].value = std::string();
  else if (!refuses_empty(x, t, *w->writer, c)) return;
  const auto outcomes = submitted(x, t, *w->writer, "null-empty-unset", 1, Operation::insert, rows, OutcomeKind::created);
  if (!outcomes || t.failed()) return;
  x.expect_there(t, x.fields()[c].name, rows);
  if (!x.keyed()) return t.note("contract.insert_only", {});
  // An update changes what is set and nothing else.
  auto changed = rows;
  changed[0][c].value = std::string("given"), changed[1][c].value = {};
  if (has_empty) changed[3][c].value = std::string();
  // What is not sent has no value: a writer that sends it all the same writes null over what is there.
  changed[2][c] = changed[4][c] = {Value(), false};
  for (std::size_t other = 0; other < x.fields().size(); ++other)
    if (!x.is_key(other) && other != c)
      for (Row& row : changed) row[other] = {Value(), false};
  auto updated = w->writer->submit(x.unit("null-empty-unset", 2, Operation::update, changed));
  if (!updated) return t.refused("submit", updated.error());
  if (refuses_all(*updated)) return t.note("contract.insert_only", {});
  auto wanted = rows;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (changed[r][c].set) wanted[r][c] = changed[r][c];
  x.expect_there(t, x.fields()[c].name + " updated", wanted);
}

void update_upsert(Target& x, Trial& t) {
  if (!x.keyed()) return t.skip("contract.skip.no_key");
  auto w = x.writer("upsert");
  if (!w) return t.refused("open_writer", w.error());
  auto rows = x.ordinary_rows(10);
  auto outcomes = w->writer->submit(x.unit("upsert", 1, Operation::upsert, rows));
  if (!outcomes) return t.refused("submit", outcomes.error());
  if (refuses_all(*outcomes)) return t.skip("contract.skip.no_upsert", {{"seen", reason(*outcomes, 0)}});
  for (std::int64_t r = 0; r < outcomes->rows; ++r) t.expect(outcomes->at(r) == OutcomeKind::created, "contract.outcome", {{"place", "row " + std::to_string(r)}, {"seen", reason(*outcomes, r)}, {"expected", "created"}});
  x.expect_there(t, "upserted", rows);
  // The same keys with other values, and new keys between them.
  auto mixed = rows;
  for (Row& row : mixed) {
    const Row fresh = x.ordinary_row();
    for (std::size_t c = 0; c < row.size(); ++c)
      if (!x.is_key(c)) row[c] = fresh[c];
  }
  for (std::size_t i = 0; i < 5; ++i) mixed.insert(mixed.begin() + static_cast<std::ptrdiff_t>(2 * i), x.ordinary_row());
  outcomes = w->writer->submit(x.unit("upsert", 2, Operation::upsert, mixed));
  if (!outcomes) return t.refused("submit", outcomes.error());
  for (std::int64_t r = 0; r < outcomes->rows; ++r) {
    const bool is_new = r < 10 && r % 2 == 0;
    t.expect(outcomes->at(r) == (is_new ? OutcomeKind::created : OutcomeKind::updated), "contract.outcome",
             {{"place", "row " + std::to_string(r)}, {"seen", reason(*outcomes, r)}, {"expected", is_new ? "created" : "updated"}});
  }
  x.expect_there(t, "upserted again", mixed);
  // Updates of what is not there are missing, and make nothing.
  const auto none = x.ordinary_rows(3);
  (void)submitted(x, t, *w->writer, "upsert", 3, Operation::update, none, OutcomeKind::missing);
  x.expect_absent(t, "updated without being there", none);
}

void deletes(Target& x, Trial& t) {
  if (!x.keyed()) return t.skip("contract.skip.no_key");
  auto w = x.writer("delete");
  if (!w) return t.refused("open_writer", w.error());
  const auto rows = x.ordinary_rows(6);
  (void)submitted(x, t, *w->writer, "delete", 1, Operation::insert, rows, OutcomeKind::created);
  const std::vector<Row> some(rows.begin(), rows.begin() + 3), rest(rows.begin() + 3, rows.end());
  const auto outcomes = w->writer->submit(x.unit("delete", 2, Operation::remove, some));
  if (!outcomes) return t.refused("submit", outcomes.error());
  if (refuses_all(*outcomes)) return t.skip("contract.skip.no_delete", {{"seen", reason(*outcomes, 0)}});
  for (std::int64_t r = 0; r < outcomes->rows; ++r) t.expect(outcomes->at(r) == OutcomeKind::deleted, "contract.outcome", {{"place", "row " + std::to_string(r)}, {"seen", reason(*outcomes, r)}, {"expected", "deleted"}});
  x.expect_absent(t, "deleted", some);
  x.expect_there(t, "not deleted", rest);
  (void)submitted(x, t, *w->writer, "delete", 3, Operation::remove, some, OutcomeKind::missing);
}

void bad_row(Target& x, Trial& t) {
  // A field whose rule is known, so that breaking it must show.
  std::size_t c = 0;
  const auto breakable = [&](const ObjectField& f) { return (f.type.id == TypeId::utf8 && f.length && *f.length < 100'000) || !f.nullable; };
  while (c < x.fields().size() && (x.is_key(c) || !breakable(x.fields()[c]))) ++c;
  auto w = x.writer("bad-row");
  if (!w) return t.refused("open_writer", w.error());
  auto rows = x.ordinary_rows(9);
  if (c < x.fields().size()) {
    const ObjectField& f = x.fields()[c];
    rows[4][c].value = f.nullable ? Value(std::string(static_cast<std::size_t>(*f.length) + 1, 'x')) : Value();
  } else if (x.keyed()) {
    for (std::size_t k = 0; k < x.fields().size(); ++k)
      if (x.is_key(k)) rows[4][k] = rows[3][k];
  } else {
    return t.skip("contract.skip.no_rule");
  }
  const auto outcomes = w->writer->submit(x.unit("bad-row", 1, Operation::insert, rows));
  if (!outcomes) return t.refused("submit", outcomes.error());
  for (std::int64_t r = 0; r < outcomes->rows; ++r) {
    const bool bad = r == 4;
    t.expect(outcomes->at(r) == (bad ? OutcomeKind::refused : OutcomeKind::created), "contract.outcome",
             {{"place", "row " + std::to_string(r)}, {"seen", reason(*outcomes, r)}, {"expected", bad ? "refused" : "created"}});
  }
  for (const Refusal& r : outcomes->refusals) {
    t.expect(r.error.number != 3011, "contract.no_reason", {{"place", "row " + std::to_string(r.row)}});
    t.expect(r.error_class == "data", "contract.differs", {{"place", "error_class"}, {"seen", r.error_class}, {"expected", "data"}});
  }
  rows.erase(rows.begin() + 4);
  x.expect_there(t, "beside a bad row", rows);
}

void wrong_requests(Target& x, Trial& t) {
  auto connection = x.subject().open();
  if (!connection) return t.refused("open", connection.error());
  const auto tried = [&](const std::string& place, const WriteRequest& request) {
    auto writer = (*connection)->open_writer(request);
    const Result<> prepared = writer ? (*writer)->prepare() : Result<>(Failure(writer.error()));
    if (prepared) return t.fail("contract.taken", {{"place", place}});
    t.expect(prepared.error().kind == ErrorKind::bad_config, "contract.wrong_kind", {{"place", place}, {"seen", describe(prepared.error())}});
  };
  WriteRequest request = x.request();
  request.columns.push_back({"no such column 0", TypeId::utf8});
  tried("open_writer, unknown column", request);
}

}  // namespace

const std::vector<WritingTest>& writing_tests() {
  static const std::vector<WritingTest> all{{"insert", insert}, {"every_type", every_type}, {"null_empty_unset", null_empty_unset}, {"update_upsert", update_upsert},
                                            {"deletes", deletes}, {"bad_row", bad_row}, {"wrong_requests", wrong_requests}};
  return all;
}

}  // namespace godwit::contract
