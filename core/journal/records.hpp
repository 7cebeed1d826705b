#pragma once
// What the journal's tables hold, as values. Times are ISO 8601 in UTC with microseconds ("2025-03-01T09:30:00.000000Z").

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/journal/segment.hpp"
#include "core/journal/unit_id.hpp"
#include "core/model/hash.hpp"
#include "core/model/result.hpp"

namespace godwit {

// One environment against one target (or set of targets).
struct ScopeRecord {
  std::int64_t id = 0;
  std::string environment, identity, display;
};

struct PlanRecord {
  std::int64_t number = 0;  // given by add_plan
  std::int64_t scope = 0;
  std::string created_at;   // given by add_plan
  std::string mapping_hash, extract_hash;
  std::optional<std::int64_t> sampled;  // rows per flow of --sample
  std::string json;
};

enum class RunKind : std::uint8_t { pilot, rehearsal, cutover, run, delta, replay, undo };
enum class RunState : std::uint8_t { running, interrupted, stopped, finished, failed };
std::string_view to_string(RunKind kind);
std::string_view to_string(RunState state);

struct RunRecord {
  std::int64_t number = 0;  // given by begin_run, as are id, started_at, fence and pid
  std::string id;           // UUIDv7
  std::int64_t scope = 0;
  RunKind kind = RunKind::run;
  std::optional<std::int64_t> plan, of_run, undone_by;
  RunState state = RunState::running;
  std::optional<std::int64_t> exit_code;
  std::string started_at, ended_at;  // ended_at: "" while it runs
  std::string mapping_hash, extract_hash;
  std::string options = "{}", version = "{}";  // JSON
  std::int64_t fence = 1;
  std::int64_t pid = 0;
};

// Rows per bucket: the books of docs/design.md.
struct Counts {
  std::int64_t read = 0, derived = 0;
  std::int64_t created = 0, updated = 0, unchanged = 0, merged = 0;
  std::int64_t filtered = 0, filtered_unknown = 0;  // filtered_unknown is part of filtered
  std::int64_t set_aside = 0, deleted = 0, in_doubt = 0;
  std::int64_t warned = 0;                          // inside their buckets
  std::int64_t obligations_open = 0, obligations_set = 0, obligations_failed = 0;

