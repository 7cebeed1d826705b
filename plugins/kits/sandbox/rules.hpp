#pragma once
// The checks that every CRM makes on one value before it stores it. They tell what is wrong; how the vendor says it is the
// vendor's part.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/kits/sandbox/database.hpp"
#include "plugins/kits/sandbox/model.hpp"

namespace godwit::sandbox {

enum class Wrong {
  type,        // not a value of this kind at all
  too_long,    // more characters than Field::length
  out_of_range,  // more digits than the number has
  choice,      // not among the choices, or not for the controlling field's value
  email,
  missing,     // required, and null
  unique,      // another record has it
  reference,   // no such record
  unknown_field,
  not_createable,
  not_updateable,
};

struct Violation {
  Wrong wrong;
  const Field* field = nullptr;  // nullptr: unknown_field
  std::string seen;              // the value, or the unknown field's name
  std::string other;             // unique: id of the record that has it
};

// How values travel and are kept with this vendor.
struct Rules {
  bool trim = false;           // blanks at both ends are dropped
  bool empty_is_null = false;  // "" is stored as null
  bool texts_for_all = false;  // numbers and booleans may come as texts, as in CSV
  bool numbers_as_text = true; // a number is taken where a text is wanted
  bool check_email = true;
  bool lists = false;          // several choices travel as a JSON list; otherwise as one text
  char separator = ';';        // of several choices in one text, and always in the column
  // Times: ISO text kept as UTC "…T03:04:05.000+0000", or a whole number of ms since 1970.
  bool times_as_ms = false;
  int zone_minutes = 0;        // of a time that came without an offset
};

// Checks `in` against everything about `field` that the value alone can tell (not: unique, reference, missing) and gives what is to be
// stored in `out`. null is always taken and stored as null.
std::optional<Violation> check_value(const Field& field, const Json& in, const Rules& rules, Value& out);

// Unicode characters of UTF-8 text.
std::size_t count_characters(std::string_view text);
// One @, something before it, a dot in what follows, no blanks: what CRMs insist on.
bool looks_like_email(std::string_view text);
// Whether a choice is allowed for the value of the controlling field.
bool allowed_for(const Choice& choice, std::string_view controlling);
std::string trimmed(std::string_view text);

}  // namespace godwit::sandbox
