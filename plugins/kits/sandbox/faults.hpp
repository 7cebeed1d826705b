#pragma once
// Faults on demand: KIND[:at=N|every=N|share=P][,path=PREFIX][,method=M][,times=N][,ms=N][,seconds=S][,status=N]
//
//   drop-after-commit   the work is done, the connection is cut before the answer
//   drop-before-commit  the connection is cut, nothing was done
//   error-before-commit the vendor's server error, nothing was done
//   error-after-commit  the vendor's server error, although the work is done
//   slow                ms=N (5000) longer than usual
//   truncate            the body of the answer is cut in half
//   expire-token        the token that the call carries ends, and the call is refused for it
//   html                a page of HTML instead of JSON, with status=N (503); nothing was done
//   lock                records are held by somebody else: the vendor's row-lock error
//   rate                refused as if the limit were reached
//   daily               refused as if the day's quota were used up
//   stale               what the call writes is seen by readers only seconds=S (30) later
//   clock-skew          for this call the server's clock is seconds=S (300) ahead
//
// at=N hits the N-th call that fits (counted from when the fault was set), every=N each N-th, share=P a share of them, such as
// 0.02 or 2%; none of these: each. times=N ends it after N hits. The same --seed and the same order of calls give the same hits.

#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::sandbox {

enum class FaultKind {
  drop_after_commit, drop_before_commit, error_before_commit, error_after_commit, slow, truncate, expire_token, html, lock, rate, daily, stale, clock_skew,
};

struct Fault {
  FaultKind kind;
  std::string text;  // as it was given
  std::int64_t at = 0, every = 0, times = 0;
  double share = -1;
  std::string path, method;
  std::int64_t ms = 5000, seconds = -1, status = 503;
  std::int64_t matched = 0, hits = 0;
};

// Gives what is wrong with `spec` in `error` and false; otherwise fills `out`.
bool parse_fault(std::string_view spec, Fault& out, std::string& error);

// Safe to use from several threads.
class Faults {
 public:
  explicit Faults(std::uint64_t seed) : seed_(seed) {}
  void add(Fault fault);
  void clear();
  // The faults that hit this call.
  std::vector<Fault> hits(std::string_view method, std::string_view path);
  nlohmann::ordered_json to_json();

 private:
  std::mutex mutex_;
  std::uint64_t seed_;
  std::uint64_t added_ = 0;
  struct Entry {
    Fault fault;
    std::uint64_t stream;
  };
  std::vector<Entry> entries_;
};

// A number in [0, 1) that depends on its arguments alone.
double chance(std::uint64_t seed, std::uint64_t stream, std::uint64_t number);
std::uint64_t mix(std::uint64_t value);

}  // namespace godwit::sandbox
