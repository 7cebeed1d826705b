#pragma once
// One account at one system, called over HTTP by any number of threads. Connections, sign-in, budgets, pace, waiting and repeating happen in here, on
// a thread of the client's own.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/http/call.hpp"
#include "core/http/clock.hpp"
#include "core/model/result.hpp"

namespace godwit::http {

// What a client needs of its surroundings.
struct Surroundings {
  Clock* clock = &system_clock();
  std::function<bool()> cancelled;               // asked often, on the client's thread; null: never
  std::function<void(const LogEntry&)> log;      // every exchange, on the client's thread; null: not wanted
  std::function<void(const Error&)> trouble;     // what cannot be told by any call's answer, on the client's thread; null: not wanted
  std::string state_folder;                      // where the usage of a day is kept, for rules that name no file; "": nowhere
};

class Client {
 public:
  // Nothing is sent before the first call. `rules`: JSON, docs/boundary.md, HTTP. GW-3041 for wrong rules, GW-3061.
  static Result<std::shared_ptr<Client>> open(std::string_view rules, Surroundings surroundings);
  // Gives up the calls that are under way, signs out where the rules say how, and writes down what was used.
  virtual ~Client() = default;

  // Queues the call; the ticket, above 0, is for complete() or give_up(). GW-3055 for a call that cannot be sent as it stands.
  virtual Result<std::int64_t> submit(Request request) = 0;
  // Waits at most so long; nothing: not answered yet. A ticket is waited for by one thread, and is spent by the answer. GW-3056.
  virtual Result<std::optional<Answer>> complete(std::int64_t ticket, std::chrono::microseconds wait) = 0;
  // Nobody wants the answer any more: a call that was not sent is not sent, one under way is broken off.
  virtual void give_up(std::int64_t ticket) = 0;
  // A value of the session, after a sign-in where one is needed. 3018, 3046, 3047, 3062 ...
  virtual Result<std::string> session(std::string_view name) = 0;
  // {"client", "calls", "sent", "refused", "repeated", "sign_ins", "sent_bytes", "received_bytes", "waiting", "under_way", "budgets": [...],
  //  "pace": [{"endpoint", "at_once", "rate"}]}, JSON.
  virtual std::string usage() = 0;
};

}  // namespace godwit::http
