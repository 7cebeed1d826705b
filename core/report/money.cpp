#include "core/model/exact_number.hpp"
#include "core/report/judge.hpp"

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

}  // namespace

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
