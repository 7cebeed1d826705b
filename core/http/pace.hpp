#pragma once
// How fast and how many at once, where nobody declared it, or where what was declared turns out to be too much. One thread.

#include <cstdint>
#include <deque>

#include "core/http/clock.hpp"

namespace godwit::http {

// Starts with a few calls at once and grows with every answer until the system refuses or slows down. A refusal sets the rate a little below what was
// accepted, and the number at once as well, unless as many at once were accepted a moment ago, so that it cannot be their number that is refused. From
// there they come back in ten seconds along a cubic curve that is flat near the old value and steep far from it: a fixed limit is met with few refusals,
// and one that was lifted is found soon.
class Pace {
 public:
  Pace(int most, bool rate_declared) : most_at_once_(most), rate_declared_(rate_declared) {}

  // Microseconds until one more may be sent; 0: now; kNever: not before an answer came.
  std::int64_t wait(std::int64_t now, int under_way) const;
  void sent(std::int64_t now);
  // An answer that was no refusal. `under_way`: calls without an answer when it was sent, itself included.
  void answered(std::int64_t now, std::int64_t sent_at, int under_way);
  // Too fast, or too many at once. Where the rate was declared, single refusals are chance (calls arrive sooner or later than they were sent) and change nothing.
  void refused(std::int64_t now, std::int64_t sent_at, int under_way);
  // The system or the way to it does not work: after three in a row, half of the calls at once.
  void troubled(std::int64_t now, std::int64_t sent_at, int under_way);

  double rate(std::int64_t now) const;  // calls per second; 0: no limit was met
  double at_once(std::int64_t now) const;

 private:
  double curve(std::int64_t now) const;
  void forget(std::int64_t now);
  void cut(std::int64_t now, double rate, double at_once, double keep);

  const int most_at_once_;
  const bool rate_declared_;
  double level_ = 4;                   // calls at once while no limit was met
  bool met_ = false;
  double met_rate_ = 0, met_level_ = 0, met_keep_ = 1;  // what was accepted; 0: that limit was not met
  std::int64_t cut_at_ = 0, next_ = 0;
  double recent_ = 0, recent_refused_ = 0;  // answers of late, and how many of them were refusals
  int troubles_ = 0, accepted_since_cut_ = 0;
  std::deque<std::int64_t> accepted_;  // times of the answers of the last two seconds
  double quickest_ = 0, usual_ = 0;    // microseconds from sending to the answer
  std::int64_t quickest_at_ = 0;
  int most_ago_ = 0, most_now_ = 0;    // most at once that were accepted, in the last ten to twenty seconds
  std::int64_t most_since_ = 0;
};

}  // namespace godwit::http
