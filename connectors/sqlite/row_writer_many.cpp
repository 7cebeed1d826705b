// Many rows in one statement: "insert or fail into t select ... from godwit_unit" runs SQLite's program once for a
// block instead of once per row. OR FAIL keeps the rows before the one that broke a constraint, which is the row that
// the scan stands at; the statement is then run again from the row after it.

#include "connectors/sqlite/refusals.hpp"
#include "connectors/sqlite/row_writer.hpp"
#include "plugins/kits/sql/identifier.hpp"

namespace godwit::sqlite {
namespace {

// Shorter runs are not worth a statement over many.
constexpr std::int64_t kFew = 8;

// Constraints that OR FAIL honours: SQLite stops at the row and keeps those before it. Any other error ends the
// statement in a state that only a rollback of the unit makes certain.
bool stops_at_the_row(int code) {
  return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID ||
         code == SQLITE_CONSTRAINT_NOTNULL || code == SQLITE_CONSTRAINT_CHECK;
}

}  // namespace

bool RowWriter::can_write_many() const {
  // Triggers run per row and may do anything. A table that refers to itself would see parents of the same statement
  // that come later, so that the outcome would depend on where blocks end.
  if (table_.has_triggers || encoders_.empty() || (id_column_ >= 0 && !id_is_rowid_)) return false;
  for (const ForeignKey& key : table_.references)
    if (db_->options().foreign_keys && sql::same_name(key.name_of_parent, table_.name)) return false;
  return true;
}

Result<Written> RowWriter::write_block(bool many_at_once, UnitResults* results) {
  const bool many = many_at_once && can_write_many();
  for (std::int64_t i = 0; i < length_;) {
    std::int64_t end = i + 1;
    const Operation operation = chunk_->operation_of(from_ + i);
    const bool upserts = operation == Operation::upsert && key_is_unique_;
    if (many && (operation == Operation::insert || upserts) && is_open(i, *results)) {
      while (end < length_ && is_open(end, *results) && same_way(i, end)) ++end;
    }
    Result<Written> written = Written::done;
    if (end - i < kFew) {
      for (; i < end && written && *written == Written::done; ++i) written = write_row(i, results);
    } else if (upserts) {
      written = upsert_many(i, end, results);
    } else {
      written = insert_many(i, end, false, results);
    }
    if (!written || *written != Written::done) return written;
    i = end;
  }
  return Written::done;
}

Result<Written> RowWriter::insert_many(std::int64_t from, std::int64_t to, bool upserts, UnitResults* results) {
  const std::string sent = pattern(from);
  if (sent.find('1') == std::string::npos) {  // nothing but defaults: SQL has no such form for many rows
    for (std::int64_t i = from; i < to; ++i) {
      GW_ASSIGN(const Written written, write_row(i, results));
      if (written != Written::done) return written;
    }
    return Written::done;
  }
  while (from < to) {
    GW_ASSIGN(RowStatement * s, statement(Verb::insert_many, sent));
    source_.from = from, source_.to = to;
    if (id_column_ >= 0) {
      inserted_.clear(), inserted_.reserve(static_cast<std::size_t>(to - from));
      sqlite3_update_hook(
          db_->get(),
          [](void* rows, int, const char*, const char*, sqlite3_int64 rowid) {
            static_cast<std::vector<sqlite3_int64>*>(rows)->push_back(rowid);  // reserved: does not throw
          },
          &inserted_);
    }
    const int code = s->statement.step();
    const std::int64_t inserted = sqlite3_changes64(db_->get()), stopped = source_.at;
    const std::string words = code == SQLITE_DONE ? std::string() : db_->words();
    const Error error = code == SQLITE_DONE ? Error() : db_->error(code);
    s->statement.reset();
    if (id_column_ >= 0) sqlite3_update_hook(db_->get(), nullptr, nullptr);

    const bool all = code == SQLITE_DONE && inserted == to - from;
    if (code == SQLITE_DONE && !all) return Written::redo_singly;
    if (!all && !is_about_the_row(code)) return Failure(error);
    if (!all && code == SQLITE_CONSTRAINT_FOREIGNKEY && inserted == 0) {
      // The statement was undone as a whole; which rows lack their parent is found one by one.
      for (std::int64_t i = from; i < to; ++i) {
        GW_ASSIGN(const Written written, write_row(i, results));
        if (written != Written::done) return written;
      }
      return Written::done;
    }
    if (!all && (!stops_at_the_row(code) || inserted != stopped - from)) return Written::redo_singly;
    if (id_column_ >= 0 && static_cast<std::int64_t>(inserted_.size()) != inserted) return Written::redo_singly;
    for (std::int64_t i = 0; i < inserted; ++i) {
      const auto row = static_cast<std::size_t>(unit_row_ + from + i);
      results->kinds[row] = OutcomeKind::created;
      if (id_column_ >= 0) results->ids[row] = inserted_[static_cast<std::size_t>(i)], results->has_id[row] = 1;
    }
    if (all) break;
    if (upserts) {
      // The key came twice in the unit, or another unique field is taken: the row's own statements tell which.
      GW_ASSIGN(const Written written, write_row(stopped, results));
      if (written != Written::done) return written;
    } else {
      GW_ASSIGN(Refusal refusal, refusal_of(code, words, stopped));
      results->refuse(std::move(refusal));
    }
    from = stopped + 1;
  }
  return Written::done;
}

Result<Written> RowWriter::upsert_many(std::int64_t from, std::int64_t to, UnitResults* results) {
  for (std::int64_t i = from; i < to; ++i) key_is_whole(i, results);
  std::vector<bool> there(static_cast<std::size_t>(to - from), false);
  GW_ASSIGN(RowStatement * s, statement(Verb::which_exist, no_column()));
  source_.from = from, source_.to = to;
  while (true) {
    const Result<bool> more = db_->step(s->statement);
    if (!more || !*more) {
      s->statement.reset();
      GW_TRY(more);
      break;
    }
    there[static_cast<std::size_t>(s->statement.integer(0) - from)] = true;
  }
  for (std::int64_t i = from; i < to;) {
    std::int64_t end = i;
    while (end < to && is_open(end, *results) && !there[static_cast<std::size_t>(end - from)]) ++end;
    Result<Written> written = Written::done;
    if (end - i >= kFew) {
      written = insert_many(i, end, true, results);
      i = end;
    } else {
      written = write_row(i, results);
      ++i;
    }
    if (!written || *written != Written::done) return written;
  }
  return Written::done;
}

}  // namespace godwit::sqlite
