#include "core/run/planner.hpp"

#include <algorithm>
#include <chrono>

#include "core/model/catalogue.hpp"
#include "core/run/flow_linker.hpp"
#include "core/run/flow_loader.hpp"
#include "core/run/foreseen_checks.hpp"
#include "core/run/moment.hpp"
#include "core/run/plan_json.hpp"
#include "core/run/unit_writer.hpp"
#include "core/run/workspace.hpp"

namespace godwit {
namespace {

class Planner {
 public:
  Planner(Project project, Host& host, const PlanRequest& request, const ProgressSink& progress)
      : project_(std::move(project)), host_(host), request_(request) {
    context_.progress = progress;
  }

  Result<PlanResult> plan() {
    Journal::Options journal_options;
    journal_options.project = project_.name;
    GW_ASSIGN(journal_, Journal::open(project_.folder / ".godwit", Journal::Mode::write, journal_options));
    context_.journal = journal_.get();
    context_.unit_bytes = unit_share(project_.memory), context_.state_memory = state_share(project_.memory, project_.flows.size());
    GW_ASSIGN(folder_, TemporaryFolder::make("plan"));
    Workspace::Options options;
    options.only = request_.only;
    options.lists_lacking = true;
    options.state_folder = folder_.path() / "workspace";
    options.now = [](Workspace&) -> Result<std::int64_t> { return system_now_us(); };
    GW_ASSIGN(workspace_, Workspace::open(project_, host_, std::move(options)));
    PlanResult result;
    result.environment = project_.environment, result.target = workspace_->target_display();
    GW_ASSIGN(const ScopeRecord scope, journal_->find_or_add_scope(project_.environment, workspace_->target_identity(), result.target));
    scope_ = scope.id;
    GW_TRY(plan_flows(result));
    GW_TRY(price(result));
    PlanRecord record;
    record.scope = scope_, record.mapping_hash = project_.mapping_hash, record.extract_hash = workspace_->extract_hash();
    record.sampled = request_.sample;
    record.json = plan_json(result, record, project_.language);
    GW_ASSIGN(const std::int64_t number, journal_->add_plan(record));
    GW_ASSIGN(auto stored, journal_->plan(number));
    if (stored) result.record = std::move(*stored);
    return result;
  }

 private:
  Result<> plan_flows(PlanResult& result) {
    SeenKeys::Options options;
    options.folder = folder_.path() / "seen", options.memory_bytes = context_.state_memory * 2;
    SeenKeys seen(options);
    std::map<std::string, std::unique_ptr<ParentIndex>> planned, loaded;
    std::vector<std::string> names;
    for (const auto& f : workspace_->flows()) names.push_back(f->flow->name);
    for (const Flow& flow : project_.flows) {
      if (!workspace_->is_parent(flow.name)) continue;
      ObjectDescription target;
      if (const CompiledFlow* compiled = workspace_->flow(flow.name); compiled != nullptr) {
        target = compiled->target;
      } else {
        GW_ASSIGN(target, workspace_->describe(flow.to));
      }
      const IdShape shape = id_shape(flow, target);
      // What earlier runs loaded keeps its ids; a flow that is not planned answers from there alone.
      const auto folder = journal_->state_folder(scope_, "parents-" + flow.name);
      if (std::filesystem::exists(folder)) {
        GW_ASSIGN(loaded[flow.name], ParentIndex::open(folder, shape.type, shape.identity, context_.state_memory, true,
                                                       [this](const UnitId& unit) { return journal_->is_settled(unit); }));
      }
      if (workspace_->flow(flow.name) == nullptr) {
        workspace_->references().set_parent(flow.name, loaded.contains(flow.name) ? loaded[flow.name].get() : nullptr);
        continue;
      }
      GW_ASSIGN(planned[flow.name], ParentIndex::open(folder_.path() / ("parents-" + flow.name), shape.type, shape.identity, context_.state_memory, false, {}));
      workspace_->references().set_parent(flow.name, planned[flow.name].get());
    }
    for (const auto& flow : workspace_->flows()) {
      const auto mine = planned.find(flow->flow->name);
      const auto before = loaded.find(flow->flow->name);
      GW_ASSIGN(FlowPlan p, plan_flow(*flow, seen, names, mine == planned.end() ? nullptr : mine->second.get(),
                                      before == loaded.end() ? nullptr : before->second.get(), result));
      result.flows.push_back(std::move(p));
    }
    return {};
  }

