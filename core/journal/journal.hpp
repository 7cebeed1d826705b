#pragma once
// The journal: .godwit/journal.db and what lies beside it. docs/journal.md describes the tables and files in prose.
//
// One process writes: it holds .godwit/lock until its Journal goes. Others may open it read_only at the same time.
// Calls may come from any thread; they take turns. Errors: GW-5001 ... of core/model/catalogue/journal.def.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/journal/records.hpp"
#include "core/journal/sqlite.hpp"
#include "core/model/result.hpp"

namespace godwit {

class Journal {
 public:
  enum class Mode {
    write,      // makes the journal when it is missing; takes the lock
    read_only,  // GW-5004 when there is none
  };
  struct Options {
    std::string project;                    // name, noted when the journal is made
    std::function<std::int64_t()> clock;    // microseconds since 1970 UTC; empty: the system's
  };
  // `folder` is the project's .godwit. A folder on a network file system (GW-5003), a journal of a newer version
  // (GW-5001) or a second writer (GW-5002, argument "pid") is refused. Runs that a dead process left `running` become
  // `interrupted`.
  static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& folder, Mode mode, Options options);
  static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& folder, Mode mode) {
    return open(folder, mode, Options());
  }
  // The pid of the process that holds the lock of `folder`, or 0.
  static std::int64_t writer_of(const std::filesystem::path& folder);
  ~Journal();

  const std::filesystem::path& folder() const;
  Mode mode() const;
  // .godwit/state/<scope>/<name>, not made yet; any name will do.
  std::filesystem::path state_folder(std::int64_t scope, std::string_view name) const;
  // Now, as the journal writes it.
  std::string now() const;
  // For queries of verify, report and cli. Not while another thread uses this Journal.
  Database& database();

  // ---- scopes and plans ----
  Result<ScopeRecord> find_or_add_scope(std::string_view environment, std::string_view identity, std::string_view display);
  Result<std::optional<ScopeRecord>> find_scope(std::string_view environment, std::string_view identity);
  Result<std::vector<ScopeRecord>> scopes();
  // Answers its number.
  Result<std::int64_t> add_plan(const PlanRecord& plan);
  Result<std::optional<PlanRecord>> plan(std::int64_t number);
  Result<std::vector<PlanRecord>> plans(std::optional<std::int64_t> scope = std::nullopt);

  // ---- runs ----
  // Numbers it, gives it a UUIDv7, its start, this process and fence 1; state running.
  Result<RunRecord> begin_run(const RunRecord& run);
  // An interrupted, stopped or failed run goes on: state running, fence grows, pid is this process. Answers the run;
  // GW-5014 for one that is in another state.
  Result<RunRecord> resume_run(std::int64_t number);
  // `ended_at` is set unless the state is running.
  Result<> end_run(std::int64_t number, RunState state, std::optional<std::int64_t> exit_code);
  Result<> set_undone_by(std::int64_t number, std::optional<std::int64_t> undo_run);
  Result<> set_run_options(std::int64_t number, std::string_view options);
  Result<std::optional<RunRecord>> run(std::int64_t number);
  // Newest first.
  Result<std::vector<RunRecord>> runs(std::optional<std::int64_t> scope = std::nullopt);
  // The newest run of the scope that can be resumed (interrupted, stopped, failed) and was not followed by another of
  // its kind.
  Result<std::optional<RunRecord>> latest_interrupted(std::int64_t scope);
  // The newest finished run of the scope that was not undone and is no undo itself.
  Result<std::optional<RunRecord>> latest_finished(std::int64_t scope);

  // ---- flows of a run ----
  // Everything but counts, position, bytes and times, which settle() moves: they are kept when the row exists.
  Result<> put_flow_run(const FlowRunRecord& flow_run);
  Result<> set_stage(std::int64_t run, std::string_view flow, FlowStage stage);
  Result<std::vector<FlowRunRecord>> flow_runs(std::int64_t run);
  Result<std::optional<FlowRunRecord>> flow_run(std::int64_t run, std::string_view flow);
  // Adds to the flow's counts and times outside of any unit (a flow that ends without rows, deletions of a delta).
  Result<> add_to_flow_run(std::int64_t run, std::string_view flow, const Counts& counts, double seconds);

  // ---- units ----
  enum class Durability { normal, full };  // full: fsynced before it returns
  // Records the unit before the target hears of it. The same intent again changes nothing; one that differs from the
  // record is GW-5006 (a restart must re-form units from the record).
  Result<> intend(const UnitIntent& unit, Durability durability = Durability::normal);
  // Adds to, or replaces, what is known about a unit on its way; on disk when it returns. kDecisions is what intend() kept.
  static constexpr std::string_view kDecisions = "decisions";
  Result<> remember(const UnitId& unit, std::string_view name, std::string_view text);
  // Name and text, in the order in which the names came; none for a unit that is settled.
  Result<std::vector<std::pair<std::string, std::string>>> memory(const UnitId& unit);
  // The unit and all that belongs to it, the flow's totals and the shard's low water in one transaction. Answers false,
  // and changes nothing, when it is settled already. GW-5005 when `fence` is not the run's: another process took over.
  Result<bool> settle(const SettledUnit& unit, Durability durability = Durability::normal);
  Result<std::vector<UnitRecord>> units(std::int64_t run, std::string_view flow);
  // Intents without an end, by shard and number.
  Result<std::vector<UnitRecord>> unsettled(std::int64_t run, std::string_view flow);
  Result<std::vector<ShardRecord>> shards(std::int64_t run, std::string_view flow);
  // For KeyedState::Options::is_settled: also for units of other runs of this journal.
  bool is_settled(const UnitId& unit);

  // ---- segments ----
  // In the order in which they were settled. `runs`: empty for all; `after`: only ids above.
  struct SegmentQuery {
    std::optional<std::int64_t> scope, run;
    std::string flow;  // "" : all
    std::optional<SegmentKind> kind;
    std::optional<UnitId> unit;
    std::int64_t after = 0;
  };
  Result<std::vector<SegmentRecord>> segments(const SegmentQuery& query);
  // Verified against its checksum: GW-5020 when the file is cut off or damaged.
  Result<std::vector<std::uint8_t>> read_segment(const SegmentRecord& segment);
  // Segments of this kind of a run are no longer needed (before-images of an old run);
  // gives their room on disk back where the file system can.
  Result<> drop_segments(std::int64_t run, SegmentKind kind);
  // Makes everything settled so far survive a power cut: at the end of a flow.
  Result<> sync();

  // ---- rows by exception ----
  Result<> each_set_aside(const SetAsideQuery& query, const std::function<Result<>(const SetAsideRecord&)>& visit);
  Result<std::vector<SetAsideRecord>> set_aside(const SetAsideQuery& query);
  Result<std::int64_t> count_set_aside(const SetAsideQuery& query);
  // Most rows first.
  Result<std::vector<SetAsideGroup>> set_aside_groups(const SetAsideQuery& query);
  Result<> mark_set_aside(std::span<const std::int64_t> ids, SetAsideState state);
  // Open rows of the flow in the scope from runs before `run` whose key is among `keys`: a newer run read them again.
  Result<std::int64_t> supersede_set_aside(std::int64_t scope, std::string_view flow, std::int64_t run,
                                           std::span<const Hash128> keys);
  // The same for all keys, when a run read the flow's whole source.
  Result<std::int64_t> supersede_set_aside(std::int64_t scope, std::string_view flow, std::int64_t run);

  // ---- descriptions of the target ----
  // As it was last seen; "" when it never was.
  Result<std::string> description(std::int64_t scope, std::string_view connection, std::string_view object);
  Result<> put_description(std::int64_t scope, std::string_view connection, std::string_view object, std::string_view text);

  // ---- position of the next delta ----
  Result<std::string> since(std::int64_t scope, std::string_view flow);  // "" : none yet
  Result<> set_since(std::int64_t scope, std::string_view flow, std::string_view value, std::int64_t run);

  // ---- verdicts and proofs ----
  Result<> put_total(const TotalRecord& total);
  Result<std::vector<TotalRecord>> totals(std::int64_t run);
  Result<> put_gate(const GateRecord& gate);
  Result<std::vector<GateRecord>> gates(std::int64_t run);
  // Replaces the flow's verification and its differences.
  Result<> put_verification(const VerificationRecord& verification);
  Result<> add_differences(std::int64_t run, std::string_view flow, std::span<const DifferenceRecord> differences);
  Result<std::vector<VerificationRecord>> verifications(std::int64_t run);
  Result<std::vector<DifferenceRecord>> differences(std::int64_t run, std::string_view flow, std::int64_t limit = -1);
  Result<> add_report(const ReportRecord& report);
  Result<std::vector<ReportRecord>> reports(std::optional<std::int64_t> run = std::nullopt);
  Result<> add_event(std::optional<std::int64_t> run, std::string_view kind, std::string_view text);

  // Time spent in settle() and intend() since open, in seconds (also added to flow_run.journal_seconds).
  double seconds() const;

  struct Parts;  // private to core/journal

 private:
  explicit Journal(std::unique_ptr<Parts> parts);
  Result<bool> settle_once(const SettledUnit& unit, Durability durability);
  std::unique_ptr<Parts> parts_;
};

}  // namespace godwit
