#pragma once
// The thread behind a client: what waits, what is under way, and what comes of it.

#include <curl/curl.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/http/budgets.hpp"
#include "core/http/client.hpp"
#include "core/http/pace.hpp"
#include "core/http/session.hpp"
#include "core/http/transfer.hpp"
#include "core/http/usage_file.hpp"

namespace godwit::http {

inline constexpr int kMostAtOnce = 64;  // calls under way where the rules name no limit

// A call from its submission to its answer.
struct Call {
  Request request;
  bool session_only = false;  // nothing is sent: it waits for a session
  std::atomic<bool> abandoned{false};
  // Of the engine's thread.
  int sends = 0, tries = 0, rates = 0, refused_sessions = 0;
  bool maybe_done = false;
  std::uint64_t generation = 0;
  // Under the engine's mutex.
  bool done = false;
  Answer answer;
  std::optional<Error> error;  // session_only
  std::condition_variable ended;
};
using CallPtr = std::shared_ptr<Call>;

class Engine {
 public:
  Engine(Rules rules, Surroundings surroundings);
  ~Engine();  // breaks off what is under way
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  bool good() const { return multi_ != nullptr && share_ != nullptr; }

  void submit(CallPtr call);
  // True once the call has ended.
  bool wait(Call& call, std::chrono::microseconds most);
  void give_up(Call& call);
  std::string usage();
  // A value of the session as it is, without signing in; nothing when it is not there.
  std::optional<std::string> value(std::string_view name, std::string* known);

 private:
  struct Lane {
    Lane(int most, bool rate_declared) : pace(most, rate_declared) {}
    std::deque<CallPtr> waiting;
    Pace pace;
    int under_way = 0;
    std::int64_t paused_until = 0;
  };
  struct Flight {
    std::unique_ptr<Transfer> transfer;
    CallPtr call;  // null: of a sign-in
    std::int64_t sent_at = 0;
    int under_way = 0;  // in its lane when it was sent, itself included
  };

  void run();
  void perform();
  void keep_usage();
  void sign_out();
  std::int64_t poll_time(std::int64_t next) const;
  // engine_send.cpp
  void admit();
  void cancel_waiting();
  std::int64_t send_all();
  // Whether the first call of the lane left it; `next`: when to look again, at the latest.
  bool send_one(const std::string& endpoint, Lane& lane, std::int64_t& next);
  void send(const CallPtr& call, Lane& lane);
  std::int64_t sign_in();
  void forget_cookies();
  bool start(Outgoing outgoing, CallPtr call, int under_way);
  // engine_answer.cpp
  bool collect();  // whether an exchange has ended
  void give_up_stuck();
  void take_sign_in(Flight& flight, CURLcode code);
  void take_answer(Flight& flight, CURLcode code);
  void end_by(const CallPtr& call, Verdict verdict, Error error) { end(call, {verdict, {}, std::move(error)}); }
  void judge_answer(Flight& flight, Received received, Lane& lane);
  void judge_broken(Flight& flight, Broken broken, Lane& lane);
  void again(const CallPtr& call, double wait_s);  // the lane's first, so much later
  void may_be_done(const CallPtr& call, double wait_s, Received received, Error error);
  // With words of the system's own, or with an error of ours.
  struct Ending {
    Verdict verdict = Verdict::ok;
    Received received = {};
    std::optional<Error> error = {};
    std::string code = {}, message = {};
    double wait_s = 0;
  };
  void end(const CallPtr& call, Ending ending);
  void log(const Flight& flight, int status, std::string_view outcome, std::string code, std::string answer);
  double back_off(int tries);

  Lane& lane(const std::string& endpoint);
  Now now() const { return {clock_.steady_us(), clock_.wall_us()}; }
  bool cancelled() const { return surroundings_.cancelled && surroundings_.cancelled(); }
  std::int64_t patience() const { return seconds(rules_.patience_s); }

  const Rules rules_;
  const Surroundings surroundings_;
  Clock& clock_;
  CURLM* multi_ = nullptr;
  CURLSH* share_ = nullptr;
  std::mt19937_64 random_{std::random_device{}()};

  mutable std::mutex mutex_;  // all below but flights_, which is the thread's own
  std::vector<CallPtr> incoming_;
  std::map<std::string, Lane> lanes_;
  std::multimap<std::int64_t, CallPtr> later_;
  Session session_;
  Budgets budgets_;
  UsageFile usage_file_;
  struct {
    std::int64_t calls = 0, sent = 0, refused = 0, repeated = 0, sign_ins = 0, sent_bytes = 0, received_bytes = 0;
  } counts_;
  std::unordered_map<Transfer*, Flight> flights_;
  bool sign_in_under_way_ = false;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace godwit::http
