#pragma once
// Records by their keys: for updates and deletions, which the platform wants by id, for reading back, and to find out what a lost call did.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>

#include "connectors/fxiaoke/tenant.hpp"

namespace godwit::fxiaoke {

// Key fields of a flow and how their values become one text.
class KeyShape {
 public:
  KeyShape(std::vector<const FieldInfo*> fields, rest::ValueForm form) : fields_(std::move(fields)), form_(form) {}
  const std::vector<const FieldInfo*>& fields() const { return fields_; }
  bool is_id() const { return fields_.size() == 1 && fields_[0]->name == "_id"; }
  // The key of a row, nullopt when a part of it is null.
  std::optional<std::string> of_row(std::span<const Column* const> columns, std::int64_t row) const;
  std::optional<std::string> of_record(const nlohmann::json& record) const;
  // The value of the first field as filters have it.
  std::optional<std::string> first_text(const Column& column, std::int64_t row) const { return filter_text(*fields_[0], column, row, form_); }

 private:
  std::vector<const FieldInfo*> fields_;
  rest::ValueForm form_;
};

// Records by key text; several where a key names several.
using Found = std::map<std::string, std::vector<nlohmann::json>, std::less<>>;

// Records that have one of these values in the key's first field (texts as filters have them), with the named fields. Several queries are
// under way at once.
Result<Found> find_records(Tenant& tenant, const ObjectType& object, const KeyShape& key, std::vector<std::string> firsts, std::vector<std::string> fields);

}  // namespace godwit::fxiaoke
