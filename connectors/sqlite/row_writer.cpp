#include "connectors/sqlite/row_writer.hpp"

#include <algorithm>

#include "connectors/sqlite/refusals.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::sqlite {
namespace {

using sql::quote_identifier;

// Patterns of sent columns that are kept prepared; more of them are forgotten and prepared again.
constexpr std::size_t kMostStatements = 128;

}  // namespace

Result<std::unique_ptr<RowWriter>> RowWriter::make(const Database* db, TableInfo table, const WriteRequest& request) {
  std::unique_ptr<RowWriter> out(new RowWriter(db, std::move(table), request));
  GW_TRY(out->plan());
  return out;
}

Result<> RowWriter::plan() {
  const std::string place = db_->options().path.string();
  if (table_.kind != TableInfo::Kind::table)
    return sdk::fail(3210, ErrorKind::bad_config,
                     {{"place", place},
                      {"seen", table_.name},
                      {"expected", table_.kind == TableInfo::Kind::view ? "view" : "virtual table"}});
  for (const Field& f : request_.columns) {
    const int at = table_.find(f.name);
    if (at < 0) {
      std::vector<std::string_view> names;
      for (const ColumnInfo& c : table_.columns) names.push_back(c.name);
      return sdk::fail(3031, ErrorKind::bad_config,
                       {{"place", place},
                        {"object", table_.name},
                        {"seen", f.name},
                        {"nearest", std::string(nearest(f.name, names))}});
    }
    const ColumnInfo& c = table_.columns[static_cast<std::size_t>(at)];
    if (c.computed)
      return sdk::fail(3211, ErrorKind::bad_config, {{"place", place}, {"object", table_.name}, {"field", c.name}});
    auto encoder = Encoder::plan(f.type, c, db_->options());
    if (!encoder)
      return sdk::fail(3212, ErrorKind::bad_config,
                       {{"place", place},
                        {"object", table_.name},
                        {"field", c.name},
                        {"expected", to_string(c.type)},
                        {"seen", to_string(f.type)}});
    encoders_.push_back(std::move(*encoder));
  }
  is_key_.assign(request_.columns.size(), false);
  for (const std::string& name : request_.key) {
    const int at = find_field(request_.columns, name);
    if (at < 0)
      return sdk::fail(3031, ErrorKind::bad_config,
                       {{"place", place}, {"object", table_.name}, {"seen", name}, {"nearest", ""}});
    key_.push_back(at), is_key_[static_cast<std::size_t>(at)] = true;
  }
  for (const UniqueIndex& u : table_.uniques) {
    const auto in_key = [&](const std::string& column) {
      return std::any_of(request_.key.begin(), request_.key.end(),
                         [&](const std::string& k) { return sql::same_name(k, column); });
    };
    if (u.native_order && std::all_of(u.columns.begin(), u.columns.end(), in_key)) key_is_unique_ = true;
  }
  if (!request_.id.empty()) {
    id_column_ = table_.find(request_.id);
    if (id_column_ < 0)
      return sdk::fail(3214, ErrorKind::bad_config,
                       {{"place", place}, {"object", table_.name}, {"field", request_.id}});
    const ColumnInfo& c = table_.columns[static_cast<std::size_t>(id_column_)];
    id_is_rowid_ = c.rowid, integer_ids_ = c.rowid || c.type.id == TypeId::int64;
  }
  for (Encoder& e : encoders_) source_.columns.push_back(&e);
  if (!register_rows(db_->get(), "godwit_unit", &source_)) return Failure(db_->error());
  return {};
}

void RowWriter::load(const Chunk& chunk, std::int64_t from, std::int64_t length, std::int64_t unit_row,
                     UnitResults* results) {
  chunk_ = &chunk, from_ = from, length_ = length, unit_row_ = unit_row;
  for (std::size_t c = 0; c < encoders_.size(); ++c) {
    encoders_[c].load(chunk.batch.columns[c], from, length, [&](std::int64_t i, const Fault& fault) {
      const bool sent = chunk.is_set(c, from + i) && (is_key_[c] || chunk.operation_of(from + i) != Operation::remove);
      if (!sent || !is_open(i, *results)) return;
      std::vector<Argument> arguments{{"seen", fault.seen}};
      if (!fault.expected.empty()) arguments.emplace_back("expected", fault.expected);
      results->refuse(sql::refuse(unit_row + i, fault.number, request_.columns[c].name, "", std::move(arguments)));
    });
  }
}

