#include "core/run/foreseen_checks.hpp"

#include <algorithm>

namespace godwit {
namespace {

// What the same words mean something else for elsewhere: LIKE minds letter case in some systems only.
bool reads_alike(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); });
  return text.find("like") == std::string::npos && text.find("glob") == std::string::npos;
}

}  // namespace

ForeseenChecks::ForeseenChecks(const CompiledFlow& flow) : flow_(flow) {
  for (const std::string& text : flow.target.checks) {
    CompileOptions options;
    options.scope = Scope{&flow.target_schema, nullptr, nullptr};
    auto compiled = reads_alike(text) ? compile(text, options) : Result<std::shared_ptr<const Expression>>(fail(4103));
    if (!compiled || (*compiled)->type().id != TypeId::boolean || (*compiled)->columns_used().empty()) {
      unjudged_.push_back(text);
      continue;
    }
    const int first = (*compiled)->columns_used().front();
    checks_.push_back({text, flow.columns[static_cast<std::size_t>(first)].name, std::move(*compiled)});
  }
}

Result<> ForeseenChecks::judge(SequencedBatch& batch) const {
  if (checks_.empty()) return {};
  std::vector<std::int32_t> rows;
  for (const Check& check : checks_) {
    rows.clear();
    for (std::size_t i = 0; i < batch.fates.size(); ++i)
      if (batch.fates[i] == Fate::kept && (batch.deletes.empty() || !batch.deletes[i])) rows.push_back(static_cast<std::int32_t>(i));
    GW_ASSIGN(const Evaluation e, check.condition->evaluate(EvalInput{batch.rows(), batch.columns, {}, {}}, &rows));
    for (const std::int32_t i : rows) {
      if (e.column.is_null(i) || e.column.boolean(i)) continue;
      batch.fates[static_cast<std::size_t>(i)] = Fate::set_aside;
      batch.set_aside.push_back({i, make_error(4103, {{"field", check.field}, {"expected", check.text}, {"rule", check.text}}), check.field});
    }
  }
  std::ranges::stable_sort(batch.set_aside, [](const RowNote& a, const RowNote& b) { return a.row < b.row; });
  return {};
}

}  // namespace godwit
