// godwit errors: what a number means and what to do about it.

#include <algorithm>
#include <charconv>
#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/table.hpp"

namespace godwit::cli {
namespace {

// "GW-1204", "gw1204" and "1204".
std::optional<int> number_of(std::string_view text) {
  if (text.size() >= 2 && (text[0] == 'G' || text[0] == 'g') && (text[1] == 'W' || text[1] == 'w')) text.remove_prefix(2);
  if (text.starts_with('-')) text.remove_prefix(1);
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view kind_name(ErrorKind kind) {
  static constexpr std::string_view kNames[] = {"", "retry", "row_rejected", "bad_config", "denied", "broken", "cancelled"};
  return kNames[static_cast<int>(kind)];
}

Json to_json(const Message& m) {
  return {{"number", "GW-" + std::to_string(m.number)}, {"kind", kind_name(m.kind)}, {"en", m.en}, {"zh", m.zh}, {"remedy_en", m.remedy_en}, {"remedy_zh", m.remedy_zh}};
}

// The core's messages and those of every connector's manifest.
std::vector<Message> all_messages(Context& context) {
  std::vector<Message> all(messages().begin(), messages().end());
  for (const ConnectorListing& c : context.host().list()) {
    const auto manifest = Json::parse(c.manifest);
    const Json* theirs = manifest ? manifest->find("messages") : nullptr;
    if (theirs == nullptr) continue;
    for (const auto& [none, m] : theirs->items())
      if (const std::optional<int> number = number_of(m.text("number")))
        if (const Message* found = find_message(*number); found != nullptr) all.push_back(*found);
  }
  std::sort(all.begin(), all.end(), [](const Message& a, const Message& b) { return a.number < b.number; });
  all.erase(std::unique(all.begin(), all.end(), [](const Message& a, const Message& b) { return a.number == b.number; }), all.end());
  return all;
}

Result<int> run_errors(Context& context, const std::string& which) {
  const std::vector<Message> all = all_messages(context);
  const bool chinese = context.language() == Language::zh_cn;
  if (which.empty()) {
    if (context.json()) {
      Json out = Json::array();
      for (const Message& m : all) out.push_back(to_json(m));
      context.print_json(out);
      return kExitFinished;
    }
    for (const Message& m : all) context.out() << "GW-" << m.number << "  " << (chinese ? m.zh : m.en) << '\n';
    return kExitFinished;
  }
  const std::optional<int> number = number_of(which);
  const Message* m = number ? find_message(*number) : nullptr;
  if (m == nullptr) return fail(2332, {{"seen", which}});
  if (context.json()) {
    context.print_json(to_json(*m));
    return kExitFinished;
  }
  context.out() << "GW-" << m->number << "  " << (chinese ? m->zh : m->en) << "\n\n  " << (chinese ? m->remedy_zh : m->remedy_en) << "\n  "
                << context.say("cli.errors.kind." + std::string(kind_name(m->kind))) << '\n';
  return kExitFinished;
}

}  // namespace

Command errors_command() {
  auto which = std::make_shared<std::string>();
  Command out{"errors", Group::look, 90, {}, [which](Context& context) { return run_errors(context, *which); }};
  out.arguments.positional(*which, "NUMBER", "cli.errors.which", false);
  return out;
}

}  // namespace godwit::cli
