#pragma once
// Records by their keys: for updates and deletions, which Zoho wants by id, for reading back, and to find out what a lost call did.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>

#include "connectors/zoho/org.hpp"

namespace godwit::zoho {

// Key fields of a flow and how their values become one text.
class KeyShape {
 public:
  explicit KeyShape(std::vector<const FieldInfo*> fields) : fields_(std::move(fields)) {}
  const std::vector<const FieldInfo*>& fields() const { return fields_; }
  bool is_id() const { return fields_.size() == 1 && fields_[0]->name == "id"; }
  // The key of a row, folded where Zoho does not look at the case; nullopt when a part of it is null.
  std::optional<std::string> of_row(std::span<const Column* const> columns, std::int64_t row) const;
  // The key of a record whose references are flat.
  std::optional<std::string> of_record(const nlohmann::json& record) const;
  // A value of a key's only field as of_row() gives it.
  std::string folded(std::string text) const;
  // The value of the first field as COQL writes it; nullopt: null.
  std::optional<std::string> first_literal(const Column& column, std::int64_t row) const;

 private:
  std::vector<const FieldInfo*> fields_;
};

// Records by key text; several where a key names several.
using Found = std::map<std::string, std::vector<nlohmann::json>, std::less<>>;

// Records that have one of these values (first_literal) in the key's first field, with the named fields. Several queries are under way at once.
Result<Found> find_records(Org& org, const ModuleInfo& module, const KeyShape& key, std::vector<std::string> firsts, std::vector<std::string> fields);

}  // namespace godwit::zoho
