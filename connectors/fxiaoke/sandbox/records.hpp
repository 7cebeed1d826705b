#pragma once
// The life of records: create, update, invalid, recover, delete, changeOwner, pools, locks, teams. Every function is called in a
// transaction that is rolled back when it throws a Rejected.

#include "connectors/fxiaoke/sandbox/call.hpp"
#include "connectors/fxiaoke/sandbox/tenant_model.hpp"
#include "plugins/kits/sandbox/store.hpp"

namespace godwit::sandbox::fxiaoke {

class Records {
 public:
  // All three must outlive this.
  Records(Store& store, const Model& model, const Settings& settings) : store_(store), model_(model), settings_(settings) {}

  // The records that a tenant has from the start; does nothing when they were made before.
  void seed(std::int64_t now_ms);

  // Each gives the members that the answer has beside errorCode and its words.
  Json create(const Call& call);
  Json update(const Call& call);
  Json invalid(const Call& call);       // object_data_id, or idList on /custom/data/invalid
  Json invalid_many(const Call& call);
  Json remove(const Call& call);        // the vendor's `delete`
  Json recover(const Call& call);
  Json change_owner(const Call& call);
  Json choose(const Call& call);
  Json give_back(const Call& call);     // the vendor's `return`
  Json take_out(const Call& call);      // the vendor's `remove`
  Json lock(const Call& call, bool locked);
  Json team(const Call& call, const std::string& action);

  // The object that `name` stands for. Throws Rejected when there is none, or when the path is of the other family.
  const Object& object_of(const Call& call, const std::string& name) const;
  // Throws Rejected when it was never there, or was deleted.
  Record found(const Object& object, const std::string& id);

  Store& store() { return store_; }
  const Model& model() const { return model_; }
  const Settings& settings() const { return settings_; }
  ValueRules rules(const Call& call) const;
  std::string life_status(const char* word) const;

 private:
  std::string new_record(const Object& object, const Json& sent, const Call& call, const Columns& given);
  Columns sent_columns(const Object& object, const Json& sent, const Call& call, bool creating);
  void set_history(const Object& object, const Json& sent, const Call& call, Columns& columns);
  void settle_owner(const Object& object, const Call& call, Columns& columns);
  void check_person(const std::string& what, const std::string& id);
  void check_references(const Object& object, const Columns& columns);
  void check_rules(const Object& object, const Columns& columns, const Call& call, std::string_view own_id);
  void check_doubles(const Object& object, const Columns& columns, const Call& call, std::string_view own_id);
  void touch(const Object& object, const std::string& id, Columns columns, const Call& call);
  void touch_parents(const Object& object, const Columns& columns, const Call& call);
  Record writable(const Object& object, const std::string& id, const Call& call);
  bool sits_in_pool(const Object& object, const Record& record) const;
  void invalidate(const Object& object, const std::string& id, const Call& call);

  Store& store_;
  const Model& model_;
  const Settings& settings_;
};

// An id that no record had before; ids ascend, whatever the clock does.
std::string new_id(Database& database, std::int64_t now_ms);
std::string next_number(Database& database, const Object& object, const Field& field);  // of an auto_number
// Automations that ran, messages that were sent: counted in table sandbox_event, not simulated.
void note_event(Database& database, std::string_view kind, std::string_view object, std::string_view id, std::int64_t now_ms);
void make_own_tables(Database& database);

}  // namespace godwit::sandbox::fxiaoke
