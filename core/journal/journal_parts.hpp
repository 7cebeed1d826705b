#pragma once
// What the parts of Journal share. Internal to core/journal.

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "core/journal/file.hpp"
#include "core/journal/folder_lock.hpp"
#include "core/journal/journal.hpp"

namespace godwit {

struct Journal::Parts {
  std::filesystem::path folder;
  Mode mode = Mode::write;
  std::function<std::int64_t()> clock;
  std::optional<journal_detail::FolderLock> lock;
  Database db;
  std::recursive_mutex mutex;  // calls take turns; some call each other
  std::unordered_map<std::string_view, Statement> statements;

  // The segment file that units are appended to, and where the next segment goes.
  journal_detail::File segments;
  std::string segment_file;
  std::int64_t segment_end = 0;
  std::set<std::string> unsynced;  // segment files with bytes that were not fsynced
  int wal_pages = 0;

  double seconds = 0;           // spent in settle and intend
  double unbooked_seconds = 0;  // of these, not yet in flow_run.journal_seconds

  // A prepared statement that is kept. `sql` must be a literal.
  Result<Statement*> statement(std::string_view sql);
  std::string now() const;
  Result<> sync();
  Result<> sync_segments();
  Result<> write_segment(const SettledUnit& unit, const EncodedSegment& segment);
  Result<> advance(const UnitIntent& unit);
  // Checks the fence and what is recorded of the unit; true: it is settled already.
  Result<bool> check_recorded(const UnitIntent& unit);
  Result<> remember(const UnitId& unit, std::string_view name, std::string_view text);
};

namespace journal_detail {

// {"read":12,...}: members that are not 0.
std::string counts_json(const Counts& counts);
Counts counts_from_json(std::string_view text);
// {"field":"phone"}. Bytes that are no UTF-8 are replaced.
std::string arguments_json(std::span<const Argument> arguments);
std::vector<Argument> arguments_from_json(std::string_view text);
std::vector<std::uint8_t> key_blob(const Hash128& key);
Hash128 key_from_blob(std::span<const std::uint8_t> blob);
// "2025-03-01T09:30:00.000000Z"
std::string iso_time(std::int64_t microseconds);
// A UUIDv7 for that moment.
std::string make_run_id(std::int64_t microseconds);

// Adds " and <condition>" for conditions of a query that are given, and binds them in the same order.
class Conditions {
 public:
  template <typename T>
  void add(std::string_view condition, T value) {
    sql_ += " and ";
    sql_ += condition;
    binders_.push_back([value](Statement& s, int i) { s.bind(i, value); });
  }
  void add_blob(std::string_view condition, std::vector<std::uint8_t> value) {
    sql_ += " and ";
    sql_ += condition;
    binders_.push_back([value](Statement& s, int i) { s.bind_blob(i, value); });
  }
  const std::string& sql() const { return sql_; }
  void bind(Statement& s) const {
    for (std::size_t i = 0; i < binders_.size(); ++i) binders_[i](s, static_cast<int>(i) + 1);
  }

 private:
  std::string sql_;
  std::vector<std::function<void(Statement&, int)>> binders_;
};

}  // namespace journal_detail
}  // namespace godwit
