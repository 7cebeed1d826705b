#include "core/http/budget.hpp"

#include <algorithm>
#include <cmath>

namespace godwit::http {
namespace {

double whole(const BudgetRule& rule, double amount) { return std::max(0.0, amount - rule.reserve - amount * rule.reserve_share); }

// Fills evenly, up to `burst`. Of a burst of more than two, one and a half stay unused: the way to the system shortens and lengthens the gaps between
// calls, and a system that keeps the same bucket would otherwise refuse the call that arrives early.
class Bucket : public Budget {
 public:
  Bucket(const BudgetRule& rule, Now now)
      : rate_(whole(rule, rule.amount * rule.packs) / (rule.per_s * 1e6)), size_(rule.burst > 2 ? rule.burst - 1.5 : 1), level_(rate_ > 0 ? size_ : 0), at_(now.steady) {}

  std::int64_t wait(Now now, double cost) override {
    fill(now);
    const double missing = std::min(cost, size_) - level_;
    if (missing <= 1e-9) return 0;
    return rate_ <= 0 ? kNever : static_cast<std::int64_t>(std::ceil(missing / rate_));
  }
  void take(Now now, double cost) override { fill(now), level_ -= cost; }
  void put_back(double cost) override { level_ = std::min(size_, level_ + cost); }
  void told_used(Now now, double used, double of, double under_way) override {
    if (of > 0) told_left(now, of - used, under_way);
  }
  void told_left(Now now, double left, double under_way) override { fill(now), level_ = std::min(level_, std::max(0.0, left - under_way)); }
  void told_gone(Now now) override { fill(now), level_ = std::min(level_, 0.0); }
  Usage usage(Now now) override { return fill(now), Usage{size_ - level_, size_, -1}; }

 private:
  void fill(Now now) { level_ = std::min(size_, level_ + static_cast<double>(std::max<std::int64_t>(0, now.steady - at_)) * rate_), at_ = now.steady; }
  double rate_, size_, level_;  // per microsecond
  std::int64_t at_;
};

// At most so much in any stretch of time of this length, wherever the system's own windows begin.
class Window : public Budget {
 public:
  explicit Window(const BudgetRule& rule)
      : rule_(rule), amount_(rule.amount * rule.packs), limit_(whole(rule, amount_)), length_(seconds(rule.per_s)),
        // Calls arrive earlier or later than they were sent: a hundredth more than the window keeps both sides' counts alike.
        hold_(length_ + std::min<std::int64_t>(length_ / 100, kSecond)), grain_(std::max<std::int64_t>(1, length_ / 2000)) {}

  std::int64_t wait(Now now, double cost) override {
    forget(time(now));
    if (limit_ <= 0) return kNever;
    double over = sum_ + std::min(cost, limit_) - limit_;
    if (over <= 1e-9) return 0;
    for (const Entry& e : taken_)
      if ((over -= e.ours + e.others) <= 1e-9) return std::max<std::int64_t>(1, e.at + hold_ - time(now));
    return hold_;
  }
  void take(Now now, double cost) override { last(now).ours += cost, sum_ += cost; }
  void put_back(double cost) override {
    if (taken_.empty()) return;
    const double amount = std::min(cost, taken_.back().ours);
    taken_.back().ours -= amount, sum_ -= amount;
  }
  void told_used(Now now, double used, double of, double under_way) override {
    if (of > 0) amount_ = of, limit_ = whole(rule_, of);
    others(now, used + under_way - counted(now));
  }
  void told_left(Now now, double left, double under_way) override { others(now, amount_ - std::max(0.0, left - under_way) - counted(now)); }
  void told_gone(Now now) override { told_left(now, 0, 0); }
  Usage usage(Now now) override { return Usage{counted(now), limit_, -1}; }
  Kept kept(Now now) override {
    Kept out;
    if (!rule_.long_lived()) return out;
    forget(time(now));
    for (const Entry& e : taken_)
      if (e.ours > 0) out.emplace(e.at, e.ours);
    return out;
  }
  void restore(Now now, const Kept& kept) override {
    std::map<std::int64_t, Entry> all;
    for (const Entry& e : taken_)
      if (e.others > 0) all[e.at] = {e.at, 0, e.others};
    for (const auto& [at, amount] : kept) all[at].at = at, all[at].ours = amount;
    taken_.clear(), sum_ = 0;
    for (const auto& [at, entry] : all) taken_.push_back(entry), sum_ += entry.ours + entry.others;
    forget(time(now));
  }

