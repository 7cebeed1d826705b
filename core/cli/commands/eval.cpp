// godwit eval: tries an expression of the mapping language out.

#include <chrono>
#include <fstream>
#include <istream>
#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/json_rows.hpp"
#include "core/cli/json_value.hpp"
#include "core/expr/expression.hpp"

namespace godwit::cli {
namespace {

struct EvalOptions {
  std::string expression, in, zone;
};

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Result<Batch> rows_of(Context& context, const EvalOptions& options) {
  if (options.in.empty()) {
    Batch one;  // one row without columns, for expressions of constants
    one.rows = 1;
    return one;
  }
  if (options.in == "-") return read_json_rows(context.in(), "-");
  std::ifstream file(context.path(options.in), std::ios::binary);
  if (!file) return fail(2322, {{"place", options.in}, {"seen", std::generic_category().message(errno)}});
  return read_json_rows(file, options.in);
}

// A row that has no value says why on the error stream; its line on the output is null, so that lines stay in step.
void print_row_error(Context& context, const EvalOptions& options, const Batch& rows, const RowError& error) {
  const std::string place = rows.lines.empty() ? "" : options.in + ":" + std::to_string(rows.lines[static_cast<std::size_t>(error.row)]);
  if (context.json()) {
    Json out{{"row", error.row + 1}, {"place", place}, {"number", "GW-" + std::to_string(error.error.number)},
                               {"reason", sentence(error.error, context.language())}};
    context.err() << out.dump() << '\n';
    return;
  }
  Error shown = error.error;
  if (!place.empty() && shown.argument("place").empty()) shown.arguments.emplace_back("place", place);
  context.err() << describe(shown, context.language()) << '\n';
}

void print_value(Context& context, const Evaluation& evaluation, std::int64_t row) {
  std::string out;
  const bool unset = evaluation.set && !bit_is_set(evaluation.set.data(), row);
  if (unset) out = context.json() ? "{\"@unset\":true}" : "unset";
  else if (context.json()) append_json_value(out, evaluation.column, row);
  else out = evaluation.column.type.id == TypeId::null_type || evaluation.column.is_null(row) ? "null" : value_text(evaluation.column, row);
  context.out() << out << '\n';
}

Result<int> run_eval(Context& context, const EvalOptions& options) {
  GW_ASSIGN(const Batch rows, rows_of(context, options));
  CompileOptions how;
  how.scope.columns = &rows.schema;
  how.file = context.say("cli.eval.place");
  how.zone = options.zone, how.folder = context.world().folder, how.now_us = now_us();
  GW_ASSIGN(const auto expression, compile(options.expression, how));
  GW_ASSIGN(const Evaluation evaluation, expression->evaluate({.rows = rows.rows, .columns = rows.columns, .lets = {}, .source = {}}));
  std::size_t error = 0;
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    const bool failed = error < evaluation.errors.size() && evaluation.errors[error].row == row;
    if (failed) print_row_error(context, options, rows, evaluation.errors[error++]);
    if (!failed || !options.in.empty()) print_value(context, evaluation, row);
  }
  return evaluation.errors.empty() || !options.in.empty() ? kExitFinished : kExitGate;
}

}  // namespace

Command eval_command() {
  auto options = std::make_shared<EvalOptions>();
  Command out{"eval", Group::prepare, 30, {}, [options](Context& context) { return run_eval(context, *options); }};
  out.arguments.positional(options->expression, "EXPRESSION", "cli.eval.expression", true);
  out.arguments.option(options->in, "--in", "ROWS.JSONL", "cli.eval.in");
  out.arguments.option(options->zone, "--zone", "ZONE", "cli.eval.zone");
  return out;
}

}  // namespace godwit::cli
