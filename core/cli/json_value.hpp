#pragma once
// Values of columns as JSON, exactly: numbers keep every digit.

#include <string>
#include <string_view>

#include "core/model/batch.hpp"

namespace godwit::cli {

// Appends a JSON string; bytes that are no UTF-8 become U+FFFD.
void append_json_text(std::string& out, std::string_view text);
// Appends value `i`: null, true, a number with all its digits, JSON columns as they are (on one line), binary as "base64:...", and text, dates and
// times (ISO 8601) as strings. Floats that JSON cannot say (NaN, infinity) are strings.
void append_json_value(std::string& out, const Column& column, std::int64_t i);
// Appends {"column": value, ...} in column order.
void append_json_row(std::string& out, const Schema& schema, const std::vector<Column>& columns, std::int64_t i);

}  // namespace godwit::cli
