// The engine's way out: which call goes next, and when.

#include "core/http/engine.hpp"
#include "core/http/outgoing.hpp"

namespace godwit::http {

void Engine::admit() {
  for (CallPtr& call : incoming_) {
    if (!call->session_only) ++counts_.calls;
    lane(call->request.endpoint).waiting.push_back(std::move(call));
  }
  incoming_.clear();
  while (!later_.empty() && later_.begin()->first <= clock_.steady_us()) {
    CallPtr call = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    lane(call->request.endpoint).waiting.push_front(std::move(call));
  }
  // Answers that nobody waits for any more are not waited for.
  for (auto at = flights_.begin(); at != flights_.end();) {
    const Flight& flight = at->second;
    if (flight.call == nullptr || !flight.call->abandoned) {
      ++at;
      continue;
    }
    curl_multi_remove_handle(multi_, flight.transfer->handle());
    --lane(flight.call->request.endpoint).under_way;
    budgets_.ended(flight.call->request.endpoint, flight.call->request.cost, true);
    at = flights_.erase(at);
  }
}

void Engine::cancel_waiting() {
  const auto cancel = [&](const CallPtr& call) {
    end_by(call, call->maybe_done ? Verdict::lost : Verdict::cancelled, make_error(3018, {}));
  };
  for (auto& [name, lane] : lanes_) {
    for (const CallPtr& call : lane.waiting) cancel(call);
    lane.waiting.clear();
  }
  for (const auto& [at, call] : later_) cancel(call);
  later_.clear();
}

// Answers when to look again at the latest, steady microseconds.
std::int64_t Engine::send_all() {
  std::int64_t next = later_.empty() ? kNever : later_.begin()->first;
  next = std::min(next, sign_in());
  // In turns, so that endpoints that share a budget share it evenly.
  for (bool any = true; any;) {
    any = false;
    for (auto& [endpoint, lane] : lanes_)
      if (send_one(endpoint, lane, next)) any = true;
  }
  return next;
}

bool Engine::send_one(const std::string& endpoint, Lane& lane, std::int64_t& next) {
  if (lane.waiting.empty()) return false;
  const CallPtr call = lane.waiting.front();
  const auto leave = [&] { return lane.waiting.pop_front(), true; };
  if (call->abandoned) return leave();
  if (!session_.usable()) {
    if (!session_.refused()) return false;  // sign_in() sees to it
    const Error& error = *session_.refused();
    // No way to the sign-in is no refusal of it.
    const bool passes = error.kind == ErrorKind::retry || error.number == 3044 || error.number == 3045;
    end_by(call, call->maybe_done ? Verdict::lost : passes ? Verdict::unreached : Verdict::denied, error);
    return leave();
  }
  if (call->session_only) return end(call, {}), leave();
  const Now at = now();
  const std::int64_t pause = lane.paused_until - at.steady;
  Budgets::Wait budget = budgets_.wait(at, endpoint, call->request.cost);
  const bool told_to_wait = pause > patience();
  if (told_to_wait || (budget.gone && budget.us > patience())) {
    const std::int64_t wait = told_to_wait ? pause : budget.us;
    const auto figure = [](double value) { return std::to_string(static_cast<std::int64_t>(value)); };
    const std::string span = wait >= kNever ? "-" : figure(static_cast<double>(wait) / 3600e6) + " h " + figure(static_cast<double>(wait % 3'600'000'000) / 60e6) + " min";
    Error error = make_error(3049, {{"seen", budget.name.empty() ? "retry-after" : budget.name}, {"used", figure(budget.usage.used)}, {"limit", figure(budget.usage.limit)}, {"wait", span}});
    end(call, {call->maybe_done ? Verdict::lost : Verdict::exhausted, {}, std::move(error), {}, {}, wait >= kNever ? 0 : static_cast<double>(wait) / 1e6});
    return leave();
  }
  const std::int64_t wait = std::max({pause, budget.us, lane.pace.wait(at.steady, lane.under_way)});
  if (wait > 0) {
    if (wait < kNever) next = std::min(next, at.steady + wait);
    return false;
  }
  leave();
  send(call, lane);
  return true;
}

void Engine::send(const CallPtr& call, Lane& lane) {
  auto outgoing = build_outgoing(rules_, call->request, session_.values(), clock_);
  if (!outgoing) return end_by(call, call->maybe_done ? Verdict::lost : Verdict::refused, outgoing.error());
  if (!start(std::move(*outgoing), call, lane.under_way + 1)) return;
  const Now at = now();
  budgets_.sent(at, call->request.endpoint, call->request.cost);
  lane.pace.sent(at.steady), ++lane.under_way;
  call->generation = session_.generation();
  ++counts_.sent;
  if (++call->sends > 1) ++counts_.repeated;
}

bool Engine::start(Outgoing outgoing, CallPtr call, int under_way) {
  auto transfer = std::make_unique<Transfer>(rules_, share_);
  if (const Result<> prepared = transfer->prepare(std::move(outgoing)); !prepared) {
    if (call == nullptr) session_.failed(prepared.error(), true);
    else end_by(call, call->maybe_done ? Verdict::lost : Verdict::refused, prepared.error());
    return false;
  }
  curl_multi_add_handle(multi_, transfer->handle());
  Transfer* const key = transfer.get();
  flights_.emplace(key, Flight{std::move(transfer), std::move(call), clock_.steady_us(), under_way});
  return true;
}

// Begins a sign-in where one is needed. Answers when to look again, steady microseconds.
std::int64_t Engine::sign_in() {
  if (sign_in_under_way_ || !session_.wants_sign_in()) return session_.next_change();
  bool needed = !flights_.empty();
  for (const auto& [endpoint, lane] : lanes_) needed = needed || !lane.waiting.empty();
  if (!needed) return kNever;  // no session for nobody
  const std::int64_t wait = session_.wait();
  if (session_.refused() || cancelled()) return kNever;
  if (wait > 0) return clock_.steady_us() + wait;
  auto outgoing = session_.next_call();
  if (!outgoing) return kNever;
  if (rules_.sign_in->cookies) forget_cookies();
  ++counts_.sign_ins;
  sign_in_under_way_ = start(std::move(*outgoing), nullptr, 0);
  return kNever;
}

// The new session must not carry the old one's cookies.
void Engine::forget_cookies() {
  CURL* const easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_SHARE, share_);
  curl_easy_setopt(easy, CURLOPT_COOKIELIST, "ALL");
  curl_easy_cleanup(easy);
}

}  // namespace godwit::http