std::string RowWriter::pattern(std::int64_t i) const {
  std::string out(encoders_.size(), '1');
  if (!chunk_->set.empty())
    for (std::size_t c = 0; c < out.size(); ++c)
      if (!chunk_->is_set(c, from_ + i)) out[c] = '0';
  return out;
}

bool RowWriter::same_way(std::int64_t a, std::int64_t b) const {
  if (chunk_->operation_of(from_ + a) != chunk_->operation_of(from_ + b)) return false;
  for (std::size_t c = 0; c < chunk_->set.size(); ++c)
    if (chunk_->is_set(c, from_ + a) != chunk_->is_set(c, from_ + b)) return false;
  return true;
}

// A row whose key has no value matches nothing and could never be found again.
bool RowWriter::key_is_whole(std::int64_t i, UnitResults* results) {
  for (int k : key_) {
    const auto c = static_cast<std::size_t>(k);
    if (!encoders_[c].is_null(i) && chunk_->is_set(c, from_ + i)) continue;
    results->refuse(sql::refuse(unit_row_ + i, sql::kKeyIsNull, request_.columns[c].name, ""));
    return false;
  }
  return true;
}

std::string RowWriter::where_key(std::vector<int>* columns) const {
  std::string out;
  for (int k : key_) {
    out += (out.empty() ? " where " : " and ") + quote_identifier(request_.columns[static_cast<std::size_t>(k)].name) +
           " = ?";
    columns->push_back(k);
  }
  return out;
}

std::string RowWriter::statement_text(Verb verb, const std::string& pattern, std::vector<int>* columns) const {
  const std::string name = quote_identifier(table_.name);
  const std::string returning =
      id_column_ < 0 ? "" : " returning " + quote_identifier(table_.columns[static_cast<std::size_t>(id_column_)].name);
  std::string names, values;
  const bool updates = verb == Verb::update;
  for (std::size_t c = 0; c < encoders_.size(); ++c) {
    if (pattern[c] != '1' || (updates && is_key_[c])) continue;
    const std::string separator = names.empty() ? "" : ", ";
    names += separator + quote_identifier(request_.columns[c].name) + (updates ? " = ?" : "");
    values += separator + (verb == Verb::insert_many ? "c" + std::to_string(c) : "?");
    columns->push_back(static_cast<int>(c));
  }
  // "or abort" and "or fail" override what the table itself may say, so that no conflict passes in silence
  // (ON CONFLICT IGNORE) and none removes another row (ON CONFLICT REPLACE).
  switch (verb) {
    case Verb::insert:
      if (names.empty()) return "insert or abort into " + name + " default values" + returning;
      return "insert or abort into " + name + " (" + names + ") values (" + values + ")" + returning;
    case Verb::insert_many:
      return "insert or fail into " + name + " (" + names + ") select " + values + " from godwit_unit";
    case Verb::update:
      return "update or abort " + name + " set " + names + where_key(columns) + returning;
    case Verb::remove:
      columns->clear();
      return "delete from " + name + where_key(columns);
    case Verb::exists:
      columns->clear();
      return "select " + (returning.empty() ? "1" : returning.substr(11)) + " from " + name + where_key(columns);
    case Verb::which_exist:
      break;
  }
  std::string on;
  for (std::size_t k = 0; k < key_.size(); ++k)
    on += (k == 0 ? "" : " and ") + std::string("t.") +
          quote_identifier(request_.columns[static_cast<std::size_t>(key_[k])].name) + " = +r.c" +
          std::to_string(key_[k]);
  columns->clear();
  return "select r.rowid from godwit_unit r cross join " + name + " t where " + on;
}

