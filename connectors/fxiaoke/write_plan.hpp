#pragma once
// What a write request means for one object: fields, key, and rows as JSON.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/fxiaoke/lookup.hpp"
#include "plugins/kits/rest/batches.hpp"

namespace godwit::fxiaoke {

struct WritePlan {
  // GW-3031 (no such field), 3605 (a field that nobody may write), 3606 (another type).
  static Result<WritePlan> make(Tenant& tenant, const WriteRequest& request);

  std::optional<std::string> key_of(const rest::RowAt& row) const;
  // The value of the key's first field, as filters have it.
  std::optional<std::string> first_of(const rest::RowAt& row) const { return key.first_text(row.column(key_columns[0]), row.row); }
  // The record as it is sent; with an id an update, which leaves the owner out. A refusal: a value that the field cannot hold.
  std::optional<Refusal> object_data(const rest::RowAt& row, std::int64_t number, std::string_view id, std::string* out) const;
  // Who the row says owns the record; nullopt: the row does not say.
  std::optional<std::string> owner_of(const rest::RowAt& row) const;
  // No value; a list without members is none either.
  bool is_empty(std::size_t column, const rest::RowAt& row) const;
  // Whether the row has anything to say beside key and owner.
  bool has_fields(const rest::RowAt& row) const;

  std::shared_ptr<const ObjectType> object;
  WriteRequest request;
  std::vector<const FieldInfo*> fields;   // by column of the request
  std::vector<std::size_t> key_columns;   // columns of the request; empty: rows are only inserted
  KeyShape key{{}, {}};
  int owner = -1;                         // column of the request
  bool wants_ids = false;
  rest::ValueForm form;
  bool clears_blanks = false;
  bool sets_time = false, sets_creator = false;  // the mapping gives who wrote a record, and when
};

}  // namespace godwit::fxiaoke