  Result<FlowPlan> plan_flow(const CompiledFlow& flow, SeenKeys& seen, const std::vector<std::string>& names, ParentIndex* parents,
                             ParentIndex* loaded, PlanResult& result) {
    const auto began = std::chrono::steady_clock::now();
    FlowPlan out;
    out.flow = flow.flow->name, out.source = Workspace::source_names(*flow.flow);
    out.target = flow.flow->to.connection + "." + flow.flow->to.object;
    out.delivery = to_string(workspace_->connection(flow.flow->to.connection).delivery());
    const ForeseenChecks checks(flow);
    out.unjudged = checks.unjudged();
    out.unjudged.insert(out.unjudged.end(), flow.unjudged_rules.begin(), flow.unjudged_rules.end());
    out.undoable = !flow.insert_only() && (flow.identity || crosswalk_ids(flow) != TypeId::null_type);
    for (const TargetColumn& c : flow.columns)
      if (c.deferred) out.deferred.push_back(c.name);
    if (!flow.object_lacking) GW_TRY(note_changes(flow, out));
    workspace_->references().set_final(false);
    GW_TRY(workspace_->references().begin_flow(flow.flow->name));
    std::unique_ptr<Writer> writer;
    std::int64_t target_rows = 0;
    // Where the object or the key field is yet to be made nothing can be found by that key, and nobody can be asked for it.
    const bool blank = flow.target_is_blank();
    if (!blank) {
      GW_ASSIGN(writer, workspace_->open_writer(flow, "plan"));
    }
    if (!flow.object_lacking) {
      GW_ASSIGN(target_rows, count_rows(flow));
    }
    std::unique_ptr<Crosswalk> crosswalk;
    if (target_rows != 0 && !blank && !flow.insert_only()) {
      GW_ASSIGN(crosswalk, Crosswalk::open(*journal_, scope_, flow.flow->name, crosswalk_ids(flow), context_.state_memory));
    }
    Comparer::Options options;
    options.folder = folder_.path() / ("held-" + flow.flow->name), options.memory_bytes = context_.state_memory, options.target_empty = target_rows == 0 || blank;
    GW_ASSIGN(auto comparer, Comparer::open(flow, options, [&](const std::vector<std::string>& c) { return workspace_->open_target(flow, c); },
                                            writer.get(), crosswalk.get()));
    out.target_rows = target_rows;
    FlowSource::Options source_options;
    source_options.limit = request_.sample.value_or(-1);
    source_options.corrections = &workspace_->corrections();
    FlowSource source(flow, workspace_->source_connections(flow), source_options);
    const auto ordinal = static_cast<int>(std::ranges::find(names, flow.flow->name) - names.begin());
    Sequencer sequencer(flow, names, ordinal, seen);
    sequencer.foresee_refusals();
    FlowLoader::Parts loader;
    loader.context = &context_, loader.flow = &flow, loader.source = &source, loader.sequencer = &sequencer, loader.seen = &seen, loader.what = "planning";
    std::map<std::string, PlanCause> causes;
    std::unordered_set<Hash128, HashOfKey> waiting;
    SetupCollector setup(flow);
    const auto count_unit = [&](FormedUnit& unit) -> Result<> {
      for (SequencedBatch& b : unit.batches) GW_TRY(checks.judge(b));
      GW_ASSIGN(const Comparison comparison, comparer->decide(unit));
      ++out.units;
      out.before_images += comparison.before.rows, out.before_bytes += static_cast<std::int64_t>(comparison.before.size_bytes());
      out.kept_edits += comparison.kept_edits;
      for (const SequencedBatch& b : unit.batches) {
        setup.add(b);
        count(flow, b, out.counts, causes);
        for (std::int64_t row : b.pending)
          if (b.fates[static_cast<std::size_t>(row)] == Fate::kept) ++out.counts.obligations_open, waiting.insert(b.source_keys[static_cast<std::size_t>(row)]);
        if (parents != nullptr) GW_TRY(remember(flow, b, *parents, loaded, writer.get()));
      }
      if (parents != nullptr) GW_TRY(parents->state().seal(unit.id));
      return {};
    };
    GW_TRY(FlowLoader(loader).run({}, count_unit));
    result.voided_corrections.insert(result.voided_corrections.end(), source.voided().begin(), source.voided().end());
    if (out.counts.obligations_open > 0) {
      workspace_->references().set_final(true);
      SeenKeys::Options nothing_options;
      nothing_options.folder = folder_.path() / "nothing";
      SeenKeys nothing(nothing_options);
      FlowSource again(flow, workspace_->source_connections(flow), source_options);
      loader.source = &again, loader.sequencer = nullptr, loader.seen = &nothing, loader.pass = 2;
      const auto count_links = [&](FormedUnit& unit) -> Result<> {
        for (const SequencedBatch& b : unit.batches)
          for (std::size_t i = 0; i < b.fates.size(); ++i) {
            if (waiting.erase(b.source_keys[i]) == 0) continue;
            const auto note = std::ranges::find(b.link_errors, static_cast<std::int64_t>(i), &RowNote::row);
            if (note == b.link_errors.end()) {
              ++out.counts.obligations_set;
            } else {
              ++out.counts.obligations_failed;
              add_cause(flow, b, *note, true, causes);
            }
          }
        return {};
      };
      GW_TRY(FlowLoader(loader).run({}, count_links));
      out.counts.obligations_open -= out.counts.obligations_set + out.counts.obligations_failed;
      workspace_->references().set_final(false);
    }
    workspace_->references().end_flow();
    out.setup = setup.finish();
    for (auto& [key, cause] : causes) out.causes.push_back(std::move(cause));
    std::ranges::stable_sort(out.causes, [](const PlanCause& a, const PlanCause& b) { return a.rows > b.rows; });
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return out;
  }

