#pragma once
// One organisation: its records as they travel, and what a call is about.

#include <optional>
#include <string>
#include <vector>

#include "connectors/zoho/sandbox/errors.hpp"
#include "connectors/zoho/sandbox/modules.hpp"
#include "plugins/kits/sandbox/vendor.hpp"

namespace godwit::sandbox::zoho {

inline constexpr char kOrgId[] = "4150868";       // zgid of GET /org, X-CRM-ORG of uploads
inline constexpr char kFirstUser[] = "4150868000000000001";

// Ids that a call gives in fields of the client's own (X-EXTERNAL).
struct External {
  const Field* own = nullptr;  // of the module itself: ids in paths and records
  std::vector<std::pair<const Field*, const Field*>> lookups;  // lookup field, field of its module

  const Field* of_lookup(const Field& lookup) const;
};

class Org {
 public:
  explicit Org(World& world);

  World& world() { return world_; }
  const Model& model() const { return world_.model; }
  Store& store() { return world_.store; }
  Database& database() { return world_.database; }

  // A module that calls may name. Throws Refused with INVALID_MODULE.
  const Object& module(std::string_view name) const;
  std::string new_id();
  std::string time_text(std::int64_t ms) const;  // with the organisation's offset, no milliseconds
  // A stored time, "2026-01-02T03:04:05.000+0000", as it travels.
  std::string time_text(const Value& stored) const;
  std::string stored_time(std::int64_t ms) const;

  // {"name", "id"} of a user or a record; of a record that is gone, the id alone.
  Json user_json(const std::string& id);
  Json lookup_json(const Field& field, const std::string& id);
  // Which of the modules that the field may point at has the record; null when none has, or it was deleted.
  const Object* target_of(const Field& field, const std::string& id);
  std::string display_name(const Object& module, const Record& record);

  // The record as answers have it. `fields`: only these, and id.
  Json record_json(const Object& module, const Record& record, const std::vector<std::string>* fields = nullptr);
  Json value_json(const Object& module, const Field& field, const Record& record);
  Json subform_json(const Object& rows, const std::string& parent);

  // X-EXTERNAL of a request. Throws Refused for a field that is none, or not external.
  External external(const Request& request, const Object& module) const;
  // The id of the record that `value` names; nullopt when there is none.
  std::optional<std::string> id_of(const Object& module, const Field* external, const std::string& value);

  void note_event(std::string_view kind, std::string_view module, std::string_view id, std::int64_t now_ms);

 private:
  World& world_;
  int zone_minutes_;
};

}  // namespace godwit::sandbox::zoho
