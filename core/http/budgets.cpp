#include "core/http/budgets.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace godwit::http {
namespace {

bool covers(const BudgetRule& rule, const std::string& endpoint) {
  return rule.each_endpoint || rule.endpoints.empty() || std::find(rule.endpoints.begin(), rule.endpoints.end(), endpoint) != rule.endpoints.end();
}
double amount_of(const BudgetRule& rule, double cost) { return rule.credits ? cost : 1; }

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data() || !std::isfinite(value) || value < 0) return {};
  return value;
}

}  // namespace

struct Budgets::Pattern {
  explicit Pattern(const std::string& text) : expression(text, RE2::Quiet) {}
  RE2 expression;
};

Budgets::Budgets(const std::vector<BudgetRule>& rules, Now now) : rules_(rules) {
  for (const BudgetRule& rule : rules)
    if (!rule.each_endpoint) all_.push_back(std::make_unique<One>(One{&rule, "", make_budget(rule, now)}));
}
Budgets::~Budgets() = default;

const std::vector<Budgets::One*>& Budgets::of(Now now, const std::string& endpoint) {
  if (const auto known = by_endpoint_.find(endpoint); known != by_endpoint_.end()) return known->second;
  std::vector<One*> out;
  for (const BudgetRule& rule : rules_) {
    if (!rule.each_endpoint) continue;
    One& one = *all_.emplace_back(std::make_unique<One>(One{&rule, endpoint, make_budget(rule, now)}));
    if (const auto kept = waiting_.find(one.key()); kept != waiting_.end() && one.budget) one.budget->restore(now, kept->second), waiting_.erase(kept);
    out.push_back(&one);
  }
  for (const auto& one : all_)
    if (!one->rule->each_endpoint && covers(*one->rule, endpoint)) out.push_back(one.get());
  return by_endpoint_.emplace(endpoint, std::move(out)).first->second;
}

Budgets::Wait Budgets::wait(Now now, const std::string& endpoint, double cost) {
  Wait out;
  for (One* one : of(now, endpoint)) {
    std::int64_t us = 0;
    if (one->budget == nullptr) us = one->under_way + 1 > one->rule->amount ? kNever : 0;
    else us = one->budget->wait(now, amount_of(*one->rule, cost));
    if (us <= out.us) continue;
    out.us = us, out.gone = one->budget != nullptr && (one->rule->long_lived() || us >= kNever), out.name = one->rule->name;
    if (one->budget != nullptr) out.usage = one->budget->usage(now);
  }
  return out;
}

void Budgets::sent(Now now, const std::string& endpoint, double cost) {
  for (One* one : of(now, endpoint)) {
    const double amount = amount_of(*one->rule, cost);
    one->under_way += amount;
    if (one->budget != nullptr) one->budget->take(now, amount);
  }
}

void Budgets::ended(const std::string& endpoint, double cost, bool carried) {
  for (One* one : by_endpoint_[endpoint]) {
    const double amount = amount_of(*one->rule, cost);
    one->under_way = std::max(0.0, one->under_way - amount);
    if (!carried && one->budget != nullptr) one->budget->put_back(amount);
  }
}

std::optional<std::pair<double, double>> Budgets::figure(const Told& told, Reading& reading) {
  const auto text = told.place ? reading.at(*told.place) : std::nullopt;
  if (!text) return {};
  if (told.pattern.empty()) {
    const auto value = number_of(*text);
    return value ? std::optional(std::pair(*value, 0.0)) : std::nullopt;
  }
  auto& pattern = patterns_[told.pattern];
  if (!pattern) pattern = std::make_unique<Pattern>(told.pattern);
  std::string first, second;
  const bool two = pattern->expression.NumberOfCapturingGroups() == 2;
  if (!(two ? RE2::PartialMatch(*text, pattern->expression, &first, &second) : RE2::PartialMatch(*text, pattern->expression, &first))) return {};
  const auto value = number_of(first), of = two ? number_of(second) : std::optional(0.0);
  return value && of ? std::optional(std::pair(*value, *of)) : std::nullopt;
}

void Budgets::told(Now now, const std::string& endpoint, double cost, Reading& reading) {
  for (One* one : of(now, endpoint)) {
    if (one->budget == nullptr) continue;
    // The answer's own call is counted by the system already.
    const double others = std::max(0.0, one->under_way - amount_of(*one->rule, cost));
    if (const auto used = figure(one->rule->used, reading)) one->budget->told_used(now, used->first, used->second, others);
    if (const auto left = figure(one->rule->left, reading)) one->budget->told_left(now, left->first, others);
  }
}

void Budgets::refused(Now now, const std::string& endpoint) {
  for (One* one : of(now, endpoint))
    if (one->rule->kind == BudgetRule::Kind::bucket) one->budget->told_gone(now);
}

bool Budgets::gone(Now now, const std::string& endpoint) {
  bool any = false;
  for (One* one : of(now, endpoint))
    if (one->budget != nullptr && one->rule->long_lived()) one->budget->told_gone(now), any = true;
  return any;
}

int Budgets::most_at_once(const std::string& endpoint, int otherwise) const {
  int most = 0;
  for (const BudgetRule& rule : rules_)
    if (rule.kind == BudgetRule::Kind::concurrent && covers(rule, endpoint)) most = most == 0 ? static_cast<int>(rule.amount) : std::min(most, static_cast<int>(rule.amount));
  return most == 0 ? otherwise : most;
}

bool Budgets::declares_rate(const std::string& endpoint) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const BudgetRule& r) { return r.kind != BudgetRule::Kind::concurrent && !r.long_lived() && covers(r, endpoint); });
}

nlohmann::json Budgets::usage(Now now) {
  auto out = nlohmann::json::array();
  for (const auto& one : all_) {
    nlohmann::json entry{{"name", one->rule->name}};
    if (!one->endpoint.empty()) entry["endpoint"] = one->endpoint;
    if (one->budget == nullptr) {
      entry["concurrent"] = one->rule->amount, entry["under_way"] = one->under_way;
    } else {
      const Budget::Usage usage = one->budget->usage(now);
      entry["used"] = usage.used, entry["limit"] = usage.limit, entry["left"] = std::max(0.0, usage.limit - usage.used);
      entry["unit"] = one->rule->credits ? "credits" : "calls";
      if (one->rule->kind != BudgetRule::Kind::day) entry["per_s"] = one->rule->per_s;
      if (usage.reset_s >= 0) entry["reset_s"] = usage.reset_s;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

std::map<std::string, Budget::Kept> Budgets::kept(Now now) {
  std::map<std::string, Budget::Kept> out = waiting_;
  for (const auto& one : all_)
    if (one->budget != nullptr)
      if (auto kept = one->budget->kept(now); !kept.empty()) out[one->key()] = std::move(kept);
  return out;
}

void Budgets::restore(Now now, const std::map<std::string, Budget::Kept>& kept) {
  waiting_ = kept;
  for (const auto& one : all_) {
    const auto at = waiting_.find(one->key());
    if (at == waiting_.end() || one->budget == nullptr) continue;
    one->budget->restore(now, at->second);
    waiting_.erase(at);
  }
}

}  // namespace godwit::http
