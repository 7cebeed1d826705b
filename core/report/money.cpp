#include "core/report/money.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/model/exact_number.hpp"
#include "core/report/format.hpp"
#include "core/report/query.hpp"

namespace godwit::report {
namespace {

std::optional<ExactNumber> number(const std::optional<std::string>& text) {
  return text ? ExactNumber::parse(*text) : std::nullopt;
}

// a - b, or nothing where one of them was not taken.
std::optional<std::string> less(const std::optional<ExactNumber>& a, const std::optional<ExactNumber>& b) {
  if (!a || !b) return std::nullopt;
  return (*a - *b).to_string();
}

bool beyond(const std::optional<std::string>& difference, const ExactNumber& tolerance) {
  const auto value = number(difference);
  return value && tolerance < value->magnitude();
}

// A sum of the source that has no row of its own is 0 once any sum of this total was taken from the source.
void fill_zeros(const CutoverReport& report, MoneyLine& line) {
  bool any_source = false, any_target = false;
  for (const MoneyLine& other : report.money) {
    if (other.total != line.total) continue;
    any_source = any_source || other.read || other.loaded || other.merged || other.filtered || other.set_aside;
    any_target = any_target || other.target;
  }
  // A flow that ended without a single row has sums, and they are 0.
  for (const FlowLine& f : report.flows)
    any_source = any_source || (f.name == line.flow && f.stage == "finished" && f.read == 0);
  if (any_source)
    for (auto* sum :
         {&line.read, &line.loaded, &line.merged, &line.filtered, &line.set_aside, &line.deleted, &line.in_doubt})
      if (!*sum) *sum = "0";
  if (any_target && !line.target) line.target = "0";
}

bool is_zero(const std::optional<std::string>& sum) {
  const auto number = sum ? ExactNumber::parse(*sum) : std::nullopt;
  return number && number->is_zero();
}

constexpr std::pair<std::string_view, std::optional<std::string> MoneyLine::*> kBuckets[] = {
    {"expected", &MoneyLine::expected}, {"read", &MoneyLine::read},         {"loaded", &MoneyLine::loaded},
    {"merged", &MoneyLine::merged},     {"filtered", &MoneyLine::filtered}, {"set_aside", &MoneyLine::set_aside},
    {"deleted", &MoneyLine::deleted},   {"in_doubt", &MoneyLine::in_doubt}, {"target", &MoneyLine::target}};

// All sums of a line with as many places as the longest has: 9.9 beside 9.90 looks like a difference.
void align_places(MoneyLine& line) {
  constexpr int kMostPlaces = 6;  // a target that adds up in floating point may give seventeen
  int places = 0;
  for (const auto& [name, member] : kBuckets)
    if (const auto value = line.*member ? ExactNumber::parse(*(line.*member)) : std::nullopt)
      places = std::max(places, value->scale());
  if (places == 0) return;
  const auto zero =
      ExactNumber::parse("0." + std::string(static_cast<std::size_t>(std::min(places, kMostPlaces)), '0'));
  for (const auto& [name, member] : kBuckets)
    if (const auto value = line.*member ? ExactNumber::parse(*(line.*member)) : std::nullopt)
      line.*member = (*value + *zero).to_string();
}

}  // namespace

Result<> read_money(Database& journal, const Project& project, CutoverReport& report) {
  Query query(
      journal,
      "select name, flow, currency, bucket, value, rows from total where run = ? order by name, currency, bucket");
  query.bind(report.run);
  std::map<std::string, std::string> figure_of;  // flow -> the one total whose row counts stand for the flow
  while (query.next()) {
    const std::string name = presentable(query.text(0)), flow = query.text(1), currency = presentable(query.text(2)),
                      bucket = query.text(3);
    if (report.money.empty() || report.money.back().total != name || report.money.back().currency != currency) {
      MoneyLine& line = report.money.emplace_back();
      line.total = name, line.flow = flow, line.currency = currency;
    }
    MoneyLine& line = report.money.back();
    const std::string value = presentable(query.text(4));
    for (const auto& [known, member] : kBuckets)
      if (known == bucket) line.*member = value;
    if (bucket == "read") line.rows_read = query.integer(5);
    if (bucket != "expected") continue;
    FlowLine* of = report.flow(flow);
    const std::int64_t rows = query.integer(5);
    if (of != nullptr && rows > 0 && figure_of.try_emplace(flow, name).first->second == name)
      of->source_figure = of->source_figure.value_or(0) + rows;
  }
  GW_TRY(query.result());
  for (const Total& total : project.totals) {
    bool taken = false;
    for (MoneyLine& line : report.money) {
      if (line.total != presentable(total.name)) continue;
      taken = true;
      if (ExactNumber::parse(total.tolerance)) line.tolerance = total.tolerance;
    }
    // A promised total that nobody took must not be forgotten silently.
    if (!taken && report.flow(total.flow) != nullptr) {
      MoneyLine& line = report.money.emplace_back();
      line.total = presentable(total.name), line.flow = total.flow;
    }
  }
  for (MoneyLine& line : report.money) fill_zeros(report, line), align_places(line), settle_money(line);
  // An empty target, or rows without a currency and without money, leave a line that says nothing.
  std::map<std::string, int> lines;
  for (const MoneyLine& line : report.money) ++lines[line.total];
  std::erase_if(report.money, [&](const MoneyLine& line) {
    return line.currency.empty() && lines[line.total] > 1 && !line.expected && is_zero(line.read) &&
           is_zero(line.target);
  });
  return {};
}

void settle_money(MoneyLine& line) {
  const auto expected = number(line.expected), read = number(line.read), loaded = number(line.loaded),
             merged = number(line.merged), filtered = number(line.filtered), set_aside = number(line.set_aside),
             deleted = number(line.deleted), in_doubt = number(line.in_doubt), target = number(line.target);
  const ExactNumber tolerance = ExactNumber::parse(line.tolerance).value_or(ExactNumber()).magnitude();
  std::optional<ExactNumber> due;
  if (read && filtered && merged && deleted) due = *read - *filtered - *merged - *deleted;
  if (due) line.due = due->to_string();
  line.difference = less(due, target);
  line.off_source = less(read, expected);
  line.off_target = less(target, loaded);
  if (due && loaded && set_aside && in_doubt) line.open = (*due - *loaded - *set_aside - *in_doubt).to_string();

  line.source_agrees = line.off_source && !beyond(line.off_source, tolerance);
  line.target_agrees = line.off_target && !beyond(line.off_target, tolerance);
  // What the source lost on its way inside Godwit is never a matter of tolerance.
  if (beyond(line.open, ExactNumber()) || beyond(line.off_source, tolerance) || beyond(line.off_target, tolerance)) {
    line.verdict = Verdict::failed;
  } else if (!line.open || !line.off_target || (line.expected && !line.off_source)) {
    line.verdict = Verdict::condition;
  } else {
    line.verdict = Verdict::passed;
  }
}

}  // namespace godwit::report
