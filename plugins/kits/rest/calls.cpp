#include "plugins/kits/rest/calls.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include "plugins/kits/sql/refusal.hpp"

namespace godwit::rest {
namespace {

struct Flying {
  std::int64_t ticket = 0;
  CallBatch batch;
};

}  // namespace

Error call_error(const sdk::HttpAnswer& answer, std::string_view place) {
  std::string seen = answer.code;
  if (!answer.message.empty()) seen += (seen.empty() ? "" : ": ") + sql::excerpt(answer.message);
  if (answer.status != 0) seen += (seen.empty() ? "HTTP " : " (HTTP ") + std::to_string(answer.status) + (seen.empty() ? "" : ")");
  std::vector<Argument> arguments{{"place", std::string(place)}, {"seen", seen}, {"attempts", std::to_string(answer.attempts)}};
  const auto make = [&](int number, ErrorKind kind) { return Error{number, kind, std::move(arguments), {}}; };
  switch (answer.verdict) {
    case sdk::Verdict::cancelled: return Error{3018, ErrorKind::cancelled, {}, {}};
    case sdk::Verdict::denied: return make(3402, ErrorKind::denied);
    case sdk::Verdict::unreached: return make(3401, ErrorKind::retry);
    case sdk::Verdict::lost: return make(3404, ErrorKind::retry);
    case sdk::Verdict::exhausted: {
      const auto minutes = static_cast<std::int64_t>(answer.wait_s / 60);
      arguments.emplace_back("wait", answer.wait_s <= 0 ? "?" : std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60 + 1) + " min");
      return make(3403, ErrorKind::broken);
    }
    default: return make(3406, ErrorKind::bad_config);
  }
}

Failure not_understood(std::string_view place, std::string_view seen) {
  return sdk::fail(3405, ErrorKind::broken, {{"place", std::string(place)}, {"seen", sql::excerpt(seen)}});
}

std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Result<> wait_patiently(const sdk::HostServices& host, std::chrono::milliseconds time) {
  const std::int64_t until = steady_us() + std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  for (;;) {
    if (host.cancelled()) return sdk::fail(3018, ErrorKind::cancelled);
    const std::int64_t left = until - steady_us();
    if (left <= 0) return {};
    std::this_thread::sleep_for(std::chrono::microseconds(std::min<std::int64_t>(left, 50000)));
  }
}

Result<> run_calls(sdk::HttpClient& client, const sdk::HostServices& host, BatchQueue& queue, std::size_t window, const MakeCall& make,
                   const TakeAnswer& done) {
  std::vector<Flying> flying;
  Result<> stopped;
  const auto stop = [&](Error error) {
    if (stopped) stopped = Failure(std::move(error));
  };
  // Takes the answer of flight `i` if it is there.
  const auto harvest = [&](std::size_t i, std::chrono::microseconds wait) -> bool {
    sdk::HttpAnswer answer;
    const Result<bool> there = client.complete(flying[i].ticket, answer, wait);
    if (there && !*there) return false;
    Flying f = std::move(flying[i]);
    flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(i));
    queue.finished(f.batch);
    if (!there) {
      stop(there.error());
    } else if (const Result<> taken = done(f.batch, answer); !taken) {
      stop(taken.error());
    }
    return true;
  };
  for (;;) {
    while (stopped && flying.size() < window) {
      if (host.cancelled()) {
        stop(Error{3018, ErrorKind::cancelled, {}, {}});
        break;
      }
      auto batch = queue.next(steady_us());
      if (!batch) break;
      const auto request = make(*batch);
      const auto ticket = request ? client.submit(*request) : Result<std::int64_t>(Failure(request.error()));
      if (!ticket) {
        queue.finished(*batch);
        stop(ticket.error());
        break;
      }
      flying.push_back({*ticket, std::move(*batch)});
    }
    if (flying.empty()) {
      if (!stopped || queue.empty()) return stopped;
      // All that is left waits for its time.
      const std::int64_t left = std::max<std::int64_t>(queue.earliest() - steady_us(), 1000);
      if (const Result<> waited = wait_patiently(host, std::chrono::milliseconds(left / 1000 + 1)); !waited) stop(waited.error());
      continue;
    }
    bool any = false;
    for (std::size_t i = 0; i < flying.size();)
      if (harvest(i, std::chrono::microseconds(0))) any = true;
      else ++i;
    if (!any && !flying.empty()) harvest(0, std::chrono::milliseconds(5));
  }
}

}  // namespace godwit::rest
