// godwit verify: holds the target against what every source row should have become.

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/table.hpp"
#include "core/run/runner.hpp"
#include "core/verify/verifier.hpp"

namespace godwit::cli {
namespace {

Result<int> run_verify(Context& context, const VerifyRequest& request) {
  GW_ASSIGN(const Project* project, context.project());
  ProgressView progress(context);
  Result<VerifyResult> verified = verify_project(*project, context.host(), request, progress.sink());
  progress.clear();
  if (!verified) return Failure(std::move(verified).error());
  const int code = verified->differs ? kExitGate : kExitFinished;
  if (context.json()) {
    Json out{{"run", verified->run.number}, {"differs", verified->differs}, {"flows", Json::array()}};
    for (const VerificationRecord& v : verified->flows)
      out["flows"].push_back({{"flow", v.flow}, {"expected_rows", v.expected_rows}, {"found_rows", v.found_rows}, {"missing", v.missing}, {"extra", v.extra},
                              {"fields_compared", v.fields_compared}, {"fields_differing", v.fields_differing}, {"fields_tolerated", v.fields_tolerated},
                              {"orphans", v.orphans}, {"detail", Json::raw(v.detail)}});
    context.print_json(out);
    return code;
  }
  {
    Table table(context.out(), {{context.say("cli.books.flow")}, {context.say("cli.verify.expected"), Align::right}, {context.say("cli.verify.found"), Align::right},
                                {context.say("cli.verify.missing"), Align::right}, {context.say("cli.verify.extra"), Align::right},
                                {context.say("cli.verify.compared"), Align::right}, {context.say("cli.verify.differing"), Align::right},
                                {context.say("cli.verify.tolerated"), Align::right}, {context.say("cli.verify.orphans"), Align::right}});
    for (const VerificationRecord& v : verified->flows)
      table.row({v.flow, grouped(v.expected_rows), grouped(v.found_rows), grouped(v.missing), grouped(v.extra), grouped(v.fields_compared), grouped(v.fields_differing),
                 grouped(v.fields_tolerated), grouped(v.orphans)});
  }
  context.out() << '\n' << context.say(verified->differs ? "cli.verify.differs" : "cli.verify.equal", {{"run", std::to_string(verified->run.number)}}) << '\n';
  return code;
}

}  // namespace

Command verify_command() {
  auto request = std::make_shared<VerifyRequest>();
  Command out{"verify", Group::check, 10, {}, [request](Context& context) { return run_verify(context, *request); }};
  out.arguments.option(request->run, "--run", "N", "cli.verify.run");
  out.arguments.option(request->only, "--only", "FLOW", "cli.run.only");
  return out;
}

}  // namespace godwit::cli
