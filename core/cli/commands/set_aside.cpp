// godwit set-aside: what did not get there and why, as groups, rows, or a sheet to correct.

#include <ostream>

#include "core/cli/books.hpp"
#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/correction_sheet.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/table.hpp"
#include "core/journal/journal.hpp"

namespace godwit::cli {
namespace {

struct SetAsideOptions {
  std::string flow, export_file, import_file, who;
  std::optional<std::int64_t> run, limit;
  bool rows = false, all = false, as_they_are = false;
};

Error reason_of(int number, const std::vector<godwit::Argument>& arguments) { return Error{number, ErrorKind::row_rejected, arguments, {}}; }

Result<int> list_groups(Context& context, Journal& journal, const SetAsideQuery& query) {
  GW_ASSIGN(const std::vector<SetAsideGroup> groups, journal.set_aside_groups(query));
  if (context.json()) {
    Json out = Json::array();
    for (const SetAsideGroup& g : groups) {
      const Error reason = reason_of(g.number, g.arguments);
      out.push_back({{"flow", g.flow}, {"rows", g.rows}, {"number", "GW-" + std::to_string(g.number)}, {"field", g.field}, {"cause", g.cause},
                     {"example", sentence(reason, context.language())}, {"example_key", g.example_key}, {"remedy", remedy(reason, context.language())}});
    }
    context.print_json(out);
    return kExitFinished;
  }
  if (groups.empty()) {
    context.out() << context.say("cli.set_aside.none") << '\n';
    return kExitFinished;
  }
  std::int64_t rows = 0;
  for (const SetAsideGroup& g : groups) {
    const Error reason = reason_of(g.number, g.arguments);
    rows += g.rows;
    context.out() << context.say("cli.set_aside.group", {{"rows", grouped(g.rows)}, {"flow", g.flow}, {"number", "GW-" + std::to_string(g.number)},
                                                         {"reason", sentence(reason, context.language())}, {"key", g.example_key}})
                  << "\n    " << remedy(reason, context.language()) << '\n';
  }
  context.out() << '\n' << context.say("cli.set_aside.foot", {{"rows", grouped(rows)}, {"causes", std::to_string(groups.size())}}) << '\n';
  return kExitFinished;
}

Json row_json(Context& context, const SetAsideRecord& row) {
  const Error reason = reason_of(row.number, row.arguments);
  Json out{{"flow", row.unit.flow}, {"run", row.unit.run}, {"source", row.source}, {"key", row.source_key}, {"locator", row.locator}, {"line", nullptr},
                   {"number", "GW-" + std::to_string(row.number)}, {"class", row.error_class}, {"field", row.field}, {"reason", sentence(reason, context.language())},
                   {"state", to_string(row.state)}, {"original", Json::raw(row.original)}};
  if (row.line) out["line"] = *row.line;
  return out;
}

Result<int> list_rows(Context& context, Journal& journal, const SetAsideQuery& query) {
  std::optional<Table> table;
  if (!context.json())
    table.emplace(context.out(), std::vector<Table::Column>{{context.say("cli.set_aside.key")}, {context.say("cli.set_aside.place")}, {context.say("cli.books.flow")},
                                                            {context.say("cli.runs.run"), Align::right}, {context.say("cli.set_aside.reason")}}, 90);
  GW_TRY(journal.each_set_aside(query, [&](const SetAsideRecord& row) -> Result<> {
    if (context.json()) {
      context.print_json(row_json(context, row));
    } else {
      const std::string place = row.line ? row.source + ":" + std::to_string(*row.line) : row.source + "@" + row.locator;
      table->row({row.source_key, place, row.unit.flow, std::to_string(row.unit.run),
                  "GW-" + std::to_string(row.number) + " " + sentence(reason_of(row.number, row.arguments), context.language())});
    }
    return {};
  }));
  return kExitFinished;
}

Result<int> export_rows(Context& context, Journal& journal, const SetAsideQuery& query, const std::string& file) {
  GW_ASSIGN(const SheetExport done, export_sheets(journal, query, context.path(file), context.language()));
  if (context.json()) {
    Json out{{"sheets", Json::array()}, {"unreadable", done.unreadable}};
    for (const ExportedSheet& s : done.sheets) out["sheets"].push_back({{"file", s.file.string()}, {"source", s.source}, {"rows", s.rows}});
    context.print_json(out);
    return kExitFinished;
  }
  for (const ExportedSheet& s : done.sheets)
    context.out() << context.say("cli.set_aside.exported", {{"rows", grouped(s.rows)}, {"source", s.source}, {"file", s.file.string()}}) << '\n';
  if (done.sheets.empty()) context.out() << context.say("cli.set_aside.none") << '\n';
  else context.out() << context.say("cli.set_aside.then") << '\n';
  if (done.unreadable != 0) context.out() << context.say("cli.set_aside.unreadable", {{"rows", grouped(done.unreadable)}}) << '\n';
  return kExitFinished;
}

Result<int> import_rows(Context& context, Journal& journal, const SetAsideOptions& options) {
  ImportOptions how;
  how.who = options.who, how.when = journal.now(), how.as_they_are = options.as_they_are;
  for (const char* name : {"USER", "LOGNAME"})
    if (const auto at = context.world().environment.find(name); how.who.empty() && at != context.world().environment.end()) how.who = at->second;
  GW_ASSIGN(const Project* project, context.project(false));
  GW_ASSIGN(const SheetImport done, import_sheet(journal, project->folder, context.path(options.import_file), how));
  if (context.json()) {
    Json out{{"lines", done.lines}, {"corrected_rows", done.corrected_rows}, {"corrections", done.corrections}, {"files", Json::array()}};
    for (const auto& file : done.files) out["files"].push_back(file.string());
    context.print_json(out);
    return kExitFinished;
  }
  context.out() << context.say("cli.set_aside.imported", {{"values", grouped(done.corrections)}, {"rows", grouped(done.corrected_rows)}, {"lines", grouped(done.lines)}}) << '\n';
  for (const auto& file : done.files) context.out() << "  " << file.string() << '\n';
  if (!done.files.empty()) context.out() << context.say("cli.set_aside.replay") << '\n';
  return kExitFinished;
}

Result<int> run_set_aside(Context& context, const SetAsideOptions& options) {
  GW_ASSIGN(Journal * journal, context.journal());
  if (!options.import_file.empty()) return import_rows(context, *journal, options);
  SetAsideQuery query;
  query.run = options.run, query.flow = options.flow;
  if (!options.all) query.state = SetAsideState::open;
  if (!options.run) {
    GW_ASSIGN(const RunRecord newest, choose_run(context, *journal, std::nullopt));
    query.scope = newest.scope;
  }
  if (!options.export_file.empty()) return export_rows(context, *journal, query, options.export_file);
  if (!options.rows) return list_groups(context, *journal, query);
  query.limit = options.limit.value_or(-1);
  return list_rows(context, *journal, query);
}

}  // namespace

Command set_aside_command() {
  auto options = std::make_shared<SetAsideOptions>();
  Command out{"set-aside", Group::look, 30, {}, [options](Context& context) { return run_set_aside(context, *options); }};
  out.arguments.option(options->flow, "--flow", "NAME", "cli.set_aside.flow");
  out.arguments.option(options->run, "--run", "N", "cli.set_aside.run");
  out.arguments.flag(options->all, "--all", "cli.set_aside.all");
  out.arguments.flag(options->rows, "--rows", "cli.set_aside.rows");
  out.arguments.option(options->limit, "--limit", "N", "cli.set_aside.limit", "-n");
  out.arguments.option(options->export_file, "--export", "SHEET.CSV", "cli.set_aside.export");
  out.arguments.option(options->import_file, "--import", "SHEET.CSV", "cli.set_aside.import");
  out.arguments.option(options->who, "--who", "NAME", "cli.set_aside.who");
  out.arguments.flag(options->as_they_are, "--as-they-are", "cli.set_aside.as_they_are");
  return out;
}

}  // namespace godwit::cli
