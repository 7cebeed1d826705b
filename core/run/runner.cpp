#include "core/run/runner.hpp"

#include <csignal>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/model/csv_text.hpp"
#include "core/run/flow_runner.hpp"
#include "core/run/moment.hpp"
#include "core/run/run_gates.hpp"
#include "core/run/workspace.hpp"

namespace godwit {
namespace {

std::atomic<bool> g_interrupted{false};

std::filesystem::path stop_file(const std::filesystem::path& project) { return project / ".godwit" / "stop"; }

// Everything that one run holds open, from taking the lock to giving it back.
class ProjectRun {
 public:
  ProjectRun(Project project, Host& host, const RunRequest& request, const RunListener& listener)
      : project_(std::move(project)), host_(host), request_(request), listener_(listener) {}

  Result<RunResult> run() {
    if (project_.production && !request_.cutover) return fail(4070, {{"environment", project_.environment}});
    if (request_.cutover && !project_.production) return fail(4073, {{"environment", project_.environment}});
    Journal::Options journal_options;
    journal_options.project = project_.name;
    GW_ASSIGN(journal_, Journal::open(project_.folder / ".godwit", Journal::Mode::write, journal_options));
    clear_stop(project_.folder);
    Workspace::Options options;
    options.only = request_.only;
    options.now = [this](Workspace& w) { return begin(w); };
    auto opened = Workspace::open(project_, host_, std::move(options));
    if (!opened) return Failure(std::move(opened).error());
    workspace_ = std::move(*opened);
    GW_TRY(register_run());
    RunResult result;
    result.summary.resumed = resumed_;
    if (listener_.began) listener_.began(context_.run, resumed_);
    auto flows = run_flows();
    GW_TRY(finish(flows, result));
    return result;
  }

 private:
  // Decides between a new run and the one that was interrupted; answers what now() is in either.
  Result<std::int64_t> begin(Workspace& w) {
    GW_ASSIGN(const ScopeRecord scope, journal_->find_or_add_scope(project_.environment, w.target_identity(), w.target_display()));
    context_.run.scope = scope.id;
    GW_ASSIGN(const auto interrupted, journal_->latest_interrupted(scope.id));
    if (interrupted && request_.fresh) {
      GW_TRY(journal_->end_run(interrupted->number, RunState::failed, kExitInterrupted));
    } else if (interrupted && interrupted->kind == RunKind::undo) {
      return fail(4081, {{"seen", std::to_string(interrupted->of_run.value_or(0))}});
    } else if (interrupted) {
      context_.run = *interrupted;
      resumed_ = true;
      GW_ASSIGN(const std::int64_t started, parse_moment(interrupted->started_at));
      return started;
    }
    return parse_moment(journal_->now());
  }

  std::string options_json() const {
    nlohmann::ordered_json o = nlohmann::ordered_json::object();
    if (!request_.only.empty()) o["only"] = request_.only;
    if (request_.limit) o["limit"] = *request_.limit;
    if (!request_.keys_file.empty()) o["keys"] = request_.keys_file;
    if (request_.accept_changes) o["accept_changes"] = true;
    return o.dump();
  }

  RunKind kind() const {
    if (request_.replay) return RunKind::replay;
    if (request_.delta) return RunKind::delta;
    if (request_.cutover) return RunKind::cutover;
    if (request_.limit || !request_.keys_file.empty()) return RunKind::pilot;
    return RunKind::rehearsal;
  }

