#include "connectors/salesforce/sandbox/write_items.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "connectors/salesforce/sandbox/ids.hpp"
#include "connectors/salesforce/sandbox/locks.hpp"

namespace godwit::sandbox::salesforce {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string key_text(const Json& value) { return value.is_string() ? trimmed(value.get<std::string>()) : value.is_null() ? "" : value.dump(); }

// The same external id twice in one call: neither of the rows is written (contract, section 17).
std::vector<bool> doubled(const std::vector<WriteItem>& items) {
  std::map<std::string, int> seen;
  const auto name = [](const WriteItem& item) {
    const std::string text = key_text(item.key_value);
    return item.object->name + "\n" + (item.key->case_sensitive ? text : lower(text));
  };
  for (const WriteItem& item : items)
    if (item.kind == WriteItem::Kind::upsert && !key_text(item.key_value).empty()) ++seen[name(item)];
  std::vector<bool> out(items.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    out[i] = items[i].kind == WriteItem::Kind::upsert && !key_text(items[i].key_value).empty() && seen[name(items[i])] > 1;
  return out;
}

std::string own_id(Org& org, const WriteItem& item) {
  if (item.kind == WriteItem::Kind::create) return {};
  if (item.kind != WriteItem::Kind::upsert) return full_id(item.id).value_or("");
  const std::vector<std::string> found = find_by_key(org, *item.object, *item.key, key_text(item.key_value));
  return found.size() == 1 ? found.front() : "";
}

Outcome write_one(Writer& writer, const WriteItem& item) {
  switch (item.kind) {
    case WriteItem::Kind::create: return writer.create(*item.object, item.fields);
    case WriteItem::Kind::update: return writer.update(*item.object, item.id, item.fields);
    case WriteItem::Kind::upsert: return writer.upsert(*item.object, *item.key, item.key_value, item.fields);
    case WriteItem::Kind::remove: return writer.remove(*item.object, item.id);
    case WriteItem::Kind::hard_remove: return writer.remove(*item.object, item.id, true);
  }
  return {};
}

// Which row each item would have to wait for; "" where it has all it needs.
std::vector<std::string> take_rows(Org& org, Writer& writer, const WriteCall& call, const std::vector<WriteItem>& items, Locks::Held& held) {
  std::vector<std::string> blocked(items.size());
  const bool contention = org.setting("lock_contention") == "on";
  if (!contention && !call.locked) return blocked;
  std::vector<std::vector<std::string>> rows(items.size());
  {
    const auto lock = org.database().lock();
    for (std::size_t i = 0; i < items.size(); ++i)
      if (items[i].problems.empty()) rows[i] = writer.rows_held(*items[i].object, items[i].fields, own_id(org, items[i]));
  }
  bool first = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (rows[i].empty()) continue;
    if (call.locked && (std::exchange(first, false) || chance(org.world().options.seed, call.number, i) < 0.5)) {
      blocked[i] = rows[i].front();
      continue;
    }
    if (!contention) continue;
    for (const std::string& id : rows[i])
      if (blocked[i].empty() && !held.take(id)) blocked[i] = id;
  }
  return blocked;
}

void count_rows(Org& org, const std::vector<WriteItem>& items, const std::vector<Outcome>& outcomes) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool removed = items[i].kind == WriteItem::Kind::remove || items[i].kind == WriteItem::Kind::hard_remove;
    org.world().stats.count_rows(items[i].object->name + (!outcomes[i].ok() ? " refused" : removed ? " deleted" : outcomes[i].created ? " created" : " updated"), 1);
  }
}

}  // namespace

std::vector<Outcome> write_items(Org& org, const WriteCall& call, const std::vector<WriteItem>& items, const WriteHooks& hooks) {
  Writer writer(org, call.author, call.options);
  Locks::Held held(org.locks());
  const std::vector<std::string> blocked = take_rows(org, writer, call, items, held);
  const std::vector<bool> twice = doubled(items);
  std::vector<Outcome> out;
  {
    const auto lock = org.database().lock();
    Savepoint all(org.database());
    bool failed = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      Outcome one;
      if (!items[i].problems.empty()) one.problems = items[i].problems;
      else if (!blocked[i].empty()) one.problems = {{"UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: " + blocked[i], {}, ""}};
      else if (twice[i]) one.problems = {{org.setting("double_key"), "Duplicate external id specified: " + key_text(items[i].key_value), {items[i].key->name}, ""}};
      else one = write_one(writer, items[i]);
      failed = failed || !one.ok();
      out.push_back(std::move(one));
    }
    if (!call.all_or_none || !failed) {
      if (hooks.record) hooks.record(out);
      all.keep();
      count_rows(org, items, out);
    } else {
      for (Outcome& one : out)
        if (one.ok()) one = {.problems = {{"ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header", {}, ""}}};
    }
  }
  if (hooks.during) hooks.during();
  if (org.setting("lock_contention") == "on") std::this_thread::sleep_for(std::chrono::milliseconds(org.number("lock_hold_ms")));
  return out;
}

WriteCall write_call(const Org&, const Call& call) {
  const std::string rule(call.request.header("Sforce-Duplicate-Rule-Header"));
  std::string packed;
  for (const char c : rule)
    if (c != ' ') packed += c;
  const auto says = [&](const char* what) { return lower(packed).find(what) != std::string::npos; };
  return {.author = {call.user_id, call.now, call.request.now_ms, call.request.visible_at_ms},
          .options = {.allow_save = says("allowsave=true"), .include_details = says("includerecorddetails=true")},
          .locked = call.request.locked,
          .number = static_cast<std::uint64_t>(call.request.number)};
}

}  // namespace godwit::sandbox::salesforce
