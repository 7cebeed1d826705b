// godwit undo: takes a finished run back.

#include "core/run/undo.hpp"

#include "core/cli/command.hpp"
#include "core/cli/run_options.hpp"

namespace godwit::cli {

Command undo_command() {
  auto which = std::make_shared<std::string>();
  Command out{"undo", Group::migrate, 50, {}, [which](Context& context) -> Result<int> {
                std::int64_t number = 0;
                const auto parsed = std::from_chars(which->data(), which->data() + which->size(), number);
                if (parsed.ec != std::errc() || parsed.ptr != which->data() + which->size()) return fail(2340, {{"seen", *which}});
                return watch_run(context, [&](Project project, Host& host, const RunListener& listener) { return undo_run(std::move(project), host, number, listener); });
              }};
  out.arguments.positional(*which, "RUN", "cli.undo.which", true);
  return out;
}

}  // namespace godwit::cli