  Result<> register_run() {
    if (!resumed_) {
      if (request_.plan) GW_TRY(hold_against_plan());
      RunRecord record;
      record.scope = context_.run.scope, record.kind = kind(), record.plan = request_.plan;
      record.mapping_hash = project_.mapping_hash, record.extract_hash = workspace_->extract_hash();
      record.options = options_json(), record.version = workspace_->versions();
      GW_ASSIGN(context_.run, journal_->begin_run(record));
      return {};
    }
    const RunRecord& before = context_.run;
    if (before.mapping_hash != project_.mapping_hash && !request_.accept_changes) {
      std::string changed;
      GW_ASSIGN(const auto flows, journal_->flow_runs(before.number));
      for (const FlowRunRecord& f : flows)
        if (const auto hash = project_.flow_hashes.find(f.flow); hash != project_.flow_hashes.end() && hash->second != f.flow_hash)
          changed += (changed.empty() ? "" : ", ") + f.flow;
      return fail(4074, {{"run", std::to_string(before.number)}, {"seen", changed.empty() ? "godwit.yaml" : changed}});
    }
    GW_ASSIGN(const auto flows, journal_->flow_runs(before.number));
    for (const FlowRunRecord& f : flows) {
      const CompiledFlow* flow = workspace_->flow(f.flow);
      if (flow == nullptr || f.stage == FlowStage::finished || f.stage == FlowStage::planned) continue;
      if (const std::string now = workspace_->source_hash(*flow); now != f.source_hash && !request_.accept_changes)
        return fail(4075, {{"run", std::to_string(before.number)}, {"flow", f.flow}, {"place", f.source}});
    }
    GW_ASSIGN(context_.run, journal_->resume_run(before.number));
    return {};
  }

  Result<> hold_against_plan() {
    GW_ASSIGN(const auto plan, journal_->plan(*request_.plan));
    if (!plan) return fail(4076, {{"seen", std::to_string(*request_.plan)}});
    const std::string number = std::to_string(plan->number);
    if (plan->scope != context_.run.scope) return fail(4077, {{"plan", number}, {"seen", "the target or the environment"}, {"seen_zh", "目标或环境"}});
    if (plan->mapping_hash != project_.mapping_hash) return fail(4077, {{"plan", number}, {"seen", "the mapping"}, {"seen_zh", "映射"}});
    if (plan->extract_hash != workspace_->extract_hash()) return fail(4077, {{"plan", number}, {"seen", "the extract"}, {"seen_zh", "抽取数据"}});
    return {};
  }

  std::string reason_to_stop() const {
    if (std::string reason = stop_reason(project_.folder); !reason.empty()) return reason;
    if (until_us_ > 0 && system_now_us() >= until_us_) return "--until " + request_.until;
    return {};
  }

  Result<> read_options() {
    context_.journal = journal_.get();
    context_.progress = listener_.progress;
    context_.stop = [this] { return reason_to_stop(); };
    context_.unit_rows = request_.unit_rows, context_.unit_bytes = unit_share(project_.memory);
    context_.state_memory = state_share(project_.memory, workspace_->flows().size());
    nlohmann::json options = nlohmann::json::parse(context_.run.options, nullptr, false);
    if (options.is_object()) {
      limit_ = options.value("limit", std::int64_t{-1});
      if (const std::string file = options.value("keys", std::string()); !file.empty()) GW_TRY(read_keys(file));
      if (options.contains("only"))
        for (const auto& name : options["only"]) only_.insert(name.get<std::string>());
    }
    if (!request_.until.empty()) {
      GW_ASSIGN(until_us_, parse_until(request_.until, system_now_us()));
    }
    if (context_.run.kind == RunKind::replay) GW_TRY(read_open_rows());
    return {};
  }

  Result<> read_keys(const std::string& file) {
    GW_ASSIGN(const std::string text, read_small_file(file));
    GW_ASSIGN(const auto records, parse_csv_text(text, file));
    for (const CsvRecord& r : records) {
      std::string key;
      for (const std::string& f : r.fields) key += (key.empty() ? "" : " / ") + f;
      keys_.insert(std::move(key));
    }
    return {};
  }

  Result<> read_open_rows() {
    for (const auto& flow : workspace_->flows()) {
      SetAsideQuery query;
      query.scope = context_.run.scope, query.flow = flow->flow->name, query.state = SetAsideState::open;
      GW_ASSIGN(const auto rows, journal_->set_aside(query));
      auto& hashes = open_rows_[flow->flow->name];
      for (const SetAsideRecord& r : rows)
        if (r.unit.run != context_.run.number) hashes.insert(r.key);
    }
    return {};
  }

