// godwit explain: where a record's values come from, step by step.

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/explainer.hpp"
#include "core/cli/json.hpp"
#include "core/cli/width.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {
namespace {

struct ExplainOptions {
  std::string what, key;
};

Json field_json(const ExplainedField& f, bool of_target, bool written, bool found) {
  Json out{{"name", f.name}, {"expression", f.expression}, {"place", f.place}, {"steps", Json::array()}};
  for (const ExplainedStep& s : f.steps) {
    Json step{{"expression", s.expression}, {"type", s.type}, {"value", Json(s.value)}};
    if (!s.note.empty()) step["note"] = s.note;
    out["steps"].push_back(std::move(step));
  }
  if (of_target && written) out["written"] = Json(f.written);
  if (of_target && found) out["now"] = Json(f.now);
  return out;
}

Json row_json(const ExplainedRow& row, Language language) {
  static constexpr const char* kFates[] = {"kept", "filtered", "filtered_unknown", "set_aside", "merged"};
  Json out{{"flow", row.flow}, {"object", row.object}, {"key", row.key}, {"place", row.place}, {"fate", kFates[static_cast<int>(row.fate)]},
                   {"source", Json::object()}, {"let", Json::array()}, {"fields", Json::array()}, {"found", row.found},
                   {"reasons", Json::array()}, {"history", Json::array()}};
  for (const auto& [name, value] : row.source) out["source"][name] = Json(value);
  for (const ExplainedField& f : row.lets) out["let"].push_back(field_json(f, false, false, false));
  for (const ExplainedField& f : row.fields) out["fields"].push_back(field_json(f, true, row.fate == Fate::kept, row.found));
  for (const Error& e : row.reasons) out["reasons"].push_back(error_json(e, language));
  for (const RowEvent& e : row.history) out["history"].push_back({{"run", e.run}, {"fate", fate_name(e.fate)}, {"sentence", sentence_of(e, language)}});
  return out;
}

std::string shown(const std::optional<std::string>& value) { return value ? "\"" + cut(*value, 100) + "\"" : "null"; }

void print_field(Context& context, const ExplainedField& f, bool written, bool found) {
  std::ostream& out = context.out();
  out << "  " << f.name << "  ←  " << printable(f.expression) << "   (" << f.place << ")\n";
  for (const ExplainedStep& s : f.steps) out << "      " << printable(s.expression) << "  =  " << shown(s.value) << (s.note.empty() ? "" : "   " + s.note) << '\n';
  if (!written) return;
  if (!f.steps.empty() && f.steps.back().value != f.written) out << "      " << context.say("cli.explain.written", {{"value", shown(f.written)}}) << '\n';
  if (found && f.now != f.written) out << "      " << context.say("cli.explain.now", {{"value", shown(f.now)}}) << '\n';
}

void print_row(Context& context, const ExplainedRow& row) {
  std::ostream& out = context.out();
  out << context.say("cli.explain.head", {{"flow", row.flow}, {"key", row.key}, {"place", row.place}, {"object", row.object}}) << '\n';
  for (const RowEvent& e : row.history) out << "  " << sentence_of(e, context.language()) << '\n';
  if (row.fate == Fate::filtered || row.fate == Fate::filtered_unknown) out << "  " << context.say(row.fate == Fate::filtered ? "cli.explain.filtered" : "cli.explain.filtered_unknown") << '\n';
  for (const Error& e : row.reasons) {
    const bool told = !row.history.empty() && row.history.front().open && row.history.front().reason->number == e.number;
    out << "  " << (told ? remedy(e, context.language()) : describe(e, context.language())) << '\n';
  }
  if (row.fate == Fate::kept) out << "  " << context.say(row.found ? "cli.explain.found" : "cli.explain.not_found") << '\n';
  out << '\n' << context.say("cli.explain.source") << '\n';
  for (const auto& [name, value] : row.source) out << "  " << name << "  =  " << shown(value) << '\n';
  if (!row.lets.empty()) out << '\n' << context.say("cli.explain.let") << '\n';
  for (const ExplainedField& f : row.lets) print_field(context, f, false, false);
  out << '\n' << context.say("cli.explain.fields") << '\n';
  for (const ExplainedField& f : row.fields) print_field(context, f, row.fate == Fate::kept, row.found);
}

Result<int> run_explain(Context& context, const ExplainOptions& options) {
  const bool one_word = options.key.empty();
  GW_ASSIGN(const std::vector<ExplainedRow> rows, explain(context, one_word ? "" : options.what, one_word ? options.what : options.key));
  bool first = true;
  for (const ExplainedRow& row : rows) {
    if (context.json()) {
      context.print_json(row_json(row, context.language()));
      continue;
    }
    if (!first) context.out() << '\n';
    first = false;
    print_row(context, row);
  }
  return kExitFinished;
}

}  // namespace

Command explain_command() {
  auto options = std::make_shared<ExplainOptions>();
  Command out{"explain", Group::look, 50, {}, [options](Context& context) { return run_explain(context, *options); }};
  out.arguments.positional(options->what, "OBJECT|FLOW|KEY", "cli.explain.what", true);
  out.arguments.positional(options->key, "KEY", "cli.explain.key", false);
  return out;
}

}  // namespace godwit::cli
