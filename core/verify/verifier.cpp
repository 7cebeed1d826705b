#include "core/verify/verifier.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/temporary_folder.hpp"
#include "core/run/flow_loader.hpp"
#include "core/run/moment.hpp"
#include "core/run/unit_writer.hpp"
#include "core/run/workspace.hpp"
#include "core/verify/field_compare.hpp"
#include "core/verify/totals.hpp"

namespace godwit {
namespace {

// Figures of one field over all rows.
struct FieldFigures {
  std::int64_t compared = 0, tolerated = 0;
  std::map<std::string, std::int64_t> differing;  // by class
};

class FlowVerifier {
 public:
  FlowVerifier(RunContext& context, Workspace& workspace, const CompiledFlow& flow, const std::filesystem::path& folder, std::int64_t keep)
      : context_(context), workspace_(workspace), flow_(flow), folder_(folder), keep_(keep), figures_(flow.columns.size()) {}

  Result<VerificationRecord> verify(SeenKeys& seen, const std::vector<std::string>& names, const FlowRunRecord& of, const FlowSource::Options& source_options) {
    record_.run = context_.run.number, record_.flow = flow_.flow->name;
    for (const TargetColumn& c : flow_.columns) {
      const auto t = flow_.flow->tolerance.find(c.name);
      GW_ASSIGN(Tolerance tolerance, parse_tolerance(t == flow_.flow->tolerance.end() ? "" : t->second));
      tolerances_.push_back(std::move(tolerance));
    }
    if (flow_.insert_only()) return count_only(of);
    GW_TRY(workspace_.references().begin_flow(flow_.flow->name));
    GW_ASSIGN(writer_, workspace_.open_writer(flow_, "verify"));
    KeyedState::Options options;
    options.folder = folder_ / ("expected-" + flow_.flow->name), options.memory_bytes = context_.state_memory, options.fresh = true;
    GW_ASSIGN(expected_, KeyedState::open(std::move(options)));
    FlowSource source(flow_, workspace_.source_connections(flow_), source_options);
    const auto ordinal = static_cast<int>(std::ranges::find(names, flow_.flow->name) - names.begin());
    Sequencer sequencer(flow_, names, ordinal, seen);
    FlowLoader::Parts loader;
    loader.context = &context_, loader.flow = &flow_, loader.source = &source, loader.sequencer = &sequencer, loader.seen = &seen, loader.what = "verifying";
    GW_TRY(refused_by_target());
    const auto check = [&](FormedUnit& unit) -> Result<> {
      for (SequencedBatch& b : unit.batches) GW_TRY(compare(b));
      return expected_->seal(unit.id);
    };
    GW_TRY(FlowLoader(loader).run({}, check));
    GW_TRY(find_extra(of));
    GW_TRY(find_orphans());
    workspace_.references().end_flow();
    record_.detail = detail();
    return record_;
  }

  const std::vector<DifferenceRecord>& differences() const { return differences_; }

 private:
  // Without a key there is nothing to read back by: the number of records is all that can be held against.
  Result<VerificationRecord> count_only(const FlowRunRecord& of) {
    record_.expected_rows = of.counts.created;
    Connection& connection = workspace_.connection(flow_.flow->to.connection);
    if (connection.can_aggregate()) {
      GW_ASSIGN(const auto groups, connection.aggregate(flow_.flow->to.object, "count", "", "", ""));
      const std::int64_t rows = groups.empty() ? 0 : std::stoll(groups.front().value);
      record_.found_rows = rows - of.target_before.value_or(0);
      record_.missing = std::max<std::int64_t>(0, record_.expected_rows - record_.found_rows);
      record_.extra = std::max<std::int64_t>(0, record_.found_rows - record_.expected_rows);
    }
    record_.detail = R"({"by":"count"})";
    return record_;
  }

  // Rows that only the target, or a conflict, kept out: the mapping alone would expect them. A row is named by source and place,
  // since doubles share its key.
  Result<> refused_by_target() {
    SetAsideQuery query;
    query.run = context_.run.number, query.flow = flow_.flow->name;
    return context_.journal->each_set_aside(query, [&](const SetAsideRecord& row) -> Result<> {
      refused_.insert(row.source + "#" + row.locator);
      return {};
    });
  }
  bool was_refused(const SequencedBatch& b, std::int64_t i) const {
    if (refused_.empty() || b.read.batch.places.length == 0) return false;
    const ObjectRef& from = flow_.flow->from[static_cast<std::size_t>(b.source)];
    return refused_.contains(from.connection + "." + from.object + "#" + value_text(b.read.batch.places, i));
  }

