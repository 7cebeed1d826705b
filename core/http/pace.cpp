#include "core/http/pace.hpp"

#include <algorithm>

namespace godwit::http {
namespace {
constexpr std::int64_t kMeasured = 2 * kSecond;   // what a rate is measured over
constexpr double kBack = 10e6;                    // time of coming back, microseconds
constexpr std::int64_t kForget = 60 * kSecond;    // the quickest answer of so long ago says nothing of now
}  // namespace

// 1 at the old value; `met_keep_` just after the cut.
double Pace::curve(std::int64_t now) const {
  const double t = (static_cast<double>(now - cut_at_) - kBack) / kBack;
  return 1 + (1 - met_keep_) * t * t * t;
}
double Pace::rate(std::int64_t now) const { return met_ && met_rate_ > 0 ? met_rate_ * curve(now) : 0; }
double Pace::at_once(std::int64_t now) const { return std::clamp(met_ ? met_level_ * curve(now) : level_, 1.0, static_cast<double>(most_)); }

std::int64_t Pace::wait(std::int64_t now, int under_way) const {
  if (under_way > 0 && under_way + 1 > static_cast<int>(at_once(now) + 0.5)) return kNever;
  return rate(now) > 0 ? std::max<std::int64_t>(0, next_ - now) : 0;
}

void Pace::sent(std::int64_t now) {
  const double rate = this->rate(now);
  if (rate <= 0) return;
  const auto gap = static_cast<std::int64_t>(1e6 / rate);
  next_ = std::max(next_, now - gap) + gap;  // a call that went late does not make the next one late
}

void Pace::answered(std::int64_t now, std::int64_t sent_at, int under_way) {
  troubles_ = 0;
  accepted_.push_back(now);
  while (accepted_.front() < now - kMeasured) accepted_.pop_front();
  const auto took = static_cast<double>(now - sent_at);
  usual_ = usual_ == 0 ? took : usual_ * 0.9 + took * 0.1;
  if (quickest_ == 0 || took < quickest_ || now - quickest_at_ > kForget) quickest_ = took, quickest_at_ = now;
  // More at once helps only while the system answers as quickly as it did with few, and while all that was allowed was used.
  const bool slower = usual_ > 2 * quickest_ && level_ >= 8;
  if (!met_ && !slower && under_way + 1 >= static_cast<int>(level_)) level_ = std::min<double>(level_ + 1, most_);
}

void Pace::cut(std::int64_t now, double rate, double at_once, double keep) {
  met_ = true, met_rate_ = rate, met_level_ = std::max(1.0, at_once), met_keep_ = keep, cut_at_ = now;
  next_ = now;
}

void Pace::refused(std::int64_t now, std::int64_t sent_at, int under_way) {
  troubles_ = 0;
  if (met_ && sent_at <= cut_at_) return;  // sent before we slowed down: the same event
  while (!accepted_.empty() && accepted_.front() < now - kMeasured) accepted_.pop_front();
  double accepted = 0;
  if (accepted_.size() >= 3) accepted = static_cast<double>(accepted_.size() - 1) * 1e6 / static_cast<double>(std::max<std::int64_t>(accepted_.back() - accepted_.front(), 1000));
  // Refused while it came back: what it was sending at is the better measure of the two.
  if (const double before = rate(now); before > 0 && (accepted == 0 || accepted > before)) accepted = before;
  // The refused call was one too many.
  cut(now, accepted, std::min(at_once(now), static_cast<double>(under_way - 1)), accepted > 0 ? keep_ : 0.5);
}

void Pace::troubled(std::int64_t now, std::int64_t sent_at, int under_way) {
  if ((met_ && sent_at <= cut_at_) || ++troubles_ < 3) return;
  troubles_ = 0;
  cut(now, rate(now), std::min(at_once(now), static_cast<double>(under_way)), 0.5);
}

}  // namespace godwit::http
