#include "core/cli/crosswalk_import.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/journal/crosswalk.hpp"
#include "core/journal/journal.hpp"
#include "core/model/csv_text.hpp"
#include "core/run/moment.hpp"
#include "core/run/parent_index.hpp"
#include "core/run/runner.hpp"
#include "core/run/unit_writer.hpp"
#include "core/run/workspace.hpp"

namespace godwit::cli {
namespace {

constexpr std::size_t kRowsPerUnit = 64 << 10;

// The file's rows as columns of the flow's own types.
struct Rows {
  std::vector<Column> keys;  // as CompiledFlow::source_key
  Column ids;                // as crosswalk_ids() says; empty values for an identity crosswalk
  std::int64_t count = 0;
};

std::vector<std::string> parts_of(const std::string& key, std::size_t wanted) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (parts.size() + 1 < wanted) {
    const std::size_t at = key.find(" / ", from);
    if (at == std::string::npos) break;
    parts.push_back(key.substr(from, at - from)), from = at + 3;
  }
  parts.push_back(key.substr(from));
  return parts;
}

// False: the text is no value of the builder's type.
bool append(ColumnBuilder& to, const std::string& text) {
  if (to.type().is_variable()) return to.append_text(text), true;
  if (to.type().id != TypeId::int64) return false;
  std::int64_t v = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), v);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return false;
  return to.append_int64(v), true;
}

Result<Rows> read_rows(const CompiledFlow& flow, const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  GW_ASSIGN(const std::string text, read_small_file(file.string()));
  GW_ASSIGN(const auto records, parse_csv_text(text, name));
  const std::vector<std::string> header = records.empty() ? std::vector<std::string>{} : records.front().fields;
  const auto column = [&](std::string_view wanted) { return static_cast<std::size_t>(std::find(header.begin(), header.end(), wanted) - header.begin()); };
  const std::size_t key_at = column("source_key"), id_at = column("target_id"), flow_at = column("flow");
  if (key_at == header.size() || id_at == header.size())
    return fail(2350, {{"place", name + ":1"}, {"expected", key_at == header.size() ? "source_key" : "target_id"}});
  std::vector<ColumnBuilder> keys;
  for (const int c : flow.source_key) keys.emplace_back(flow.source_schema[static_cast<std::size_t>(c)].type);
  const bool with_ids = crosswalk_ids(flow) != TypeId::null_type;
  ColumnBuilder ids(with_ids ? Type(crosswalk_ids(flow)) : Type(TypeId::utf8));
  Rows out;
  std::map<std::string, int> seen;
  for (std::size_t r = 1; r < records.size(); ++r) {
    const auto& fields = records[r].fields;
    const std::string place = name + ":" + std::to_string(records[r].line);
    if (fields.size() != header.size()) return fail(2346, {{"place", place}, {"seen", std::to_string(fields.size())}, {"expected", std::to_string(header.size())}});
    if (flow_at != header.size() && fields[flow_at] != flow.flow->name) continue;
    const auto [before, fresh] = seen.emplace(fields[key_at], records[r].line);
    if (!fresh) return fail(2352, {{"place", place}, {"key", fields[key_at]}, {"first", std::to_string(before->second)}});
    const std::vector<std::string> parts = parts_of(fields[key_at], keys.size());
    bool good = parts.size() == keys.size() && !fields[key_at].empty();
    for (std::size_t p = 0; good && p < parts.size(); ++p) good = append(keys[p], parts[p]);
    if (!good) return fail(2351, {{"place", place}, {"field", "source_key"}, {"seen", fields[key_at]}});
    if (with_ids && (fields[id_at].empty() || !append(ids, fields[id_at]))) return fail(2351, {{"place", place}, {"field", "target_id"}, {"seen", fields[id_at]}});
    ++out.count;
  }
  for (ColumnBuilder& k : keys) out.keys.push_back(k.finish());
  out.ids = ids.finish();
  return out;
}

