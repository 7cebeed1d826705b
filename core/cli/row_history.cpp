#include "core/cli/row_history.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/cli/json.hpp"
#include "core/journal/crosswalk.hpp"

namespace godwit::cli {
namespace {

constexpr std::size_t kMemory = 16 << 20;

Hash128 hash_of(std::span<const std::uint8_t> blob) {
  Hash128 out;
  if (blob.size() != 16) return out;
  std::memcpy(&out.high, blob.data(), 8), std::memcpy(&out.low, blob.data() + 8, 8);
  return out;
}

std::vector<godwit::Argument> arguments_of(std::string_view text) {
  std::vector<godwit::Argument> out;
  const Json json = Json::object_of(text);
  for (const auto& [name, value] : json.items()) out.emplace_back(name, value.is_text() ? value.text() : value.dump());
  return out;
}

std::string place_of(std::string_view source, std::string_view locator, std::optional<std::int64_t> line) {
  return line ? std::string(source) + ":" + std::to_string(*line) : std::string(source) + "@" + std::string(locator);
}

}  // namespace

// The crosswalks that were opened so far: each may have to be built first.
class Crosswalks {
 public:
  Result<Crosswalk*> of(Journal& journal, std::int64_t scope, const std::string& flow) {
    if (const auto at = open_.find(flow); at != open_.end()) return at->second.get();
    GW_ASSIGN(auto crosswalk, Crosswalk::open(journal, scope, flow, TypeId::utf8, kMemory));
    return open_.emplace(flow, std::move(crosswalk)).first->second.get();
  }

 private:
  std::map<std::string, std::unique_ptr<Crosswalk>> open_;
};

RowHistory::RowHistory(Journal& journal, std::int64_t scope) : journal_(journal), scope_(scope), crosswalks_(std::make_unique<Crosswalks>()) {}
RowHistory::~RowHistory() = default;

Result<std::unique_ptr<RowHistory>> RowHistory::open(Journal& journal, std::int64_t scope) {
  std::unique_ptr<RowHistory> out(new RowHistory(journal, scope));
  GW_TRY(out->load_flows());
  GW_TRY(out->load_undone());
  return out;
}

Result<> RowHistory::load_flows() {
  GW_ASSIGN(Statement rows, journal_.database().prepare(
                                "select f.flow, f.target, f.crosswalk, max(f.run) from flow_run f join run r on r.number = f.run "
                                "where r.scope = ? and r.kind <> 'undo' group by f.flow order by max(f.seq), f.flow"));
  rows.bind(1, scope_);
  for (;;) {
    GW_ASSIGN(const bool row, rows.step());
    if (!row) return {};
    flows_.push_back({rows.string(0), rows.string(1), rows.string(2)});
  }
}

Result<> RowHistory::load_undone() {
  GW_ASSIGN(Statement rows, journal_.database().prepare("select number, undone_by from run where scope = ? and undone_by is not null"));
  rows.bind(1, scope_);
  for (;;) {
    GW_ASSIGN(const bool row, rows.step());
    if (!row) return {};
    undone_[rows.int64(0)] = rows.int64(1);
  }
}

Result<std::vector<RowEvent>> RowHistory::of_key(const std::string& key) {
  std::vector<RowEvent> out;
  for (const FlowFacts& flow : flows_) {
    std::vector<RowEvent> events;
    std::vector<Hash128> hashes = possible_hashes(key);
    GW_TRY(add_exceptions(flow, key, events, hashes));
    GW_TRY(add_loaded(flow, key, hashes, events));
    GW_TRY(add_filtered(flow, key, hashes, events));
    for (RowEvent& e : events)
      if (const auto by = undone_.find(e.run); by != undone_.end()) e.undone_by = by->second;
    std::stable_sort(events.begin(), events.end(), [](const RowEvent& a, const RowEvent& b) { return a.run > b.run; });
    out.insert(out.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
  }
  return out;
}

Result<> RowHistory::add_exceptions(const FlowFacts& flow, const std::string& key, std::vector<RowEvent>& out, std::vector<Hash128>& hashes) {
  GW_ASSIGN(Statement aside, journal_.database().prepare(
                                 "select s.run, s.source, s.locator, s.line, s.number, s.arguments, s.state, s.key_hash from set_aside s "
                                 "join run r on r.number = s.run where r.scope = ? and s.flow = ? and s.source_key = ?"));
  aside.bind(1, scope_).bind(2, flow.flow).bind(3, key);
  for (;;) {
    GW_ASSIGN(const bool row, aside.step());
    if (!row) break;
    RowEvent e{flow.flow, key, RowFate::set_aside, aside.int64(0), flow.object};
    e.place = place_of(aside.text(1), aside.text(2), aside.optional_int64(3));
    e.reason = Error{static_cast<int>(aside.int64(4)), ErrorKind::row_rejected, arguments_of(aside.text(5)), {}};
    e.open = aside.text(6) == "open";
    hashes.push_back(hash_of(aside.blob(7)));
    out.push_back(std::move(e));
  }
  GW_ASSIGN(Statement merged, journal_.database().prepare(
                                  "select m.run, f.source, m.locator, m.line, m.survivor_key, m.key_hash from merged m join run r on r.number = m.run "
                                  "join flow_run f on f.run = m.run and f.flow = m.flow where r.scope = ? and m.flow = ? and m.source_key = ?"));
  merged.bind(1, scope_).bind(2, flow.flow).bind(3, key);
  for (;;) {
    GW_ASSIGN(const bool row, merged.step());
    if (!row) return {};
    RowEvent e{flow.flow, key, RowFate::merged, merged.int64(0), flow.object};
    e.place = place_of(merged.text(1), merged.text(2), merged.optional_int64(3)), e.survivor = merged.string(4);
    hashes.push_back(hash_of(merged.blob(5)));
    out.push_back(std::move(e));
  }
}

Result<> RowHistory::add_loaded(const FlowFacts& flow, const std::string& key, const std::vector<Hash128>& hashes, std::vector<RowEvent>& out) {
  if (flow.crosswalk == "none") return {};
  GW_ASSIGN(Crosswalk * crosswalk, crosswalks_->of(journal_, scope_, flow.flow));
  CrosswalkRows rows;
  GW_TRY(crosswalk->lookup(hashes, {}, &rows));
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (rows.found[i] == 0) continue;
    RowEvent e{flow.flow, key, RowFate::loaded, rows.runs[i], flow.object};
    e.id = rows.ids.is_null(static_cast<std::int64_t>(i)) ? key : std::string(rows.ids.text(static_cast<std::int64_t>(i)));
    out.push_back(std::move(e));
    return {};  // hashes of one key in several types: only one can be meant
  }
  return {};
}

Result<> RowHistory::add_filtered(const FlowFacts& flow, const std::string& key, const std::vector<Hash128>& hashes, std::vector<RowEvent>& out) {
  Journal::SegmentQuery query;
  query.scope = scope_, query.flow = flow.flow, query.kind = SegmentKind::filtered;
  GW_ASSIGN(const std::vector<SegmentRecord> segments, journal_.segments(query));
  std::map<std::int64_t, RowFate> by_run;
  for (const SegmentRecord& record : segments) {
    GW_ASSIGN(const std::vector<std::uint8_t> bytes, journal_.read_segment(record));
    GW_ASSIGN(const FilteredSegment segment, decode_filtered(bytes));
    for (std::size_t i = 0; i < segment.keys.size(); ++i)
      if (std::find(hashes.begin(), hashes.end(), segment.keys[i]) != hashes.end())
        by_run[record.unit.run] = i < segment.unknown.size() && segment.unknown[i] != 0 ? RowFate::filtered_unknown : RowFate::filtered;
  }
  for (const auto& [run, fate] : by_run) out.push_back({flow.flow, key, fate, run, flow.object});
  return {};
}

Result<std::vector<std::pair<std::string, std::string>>> RowHistory::keys_of_id(const std::string& id) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const FlowFacts& flow : flows_) {
    if (flow.crosswalk != "ids") continue;
    GW_ASSIGN(Crosswalk * crosswalk, crosswalks_->of(journal_, scope_, flow.flow));
    GW_TRY(crosswalk->each([&](const CrosswalkEntry& entry) -> Result<> {
      if (entry.id == id) out.emplace_back(flow.flow, entry.source_key);
      return {};
    }));
  }
  return out;
}

