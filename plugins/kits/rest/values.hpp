#pragma once
// From typed columns to the texts of a JSON or CSV interface and back, without changing a value on the way.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/model/column.hpp"
#include "plugins/kits/rest/times.hpp"

namespace godwit::rest {

// How a service writes values. One form for a whole service; a field that differs gets one of its own.
struct ValueForm {
  enum class Numbers { exact, as_double, text };  // as_double: the service keeps numbers as IEEE doubles; text: "12.50" in quotes
  enum class Booleans { json, text, digits };     // true, "true", 1
  enum class Blanks { keep, refuse, trim };       // the service trims texts and stores "" as null: refuse or do so here
  Numbers numbers = Numbers::exact;
  Booleans booleans = Booleans::json;
  Blanks blanks = Blanks::keep;
  DateForm dates = DateForm::iso;
  MomentForm moments = MomentForm::iso_z;
  int fraction_digits = 3;           // of a second, in times and moments
  std::int64_t date_offset_s = 0;    // dates as counts: the fixed offset from UTC at which their midnight is
  std::string_view time_suffix;      // "Z" behind times
  bool json_as_text = false;         // JSON stands in a text
  bool empty_is_null = false;        // reading: "" is no value
};

// Why one value does not fit: a number of sql::RefusalNumber with its arguments.
struct ValueFault {
  int number = 0;
  std::string seen, expected;
};

// A value as the service writes it.
struct WrittenValue {
  std::string text;
  bool quoted = false;  // a JSON string; else the text is JSON as it stands
  bool null = false;    // the value is null, or becomes it
};

// Value `row` of `column`. A fault: the service would alter it, or cannot hold it.
std::optional<ValueFault> write_value(const Column& column, std::int64_t row, const ValueForm& form, WrittenValue* out);

// Appends the value as JSON: in quotes where it is a string.
void append_json(const WrittenValue& value, std::string* out);

// Appends `text`, which is how the service wrote a value of the builder's type. A fault, and nothing appended, when it is none.
// Numbers may have an exponent; texts that hold numbers are numbers.
std::optional<ValueFault> read_text(std::string_view text, const ValueForm& form, ColumnBuilder* out);
// The same for a value in JSON; null appends a null. Arrays and objects fit columns of JSON, and of text as their JSON.
std::optional<ValueFault> read_json(const nlohmann::json& value, const ValueForm& form, ColumnBuilder* out);

// Base64 (RFC 4648, with padding).
std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace godwit::rest