  Result<> compare(SequencedBatch& b) {
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < b.fates.size(); ++i) {
      const bool removed = !b.deletes.empty() && b.deletes[i];
      if (b.fates[i] == Fate::kept && !removed && !was_refused(b, static_cast<std::int64_t>(i))) rows.push_back(static_cast<std::int32_t>(i));
    }
    if (rows.empty()) return {};
    std::vector<Column> keys;
    for (std::size_t k = 0; k < flow_.key_count; ++k) keys.push_back(take(b.columns[k], rows));
    std::vector<StateEntry> marks(rows.size());
    for (StateEntry& e : marks) e.tag = 1;
    GW_TRY(expected_->put(hash_keys(keys), marks));
    GW_ASSIGN(const Writer::Rows held, writer_->read_back(keys));
    record_.expected_rows += static_cast<std::int64_t>(rows.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (held.found[r]) {
        ++record_.found_rows;
      } else {
        ++record_.missing;
        keep({row_key(flow_, b, rows[r]), "", "missing", std::nullopt, std::nullopt});
      }
    }
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
      const Column& expected = b.columns[c];
      const Column& found = held.batch.columns[c];
      FieldFigures& f = figures_[c];
      for (std::size_t r = 0; r < rows.size(); ++r) {
        if (!held.found[r] || (b.set[c] && !bit_is_set(b.set[c].data(), rows[r]))) continue;
        ++record_.fields_compared, ++f.compared;
        const Difference d = compare_values(expected, rows[r], found, static_cast<std::int64_t>(r), tolerances_[c]);
        if (d == Difference::none) continue;
        if (d == Difference::tolerated) ++record_.fields_tolerated, ++f.tolerated;
        else ++record_.fields_differing, ++f.differing[std::string(to_string(d))];
        auto text = [](const Column& column, std::int64_t i) { return column.is_null(i) ? std::optional<std::string>() : value_text(column, i); };
        keep({row_key(flow_, b, rows[r]), flow_.columns[c].name, std::string(to_string(d)), text(expected, rows[r]), text(found, static_cast<std::int64_t>(r))});
      }
    }
    return {};
  }

  void keep(DifferenceRecord difference) {
    if (static_cast<std::int64_t>(differences_.size()) < keep_) differences_.push_back(std::move(difference));
  }

  // Records that no source row stands behind. Where the target held records before the run, those are not extra but older.
  Result<> find_extra(const FlowRunRecord& of) {
    std::vector<std::string> names;
    for (std::size_t k = 0; k < flow_.key_count; ++k) names.push_back(flow_.columns[k].name);
    GW_ASSIGN(auto reader, workspace_.open_target(flow_, names));
    std::int64_t unexpected = 0;
    for (;;) {
      GW_ASSIGN(const ReadBatch read, reader->read());
      const std::vector<Hash128> keys = hash_keys(std::span<const Column>(read.batch.columns));
      std::vector<StateEntry> known(keys.size());
      GW_TRY(expected_->probe(keys, known));
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (known[i].found) continue;
        ++unexpected;
        std::string key;
        for (const Column& c : read.batch.columns) key += (key.empty() ? "" : " / ") + value_text(c, static_cast<std::int64_t>(i));
        if (of.target_before.value_or(0) == 0 && !shared_target_) keep({std::move(key), "", "extra", std::nullopt, std::nullopt});
      }
      if (read.end) break;
    }
    record_.extra = shared_target_ ? 0 : std::max<std::int64_t>(0, unexpected - of.target_before.value_or(0));
    return {};
  }

  // Values of foreign keys that no record of the referenced object has.
  Result<> find_orphans() {
    for (const ObjectReference& ref : flow_.target.references) {
      if (std::ranges::none_of(ref.columns, [&](const std::string& c) { return find_field(flow_.target_schema, c) >= 0; })) continue;
      KeyedState::Options options;
      options.folder = folder_ / ("orphans-" + flow_.flow->name), options.memory_bytes = context_.state_memory, options.fresh = true;
      GW_ASSIGN(auto present, KeyedState::open(std::move(options)));
      Connection& connection = workspace_.connection(flow_.flow->to.connection);
      ReadRequest parents;
      parents.object = ref.object, parents.columns = ref.to;
      GW_ASSIGN(auto reader, connection.open_reader(parents));
      for (std::int64_t n = 1;; ++n) {
        GW_ASSIGN(const ReadBatch read, reader->read());
        const std::vector<Hash128> keys = hash_keys(std::span<const Column>(read.batch.columns));
        std::vector<StateEntry> marks(keys.size());
        for (StateEntry& e : marks) e.tag = 1;
        GW_TRY(present->put(keys, marks));
        GW_TRY(present->seal(UnitId{0, "orphans", 0, n}));
        if (read.end) break;
      }
      GW_ASSIGN(auto children, workspace_.open_target(flow_, ref.columns));
      for (;;) {
        GW_ASSIGN(const ReadBatch read, children->read());
        const std::vector<Hash128> keys = hash_keys(std::span<const Column>(read.batch.columns));
        std::vector<StateEntry> found(keys.size());
        GW_TRY(present->probe(keys, found));
        for (std::size_t i = 0; i < keys.size(); ++i) {
          const bool null = std::ranges::any_of(read.batch.columns, [&](const Column& c) { return c.is_null(static_cast<std::int64_t>(i)); });
          record_.orphans += !null && !found[i].found;
        }
        if (read.end) break;
      }
    }
    return {};
  }

  std::string detail() const {
    nlohmann::ordered_json fields = nlohmann::ordered_json::array();
    for (std::size_t c = 0; c < flow_.columns.size(); ++c)
      fields.push_back({{"field", flow_.columns[c].name}, {"compared", figures_[c].compared}, {"tolerated", figures_[c].tolerated}, {"differing", figures_[c].differing}});
    return nlohmann::ordered_json{{"by", "fields"}, {"fields", fields}}.dump();
  }

 public:
  // Several flows write into this flow's target: a record of another flow is not extra.
  void set_shared_target(bool shared) { shared_target_ = shared; }

 private:
  RunContext& context_;
  Workspace& workspace_;
  const CompiledFlow& flow_;
  const std::filesystem::path folder_;
  const std::int64_t keep_;
  VerificationRecord record_;
  std::vector<Tolerance> tolerances_;
  std::vector<FieldFigures> figures_;
  std::vector<DifferenceRecord> differences_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<KeyedState> expected_;
  std::unordered_set<std::string> refused_;
  bool shared_target_ = false;
};

}  // namespace

