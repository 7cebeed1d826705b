#pragma once
// The type names that SQL systems use, and what they mean to Godwit.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/type.hpp"

namespace godwit::sql {

// "varchar (20)" -> VARCHAR, {20}; "timestamp(3) with time zone" -> TIMESTAMP WITH TIME ZONE, {3}.
struct DeclaredType {
  std::string name;                     // upper case, words separated by one space, without arguments
  std::vector<std::int64_t> arguments;  // only those that are plain integers
};
DeclaredType parse_declared_type(std::string_view declared);

// What a type name means. `known` is false for a name that this table does not hold; `type` is text then.
struct TypeMeaning {
  Type type;
  std::optional<std::int64_t> length;  // longest text in characters, of types that name one
  bool known = false;
};

// Names are those of the SQL standard and of the systems in wide use. A number type without precision is
// number_text (exact digits of any size); one with precision above 38 likewise.
TypeMeaning meaning_of(const DeclaredType& declared);

}  // namespace godwit::sql
