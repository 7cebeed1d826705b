// What a connection says of itself, and what it makes of wrong settings.

#include <algorithm>

#include "core/contract/tests_list.hpp"

namespace godwit::contract {
namespace {

using nlohmann::json;

void checks(Subject& s, Trial& t) {
  std::string identity;
  for (int round = 0; round < 2; ++round) {
    auto connection = s.open();
    if (!connection) return t.refused("open", connection.error());
    const auto facts = (*connection)->check();
    if (!facts) return t.refused("check", facts.error());
    if (round == 0) identity = facts->identity;
    t.expect_same("identity", facts->identity, identity);
    t.expect(!facts->display.empty(), "contract.empty", {{"place", "display"}});
    if (facts->objects.empty()) t.note("contract.no_objects", {});
  }
}

void describes(Subject& s, Trial& t) {
  const auto objects = s.objects();
  if (!objects) return t.refused("check", objects.error());
  std::vector<std::string> all = *objects;
  if (!s.options().write_object.empty() && std::find(all.begin(), all.end(), s.options().write_object) == all.end()) all.push_back(s.options().write_object);
  auto connection = s.open();
  if (!connection) return t.refused("open", connection.error());
  for (const std::string& object : all) {
    const auto first = (*connection)->describe(object), second = (*connection)->describe(object);
    if (!first || !second) {
      t.refused("describe " + object, first ? second.error() : first.error());
      continue;
    }
    t.expect_same("object", first->object, object);
    t.expect(!first->fields.empty(), "contract.empty", {{"place", object + ": fields"}});
    t.expect_same(object + ": hash", second->hash, first->hash);
    std::set<std::string> names;
    for (const ObjectField& f : first->fields) t.expect(!f.name.empty() && names.insert(f.name).second, "contract.twice", {{"place", object}, {"seen", f.name}});
    for (const std::string& k : first->key) t.expect(first->find(k) != nullptr, "contract.no_field", {{"place", object + ": key"}, {"seen", k}});
    for (const auto& unique : first->uniques)
      for (const std::string& field : unique) t.expect(first->find(field) != nullptr, "contract.no_field", {{"place", object + ": uniques"}, {"seen", field}});
    for (const ObjectReference& r : first->references) t.expect(r.columns.size() == r.to.size(), "contract.no_field", {{"place", object + ": references"}, {"seen", r.object}});
  }
  t.note("contract.tried_objects", {{"count", std::to_string(all.size())}});
}

// The error of a request that no connector can take: a person's to mend, with a number that has a text.
void expect_bad_config(Trial& t, const std::string& place, const std::optional<Error>& error) {
  if (!error) return t.fail("contract.taken", {{"place", place}});
  t.expect(error->kind == ErrorKind::bad_config && error->number != 3011, "contract.wrong_kind", {{"place", place}, {"seen", describe(*error)}});
}

template <typename T>
std::optional<Error> error_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional<Error>(result.error());
}

void unknown_objects(Subject& s, Trial& t) {
  auto connection = s.open();
  if (!connection) return t.refused("open", connection.error());
  const std::string none = "no such object 0";
  expect_bad_config(t, "describe", error_of((*connection)->describe(none)));
  if ((*connection)->can_read()) {
    const Drained read = drain((*connection)->open_reader({.object = none}));
    expect_bad_config(t, "open_reader", read.error);
  }
}

void settings(Subject& s, Trial& t) {
  const auto tried = [&](const std::string& place, const json& changes) { expect_bad_config(t, place, error_of(s.open(changes))); };
  tried("no_such_setting", {{"no_such_setting", "1"}});
  int count = 1;
  for (const json& setting : s.manifest().value("settings", json::array())) {
    const std::string name = setting.value("name", ""), kind = setting.value("kind", "");
    const auto wrong = [&](const std::string& value) { tried(name + ": " + value, {{name, value}}), ++count; };
    if (kind == "integer") {
      wrong("twelve"), wrong("1.5"), wrong("99999999999999999999");
      if (setting.contains("max")) wrong(std::to_string(setting["max"].get<std::int64_t>()) + "0");
      if (setting.contains("min") && setting["min"].get<std::int64_t>() >= 0) wrong("-1");
    }
    if (kind == "choice") wrong("no such choice"), wrong("");
    if (kind == "boolean") wrong("perhaps");
    if (setting.value("required", false)) tried(name, {{name, nullptr}}), ++count;
    // Whatever is written as text is refused or taken; it must not do harm. Only opening is tried: it reaches no system.
    if (kind == "text") (void)s.open({{name, "\xff\xfe {\"'\n"}}), (void)s.open({{name, ""}}), count += 2;
  }
  t.note("contract.tried_settings", {{"count", std::to_string(count)}});
}

}  // namespace

const std::vector<Test>& describing_tests() {
  static const std::vector<Test> all{{"check", checks}, {"describe", describes}, {"unknown_objects", unknown_objects}, {"settings", settings}};
  return all;
}

}  // namespace godwit::contract