  // What the systems say that the work costs. A sample is priced as what it is: a sample.
  Result<> price(PlanResult& result) {
    std::int64_t rows = 0;
    for (FlowPlan& f : result.flows) {
      const CompiledFlow& flow = *workspace_->flow(f.flow);
      if (flow.object_lacking) continue;
      Connection& connection = workspace_->connection(flow.flow->to.connection);
      const bool compares = f.target_rows != 0 && !flow.insert_only();
      GW_ASSIGN(f.load, connection.estimate(work_of(flow.flow->to.object, f.counts, compares ? std::max<std::int64_t>(f.target_rows, 0) : 0)));
      if (!flow.insert_only()) {
        GW_ASSIGN(f.undo, connection.estimate(undo_of(flow.flow->to.object, f.counts)));
      }
      add_cost(result.cost, flow.flow->to.connection, f.load, f.undo);
      rows += f.counts.created + f.counts.updated + f.counts.deleted;
    }
    finish_cost(result.cost);
    if (request_.freeze_hours) result.freeze = fit_freeze(result.cost, rows, *request_.freeze_hours * 3600);
    return {};
  }

  // What has changed in the target's object since it was last planned, and remembers it as it is now.
  Result<> note_changes(const CompiledFlow& flow, FlowPlan& out) {
    const ObjectRef& to = flow.flow->to;
    GW_ASSIGN(const std::string before, journal_->description(scope_, to.connection, to.object));
    GW_ASSIGN(const ObjectDescription described, workspace_->describe(to));
    const std::string now = description_text(described);
    if (before == now) return {};
    if (!before.empty()) {
      GW_ASSIGN(const ObjectDescription then, parse_description_text(before));
      std::vector<std::string> mapped;
      for (const TargetColumn& c : flow.columns) mapped.push_back(c.name);
      out.changes = compare_descriptions(then, described, mapped);
    }
    return journal_->put_description(scope_, to.connection, to.object, now);
  }

  Result<std::int64_t> count_rows(const CompiledFlow& flow) {
    Connection& connection = workspace_->connection(flow.flow->to.connection);
    if (connection.can_aggregate()) {
      GW_ASSIGN(const auto groups, connection.aggregate(flow.flow->to.object, "count", "", "", ""));
      return groups.empty() || groups.front().value.empty() ? 0 : std::stoll(groups.front().value);
    }
    return flow.target.rows.value_or(-1);
  }

  static void add_cause(const CompiledFlow& flow, const SequencedBatch& b, const RowNote& note, bool warning, std::map<std::string, PlanCause>& causes) {
    const std::string key = (warning ? "w" : "s") + std::to_string(note.error.number) + note.field + std::string(note.error.argument("rule"));
    PlanCause& cause = causes[key];
    if (cause.rows++ > 0) return;
    cause.error = note.error, cause.field = note.field, cause.warning = warning;
    if (note.error.argument("field").empty()) cause.error.arguments.emplace_back("field", note.field);
    cause.key = row_key(flow, b, note.row), cause.place = row_place(flow, b, note.row);
  }

  static void count(const CompiledFlow& flow, const SequencedBatch& b, Counts& counts, std::map<std::string, PlanCause>& causes) {
    for (std::size_t i = 0; i < b.fates.size(); ++i) {
      switch (b.fates[i]) {
        case Fate::kept:
          switch (b.decisions[i]) {
            case Decision::insert: ++counts.created; break;
            case Decision::update: ++counts.updated; break;
            case Decision::remove: ++counts.deleted; break;
            default: ++counts.unchanged;
          }
          break;
        case Fate::filtered_unknown: ++counts.filtered_unknown; [[fallthrough]];
        case Fate::filtered: ++counts.filtered; break;
        case Fate::set_aside: ++counts.set_aside; break;
        case Fate::merged: ++counts.merged; break;
      }
    }
    counts.read += b.rows() + static_cast<std::int64_t>(b.read.unreadable.size());
    counts.set_aside += static_cast<std::int64_t>(b.read.unreadable.size());
    for (const RowNote& note : b.set_aside) add_cause(flow, b, note, false, causes);
    std::int64_t last = -1;
    for (const RowNote& note : b.warnings) {
      counts.warned += note.row != last, last = note.row;
      add_cause(flow, b, note, true, causes);
    }
    for (const Unreadable& u : b.read.unreadable) {
      PlanCause& cause = causes["u" + std::to_string(u.error.number)];
      if (cause.rows++ > 0) continue;
      cause.error = u.error, cause.key = u.line > 0 ? "line " + std::to_string(u.line) : "#" + std::to_string(u.locator);
    }
  }