  Result<> run_flows() {
    GW_TRY(read_options());
    SeenKeys::Options seen_options;
    seen_options.folder = run_state("keys");
    seen_options.memory_bytes = context_.state_memory * 2;
    seen_options.is_settled = [this](const UnitId& unit) { return journal_->is_settled(unit); };
    SeenKeys seen(seen_options);
    std::vector<std::string> names;
    for (const auto& f : workspace_->flows()) names.push_back(f->flow->name);
    std::map<std::string, std::unique_ptr<ParentIndex>> parents;
    for (const Flow& flow : project_.flows) {
      if (!workspace_->is_parent(flow.name)) continue;
      GW_ASSIGN(const ObjectDescription target, workspace_->describe(flow.to));
      const IdShape shape = id_shape(flow, target);
      GW_ASSIGN(parents[flow.name], ParentIndex::open(journal_->state_folder(context_.run.scope, "parents-" + flow.name), shape.type, shape.identity,
                                                      context_.state_memory, false, seen_options.is_settled));
      workspace_->references().set_parent(flow.name, parents[flow.name].get());
    }
    std::int64_t seq = 0;
    for (const auto& flow : workspace_->flows()) {
      ++seq;
      if (!only_.empty() && !only_.contains(flow->flow->name)) continue;
      FlowRunner::Parts parts;
      parts.context = &context_, parts.workspace = workspace_.get(), parts.flow = flow.get(), parts.seq = seq;
      parts.seen = &seen, parts.flow_names = names;
      const auto index = parents.find(flow->flow->name);
      parts.parents = index == parents.end() ? nullptr : index->second.get();
      parts.source.limit = limit_;
      parts.source.keys = keys_.empty() ? nullptr : &keys_;
      parts.source.corrections = &workspace_->corrections();
      if (context_.run.kind == RunKind::replay) parts.source.key_hashes = &open_rows_[flow->flow->name];
      parts.gates = [this](const std::string& name, const Counts& counts) { return check_stop_gates(project_, name, counts); };
      GW_TRY(share_memory(parents, *flow, true));
      GW_TRY(FlowRunner(std::move(parts)).run());
      GW_TRY(share_memory(parents, *flow, false));
      GW_TRY(supersede(*flow));
    }
    std::error_code ignored;
    std::filesystem::remove_all(run_state("keys"), ignored);
    return {};
  }

  // Parents that the flow's rows ask for, one each, are kept in memory while it runs where there is room for them all: on disk, a few thousand keys
  // at a time touch every block of them. A flow without a key has no keyed state of its own, and leaves half of `memory:` to its parents; any other
  // a sixteenth. Rows on their way get the less. Afterwards all is as before.
  Result<> share_memory(const std::map<std::string, std::unique_ptr<ParentIndex>>& parents, const CompiledFlow& flow, bool begins) {
    const std::string& name = flow.flow->name;
    const auto asked = workspace_->order().parents.find(name);
    if (asked == workspace_->order().parents.end()) return {};
    std::vector<std::pair<KeyedState*, std::size_t>> states;  // and what its runs take
    std::size_t all = 0;
    for (const std::string& parent : asked->second) {
      const auto index = parents.find(parent);
      if (index == parents.end() || parent == name) continue;
      const auto bytes = static_cast<std::size_t>(index->second->state().figures().disk_bytes);
      states.emplace_back(&index->second->state(), bytes), all += bytes;
    }
    const bool fits = begins && all <= static_cast<std::size_t>(project_.memory) / (flow.insert_only() ? 2 : 16);
    context_.unit_bytes = unit_share(project_.memory - (fits ? static_cast<std::int64_t>(all) : 0));
    // Three eighths of a share are for other things than runs.
    for (const auto& [state, bytes] : states) GW_TRY(state->set_share(fits ? std::max(context_.state_memory, bytes * 8 / 5 + (1 << 20)) : context_.state_memory));
    return {};
  }

  // Rows that an earlier run set aside were read again by this one: they are open no longer, whatever became of them now.
  Result<> supersede(const CompiledFlow& flow) {
    if (context_.run.kind == RunKind::replay) {
      const auto& hashes = open_rows_[flow.flow->name];
      const std::vector<Hash128> keys(hashes.begin(), hashes.end());
      SetAsideQuery query;
      query.scope = context_.run.scope, query.flow = flow.flow->name, query.state = SetAsideState::open;
      GW_ASSIGN(const auto rows, journal_->set_aside(query));
      std::vector<std::int64_t> replayed;
      for (const SetAsideRecord& r : rows)
        if (r.unit.run != context_.run.number && hashes.contains(r.key)) replayed.push_back(r.id);
      return journal_->mark_set_aside(replayed, SetAsideState::replayed);
    }
    if (limit_ >= 0 || !keys_.empty()) return {};
    GW_ASSIGN([[maybe_unused]] const std::int64_t superseded, journal_->supersede_set_aside(context_.run.scope, flow.flow->name, context_.run.number));
    return {};
  }