Result<> settle_unit(Journal& journal, const RunRecord& run, const CompiledFlow& flow, const Rows& rows, std::int64_t from, std::int64_t count, std::int64_t number,
                     ParentIndex* parents) {
  std::vector<Column> keys;
  Schema key_schema;
  for (std::size_t k = 0; k < rows.keys.size(); ++k) {
    keys.push_back(slice(rows.keys[k], from, count));
    key_schema.push_back(flow.source_schema[static_cast<std::size_t>(flow.source_key[k])]);
  }
  const TypeId ids = crosswalk_ids(flow);
  CrosswalkBuilder builder({}, key_schema, ids);
  builder.append(keys, std::vector<std::uint64_t>(static_cast<std::size_t>(count), 0));
  const Column unit_ids = ids == TypeId::null_type ? Column() : slice(rows.ids, from, count);
  if (ids != TypeId::null_type) builder.set_ids(0, unit_ids);

  SettledUnit unit;
  unit.id = {run.number, flow.flow->name, 0, number};
  unit.start_position = std::to_string(from), unit.end_position = std::to_string(from + count);
  unit.rows_read = count, unit.fence = run.fence;
  unit.counts.read = unit.counts.unchanged = count;
  unit.segments.push_back(builder.encode());
  GW_TRY(journal.intend(unit));
  if (parents != nullptr) {
    const std::vector<Hash128> hashes = hash_keys(keys);
    GW_TRY(parents->put(hashes, std::vector<ParentTag>(hashes.size(), ParentTag::loaded), unit_ids));
    GW_TRY(parents->state().seal(unit.id));
  }
  GW_ASSIGN([[maybe_unused]] const bool fresh, journal.settle(unit));
  return parents == nullptr ? Result<>() : parents->state().settled(unit.id);
}

}  // namespace

Result<CrosswalkImport> import_crosswalk(const Project& project, Host& host, const std::string& name, const std::filesystem::path& file) {
  Journal::Options journal_options;
  journal_options.project = project.name;
  GW_ASSIGN(const auto journal, Journal::open(project.folder / ".godwit", Journal::Mode::write, journal_options));
  Workspace::Options options;
  options.only = {name};
  options.now = [](Workspace&) -> Result<std::int64_t> { return system_now_us(); };
  GW_ASSIGN(const auto workspace, Workspace::open(project, host, options));
  const CompiledFlow& flow = *workspace->flow(name);
  if (flow.source_key.empty()) return fail(2349, {{"seen", name}});
  GW_ASSIGN(const Rows rows, read_rows(flow, file));
  GW_ASSIGN(const ScopeRecord scope, journal->find_or_add_scope(project.environment, workspace->target_identity(), workspace->target_display()));
  GW_ASSIGN(const auto unfinished, journal->latest_interrupted(scope.id));
  if (unfinished) return fail(2353, {{"run", std::to_string(unfinished->number)}});

  std::unique_ptr<ParentIndex> parents;
  if (workspace->is_parent(name)) {
    GW_ASSIGN(parents, ParentIndex::open(journal->state_folder(scope.id, "parents-" + name), flow.id_type, flow.identity, 8 << 20, false,
                                         [&](const UnitId& unit) { return journal->is_settled(unit); }));
  }
  RunRecord run;
  run.scope = scope.id, run.kind = RunKind::run, run.mapping_hash = project.mapping_hash, run.extract_hash = workspace->extract_hash();
  run.options = R"({"crosswalk_import": true})", run.version = workspace->versions();
  GW_ASSIGN(run, journal->begin_run(run));
  FlowRunRecord record;
  record.run = run.number, record.flow = name, record.stage = FlowStage::loading;
  record.source = file.filename().string(), record.target = flow.flow->to.connection + "." + flow.flow->to.object;
  record.delivery = "none", record.crosswalk = crosswalk_ids(flow) == TypeId::null_type ? "identity" : "ids";
  GW_TRY(journal->put_flow_run(record));
  const auto per_unit = static_cast<std::int64_t>(kRowsPerUnit);
  for (std::int64_t from = 0, number = 1; from < rows.count; from += per_unit, ++number)
    GW_TRY(settle_unit(*journal, run, flow, rows, from, std::min(per_unit, rows.count - from), number, parents.get()));
  GW_TRY(journal->set_stage(run.number, name, FlowStage::finished));
  GW_TRY(journal->end_run(run.number, RunState::finished, kExitFinished));
  GW_TRY(journal->sync());
  return CrosswalkImport{rows.count, run.number};
}

}  // namespace godwit::cli
