#pragma once
// Values of columns as the service's JSON has them. Types of the service: text, integer, float, boolean.

#include <nlohmann/json.hpp>
#include <string>

#include "core/model/column.hpp"

namespace acme {

inline nlohmann::json to_json(const godwit::Column& column, std::int64_t row) {
  if (column.is_null(row)) return nullptr;
  switch (column.type.id) {
    case godwit::TypeId::boolean: return column.boolean(row);
    case godwit::TypeId::int64: return column.int64(row);
    case godwit::TypeId::float64: return column.float64(row);
    default: return std::string(column.text(row));
  }
}

// A value of another kind than the column's is read as null by the service's own rule: a field that was never set is missing.
inline void append(godwit::ColumnBuilder& column, const nlohmann::json& row, const std::string& name) {
  const auto value = row.find(name);
  const godwit::TypeId type = column.type().id;
  if (value == row.end() || value->is_null()) column.null();
  else if (type == godwit::TypeId::boolean && value->is_boolean()) column.append_bool(value->get<bool>());
  else if (type == godwit::TypeId::int64 && value->is_number_integer()) column.append_int64(value->get<std::int64_t>());
  else if (type == godwit::TypeId::float64 && value->is_number()) column.append_float64(value->get<double>());
  else if (column.type().is_variable()) column.append_text(value->is_string() ? value->get<std::string>() : value->dump());
  else column.null();
}

}  // namespace acme
