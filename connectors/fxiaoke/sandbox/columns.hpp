#pragma once
// Small helpers over the kit's Columns.

#include "plugins/kits/sandbox/store.hpp"

namespace godwit::sandbox::fxiaoke {

// Null where the column is not among them.
inline const Value& at(const Columns& columns, std::string_view name) {
  static const Value kNull;
  for (const auto& [column, value] : columns)
    if (column == name) return value;
  return kNull;
}

inline bool names(const Columns& columns, std::string_view name) {
  for (const auto& [column, value] : columns)
    if (column == name) return true;
  return false;
}

inline void put(Columns& columns, std::string_view name, Value value) {
  for (auto& [column, old] : columns)
    if (column == name) {
      old = std::move(value);
      return;
    }
  columns.emplace_back(std::string(name), std::move(value));
}

// The list of one id that owner and created_by are.
inline Value list_of(const std::string& id) { return "[\"" + id + "\"]"; }
// The first id of such a list; "" for null.
std::string first_of(const Value& list);

}  // namespace godwit::sandbox::fxiaoke
