// godwit find: one sentence about what became of a customer.

#include <ostream>
#include <set>

#include "core/cli/books.hpp"
#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/json.hpp"
#include "core/cli/row_history.hpp"
#include "core/journal/journal.hpp"
#include "core/run/runner.hpp"

namespace godwit::cli {
namespace {

constexpr std::size_t kMostHits = 20;

// A source row that holds the text that was looked for.
struct Hit {
  std::string key, place, cell;
};

Json event_json(const RowEvent& e, Language language) {
  Json out{{"flow", e.flow}, {"key", e.key}, {"fate", fate_name(e.fate)}, {"run", e.run}, {"object", e.object}};
  if (!e.id.empty()) out["id"] = e.id;
  if (!e.place.empty()) out["place"] = e.place;
  if (!e.survivor.empty()) out["survivor"] = e.survivor;
  if (e.reason) out["number"] = "GW-" + std::to_string(e.reason->number), out["reason"] = sentence(*e.reason, language), out["open"] = e.open;
  if (e.undone_by != 0) out["undone_by"] = e.undone_by;
  out["sentence"] = sentence_of(e, language);
  return out;
}

void print_events(Context& context, const std::vector<RowEvent>& events) {
  if (context.json()) {
    for (const RowEvent& e : events) context.print_json(event_json(e, context.language()));
    return;
  }
  std::string flow;
  for (const RowEvent& e : events) {
    // The newest run decides; what came before is its history.
    context.out() << (e.flow == flow ? "    " + context.say("cli.find.before") + " " : "") << sentence_of(e, context.language()) << '\n';
    if (e.flow != flow && e.fate == RowFate::set_aside && e.open)
      if (const std::string what = remedy(*e.reason, context.language()); !what.empty()) context.out() << "    " << what << '\n';
    flow = e.flow;
  }
}

// The readable source key of row `i`, or "" for a flow without one.
std::string key_of(const Flow& flow, const Batch& batch, std::int64_t i) {
  std::string key;
  for (const std::string& name : flow.source_key) {
    const int column = find_field(batch.schema, name);
    if (column < 0) return {};
    key += (key.empty() ? "" : " / ") + value_text(batch.column(column), i);
  }
  return key;
}

// Rows of the sources in which any text holds `wanted`.
Result<std::vector<Hit>> search_sources(Context& context, const Project& project, const std::string& wanted) {
  std::vector<Hit> hits;
  std::set<std::pair<std::string, std::string>> seen;  // object, key columns: two flows may read one object
  for (const Flow& flow : project.flows) {
    if (flow.source_key.empty()) continue;
    for (const ObjectRef& from : flow.from) {
      std::string keys;
      for (const std::string& name : flow.source_key) keys += name + "\n";
      const std::string object = from.connection + "." + from.object;
      if (!seen.emplace(from.connection + "." + from.asked(), keys).second) continue;
      GW_ASSIGN(const auto connection, context.connect(from.connection));
      ReadRequest request;
      request.object = from.asked();
      GW_ASSIGN(const auto reader, connection->open_reader(request));
      for (bool end = false; !end && hits.size() < kMostHits;) {
        GW_ASSIGN(const ReadBatch read, reader->read());
        end = read.end;
        for (std::int64_t i = 0; i < read.batch.rows && hits.size() < kMostHits; ++i)
          for (const Column& c : read.batch.columns) {
            if (c.type.id != TypeId::utf8 || c.is_null(i) || c.text(i).find(wanted) == std::string_view::npos) continue;
            const auto at = static_cast<std::size_t>(i);
            const std::string place = at < read.batch.lines.size() ? object + ":" + std::to_string(read.batch.lines[at]) : object + "@" + value_text(read.batch.places, i);
            hits.push_back({key_of(flow, read.batch, i), place, std::string(c.text(i))});
            break;
          }
      }
    }
  }
  return hits;
}

Result<int> run_find(Context& context, const std::string& wanted) {
  GW_ASSIGN(Journal * journal, context.journal());
  GW_ASSIGN(const RunRecord newest, choose_run(context, *journal, std::nullopt));
  GW_ASSIGN(const auto history, RowHistory::open(*journal, newest.scope));
  GW_ASSIGN(std::vector<RowEvent> events, history->of_key(wanted));
  if (events.empty()) {
    GW_ASSIGN(const auto keys, history->keys_of_id(wanted));
    for (const auto& [flow, key] : keys) {
      GW_ASSIGN(const std::vector<RowEvent> all, history->of_key(key));
      for (const RowEvent& e : all)
        if (e.flow == flow) events.push_back(e);
    }
  }
  if (!events.empty()) {
    print_events(context, events);
    return kExitFinished;
  }
  GW_ASSIGN(const Project* project, context.project());
  GW_ASSIGN(const std::vector<Hit> hits, search_sources(context, *project, wanted));
  if (hits.empty()) return fail(2347, {{"seen", wanted}});
  for (const Hit& hit : hits) {
    GW_ASSIGN(const std::vector<RowEvent> all, history->of_key(hit.key));
    if (context.json()) {
      Json out{{"place", hit.place}, {"key", hit.key}, {"text", hit.cell}, {"events", Json::array()}};
      for (const RowEvent& e : all) out["events"].push_back(event_json(e, context.language()));
      context.print_json(out);
      continue;
    }
    context.out() << context.say("cli.find.hit", {{"place", hit.place}, {"key", hit.key}, {"text", hit.cell}}) << '\n';
    if (all.empty()) context.out() << context.say("cli.find.unseen", {{"key", hit.key}}) << '\n';
    print_events(context, all);
  }
  if (hits.size() == kMostHits && !context.json()) context.out() << context.say("cli.find.more", {{"count", std::to_string(kMostHits)}}) << '\n';
  return kExitFinished;
}

}  // namespace

Command find_command() {
  auto wanted = std::make_shared<std::string>();
  Command out{"find", Group::look, 40, {}, [wanted](Context& context) { return run_find(context, *wanted); }};
  out.arguments.positional(*wanted, "KEY|ID|TEXT", "cli.find.what", true);
  return out;
}

}  // namespace godwit::cli
