#pragma once
// Why a database did not take a row: the numbers of core/model/catalogue/target.def.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"

namespace godwit::sql {

// Numbers are never reused; the sentences, in both languages, are in the catalogue.
enum RefusalNumber : int {
  kNotNull = 4101,          // field
  kNotUnique = 4102,        // field
  kCheckFailed = 4103,      // field, expected: the rule
  kNoSuchParent = 4104,     // field, object, seen
  kStillReferenced = 4105,  // object: who refers to the row
  kWrongType = 4106,        // field, seen, expected
  kTooLong = 4107,          // field, seen: characters, expected: characters
  kNotExact = 4108,         // field, seen, expected
  kOutOfRange = 4109,       // field, seen, expected
  kWouldBeAltered = 4110,   // field, seen, expected: what the target would make of it
  kNotUtf8 = 4111,          // field, seen: byte
  kHoldsNul = 4112,         // field, seen: byte
  kKeyIsNull = 4113,        // field
  kKeyNotUnique = 4114,     // field, seen: records that match
  kTriggerRefused = 4115,   // words
  kIgnoredByTarget = 4116,
  kNotANumber = 4117,        // field, seen
  kNotAChoice = 4118,        // field, seen, expected
  kTooBig = 4119,            // field
  kRefusedOtherwise = 4120,  // words
};

// A refusal of error class "data". `field` and `words` become arguments too.
Refusal refuse(std::int64_t row, int number, std::string field, std::string words,
               std::vector<Argument> arguments = {});

// At most 200 characters of a value, for messages; bytes that are no text become "?".
std::string excerpt(std::string_view value);

}  // namespace godwit::sql
