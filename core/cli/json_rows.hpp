#pragma once
// JSON Lines as typed columns, every number exact.

#include <iosfwd>
#include <string>

#include "core/model/batch.hpp"
#include "core/model/result.hpp"

namespace godwit::cli {

// One object per line (empty lines are left out); a column per key, in order of first sight; missing keys are null.
// Types: texts -> text, true/false -> boolean, whole numbers -> integer, numbers with a fraction -> decimal (as many places as the longest
// has), with an exponent or beyond 38 digits -> number, objects and arrays -> json; a column of nulls is text.
// GW-2320: a line is no JSON object or has a key twice; GW-2321: a key holds values of different kinds. Both name file and line.
Result<Batch> read_json_rows(std::istream& in, const std::string& file);

}  // namespace godwit::cli