Result<RowWriter::RowStatement*> RowWriter::statement(Verb verb, const std::string& pattern) {
  const std::string id = static_cast<char>(verb) + pattern;
  if (const auto it = statements_.find(id); it != statements_.end()) return &it->second;
  if (statements_.size() >= kMostStatements) statements_.clear();
  RowStatement made;
  const std::string text = statement_text(verb, pattern, &made.columns);
  GW_ASSIGN(made.statement, db_->prepare(text, true));
  return &statements_.emplace(id, std::move(made)).first->second;
}

void RowWriter::take_id(sqlite3_stmt* row, std::int64_t i, UnitResults* results) const {
  const auto at = static_cast<std::size_t>(unit_row_ + i);
  if (id_column_ < 0 || sqlite3_column_type(row, 0) == SQLITE_NULL) return;
  if (integer_ids_) {
    if (sqlite3_column_type(row, 0) != SQLITE_INTEGER) return;
    results->ids[at] = sqlite3_column_int64(row, 0);
  } else {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
    results->text_ids[at].assign(text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(row, 0)));
  }
  results->has_id[at] = 1;
}

Result<Refusal> RowWriter::refusal_of(int code, const std::string& words, std::int64_t i) const {
  RowAtFault row;
  row.row_of_unit = unit_row_ + i, row.operation = chunk_->operation_of(from_ + i), row.index = i;
  row.find = [&](std::string_view column) -> const Encoder* {
    for (std::size_t c = 0; c < encoders_.size(); ++c)
      if (sql::same_name(request_.columns[c].name, column))
        return chunk_->is_set(c, from_ + i) ? &encoders_[c] : nullptr;
    return nullptr;
  };
  return classify(*db_, table_, code, words, row);
}

Result<Written> RowWriter::run(Verb verb, std::int64_t i, UnitResults* results, std::int64_t* changed) {
  GW_ASSIGN(RowStatement * s, statement(verb, verb == Verb::remove ? no_column() : pattern(i)));
  int parameter = 0;
  for (int c : s->columns) encoders_[static_cast<std::size_t>(c)].put(i, BindSink{s->statement.get(), ++parameter});
  int code = s->statement.step();
  while (code == SQLITE_ROW) {
    take_id(s->statement.get(), i, results);
    code = s->statement.step();
  }
  if (code == SQLITE_DONE) {
    *changed = sqlite3_changes64(db_->get());
    s->statement.reset();
    return Written::done;
  }
  const std::string words = db_->words();
  const Error error = db_->error(code);
  s->statement.reset();
  *changed = -1;
  if (!is_about_the_row(code)) return Failure(error);
  if (!db_->in_transaction()) {
    results->refuse(sql::refuse(unit_row_ + i, sql::kTriggerRefused, "", words));
    return Written::rolled_back;
  }
  GW_ASSIGN(Refusal refusal, refusal_of(code, words, i));
  results->refuse(std::move(refusal));
  return Written::done;
}

// Where a refused statement may leave something behind (a trigger's RAISE(FAIL), several rows of one key), it is
// undone.
Result<Written> RowWriter::guarded(Verb verb, std::int64_t i, UnitResults* results, std::int64_t* changed) {
  const bool may_match_several = verb != Verb::insert && !key_is_unique_;
  if (!table_.has_triggers && !may_match_several) return run(verb, i, results, changed);
  GW_TRY(db_->execute("savepoint godwit_row"));
  GW_ASSIGN(const Written written, run(verb, i, results, changed));
  if (written == Written::rolled_back) return written;
  if (*changed > 1) {
    std::string names;
    for (const std::string& k : request_.key) names += (names.empty() ? "" : ", ") + k;
    results->refuse(sql::refuse(unit_row_ + i, sql::kKeyNotUnique, names, "", {{"seen", std::to_string(*changed)}}));
    *changed = -1;
  }
  if (*changed < 0) GW_TRY(db_->execute("rollback to godwit_row"));
  GW_TRY(db_->execute("release godwit_row"));
  return written;
}