  Counts& operator+=(const Counts& o);
  friend bool operator==(const Counts&, const Counts&) = default;
  // read + derived minus all buckets: 0 when the books close.
  std::int64_t difference() const;
};

enum class FlowStage : std::uint8_t { planned, prepared, loading, loaded, linking, finished, undoing };
std::string_view to_string(FlowStage stage);

struct FlowRunRecord {
  std::int64_t run = 0;
  std::string flow;
  std::int64_t seq = 1;
  FlowStage stage = FlowStage::planned;
  std::string source, target, delivery;
  std::string crosswalk = "identity";  // identity, ids, none
  std::string flow_hash, source_hash;
  std::optional<std::string> source_end;
  std::string position;                // low water of shard 0, see ShardRecord
  std::string started_at, ended_at;
  Counts counts;
  std::int64_t bytes_read = 0;
  std::optional<std::int64_t> target_before;
  double seconds = 0, journal_seconds = 0;
};

// Everything of a shard up to and including unit `number` is settled.
struct ShardRecord {
  int shard = 0;
  std::int64_t number = 0;              // 0: none yet
  std::string position;                 // end of the last such unit of the first pass
  std::vector<std::int64_t> above;      // settled units beyond it, ascending
  bool is_settled(std::int64_t unit) const;
};

// A unit as it is formed, before the target hears of it.
struct UnitIntent {
  UnitId id;
  int pass = 1;
  std::string start_position, end_position;
  std::int64_t rows_read = 0, rows_written = 0;
  std::int64_t fence = 1;  // of the run when this process took it
  std::string decisions;   // kept as the unit's memory of that name until it is settled; empty: none
};

struct UnitRecord : UnitIntent {
  bool settled = false;
  Counts counts;
  std::vector<std::uint8_t> outcomes;  // decode_outcomes()
  std::string settled_at;
};

struct SetAsideRow {
  std::string source;               // connection.object
  std::string source_key;           // readable
  Hash128 key;
  std::string locator;
  std::optional<std::int64_t> line;
  int number = 0;                   // GW number of the reason
  std::string error_class = "data", field;
  std::vector<Argument> arguments;  // of the message
  std::string cause;                // rows with the same cause are listed together
  std::string original;             // JSON object of the source row, or {"@raw": "..."}
  std::string original_hash;
};

struct WarningRow {
  std::string source_key, locator;
  std::optional<std::int64_t> line;
  int number = 0;
  std::string field;
  std::vector<Argument> arguments;
  std::string cause;
};

struct MergedRow {
  std::string source_key;
  Hash128 key;
  std::string survivor_key;
  Hash128 survivor;
  std::string locator;
  std::optional<std::int64_t> line;
};

struct FailedObligation {
  std::string source_key;
  Hash128 key;
  std::string field;
  int number = 0;
  std::vector<Argument> arguments;
};

// A unit's part of a control total (table unit_total): exact sums that are added up when the flow ends.
struct UnitTotal {
  std::string name, currency, bucket, value;
  std::int64_t rows = 0;
};

// All that a unit leaves in the journal, written in one transaction.
struct SettledUnit : UnitIntent {
  Counts counts;                         // added to the flow_run's totals
  std::vector<std::uint8_t> outcomes;    // encode_outcomes()
  std::vector<EncodedSegment> segments;  // what their pieces point to must live until settle() returns
  std::vector<SetAsideRow> set_aside;
  std::vector<WarningRow> warnings;
  std::vector<MergedRow> merged;
  std::vector<FailedObligation> failed_obligations;
  std::vector<UnitTotal> totals;
  std::int64_t bytes_read = 0;           // added to the flow_run's
  double seconds = 0;                    // added to the flow_run's
};

struct SegmentRecord {
  std::int64_t id = 0;
  UnitId unit;
  SegmentKind kind = SegmentKind::crosswalk;
  std::int64_t rows = 0;
  std::string file;  // below .godwit/segments
  std::int64_t offset = 0, bytes = 0;
  std::int64_t checksum = 0;
};

enum class SetAsideState : std::uint8_t { open, replayed, superseded };
std::string_view to_string(SetAsideState state);

struct SetAsideRecord : SetAsideRow {
  std::int64_t id = 0;
  UnitId unit;
  SetAsideState state = SetAsideState::open;
};

struct SetAsideGroup {
  std::string flow, cause, field;
  int number = 0;
  std::int64_t rows = 0;
  std::vector<Argument> arguments;  // of the first row
  std::string example_key;
};

// Conditions that are left out do not restrict.
struct SetAsideQuery {
  std::optional<std::int64_t> scope, run;
  std::string flow, cause;
  std::optional<Hash128> key;
  std::optional<SetAsideState> state;
  std::int64_t limit = -1;
};

struct TotalRecord {
  std::int64_t run = 0;
  std::string name, flow, currency, bucket, value;
  std::int64_t rows = 0;
};

struct GateRecord {
  std::int64_t run = 0;
  std::string name, flow, verdict;  // passed, condition, failed
  std::string seen, allowed, action, approver;
};

struct VerificationRecord {
  std::int64_t run = 0;
  std::string flow, verified_at;  // verified_at is given by put_verification
  std::int64_t expected_rows = 0, found_rows = 0, missing = 0, extra = 0;
  std::int64_t fields_compared = 0, fields_differing = 0, fields_tolerated = 0, orphans = 0;
  std::string detail = "{}";
};

struct DifferenceRecord {
  std::string source_key, field, difference_class;
  std::optional<std::string> expected, found;
};

struct ReportRecord {
  std::int64_t run = 0;
  std::string created_at, digest, signature, public_key, path;
};

}  // namespace godwit
