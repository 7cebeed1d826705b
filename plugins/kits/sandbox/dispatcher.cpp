#include "plugins/kits/sandbox/dispatcher.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

namespace godwit::sandbox {
namespace {

constexpr const char* kErrorPage =
    "<!DOCTYPE html>\n<html><head><title>Down for Maintenance</title></head><body><h1>We are down for maintenance.</h1>"
    "<p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>\n";

void sleep_ms(std::int64_t ms) {
  if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

// Counts a call while it lives.
class InFlight {
 public:
  InFlight(std::atomic<int>& count, Stats& stats) : count_(count), stats_(stats), now_(++count) { stats_.count_in_flight(1); }
  ~InFlight() { --count_, stats_.count_in_flight(-1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  int now() const { return now_; }

 private:
  std::atomic<int>& count_;
  Stats& stats_;
  int now_;
};

Outcome outcome_of(int status) { return status >= 500 ? Outcome::failed : status >= 400 ? Outcome::rejected : Outcome::accepted; }

}  // namespace

Delivery Dispatcher::answer(Request& request) {
  request.now_ms = request.visible_at_ms = world_.clock.now_ms();
  if (request.path.starts_with("/__sandbox")) return {control(request)};
  request.number = ++calls_;
  const Router::Match match = world_.router.match(request);
  Delivery out = answer_vendor(request, match);
  recorder_.write(request, out.answer, out.how == Delivery::How::nothing ? 0 : out.answer.status);
  return out;
}

Delivery Dispatcher::refuse_body(Request& request) {
  request.now_ms = request.visible_at_ms = world_.clock.now_ms();
  request.number = ++calls_;
  Delivery out{vendor_.refuse(Refusal::bad_encoding, request, 0)};
  world_.stats.count(request.method + " " + request.path, outcome_of(out.answer.status), request.now_ms);
  recorder_.write(request, out.answer, out.answer.status);
  return out;
}

Dispatcher::Around Dispatcher::apply_faults(Request& request) {
  Around out;
  for (const Fault& fault : world_.faults.hits(request.method, request.path)) {
    switch (fault.kind) {
      case FaultKind::drop_after_commit: out.drop_after = true; break;
      case FaultKind::drop_before_commit: out.drop_before = true; break;
      case FaultKind::error_before_commit: out.error_before = true; break;
      case FaultKind::error_after_commit: out.error_after = true; break;
      case FaultKind::slow: out.slow_ms += fault.ms; break;
      case FaultKind::truncate: out.truncate = true; break;
      case FaultKind::expire_token: request.token_expired = true; break;
      case FaultKind::html: out.html_status = fault.status; break;
      case FaultKind::lock: request.locked = true; break;
      case FaultKind::rate: out.rate = true; break;
      case FaultKind::daily: out.daily = true; break;
      case FaultKind::stale: request.visible_at_ms += fault.seconds * 1000; break;
      case FaultKind::clock_skew: request.now_ms += fault.seconds * 1000, request.visible_at_ms += fault.seconds * 1000; break;
    }
  }
  return out;
}

std::optional<Answer> Dispatcher::over_limit(const Request& request, const Charge& charge, const Around& around) {
  if (around.rate) return vendor_.refuse(Refusal::rate, request, world_.windows.window().per_ms);
  const auto lock = world_.database.lock();
  if (around.daily || (world_.daily.rules().quota > 0 && charge.daily > 0 && world_.daily.remaining(request.now_ms) < charge.daily))
    return vendor_.refuse(Refusal::daily, request, world_.daily.resets_at_ms(request.now_ms) - request.now_ms);
  if (!charge.window.empty())
    if (const std::int64_t wait = world_.windows.take(charge.window, request.now_ms); wait > 0) return vendor_.refuse(Refusal::rate, request, wait);
  if (charge.daily > 0) world_.daily.take(request.now_ms, charge.daily);
  return std::nullopt;
}

Delivery Dispatcher::answer_vendor(Request& request, const Router::Match& match) {
  const std::string where = request.method + " " + (match.route == nullptr ? "(no route)" : request.pattern);
  const Around around = apply_faults(request);
  const Charge charge = vendor_.charge(request);
  const InFlight in_flight(in_flight_, world_.stats);
  const int most = static_cast<int>(world_.options.concurrent.value_or(vendor_.limits().concurrent));
  std::optional<Answer> refused;
  if (charge.concurrent && most > 0 && in_flight.now() > most) refused = vendor_.refuse(Refusal::concurrent, request, 0);
  else refused = over_limit(request, charge, around);
  const auto done = [&](Answer answer, Outcome outcome, Delivery::How how = Delivery::How::whole) {
    world_.stats.count(where, outcome, world_.clock.now_ms());
    const auto lock = world_.database.lock();
    vendor_.finish(request, answer);
    return Delivery{std::move(answer), how};
  };
  if (refused) return done(std::move(*refused), Outcome::refused);
  sleep_ms(world_.options.latency_ms + around.slow_ms);
  if (around.drop_before) return done({}, Outcome::failed, Delivery::How::nothing);
  if (around.error_before) return done(vendor_.refuse(Refusal::server_error, request, 0), Outcome::failed);
  if (around.html_status > 0) {
    Answer page{.status = static_cast<int>(around.html_status), .body = kErrorPage, .content_type = "text/html; charset=utf-8"};
    return done(std::move(page), Outcome::failed);
  }
  if (match.route == nullptr) {
    Answer answer = vendor_.refuse(match.path_known ? Refusal::wrong_method : Refusal::unknown_path, request, 0);
    return done(std::move(answer), Outcome::rejected);
  }
  if (request.locked && !vendor_.handles_lock(request)) return done(vendor_.refuse(Refusal::locked, request, 0), Outcome::rejected);
  Answer answer = handle(request, *match.route);
  if (around.error_after) return done(vendor_.refuse(Refusal::server_error, request, 0), Outcome::failed);
  if (around.drop_after) return done(std::move(answer), Outcome::failed, Delivery::How::nothing);
  if (around.truncate) return done(std::move(answer), Outcome::failed, Delivery::How::cut_in_half);
  const Outcome outcome = outcome_of(answer.status);
  return done(std::move(answer), outcome);
}

Answer Dispatcher::handle(Request& request, const Route& route) {
  try {
    if (route.run == Run::free) return route.handler(request);
    const auto lock = world_.database.lock();
    Savepoint transaction(world_.database);
    Answer answer = route.handler(request);
    if (!answer.rollback) transaction.keep();
    return answer;
  } catch (const Refused& refused) {
    return refused.answer;
  } catch (const std::exception& e) {
    // Said on the sandbox's own output, since the client gets the vendor's words.
    std::fprintf(stderr, "%s %s: %s\n", request.method.c_str(), request.path.c_str(), e.what());
    return vendor_.refuse(Refusal::server_error, request, 0);
  }
}

}  // namespace godwit::sandbox