Result<VerifyResult> verify_project(Project project, Host& host, const VerifyRequest& request, const ProgressSink& progress) {
  Journal::Options journal_options;
  journal_options.project = project.name;
  GW_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make("verify"));
  GW_ASSIGN(auto journal, Journal::open(project.folder / ".godwit", Journal::Mode::write, journal_options));
  RunContext context;
  context.journal = journal.get(), context.progress = progress;
  context.unit_bytes = unit_share(project.memory), context.state_memory = state_share(project.memory, project.flows.size());
  std::int64_t scope = 0;
  Workspace::Options options;
  options.only = request.only;
  options.state_folder = folder.path() / "workspace";
  options.now = [&](Workspace& w) -> Result<std::int64_t> {
    GW_ASSIGN(const ScopeRecord record, journal->find_or_add_scope(w.project().environment, w.target_identity(), w.target_display()));
    scope = record.id;
    std::optional<RunRecord> run;
    if (request.run) {
      GW_ASSIGN(run, journal->run(*request.run));
    } else {
      GW_ASSIGN(run, journal->latest_finished(scope));
    }
    if (!run) return fail(4211, {{"seen", request.run ? std::to_string(*request.run) : ""}});
    if (run->scope != scope) return fail(4084, {{"seen", std::to_string(run->number)}});
    context.run = *run;
    return parse_moment(run->started_at);
  };
  GW_ASSIGN(auto workspace, Workspace::open(std::move(project), host, std::move(options)));
  if (context.run.mapping_hash != workspace->project().mapping_hash) return fail(4212, {{"run", std::to_string(context.run.number)}});

  std::map<std::string, std::unique_ptr<ParentIndex>> parents;
  for (const Flow& flow : workspace->project().flows) {
    if (!workspace->is_parent(flow.name)) continue;
    GW_ASSIGN(const ObjectDescription target, workspace->describe(flow.to));
    const IdShape shape = id_shape(flow, target);
    const auto state = journal->state_folder(scope, "parents-" + flow.name);
    if (!std::filesystem::exists(state)) continue;
    GW_ASSIGN(parents[flow.name], ParentIndex::open(state, shape.type, shape.identity, context.state_memory, true, [&](const UnitId& unit) { return journal->is_settled(unit); }));
    workspace->references().set_parent(flow.name, parents[flow.name].get());
  }
  workspace->references().set_final(true);
  SeenKeys::Options seen_options;
  seen_options.folder = folder.path() / "seen", seen_options.memory_bytes = context.state_memory * 2;
  SeenKeys seen(seen_options);
  std::vector<std::string> names;
  std::map<std::string, int> writers;
  for (const auto& f : workspace->flows()) names.push_back(f->flow->name), ++writers[f->flow->to.connection + "." + f->flow->to.object];
  nlohmann::json run_options = nlohmann::json::parse(context.run.options, nullptr, false);
  FlowSource::Options source_options;
  source_options.corrections = &workspace->corrections();
  if (run_options.is_object()) source_options.limit = run_options.value("limit", std::int64_t{-1});

  VerifyResult result;
  result.run = context.run;
  for (const auto& flow : workspace->flows()) {
    GW_ASSIGN(const auto of, journal->flow_run(context.run.number, flow->flow->name));
    if (!of) continue;
    FlowVerifier verifier(context, *workspace, *flow, folder.path(), request.keep_differences);
    verifier.set_shared_target(writers[flow->flow->to.connection + "." + flow->flow->to.object] > 1);
    GW_ASSIGN(const VerificationRecord record, verifier.verify(seen, names, *of, source_options));
    GW_TRY(journal->put_verification(record));
    GW_TRY(journal->add_differences(context.run.number, flow->flow->name, verifier.differences()));
    result.differs |= record.missing > 0 || record.extra > 0 || record.fields_differing > 0 || record.orphans > 0;
    result.flows.push_back(record);
  }
  GW_TRY(verify_totals(workspace->project(), *journal, context.run.number, [&](const std::string& name) -> Connection& { return workspace->connection(name); }));
  GW_ASSIGN(result.unequal_totals, unequal_totals(workspace->project(), *journal, context.run.number));
  result.differs |= result.unequal_totals > 0;
  return result;
}

}  // namespace godwit