  // Children of rows that are there already must meet their real ids, or they would look changed.
  Result<> remember(const CompiledFlow& flow, const SequencedBatch& b, ParentIndex& parents, ParentIndex* loaded, Writer* writer) {
    const auto n = b.fates.size();
    std::vector<Hash128> keys = b.source_keys;
    for (const MergedNote& m : b.merged) keys[static_cast<std::size_t>(m.row)] = m.survivor;
    Column ids;
    if (!flow.identity && crosswalk_ids(flow) == TypeId::null_type) {
      ids = b.columns.front();
    } else if (!flow.identity) {
      std::vector<ReferenceState> states(n, ReferenceState::unknown);
      Column known;
      if (loaded != nullptr) GW_TRY(loaded->probe(keys, &states, &known));
      std::vector<std::int32_t> missing;
      for (std::size_t i = 0; i < n; ++i)
        if (b.fates[i] == Fate::kept && states[i] != ReferenceState::found && (b.decisions[i] == Decision::unchanged || b.decisions[i] == Decision::update)) missing.push_back(static_cast<std::int32_t>(i));
      Writer::Rows held;
      if (!missing.empty()) {
        std::vector<Column> key_columns;
        for (std::size_t k = 0; k < flow.key_count; ++k) key_columns.push_back(take(b.columns[k], missing));
        GW_ASSIGN(held, writer->read_back(key_columns));
      }
      ColumnBuilder out(flow.id_type.id == TypeId::int64 ? Type(TypeId::int64) : Type(TypeId::utf8));
      std::size_t m = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const auto row = static_cast<std::int64_t>(i);
        const bool asked = m < missing.size() && missing[m] == static_cast<std::int32_t>(i);
        if (asked && held.ids.length != 0 && held.found[m]) out.append_from(held.ids, static_cast<std::int64_t>(m));
        else if (states[i] == ReferenceState::found && known.length != 0) out.append_from(known, row);
        else if (out.type().id == TypeId::int64) out.append_int64(next_id_++);
        else out.append_text("new-" + std::to_string(next_id_++));
        m += asked;
      }
      ids = out.finish();
    }
    std::vector<Hash128> there, others;
    std::vector<ParentTag> other_tags;
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < n; ++i) {
      if (b.fates[i] == Fate::kept) there.push_back(b.source_keys[i]), rows.push_back(static_cast<std::int32_t>(i));
      else if (b.fates[i] != Fate::merged)
        others.push_back(b.source_keys[i]), other_tags.push_back(b.fates[i] == Fate::set_aside ? ParentTag::set_aside : ParentTag::filtered);
    }
    GW_TRY(parents.put(there, std::vector<ParentTag>(there.size(), ParentTag::loaded), ids.length == 0 ? Column{} : take(ids, rows)));
    GW_TRY(parents.put_unless_loaded(others, other_tags));
    for (const MergedNote& m : b.merged) {
      const Hash128& key = b.source_keys[static_cast<std::size_t>(m.row)];
      if (key == m.survivor) continue;
      std::vector<ReferenceState> states;
      Column id;
      GW_TRY(parents.probe(std::span(&m.survivor, 1), &states, &id));
      const ParentTag tag = states.front() == ReferenceState::found ? ParentTag::merged : ParentTag::set_aside;
      GW_TRY(parents.put(std::span(&key, 1), std::span(&tag, 1), id));
    }
    return {};
  }

  Project project_;
  Host& host_;
  const PlanRequest& request_;
  RunContext context_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Workspace> workspace_;
  TemporaryFolder folder_;
  std::int64_t scope_ = 0;
  // Stands for the ids that the target will give: all different, because rules compare them, and beyond what a table has.
  std::int64_t next_id_ = 2'000'000'000;
};

}  // namespace

bool PlanResult::is_blocked() const {
  for (const FlowPlan& f : flows)
    for (const SetupNeed& n : f.setup)
      if (n.kind != SetupNeed::Kind::choices && n.kind != SetupNeed::Kind::records) return true;
  return false;
}

Result<PlanResult> plan_project(Project project, Host& host, const PlanRequest& request, const ProgressSink& progress) {
  return Planner(std::move(project), host, request, progress).plan();
}

}  // namespace godwit
