// godwit crosswalk: which source row became which target record.

#include <fstream>
#include <ostream>

#include "core/cli/books.hpp"
#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/crosswalk_import.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/row_history.hpp"
#include "core/journal/crosswalk.hpp"
#include "core/journal/journal.hpp"
#include "core/model/csv_text.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {
namespace {

struct CrosswalkOptions {
  std::string action, what, flow;
};

struct FlowCrosswalk {
  std::string flow, object;
  bool identity = false;
};

// Flows of the scope that have a crosswalk, in the order of their newest run.
Result<std::vector<FlowCrosswalk>> flows_of(Journal& journal, std::int64_t scope, const std::string& only) {
  GW_ASSIGN(Statement rows, journal.database().prepare("select f.flow, f.target, f.crosswalk, max(f.run) from flow_run f join run r on r.number = f.run "
                                                       "where r.scope = ? and f.crosswalk <> 'none' and r.kind <> 'undo' group by f.flow order by max(f.seq), f.flow"));
  rows.bind(1, scope);
  std::vector<FlowCrosswalk> out;
  for (;;) {
    GW_ASSIGN(const bool row, rows.step());
    if (!row) break;
    if (only.empty() || rows.text(0) == only) out.push_back({rows.string(0), rows.string(1), rows.text(2) == "identity"});
  }
  if (out.empty() && !only.empty()) return fail(2348, {{"seen", only}});
  return out;
}

Result<int> export_all(Context& context, const CrosswalkOptions& options) {
  GW_ASSIGN(Journal * journal, context.journal());
  GW_ASSIGN(const RunRecord newest, choose_run(context, *journal, std::nullopt));
  GW_ASSIGN(const std::vector<FlowCrosswalk> flows, flows_of(*journal, newest.scope, options.flow));
  std::ofstream file;
  std::ostream* out = &context.out();
  if (!options.what.empty()) {
    file.open(context.path(options.what), std::ios::binary);
    out = &file;
  }
  std::int64_t rows = 0;
  std::string buffer;
  if (!context.json()) buffer = "flow,source_key,target_object,target_id,run\r\n";
  for (const FlowCrosswalk& f : flows) {
    GW_ASSIGN(const auto crosswalk, Crosswalk::open(*journal, newest.scope, f.flow, TypeId::utf8, 16 << 20));
    GW_TRY(crosswalk->each([&](const CrosswalkEntry& e) -> Result<> {
      const std::string& id = f.identity ? e.source_key : e.id;
      if (context.json())
        buffer += Json{{"flow", f.flow}, {"source_key", e.source_key}, {"target_object", f.object}, {"target_id", id}, {"run", e.run}}.dump() + "\n";
      else
        buffer += csv_field(f.flow) + "," + csv_field(e.source_key) + "," + csv_field(f.object) + "," + csv_field(id) + "," + std::to_string(e.run) + "\r\n";
      ++rows;
      if (buffer.size() > (1u << 16)) *out << buffer, buffer.clear();
      return {};
    }));
  }
  *out << buffer;
  out->flush();
  if (!*out) return fail(2323, {{"place", options.what}, {"seen", std::generic_category().message(errno)}});
  if (!options.what.empty() && !context.json()) context.out() << context.say("cli.crosswalk.exported", {{"rows", grouped(rows)}, {"file", options.what}}) << '\n';
  return kExitFinished;
}

Result<int> look_up(Context& context, const CrosswalkOptions& options) {
  if (options.what.empty()) return fail(2304, {{"expected", "KEY"}, {"command", "crosswalk"}});
  GW_ASSIGN(Journal * journal, context.journal());
  GW_ASSIGN(const RunRecord newest, choose_run(context, *journal, std::nullopt));
  GW_ASSIGN(const auto history, RowHistory::open(*journal, newest.scope));
  GW_ASSIGN(const std::vector<RowEvent> events, history->of_key(options.what));
  bool any = false;
  for (const RowEvent& e : events) {
    if (e.fate != RowFate::loaded || (!options.flow.empty() && e.flow != options.flow)) continue;
    any = true;
    if (context.json()) context.print_json({{"flow", e.flow}, {"source_key", e.key}, {"target_object", e.object}, {"target_id", e.id}, {"run", e.run}});
    else context.out() << e.flow << '\t' << e.object << '\t' << e.id << '\n';
  }
  if (!any) return fail(2347, {{"seen", options.what}});
  return kExitFinished;
}

Result<int> import_file(Context& context, const CrosswalkOptions& options) {
  if (options.what.empty()) return fail(2304, {{"expected", "FILE"}, {"command", "crosswalk"}});
  if (options.flow.empty()) return fail(2304, {{"expected", "--flow"}, {"command", "crosswalk"}});
  GW_ASSIGN(const Project* project, context.project());
  GW_ASSIGN(const CrosswalkImport done, import_crosswalk(*project, context.host(), options.flow, context.path(options.what)));
  if (context.json()) context.print_json({{"flow", options.flow}, {"rows", done.rows}, {"run", done.run}});
  else context.out() << context.say("cli.crosswalk.imported", {{"rows", grouped(done.rows)}, {"flow", options.flow}, {"run", std::to_string(done.run)}}) << '\n';
  return kExitFinished;
}

Result<int> run_crosswalk(Context& context, const CrosswalkOptions& options) {
  if (options.action == "export") return export_all(context, options);
  if (options.action == "lookup") return look_up(context, options);
  if (options.action == "import") return import_file(context, options);
  return fail(2325, {{"seen", options.action}, {"expected", "export, import, lookup"}, {"command", "crosswalk"}});
}

}  // namespace

Command crosswalk_command() {
  auto options = std::make_shared<CrosswalkOptions>();
  Command out{"crosswalk", Group::look, 60, {}, [options](Context& context) { return run_crosswalk(context, *options); }};
  out.arguments.positional(options->action, "export|import|lookup", "cli.crosswalk.action", true);
  out.arguments.positional(options->what, "FILE|KEY", "cli.crosswalk.what", false);
  out.arguments.option(options->flow, "--flow", "NAME", "cli.crosswalk.flow");
  return out;
}

}  // namespace godwit::cli
