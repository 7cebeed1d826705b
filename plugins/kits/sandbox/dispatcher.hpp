#pragma once
// One call from the first look to the answer: route, limits, faults, the vendor's handler in its transaction, statistics, recording.
// Safe to use from several threads.

#include <atomic>

#include "plugins/kits/sandbox/recorder.hpp"
#include "plugins/kits/sandbox/vendor.hpp"

namespace godwit::sandbox {

// What the server is to do with the answer.
struct Delivery {
  Answer answer;
  enum class How { whole, cut_in_half, nothing } how = How::whole;  // nothing: the connection is closed without a word
};

class Dispatcher {
 public:
  Dispatcher(World& world, Vendor& vendor, Recorder& recorder) : world_(world), vendor_(vendor), recorder_(recorder) {}
  Delivery answer(Request& request);
  // What every answer says it comes from, so that nobody takes a rehearsal's figures for the real system's.
  std::string server_name() const { return "godwit-sandbox-" + std::string(vendor_.name()); }
  // The body could not be read: too large, or not what its encoding says.
  Delivery refuse_body(Request& request);

 private:
  struct Around {
    bool drop_before = false, drop_after = false, error_before = false, error_after = false, truncate = false, rate = false, daily = false;
    std::int64_t slow_ms = 0, html_status = 0;
  };
  Around apply_faults(Request& request);
  Delivery answer_vendor(Request& request, const Router::Match& match);
  // nullopt: the call may go on.
  std::optional<Answer> over_limit(const Request& request, const Charge& charge, const Around& around);
  Answer handle(Request& request, const Route& route);
  Answer control(Request& request);
  Answer control_faults(const Request& request);
  Answer control_clock(const Request& request);
  Answer stats();

  World& world_;
  Vendor& vendor_;
  Recorder& recorder_;
  std::atomic<std::int64_t> calls_{0};
  std::atomic<int> in_flight_{0};
};

}  // namespace godwit::sandbox