 private:
  // Grains of a window are kept as one, under the time of their end, so that a long window stays small.
  struct Entry {
    std::int64_t at = 0;
    double ours = 0, others = 0;  // what only the system told of is not ours to write down: each program would add it
  };
  std::int64_t time(Now now) const { return rule_.long_lived() ? now.wall : now.steady; }
  Entry& last(Now now) {
    std::int64_t at = (time(now) / grain_ + 1) * grain_;
    if (!taken_.empty()) at = std::max(at, taken_.back().at);
    if (taken_.empty() || taken_.back().at != at) taken_.push_back({at, 0, 0});
    return taken_.back();
  }
  double counted(Now now) { return forget(time(now)), sum_; }
  // Others use the same budget: what they took counts as taken now.
  void others(Now now, double amount) {
    if (amount > 0) last(now).others += amount, sum_ += amount;
  }
  void forget(std::int64_t at) {
    while (!taken_.empty() && taken_.front().at + hold_ <= at) sum_ -= taken_.front().ours + taken_.front().others, taken_.pop_front();
    if (taken_.empty()) sum_ = 0;  // no dust of many additions
  }
  const BudgetRule rule_;
  double amount_, limit_, sum_ = 0;  // amount: as the rules or the system say, with what is reserved
  const std::int64_t length_, hold_, grain_;
  std::deque<Entry> taken_;
};

// All of it comes back at one time of day.
class Day : public Budget {
 public:
  Day(const BudgetRule& rule, Now now) : rule_(rule), limit_(whole(rule, rule.amount * rule.packs)), day_(start_of_day(now)) {}

  std::int64_t wait(Now now, double cost) override {
    turn(now);
    if (used() + std::min(cost, limit_) <= limit_ + 1e-9 && limit_ > 0) return 0;
    return limit_ <= 0 ? kNever : day_ + kDay - now.wall;
  }
  void take(Now now, double cost) override { turn(now), ours_ += cost; }
  void put_back(double cost) override { ours_ = std::max(0.0, ours_ - cost); }
  void told_used(Now now, double used, double of, double under_way) override {
    turn(now);
    if (of > 0) limit_ = whole(rule_, of);
    told_ = used + under_way, ours_when_told_ = ours_;
  }
  void told_left(Now now, double left, double under_way) override { told_used(now, std::max(0.0, rule_.amount * rule_.packs - left), 0, under_way); }
  void told_gone(Now now) override {
    turn(now);
    if (used() < limit_) told_ = limit_, ours_when_told_ = ours_;
  }
  Usage usage(Now now) override { return turn(now), Usage{used(), limit_, static_cast<double>(day_ + kDay - now.wall) / 1e6}; }
  Kept kept(Now now) override { return turn(now), ours_ > 0 ? Kept{{day_, ours_}} : Kept{}; }
  void restore(Now now, const Kept& kept) override {
    turn(now);
    if (const auto at = kept.find(day_); at != kept.end()) ours_ = at->second;
  }

 private:
  static constexpr std::int64_t kDay = 86400 * kSecond;
  std::int64_t start_of_day(Now now) const {
    const std::int64_t shift = (rule_.reset_s - rule_.offset_s) * kSecond, since = now.wall - shift;
    return now.wall - ((since % kDay) + kDay) % kDay;
  }
  void turn(Now now) {
    if (const std::int64_t day = start_of_day(now); day != day_) day_ = day, ours_ = ours_when_told_ = 0, told_ = -1;
  }
  // What the system told, which others' calls are part of, and what we have sent since.
  double used() const { return told_ < 0 ? ours_ : std::max(0.0, told_ + ours_ - ours_when_told_); }
  const BudgetRule rule_;
  double limit_, ours_ = 0, ours_when_told_ = 0, told_ = -1;
  std::int64_t day_;
};

}  // namespace

std::unique_ptr<Budget> make_budget(const BudgetRule& rule, Now now) {
  switch (rule.kind) {
    case BudgetRule::Kind::bucket: return std::make_unique<Bucket>(rule, now);
    case BudgetRule::Kind::window: return std::make_unique<Window>(rule);
    case BudgetRule::Kind::day: return std::make_unique<Day>(rule, now);
    case BudgetRule::Kind::concurrent: break;
  }
  return nullptr;
}

}  // namespace godwit::http