Result<bool> RowWriter::exists(std::int64_t i) {
  GW_ASSIGN(RowStatement * s, statement(Verb::exists, no_column()));
  int parameter = 0;
  for (int c : s->columns) encoders_[static_cast<std::size_t>(c)].put(i, BindSink{s->statement.get(), ++parameter});
  const Result<bool> found = db_->step(s->statement);
  s->statement.reset();
  return found;
}

Result<Written> RowWriter::insert(std::int64_t i, UnitResults* results) {
  std::int64_t changed = 0;
  GW_ASSIGN(const Written written, guarded(Verb::insert, i, results, &changed));
  if (written != Written::done || changed < 0) return written;
  if (changed == 0)
    results->refuse(sql::refuse(unit_row_ + i, sql::kIgnoredByTarget, "", ""));
  else
    results->settle(unit_row_ + i, OutcomeKind::created);
  return Written::done;
}

Result<Written> RowWriter::update(std::int64_t i, UnitResults* results, bool* missing) {
  const std::string sent = pattern(i);
  bool any = false;
  for (std::size_t c = 0; c < sent.size(); ++c) any = any || (sent[c] == '1' && !is_key_[c]);
  std::int64_t changed = 0;
  if (any) {
    GW_ASSIGN(const Written written, guarded(Verb::update, i, results, &changed));
    if (written != Written::done || changed < 0) return written;
    if (changed > 0) {
      results->settle(unit_row_ + i, OutcomeKind::updated);
      return Written::done;
    }
  }
  // No row was changed: is there none, or did a trigger keep it as it is?
  if (!any || table_.has_triggers) {
    GW_ASSIGN(const bool there, exists(i));
    if (there) {
      if (any)
        results->refuse(sql::refuse(unit_row_ + i, sql::kIgnoredByTarget, "", ""));
      else
        results->settle(unit_row_ + i, OutcomeKind::unchanged);
      return Written::done;
    }
  }
  *missing = true;
  return Written::done;
}

Result<Written> RowWriter::upsert(std::int64_t i, UnitResults* results) {
  bool missing = false;
  GW_ASSIGN(const Written written, update(i, results, &missing));
  return written == Written::done && missing ? insert(i, results) : Result<Written>(written);
}

Result<Written> RowWriter::remove(std::int64_t i, UnitResults* results) {
  std::int64_t changed = 0;
  GW_ASSIGN(const Written written, guarded(Verb::remove, i, results, &changed));
  if (written != Written::done || changed < 0) return written;
  bool there = changed > 0;
  if (!there && table_.has_triggers) {
    GW_ASSIGN(const bool kept, exists(i));
    if (kept) {
      results->refuse(sql::refuse(unit_row_ + i, sql::kIgnoredByTarget, "", ""));
      return Written::done;
    }
  }
  results->settle(unit_row_ + i, there ? OutcomeKind::deleted : OutcomeKind::missing);
  return Written::done;
}

Result<> RowWriter::refuse_reference(std::int64_t i, UnitResults* results) {
  GW_ASSIGN(Refusal refusal, refusal_of(SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed", i));
  results->refuse(std::move(refusal));
  return {};
}

Result<Written> RowWriter::write_row(std::int64_t i, UnitResults* results) {
  if (!is_open(i, *results)) return Written::done;
  const Operation operation = chunk_->operation_of(from_ + i);
  if (operation == Operation::insert) return insert(i, results);
  // Without a condition the statement would be about every row of the table.
  if (key_.empty())
    return sdk::fail(3221, ErrorKind::bad_config, {{"place", db_->options().path.string()}, {"object", table_.name}});
  if (!key_is_whole(i, results)) return Written::done;
  bool missing = false;
  switch (operation) {
    case Operation::update: {
      GW_ASSIGN(const Written written, update(i, results, &missing));
      if (missing) results->settle(unit_row_ + i, OutcomeKind::missing);
      return written;
    }
    case Operation::remove:
      return remove(i, results);
    default:
      return upsert(i, results);  // restore: the full row, back in place or back again
  }
}

}  // namespace godwit::sqlite
