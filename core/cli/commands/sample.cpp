// godwit sample: practice extracts of any size, with the truth about their dirt.

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/table.hpp"
#include "core/run/runner.hpp"
#include "core/sample/sample.hpp"

namespace godwit::cli {
namespace {

struct SampleArguments {
  std::string out = "extract", dirty, duplicates;
  std::optional<std::int64_t> rows, seed, revision;
  std::vector<std::string> encodings;  // FILE=NAME
};

Result<double> share(const std::string& text, double otherwise, const char* option) {
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const bool percent = text.ends_with('%');
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() - percent || value < 0) return fail(2390, {{"seen", text}, {"option", option}});
  return percent ? value / 100 : value;
}

Result<int> make_sample(Context& context, const SampleArguments& arguments) {
  SampleOptions options;
  options.folder = context.path(arguments.out);
  options.rows = arguments.rows.value_or(options.rows);
  options.seed = static_cast<std::uint64_t>(arguments.seed.value_or(static_cast<std::int64_t>(options.seed)));
  options.revision = static_cast<int>(arguments.revision.value_or(0));
  GW_ASSIGN(options.dirty_rate, share(arguments.dirty, options.dirty_rate, "--dirty"));
  GW_ASSIGN(options.duplicate_rate, share(arguments.duplicates, options.duplicate_rate, "--duplicates"));
  for (const std::string& text : arguments.encodings) {
    const std::size_t at = text.find('=');
    if (at == std::string::npos) return fail(2391, {{"seen", text}});
    options.formats[text.substr(0, at)].encoding = text.substr(at + 1);
  }
  GW_ASSIGN(const SampleSummary summary, write_sample(options));
  if (context.json()) {
    Json out{{"folder", options.folder.string()}, {"files", Json::array()}, {"duplicates", summary.duplicates}};
    for (const SampleFile& f : summary.files) out["files"].push_back({{"name", f.name}, {"rows", f.rows}, {"bytes", f.bytes}});
    context.print_json(out);
    return kExitFinished;
  }
  {
    Table table(context.out(), {{context.say("cli.sample.file")}, {context.say("cli.sample.rows"), Align::right}, {context.say("cli.sample.bytes"), Align::right}});
    for (const SampleFile& f : summary.files) table.row({f.name, grouped(f.rows), grouped(f.bytes)});
  }
  context.out() << '\n' << context.say("cli.sample.done", {{"folder", options.folder.string()}}) << '\n';
  return kExitFinished;
}

}  // namespace

Command sample_command() {
  auto arguments = std::make_shared<SampleArguments>();
  Command out{"sample", Group::begin, 20, {}, [arguments](Context& context) { return make_sample(context, *arguments); }};
  out.arguments.option(arguments->out, "--out", "DIR", "cli.sample.out");
  out.arguments.option(arguments->rows, "--rows", "N", "cli.sample.how_many", "-n");
  out.arguments.option(arguments->seed, "--seed", "N", "cli.sample.seed");
  out.arguments.option(arguments->dirty, "--dirty", "SHARE", "cli.sample.dirty");
  out.arguments.option(arguments->duplicates, "--duplicates", "SHARE", "cli.sample.duplicates");
  out.arguments.option(arguments->encodings, "--encoding", "FILE=NAME", "cli.sample.encoding");
  out.arguments.option(arguments->revision, "--revision", "N", "cli.sample.revision");
  return out;
}

}  // namespace godwit::cli