  std::filesystem::path run_state(const std::string& name) const {
    return journal_->state_folder(context_.run.scope, "run-" + std::to_string(context_.run.number) + "-" + name);
  }

  // Ends the run in the journal as what it was: finished, stopped (resumable) or interrupted.
  Result<> finish(Result<>& flows, RunResult& result) {
    RunSummary& summary = result.summary;
    const std::int64_t number = context_.run.number;
    if (flows) {
      std::map<std::string, std::int64_t> conflicts;
      SetAsideQuery query;
      query.run = number;
      GW_ASSIGN(const auto groups, journal_->set_aside_groups(query));
      for (const SetAsideGroup& g : groups)
        if (g.number == 1430) conflicts[g.flow] += g.rows;
      GW_ASSIGN(summary.flows, journal_->flow_runs(number));
      summary.gates = judge_run_gates(project_, number, summary.flows, conflicts);
      bool beyond = false;
      for (const GateRecord& g : summary.gates) {
        GW_TRY(journal_->put_gate(g));
        beyond |= g.verdict != "passed";
      }
      for (const FlowRunRecord& f : summary.flows) beyond |= f.counts.in_doubt > 0;
      summary.exit_code = beyond ? kExitGate : kExitFinished;
      GW_TRY(journal_->end_run(number, RunState::finished, summary.exit_code));
    } else {
      const Error& error = flows.error();
      const bool stopped = error.kind == ErrorKind::cancelled || error.number == 4072;
      summary.exit_code = stopped ? kExitInterrupted : exit_code_of(error);
      GW_TRY(journal_->add_event(number, stopped ? "stopped" : "interrupted", describe(error, Language::en)));
      GW_TRY(journal_->end_run(number, stopped ? RunState::stopped : RunState::interrupted, summary.exit_code));
      GW_ASSIGN(summary.flows, journal_->flow_runs(number));
      result.stopped = error;
    }
    GW_ASSIGN(auto record, journal_->run(number));
    if (record) summary.run = std::move(*record);
    return {};
  }

  Project project_;
  Host& host_;
  const RunRequest& request_;
  const RunListener& listener_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Workspace> workspace_;
  RunContext context_;
  bool resumed_ = false;
  std::int64_t limit_ = -1, until_us_ = 0;
  std::unordered_set<std::string> keys_;
  std::set<std::string> only_;
  std::map<std::string, std::unordered_set<Hash128, HashOfKey>> open_rows_;
};

}  // namespace

int exit_code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::bad_config: return kExitConfig;
    case ErrorKind::denied: case ErrorKind::retry: return kExitConnection;
    case ErrorKind::cancelled: return kExitInterrupted;
    case ErrorKind::broken: return error.number >= 5900 ? kExitInternal : kExitInterrupted;
    case ErrorKind::row_rejected: return kExitInternal;
  }
  return kExitInternal;
}

Result<RunResult> run_project(Project project, Host& host, const RunRequest& request, const RunListener& listener) {
  return ProjectRun(std::move(project), host, request, listener).run();
}

Result<std::int64_t> request_stop(const std::filesystem::path& project) {
  const std::int64_t pid = Journal::writer_of(project / ".godwit");
  if (pid == 0) return fail(4071, {{"place", project.string()}});
  std::ofstream out(stop_file(project));
  out << "stop\n";
  if (!out.flush()) return fail(4040, {{"place", stop_file(project).string()}, {"seen", std::generic_category().message(errno)}});
  return pid;
}

void interrupt_run() { g_interrupted = true; }

std::string stop_reason(const std::filesystem::path& project) {
  if (g_interrupted) return "interrupted";
  return std::filesystem::exists(stop_file(project)) ? "godwit stop" : "";
}

void clear_stop(const std::filesystem::path& project) {
  std::error_code ignored;
  std::filesystem::remove(stop_file(project), ignored);
}

}  // namespace godwit
