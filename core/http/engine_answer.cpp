// The engine's way in: what an answer means for the call, for those that wait, and for the pace.

#include <algorithm>
#include <cmath>

#include "core/http/engine.hpp"
#include "core/http/mask.hpp"
#include "core/http/outgoing.hpp"
#include "core/model/catalogue.hpp"

namespace godwit::http {
namespace {

// Methods that, by the meaning of HTTP, change nothing.
bool safe(const std::string& method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

std::string place_of(const std::string& url) {
  const std::size_t host = url.find("://");
  return url.substr(0, url.find_first_of("/?", host == std::string::npos ? 0 : host + 3));
}

// "Sign in - Acme" of a page.
std::string title_of(const std::string& body) {
  const std::size_t open = body.find("<title");
  const std::size_t begin = open == std::string::npos ? open : body.find('>', open), end = begin == std::string::npos ? begin : body.find("</", begin);
  return end == std::string::npos ? "" : body.substr(begin + 1, std::min<std::size_t>(end - begin - 1, 200));
}

// One line for people: number, sentence, remedy.
std::string line_of(const Error& error) {
  const Language language = default_language();
  return "GW-" + std::to_string(error.number) + " " + sentence(error, language) + " " + remedy(error, language);
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  static constexpr std::string_view kNames[] = {"ok", "refused", "lost", "unreached", "denied", "exhausted", "cancelled"};
  return kNames[static_cast<std::size_t>(verdict)];
}

bool Engine::collect() {
  bool any = false;
  for (int left = 0; const CURLMsg* message = curl_multi_info_read(multi_, &left);) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, reinterpret_cast<char**>(&transfer));
    curl_multi_remove_handle(multi_, transfer->handle());
    auto node = flights_.extract(transfer);
    Flight& flight = node.mapped();
    if (flight.call == nullptr) take_sign_in(flight, code);
    else take_answer(flight, code);
    any = true;
  }
  return any;
}

// No exchange waits for a connection without end, whatever libcurl waits for: what was not begun in the time of a whole call is taken for not reached.
void Engine::give_up_stuck() {
  const std::int64_t until = clock_.steady_us() - seconds(rules_.connect_timeout_s + rules_.timeout_s);
  std::vector<Transfer*> stuck;
  for (const auto& [transfer, flight] : flights_)
    if (flight.sent_at < until && !transfer->has_begun()) stuck.push_back(transfer);
  for (Transfer* const transfer : stuck) {
    curl_multi_remove_handle(multi_, transfer->handle());
    auto node = flights_.extract(transfer);
    Flight& flight = node.mapped();
    if (flight.call == nullptr) take_sign_in(flight, CURLE_OPERATION_TIMEDOUT);
    else take_answer(flight, CURLE_OPERATION_TIMEDOUT);
  }
}

void Engine::take_sign_in(Flight& flight, CURLcode code) {
  sign_in_under_way_ = false;
  auto received = flight.transfer->finish(code);
  // Neither what was sent nor what was answered is told: both are secrets.
  log(flight, received ? received->status : 0, "sign_in", {}, {});
  if (!received) return session_.failed(received.error().error, received.error().hopeless);
  if (!session_.answered(*received)) return;
  auto next = session_.next_call();
  if (next) sign_in_under_way_ = start(std::move(*next), nullptr, 0);
}

void Engine::take_answer(Flight& flight, CURLcode code) {
  Lane& lane = this->lane(flight.call->request.endpoint);
  --lane.under_way;
  auto received = flight.transfer->finish(code);
  counts_.sent_bytes += flight.transfer->sent_bytes(), counts_.received_bytes += flight.transfer->received_bytes();
  const Request& request = flight.call->request;
  if (received) {
    Reading reading(*received);
    budgets_.told(now(), request.endpoint, request.cost, reading);
  }
  budgets_.ended(request.endpoint, request.cost, received || received.error().sent);
  if (received) judge_answer(flight, std::move(*received), lane);
  else judge_broken(flight, std::move(received.error()), lane);
}

void Engine::judge_answer(Flight& flight, Received received, Lane& lane) {
  const CallPtr& call = flight.call;
  const std::int64_t at = clock_.steady_us();
  Judgement found = judge(rules_, received, call->request.endpoint, wants_json(flight.transfer->outgoing()), clock_.wall_us());
  const std::string place = place_of(flight.transfer->outgoing().url), status = std::to_string(received.status);
  log(flight, received.status, found.cut ? "lost" : name_of(found.is), found.code, found.is == Meaning::ok ? std::string() : told_answer(rules_, received, session_.values()));
  const auto error = [&](int number) {
    return make_error(number, {{"seen", place}, {"status", status}, {"code", found.code}, {"message", without_secrets(found.message, session_.values())}, {"attempts", std::to_string(call->sends)}});
  };
  if (found.is == Meaning::rate) lane.pace.refused(at, flight.sent_at, flight.under_way), budgets_.refused(now(), call->request.endpoint), ++counts_.refused;
  else if (found.is == Meaning::busy || found.is == Meaning::not_done) lane.pace.troubled(at, flight.sent_at, flight.under_way);
  else lane.pace.answered(at, flight.sent_at, flight.under_way);

  if (found.cut) return may_be_done(call, -1, std::move(received), make_error(3051, {{"seen", place}, {"reason", "the JSON is not whole"}}));
  switch (found.is) {
    case Meaning::ok: {
      const Result<> kept = flight.transfer->keep();
      if (!kept) return end(call, {Verdict::lost, std::move(received), kept.error()});
      return end(call, {Verdict::ok, std::move(received)});
    }
    case Meaning::refused: {
      std::optional<Error> page;
      if (found.html) page = make_error(3053, {{"seen", place}, {"title", title_of(received.body)}});
      return end(call, {Verdict::refused, std::move(received), std::move(page), found.code, without_secrets(found.message, session_.values())});
    }
    case Meaning::denied: {
      return end(call, {Verdict::denied, std::move(received), error(3059), found.code});
    }
    case Meaning::expired: {
      // A session that another call has renewed since was not refused.
      if (call->generation == session_.generation()) ++call->refused_sessions, session_.expire(call->generation);
      if (rules_.sign_in && call->refused_sessions < 2) return again(call, 0);
      return end(call, {Verdict::denied, std::move(received), error(3048), found.code});
    }
    case Meaning::quota: {
      const bool budget = budgets_.gone(now(), call->request.endpoint);
      double wait = found.wait_s;
      if (wait < 0 && budget) wait = static_cast<double>(std::min(budgets_.wait(now(), call->request.endpoint, call->request.cost).us, kNever)) / 1e6;
      // Nobody said when: those that wait are not sent in vain, and are told as well.
      if (!budget || found.wait_s >= 0) lane.paused_until = at + std::max(patience() + 60 * kSecond, seconds(wait));
      Error failure = make_error(3049, {{"seen", found.code.empty() ? "quota" : found.code}, {"used", "-"}, {"limit", "-"}, {"wait", wait > 0 ? std::to_string(static_cast<std::int64_t>(wait)) + " s" : "-"}});
      return end(call, {call->maybe_done ? Verdict::lost : Verdict::exhausted, std::move(received), std::move(failure), found.code, {}, std::max(0.0, wait)});
    }
    case Meaning::rate: {
      const double wait = found.wait_s >= 0 ? found.wait_s : back_off(call->rates);
      lane.paused_until = std::max(lane.paused_until, at + seconds(wait));
      if (++call->rates <= rules_.retry_times * 10) return again(call, 0);  // the lane itself waits
      return end(call, {call->maybe_done ? Verdict::lost : Verdict::unreached, std::move(received), error(3058), found.code});
    }
    case Meaning::busy:
      // Closed for everybody, until then.
      if (received.status == 503 && found.wait_s > 0) lane.paused_until = std::max(lane.paused_until, at + seconds(found.wait_s));
      return may_be_done(call, found.wait_s, std::move(received), error(3050));
    case Meaning::not_done: {
      const double wait = found.wait_s >= 0 ? found.wait_s : back_off(call->tries);
      if (seconds(wait) > patience()) return end(call, {call->maybe_done ? Verdict::lost : Verdict::exhausted, std::move(received), error(3050), found.code, {}, wait});
      if (++call->tries < rules_.retry_times) return again(call, wait);
      return end(call, {call->maybe_done ? Verdict::lost : Verdict::unreached, std::move(received), error(3050), found.code});
    }
  }
}

void Engine::judge_broken(Flight& flight, Broken broken, Lane& lane) {
  const CallPtr& call = flight.call;
  log(flight, 0, broken.sent ? "lost" : "unreached", {}, without_secrets(line_of(broken.error), session_.values()));
  lane.pace.troubled(clock_.steady_us(), flight.sent_at, flight.under_way);
  if (broken.sent && !broken.hopeless) return may_be_done(call, -1, {}, std::move(broken.error));
  if (broken.sent) call->maybe_done = true;
  if (!broken.hopeless && ++call->tries < rules_.retry_times) return again(call, back_off(call->tries - 1));
  end_by(call, call->maybe_done ? Verdict::lost : Verdict::unreached, std::move(broken.error));
}

void Engine::may_be_done(const CallPtr& call, double wait_s, Received received, Error error) {
  call->maybe_done = true;
  const bool harmless = safe(call->request.method), long_wait = wait_s >= 0 && seconds(wait_s) > patience();
  if (long_wait) return end(call, {harmless ? Verdict::exhausted : Verdict::lost, std::move(received), std::move(error), {}, {}, wait_s});
  if ((call->request.repeatable || harmless) && ++call->tries < rules_.retry_times) return again(call, wait_s >= 0 ? wait_s : back_off(call->tries - 1));
  end(call, {Verdict::lost, std::move(received), std::move(error)});
}

void Engine::again(const CallPtr& call, double wait_s) {
  if (call->abandoned) return;
  later_.emplace(clock_.steady_us() + seconds(wait_s), call);
}

// Doubles with every try; between a half and the whole of it, so that those that failed together do not come back together.
double Engine::back_off(int tries) {
  const double whole = std::min(rules_.retry_longest_s, rules_.retry_first_s * std::pow(2.0, std::min(tries, 30)));
  return whole * std::uniform_real_distribution<double>(0.5, 1.0)(random_);
}

void Engine::end(const CallPtr& call, Ending ending) {
  Answer& answer = call->answer;
  Received& received = ending.received;
  answer.verdict = ending.verdict, answer.status = received.status, answer.headers = std::move(received.headers);
  if (!(ending.verdict == Verdict::ok && received.saved)) answer.body = std::move(received.body);
  answer.code = std::move(ending.code), answer.message = ending.error ? line_of(*ending.error) : std::move(ending.message);
  answer.attempts = call->sends, answer.maybe_done = call->maybe_done, answer.wait_s = ending.wait_s;
  if (call->session_only) call->error = std::move(ending.error);
  call->done = true;
  call->ended.notify_all();
}

void Engine::log(const Flight& flight, int status, std::string_view outcome, std::string code, std::string answer) {
  if (!surroundings_.log) return;
  LogEntry entry;
  const Outgoing& sent = flight.transfer->outgoing();
  entry.client = rules_.name, entry.method = sent.method, entry.url = without_secrets(sent.url, session_.values());
  if (flight.call) entry.endpoint = flight.call->request.endpoint, entry.attempt = flight.call->sends;
  entry.status = status, entry.outcome = outcome, entry.code = std::move(code), entry.answer = std::move(answer);
  entry.sent_bytes = flight.transfer->sent_bytes(), entry.received_bytes = flight.transfer->received_bytes();
  entry.us = clock_.steady_us() - flight.sent_at;
  surroundings_.log(entry);
}

}  // namespace godwit::http
