#pragma once
// Signing in, as the rules say it, and the values that come of it. The engine sends the calls; this says which, and reads their answers. One thread.

#include <deque>
#include <optional>
#include <string>

#include "core/http/budget.hpp"
#include "core/http/fill.hpp"
#include "core/http/judge.hpp"
#include "core/http/rules.hpp"
#include "core/http/transfer.hpp"

namespace godwit::http {

class Session {
 public:
  Session(const Rules& rules, Clock& clock);

  // Which session this is: grows with every sign-in. 0: none yet.
  std::uint64_t generation() const { return generation_; }
  const Values& values() const { return values_; }
  // Whether calls may go out with what there is.
  bool usable() const;
  // Whether a sign-in is to begin: there is no session, or it ends soon. Never while one is under way.
  bool wants_sign_in() const;
  // The session of this generation was refused: it is none any more.
  void expire(std::uint64_t generation);
  bool signing_in() const { return step_ >= 0; }
  // Microseconds until a sign-in may begin (its own limit, or a pause after a failure that may pass); 0: now.
  std::int64_t wait() const;
  // Why there will be no session, after a sign-in was refused; calls that need one are denied. Stays for a minute, after the third refusal for good.
  const std::optional<Error>& refused() const { return refusal_; }
  // When wants_sign_in() or usable() may change by the passing of time alone: steady microseconds, kNever.
  std::int64_t next_change() const;

  // Begins, or goes on with, the sign-in: the call to send.
  Result<Outgoing> next_call();
  // The answer to it. True: another call follows; false: the sign-in has ended, well or not.
  bool answered(const Received& answer);
  // No answer came: `error` says why. Tried again later, but for what is hopeless.
  void failed(const Error& error, bool hopeless);
  // The call that ends the session, where the rules have one and there is a session.
  std::optional<Outgoing> sign_out();

 private:
  Result<Outgoing> build(const Step& step);
  Result<std::string> base() const;
  void refuse(Error error, bool for_good);
  void complete();
  Result<> take(const Step& step, Reading& reading);

  const Rules& rules_;
  Clock& clock_;
  Values values_, taking_;  // of the session; of the sign-in under way
  std::uint64_t generation_ = 0;
  bool valid_ = false;
  int step_ = -1, refusals_ = 0, failures_ = 0;
  double lifetime_s_ = 0;
  std::int64_t began_ = 0, early_at_ = kNever, ends_at_ = kNever, not_before_ = 0, refused_until_ = 0;
  std::string url_;  // of the call under way
  std::deque<std::int64_t> sign_ins_;
  mutable std::optional<Error> refusal_;
};

// The base of the client's calls: the session's value "base", else the rules'. With {{name}} filled in.
Result<std::string> base_of(const Rules& rules, const Values& session, Clock& clock);
// `url` made absolute with `base`.
std::string absolute(std::string_view base, std::string_view url);

}  // namespace godwit::http
