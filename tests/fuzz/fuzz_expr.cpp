// Expressions of any bytes: compiling them gives an expression or a numbered error with its place, and evaluating one
// gives every row exactly one answer, the same whether all rows are asked for or some.
// What follows a line that holds a form feed is the text of a value map.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/expression.hpp"
#include "core/expr/references.hpp"
#include "core/expr/value_map.hpp"
#include "core/model/catalogue.hpp"

namespace {

using namespace godwit;

void check(bool holds) {
  if (!holds) std::abort();
}

// Every state there is, chosen by the key.
class AnyReferences final : public References {
  static constexpr int kParent = 0, kLookupId = 1, kLookupGiven = 2;

 public:
  Result<Bound> bind_parent(const std::vector<std::string>& flows, std::span<const Type>) override {
    return Bound{kParent, TypeId::utf8, flows.size() > 1};
  }
  Result<Bound> bind_lookup(const std::string&, const std::vector<std::string>&, std::span<const Type>, const std::string& give) override {
    return give.empty() ? Bound{kLookupId, TypeId::int64, false} : Bound{kLookupGiven, TypeId::utf8, false};
  }
  Result<> resolve(int handle, std::span<const Column> keys, Column* values, std::vector<ReferenceState>* states) override {
    const std::int64_t n = keys.front().length;
    states->clear();
    for (std::int64_t i = 0; i < n; ++i) {
      check(!keys.front().is_null(i));
      states->push_back(static_cast<ReferenceState>((value_text(keys.front(), i).size() + static_cast<std::size_t>(handle)) % 7));
    }
    *values = null_column(handle == kLookupId ? TypeId::int64 : TypeId::utf8, n);
    return {};
  }
};

struct World {
  Schema schema{{"t", TypeId::utf8}, {"客户", TypeId::utf8}, {"i", TypeId::int64}, {"d", Type::decimal(18, 2)}, {"f", TypeId::float64},
                {"b", TypeId::boolean}, {"day", TypeId::date32}, {"ts", TypeId::timestamp}, {"tz", TypeId::timestamp_tz}, {"n", TypeId::number_text}};
  std::vector<Column> columns;
  AnyReferences references;
  CompileOptions options;

  World() {
    for (const Field& field : schema) {
      ColumnBuilder out(field.type);
      for (int row = 0; row < 5; ++row) {
        if (row == 3) {
          out.null();
          continue;
        }
        static constexpr std::string_view kTexts[] = {"", "Müller & Söhne", "007", "", "客户\xE3\x80\x80 12.5\n"};
        static constexpr std::int64_t kIntegers[] = {0, 1, -9223372036854775807 - 1, 0, 9223372036854775807};
        switch (field.type.id) {
          case TypeId::utf8: out.append_text(kTexts[row]); break;
          case TypeId::number_text: out.append_text("123456789012345678901234567890123456789012.5"); break;
          case TypeId::int64: out.append_int64(kIntegers[row]); break;
          case TypeId::decimal128: out.append_decimal(int128{kIntegers[row]}); break;
          case TypeId::float64: out.append_float64(row == 0 ? -0.0 : row == 1 ? 0.1 : 1.7e308); break;
          case TypeId::boolean: out.append_bool(row % 2 == 0); break;
          case TypeId::date32: out.append_date32(row == 0 ? -719162 : row == 1 ? 0 : 2932896); break;
          default: out.append_int64(row == 0 ? -62135596800000000 : row == 1 ? 0 : 253402300799999999); break;
        }
      }
      columns.push_back(out.finish());
    }
    options.scope.columns = &schema, options.scope.source = &schema;
    options.file = "flow.yaml", options.folder = "/nonexistent", options.zone = "Asia/Shanghai";
    options.references = &references;
  }
};

void check_error(const Error& error) {
  check(find_message(error.number) != nullptr && !error.argument("place").empty());
  check(!describe(error, Language::en).empty() && !describe(error, Language::zh_cn).empty());
}

void check_evaluation(const Expression& expression, const EvalInput& input) {
  const Result<Evaluation> all = expression.evaluate(input);
  if (!all) return check_error(all.error());
  check(all->column.length == input.rows && all->column.type == expression.type());
  std::int64_t before = -1;
  for (const RowError& e : all->errors) {
    check(e.row > before && e.row < input.rows && all->column.is_null(e.row));
    check(e.error.kind == ErrorKind::row_rejected && !describe(e.error).empty());
    before = e.row;
  }
  const std::vector<std::int32_t> rows{1, 2, 4};
  const Result<Evaluation> some = expression.evaluate(input, &rows);
  check(some.has_value() && some->column.is_null(0) && some->column.is_null(3));
  for (const std::int32_t row : rows) {
    check(all->column.is_null(row) == some->column.is_null(row));
    check(value_text(all->column, row) == value_text(some->column, row));
  }
  for (const Type to : {Type(TypeId::utf8), Type(TypeId::int64), Type::decimal(10, 2), Type(TypeId::float64)}) {
    if (!fits(expression.type(), to)) continue;
    const Fitted fitted = fit(all->column, to);
    check(fitted.column.length == input.rows && fitted.column.type == to);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find("\n\f\n");
  const std::string_view text = input.substr(0, end);
  if (end != std::string_view::npos)
    if (const auto map = expr::ValueMap::parse(input.substr(end + 3), "map.csv", {.ignore_case = size % 2 == 0})) {
      std::string scratch;
      if (const auto entry = (*map)->find("Müller", &scratch); entry >= 0) (void)(*map)->value(entry);
    }
  const auto mentioned = mentions(text, world.options);
  const auto compiled = compile(text, world.options);
  if (!compiled) {
    check_error(compiled.error());
    return 0;
  }
  check(mentioned.has_value());
  EvalInput rows;
  rows.rows = 5, rows.columns = world.columns, rows.source = world.columns;
  check_evaluation(**compiled, rows);
  return 0;
}
