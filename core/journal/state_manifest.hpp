#pragma once
// Which runs make up a keyed state (docs/journal.md, section 4). Internal to core/journal.

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <vector>

#include "core/journal/state_run.hpp"

namespace godwit::journal_detail {

// Units that runs without a unit of their own hold.
class Coverage {
 public:
  void add(const UnitId& unit);
  bool contains(const UnitId& unit) const;
  // The last unit of each shard without a gap before it, and all beyond: what the journal must know.
  std::vector<UnitId> frontier() const;

  struct Shard {
    std::int64_t low = 0;
    std::set<std::int64_t> above;
  };
  using Key = std::tuple<std::int64_t, std::string, int>;  // run, flow, shard
  std::map<Key, Shard>& shards() { return shards_; }
  const std::map<Key, Shard>& shards() const { return shards_; }

 private:
  std::map<Key, Shard> shards_;
};

class Manifest {
 public:
  // An empty answer of `exists`: a new folder. GW-5031 for another kind or version, GW-5030 for one that does not even
  // begin with a whole record.
  static Result<Manifest> load(const std::filesystem::path& folder, StateKind kind, bool* exists);

  // One record: takes effect as a whole or not at all. A removed run's unit is covered from then on.
  Result<> change(std::span<const std::uint64_t> removed, std::span<const RunInfo> added);
  // Forgets a run whose unit was not settled. Takes effect with rewrite().
  void drop(std::uint64_t file);
  // The present state as a new file with one record.
  Result<> rewrite();
  Result<> sync();

  std::uint64_t take_file_number() { return next_file_++; }
  std::uint64_t newest_age() const;
  const std::vector<RunInfo>& runs() const { return runs_; }  // oldest first
  const Coverage& coverage() const { return coverage_; }
  bool covers(const UnitId& unit) const;

 private:
  std::vector<std::uint8_t> record(std::span<const std::uint64_t> removed, std::span<const RunInfo> added, bool with_coverage) const;
  // Applies a record's content; false: it is damaged.
  bool apply(std::span<const std::uint8_t> content);
  void apply(std::span<const std::uint64_t> removed, std::span<const RunInfo> added);

  std::filesystem::path folder_;
  StateKind kind_ = StateKind::integer;
  File file_;
  std::int64_t size_ = 0;  // of the file: where the next record goes
  std::uint64_t next_file_ = 1;
  std::vector<RunInfo> runs_;
  Coverage coverage_;
};

}  // namespace godwit::journal_detail