std::vector<Hash128> possible_hashes(const std::string& key) {
  std::vector<std::string> parts;
  for (std::size_t from = 0;;) {
    const std::size_t at = key.find(" / ", from);
    parts.push_back(key.substr(from, at == std::string::npos ? at : at - from));
    if (at == std::string::npos) break;
    from = at + 3;
  }
  if (parts.size() > 6) parts = {key};
  std::vector<Hash128> out;
  // Bit p of `choice`: part p as an integer. A text that holds " / " itself is tried whole, too.
  const auto add = [&](const std::vector<std::string>& of, unsigned choice) {
    std::vector<Column> columns;
    for (std::size_t p = 0; p < of.size(); ++p) {
      const bool integer = (choice >> p & 1) != 0;
      ColumnBuilder builder(integer ? Type(TypeId::int64) : Type(TypeId::utf8));
      if (integer) {
        std::int64_t v = 0;
        const auto parsed = std::from_chars(of[p].data(), of[p].data() + of[p].size(), v);
        if (parsed.ec != std::errc() || parsed.ptr != of[p].data() + of[p].size() || std::to_string(v) != of[p]) return;
        builder.append_int64(v);
      } else {
        builder.append_text(of[p]);
      }
      columns.push_back(builder.finish());
    }
    out.push_back(hash_keys(columns).front());
  };
  for (unsigned choice = 0; choice < 1u << parts.size(); ++choice) add(parts, choice);
  if (parts.size() > 1) add({key}, 0);
  return out;
}

std::string_view fate_name(RowFate fate) {
  static constexpr std::string_view kNames[] = {"loaded", "set_aside", "merged", "filtered", "filtered_unknown"};
  return kNames[static_cast<int>(fate)];
}

std::string sentence_of(const RowEvent& e, Language language) {
  const std::string run = std::to_string(e.run);
  std::string out;
  if (e.fate == RowFate::set_aside) {
    const std::string why = "GW-" + std::to_string(e.reason->number) + " " + sentence(*e.reason, language);
    out = text(e.open ? "cli.find.set_aside" : "cli.find.was_set_aside", language, {{"flow", e.flow}, {"key", e.key}, {"place", e.place}, {"run", run}, {"reason", why}});
  } else {
    out = text("cli.find." + std::string(fate_name(e.fate)), language,
               {{"flow", e.flow}, {"key", e.key}, {"object", e.object}, {"id", e.id}, {"run", run}, {"place", e.place}, {"survivor", e.survivor}});
  }
  if (e.undone_by != 0) out += " " + text("cli.find.undone", language, {{"run", run}, {"by", std::to_string(e.undone_by)}});
  return out;
}

}  // namespace godwit::cli
