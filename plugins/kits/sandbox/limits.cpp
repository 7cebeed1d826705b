#include "plugins/kits/sandbox/limits.hpp"

#include <algorithm>
#include <chrono>

#include "plugins/kits/sandbox/database.hpp"

namespace godwit::sandbox {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

std::int64_t Windows::take(const std::string& key, std::int64_t now_ms, std::int64_t cost) {
  if (window_.calls <= 0) return 0;
  const std::lock_guard guard(mutex_);
  std::deque<std::int64_t>& taken = taken_[key];
  // A fixed window begins at a multiple of its length, a sliding one at the call that it asks about.
  const std::int64_t start = window_.sliding ? now_ms - window_.per_ms : now_ms - now_ms % window_.per_ms - 1;
  // A clock that was set back leaves times of the future behind; they do not count for ever.
  while (!taken.empty() && (taken.front() <= start || taken.front() > now_ms + window_.per_ms)) taken.pop_front();
  const auto used = static_cast<std::int64_t>(taken.size());
  if (used + cost > window_.calls) {
    if (!window_.sliding) return window_.per_ms - now_ms % window_.per_ms;
    const std::int64_t must_go = std::clamp<std::int64_t>(used + cost - window_.calls, 1, std::max<std::int64_t>(used, 1));
    return taken.empty() ? window_.per_ms : std::max<std::int64_t>(1, taken[static_cast<std::size_t>(must_go - 1)] + window_.per_ms - now_ms);
  }
  for (std::int64_t i = 0; i < cost; ++i) taken.push_back(now_ms);
  return 0;
}

void DailyQuota::load(std::int64_t now_ms) {
  if (!loaded_) {
    database_.script("create table if not exists sandbox_quota(start_ms integer primary key, used integer not null)");
    for (const Row& row : database_.rows("select start_ms, used from sandbox_quota")) slices_[to_int(row[0])] = to_int(row[1]);
    loaded_ = true;
  }
  const std::int64_t oldest = rules_.rolling ? now_ms - 24 * kHourMs : midnight_ms(now_ms, rules_.zone_minutes);
  while (!slices_.empty() && (rules_.rolling ? slices_.begin()->first + kHourMs <= oldest : slices_.begin()->first < oldest)) {
    database_.run("delete from sandbox_quota where start_ms = ?", {slices_.begin()->first});
    slices_.erase(slices_.begin());
  }
}

std::int64_t DailyQuota::used(std::int64_t now_ms) {
  load(now_ms);
  std::int64_t out = 0;
  for (const auto& [start, used] : slices_) out += used;
  return out;
}

bool DailyQuota::take(std::int64_t now_ms, std::int64_t cost) {
  const std::int64_t before = used(now_ms);
  if (rules_.quota > 0 && before + cost > rules_.quota) return false;
  const std::int64_t slice = rules_.rolling ? now_ms - now_ms % kHourMs : midnight_ms(now_ms, rules_.zone_minutes);
  const std::int64_t used_now = slices_[slice] += cost;
  database_.run("insert into sandbox_quota values(?, ?) on conflict(start_ms) do update set used = excluded.used", {slice, used_now});
  return true;
}

std::int64_t DailyQuota::resets_at_ms(std::int64_t now_ms) const {
  if (!rules_.rolling) return midnight_ms(now_ms, rules_.zone_minutes) + 24 * kHourMs;
  return slices_.empty() ? now_ms : slices_.begin()->first + 25 * kHourMs;
}

std::int64_t Pace::wait_ms(std::int64_t records) {
  if (per_second_ <= 0) return 0;
  const std::lock_guard guard(mutex_);
  const double now = static_cast<double>(
                         std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count()) / 1000.0;
  free_at_ms_ = std::max(free_at_ms_, now);
  const double wait = free_at_ms_ - now;
  free_at_ms_ += static_cast<double>(records) * 1000.0 / static_cast<double>(per_second_);
  return static_cast<std::int64_t>(wait);
}

}  // namespace godwit::sandbox
