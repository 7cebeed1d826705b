#pragma once
// Values of any column type as text that the same column type reads back.

#include <cstdint>
#include <string>

#include "core/model/column.hpp"

namespace godwit::delimited {

// Appends value `row`, which is not null: text as it is; true and false; numbers exactly, floats in the fewest digits that
// give the same float; dates and times in ISO 8601, timestamps with 'T' and, with zone, 'Z'; fractions of seconds only
// when they are not 0.
void append_value(const Column& column, std::int64_t row, std::string* out);

// Whether values of the type are numbers, dates or times: never in need of quotes that a reader would take for text.
bool is_text(Type type);

}  // namespace godwit::delimited
