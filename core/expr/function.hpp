#pragma once
// A function of the mapping language, declared once: its entry here is its type check, its code, its
// reference page and its tests (the examples).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/expression.hpp"
#include "core/model/batch.hpp"

namespace godwit {

// Set of types a parameter takes.
using TypeSet = std::uint32_t;
constexpr TypeSet one_of(TypeId id) { return TypeSet{1} << static_cast<int>(id); }
inline constexpr TypeSet kText = one_of(TypeId::utf8);
inline constexpr TypeSet kInteger = one_of(TypeId::int64);
inline constexpr TypeSet kNumber = one_of(TypeId::int64) | one_of(TypeId::float64) | one_of(TypeId::decimal128);
inline constexpr TypeSet kBoolean = one_of(TypeId::boolean);
inline constexpr TypeSet kDate = one_of(TypeId::date32);
inline constexpr TypeSet kTimestamp = one_of(TypeId::timestamp) | one_of(TypeId::timestamp_tz);
inline constexpr TypeSet kAny = ~TypeSet{0};

struct Parameter {
  std::string_view name;
  TypeSet types = kText;
  bool optional = false;
  bool constant = false;   // must be a literal, or a bare word taken as text (locale => de_DE): read once, in bind
  bool variadic = false;   // last parameter: one or more
  std::string_view help;
};

struct Example {
  std::string_view call;    // "upper('straße')"
  std::string_view result;  // value_text of the result; "null"; or "GW-1204" when the row fails
};

// An argument at run time: a column, of length 1 when the argument is a constant.
struct ArgumentColumn {
  const Column* column = nullptr;  // null: optional argument left out
  bool constant = false;
  std::int64_t at(std::int64_t row) const { return constant ? 0 : row; }
  explicit operator bool() const { return column != nullptr; }
};

// Appends exactly one value per row of `rows` to `out`; a failing row gets null and an entry in `errors`
// (row as given in `rows`). With null_in_null_out the engine never passes a row with a null argument.
struct Call {
  std::span<const ArgumentColumn> arguments;  // one per parameter, variadic ones at the end
  std::span<const std::int32_t> rows;         // ascending
  ColumnBuilder& out;
  std::vector<RowError>& errors;
};

struct Bound {
  Type type;                               // of the result
  std::function<void(const Call&)> call;   // thread-safe: state captured is immutable
};

struct BindArguments {
  std::vector<Type> types;                            // one per argument given; null_type for a left-out optional
  std::vector<std::optional<std::string>> constants;  // value_text of literal arguments
  const CompileOptions* options = nullptr;            // zone, now_us, folder
};

struct Function {
  std::string_view name;
  std::string_view group;    // text, number, date, condition, hash
  std::string_view summary;  // one sentence, for the reference
  std::vector<Parameter> parameters;
  bool null_in_null_out = true;
  // Decides the result type and prepares state. Errors (unknown locale, bad pattern ...) are of kind bad_config;
  // the compiler adds the place.
  std::function<Result<Bound>(const BindArguments&)> bind;
  std::vector<Example> examples;
};

// All functions, sorted by name. core/expr/functions/<group>.cpp each contribute a list.
const std::vector<Function>& functions();
const Function* find_function(std::string_view name);

// The contributions of functions(), by group.
std::vector<Function> text_functions();
std::vector<Function> number_functions();
std::vector<Function> date_functions();
std::vector<Function> condition_functions();
std::vector<Function> hash_functions();

}  // namespace godwit
