// How many operations per second expressions do on whole columns.
//
//   bench_expr [--rows N]
//
// Rows pass in batches of 8192, as in a run. Prints a JSON object per expression: {"what", "value", "unit"}, where value is
// millions of operations (operators and calls times rows) per second of the fastest of five rounds.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/expression.hpp"

namespace {

using namespace godwit;

constexpr std::int64_t kBatchRows = 8192;

struct Case {
  std::string_view text;
  int operations;
};
constexpr Case kCases[] = {
    {"name", 1},
    {"id + 1", 1},
    {"id * 2 + id % 7", 3},
    {"amount * 1.19", 1},
    {"amount / 3", 1},
    {"amount > 500 and id < 900000", 3},
    {"case when amount > 500 then 'A' when amount > 100 then 'B' else 'C' end", 2},
    {"country in ('DE', 'CN', 'JP')", 1},
    {"name like '%er%'", 1},
    {"country || '-' || name", 1},
    {"coalesce(phone, name)", 1},
    {"trim(name)", 1},
    {"upper(country)", 1},
    {"length(name) > 5 and starts_with(name, 'Mei')", 4},
};

struct Batch {
  std::vector<Column> columns;
};

// Plausible customers, the same in every run.
Batch make_batch(const Schema& schema, std::int64_t first) {
  std::vector<ColumnBuilder> builders;
  for (const Field& f : schema) builders.emplace_back(f.type);
  static constexpr std::string_view kNames[] = {"Meier GmbH", "Harbour Trading Ltd.", "上海贸易有限公司", "Müller & Söhne", "Sato"};
  static constexpr std::string_view kCountries[] = {"DE", "CN", "JP", "GB", "FR", "NL"};
  for (std::int64_t i = first; i < first + kBatchRows; ++i) {
    const auto hash = static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15u >> 32;
    builders[0].append_int64(i);
    builders[1].append_text(kNames[hash % 5]);
    builders[2].append_text(kCountries[hash % 6]);
    builders[3].append_decimal(static_cast<int128>(hash % 100000));
    hash % 10 == 0 ? builders[4].null() : builders[4].append_text("+49 30 1234567");
  }
  Batch out;
  for (ColumnBuilder& b : builders) out.columns.push_back(b.finish());
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  std::int64_t rows = 1'000'000;
  for (int i = 1; i + 1 < count; ++i)
    if (std::string_view(arguments[i]) == "--rows") rows = std::atoll(arguments[i + 1]);
  const Schema schema{{"id", TypeId::int64}, {"name", TypeId::utf8}, {"country", TypeId::utf8}, {"amount", Type::decimal(12, 2)}, {"phone", TypeId::utf8}};
  CompileOptions options;
  options.scope.columns = &schema;
  const std::int64_t batches = std::max<std::int64_t>(1, rows / kBatchRows);
  std::vector<Batch> table;
  for (std::int64_t b = 0; b < std::min<std::int64_t>(batches, 16); ++b) table.push_back(make_batch(schema, b * kBatchRows));

  for (const Case& c : kCases) {
    const auto expression = compile(c.text, options);
    if (!expression) {
      std::fprintf(stderr, "%.*s: GW-%d\n", static_cast<int>(c.text.size()), c.text.data(), expression.error().number);
      return 1;
    }
    double best = 1e9;
    std::size_t kept = 0;  // so that nothing is optimised away
    for (int round = 0; round < 5; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      for (std::int64_t b = 0; b < batches; ++b) {
        EvalInput input;
        input.rows = kBatchRows, input.columns = table[static_cast<std::size_t>(b) % table.size()].columns;
        const auto out = (*expression)->evaluate(input);
        if (!out || !out->errors.empty()) return 1;
        kept += out->column.size_bytes();
      }
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    if (kept == 0) return 1;
    std::printf("{\"what\": \"%.*s\", \"value\": %.1f, \"unit\": \"Mops/s\"}\n", static_cast<int>(c.text.size()), c.text.data(),
                static_cast<double>(batches * kBatchRows) * c.operations / best / 1e6);
  }
  return 0;
}
