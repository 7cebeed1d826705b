#include "core/http/pace.hpp"

#include <algorithm>
#include <cmath>

namespace godwit::http {
namespace {
constexpr std::int64_t kMeasured = 2 * kSecond;   // what a rate is measured over at most
constexpr std::size_t kCounted = 40;              // so many answers are enough for it: while the pace grows, older ones say too little
constexpr std::int64_t kBack = 10 * kSecond;      // time of coming back
constexpr double kKeep = 0.95;                    // of what was accepted, at first
constexpr std::int64_t kForget = 60 * kSecond;    // the quickest answer of so long ago says nothing of now
}  // namespace

// 1 at the old value; `met_keep_` just after the cut.
double Pace::curve(std::int64_t now) const {
  const double t = static_cast<double>(now - cut_at_ - kBack) / static_cast<double>(kBack);
  return 1 + (1 - met_keep_) * t * t * t;
}
double Pace::rate(std::int64_t now) const { return met_ && met_rate_ > 0 ? met_rate_ * curve(now) : 0; }
double Pace::at_once(std::int64_t now) const { return std::clamp(met_level_ > 0 ? met_level_ * curve(now) : level_, 1.0, static_cast<double>(most_at_once_)); }

std::int64_t Pace::wait(std::int64_t now, int under_way) const {
  if (under_way > 0 && under_way + 1 > static_cast<int>(at_once(now) + 0.5)) return kNever;
  return std::max<std::int64_t>(0, next_ - now);
}

void Pace::sent(std::int64_t now) {
  double rate = this->rate(now);
  // Answers come together where calls went together; new calls do not, else a system that counts by the moment would refuse them.
  if (rate <= 0 && usual_ > 0) rate = 1.5e6 * at_once(now) / usual_;
  if (rate <= 0) return;
  const auto gap = static_cast<std::int64_t>(1e6 / rate);
  next_ = std::max(next_, now - gap) + gap;  // a call that went late does not make the next one late
}

void Pace::answered(std::int64_t now, std::int64_t sent_at, int under_way) {
  troubles_ = 0, ++accepted_since_cut_;
  if (++recent_ > 100) recent_ /= 2, recent_refused_ /= 2;
  accepted_.push_back(now), forget(now);
  most_now_ = std::max(most_now_, under_way);
  const auto took = static_cast<double>(now - sent_at);
  usual_ = usual_ == 0 ? took : usual_ * 0.9 + took * 0.1;
  if (quickest_ == 0 || took < quickest_ || now - quickest_at_ > kForget) quickest_ = took, quickest_at_ = now;
  // More at once helps only while the system answers as quickly as it did with few, and while all that was allowed was used.
  const bool slower = usual_ > 2 * quickest_ && level_ >= 8;
  if (met_level_ == 0 && !slower && under_way + 1 >= static_cast<int>(level_)) level_ = std::min<double>(level_ + 1, most_at_once_);
}

void Pace::forget(std::int64_t now) {
  while (!accepted_.empty() && (accepted_.front() < now - kMeasured || accepted_.size() > kCounted)) accepted_.pop_front();
  if (now - most_since_ > kBack) most_ago_ = most_now_, most_now_ = 0, most_since_ = now;
}

// An at_once of 0 leaves the number at once as it is.
void Pace::cut(std::int64_t now, double rate, double at_once, double keep) {
  met_ = true, met_rate_ = rate, met_keep_ = keep, cut_at_ = now, accepted_since_cut_ = 0;
  // Two gaps: the system has then one call in hand for those that arrive early.
  next_ = rate > 0 ? now + static_cast<std::int64_t>(2e6 / rate) : now;
  if (at_once > 0) met_level_ = std::max(1.0, at_once);
  else if (met_level_ > 0) level_ = met_level_, met_level_ = 0;
}

void Pace::refused(std::int64_t now, std::int64_t sent_at, int under_way) {
  troubles_ = 0;
  if (met_ && sent_at <= cut_at_) return;  // sent before we slowed down: the same event
  if (rate_declared_ && ++recent_refused_ <= 2 + recent_ * 0.05) return;
  recent_ = recent_refused_ = 0;
  forget(now);
  double accepted = 0;
  if (accepted_.size() >= 3) accepted = static_cast<double>(accepted_.size() - 1) * 1e6 / static_cast<double>(std::max<std::int64_t>(accepted_.back() - accepted_.front(), 1000));
  if (const double before = rate(now); before > 0) {
    // What it was sending at was too much; much too much, where hardly a call went well since.
    const double less = before * (accepted_since_cut_ < 10 ? 0.7 : 0.98);
    accepted = accepted == 0 ? less : std::min(accepted, less);
  } else if (accepted > 0 && usual_ > 0) {
    // Answers of a pace that still grew say too little, those of a first burst too much: the truth is near what was sent.
    const double sending = 1e6 * at_once(now) / usual_;
    accepted = std::min(sending, (accepted + sending) / 2);
  }
  // As many at once were accepted a moment ago: it is not their number. Else the refused call may have been the one too many; but what is accepted in a
  // second takes a certain number at once, given how long an answer takes.
  const bool by_number = accepted == 0 || std::max(most_ago_, most_now_) < under_way;
  const double level = by_number ? std::max({1.0, std::min(at_once(now), static_cast<double>(under_way - 1)), std::ceil(accepted * usual_ / 1e6 - 0.05)}) : 0;
  // A number that is cut lowers the rate by itself.
  cut(now, by_number ? accepted * 1.1 : accepted, level, accepted > 0 ? kKeep : 0.5);
}

void Pace::troubled(std::int64_t now, std::int64_t sent_at, int under_way) {
  if ((met_ && sent_at <= cut_at_) || ++troubles_ < 3) return;
  troubles_ = 0;
  cut(now, rate(now), std::min(at_once(now), static_cast<double>(under_way)), 0.5);
}

}  // namespace godwit::http
