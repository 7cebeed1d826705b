#include "core/http/engine.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::http {

Engine::Engine(Rules rules, Surroundings surroundings)
    : rules_(std::move(rules)), surroundings_(std::move(surroundings)), clock_(*surroundings_.clock), session_(rules_, clock_), budgets_(rules_.budgets, now()),
      usage_file_(rules_, surroundings_.state_folder) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kReady != CURLE_OK) return;
  multi_ = curl_multi_init(), share_ = curl_share_init();
  if (multi_ == nullptr || share_ == nullptr) return;
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 128L);
  // One thread uses it, so that it needs no locks.
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

Engine::~Engine() {
  stop_ = true;
  if (thread_.joinable()) curl_multi_wakeup(multi_), thread_.join();
  if (share_ != nullptr) curl_share_cleanup(share_);
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

void Engine::submit(CallPtr call) {
  {
    const std::lock_guard lock(mutex_);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    incoming_.push_back(std::move(call));
  }
  curl_multi_wakeup(multi_);
}

bool Engine::wait(Call& call, std::chrono::microseconds most) {
  std::unique_lock lock(mutex_);
  return call.ended.wait_for(lock, most, [&] { return call.done; });
}

void Engine::give_up(Call& call) {
  call.abandoned = true;
  curl_multi_wakeup(multi_);
}

void Engine::run() {
  {
    const std::lock_guard lock(mutex_);
    if (const auto all = usage_file_.merge(budgets_.kept(now()), clock_.wall_us()); all) budgets_.restore(now(), *all);
  }
  std::int64_t saved = clock_.steady_us();
  while (!stop_) {
    std::int64_t next = kNever;
    {
      const std::lock_guard lock(mutex_);
      admit();
      if (cancelled()) cancel_waiting();
      next = send_all();
      if (usage_file_.exists() && clock_.steady_us() - saved > kSecond) saved = clock_.steady_us(), keep_usage();
    }
    perform();
    bool ended = false;
    {
      const std::lock_guard lock(mutex_);
      ended = collect();
      give_up_stuck();
    }
    // What waits for an answer to make room goes at once.
    if (!ended) curl_multi_poll(multi_, nullptr, 0, static_cast<int>(poll_time(next)), nullptr);
  }
  sign_out();
  const std::lock_guard lock(mutex_);
  keep_usage();
  for (auto& [transfer, flight] : flights_) curl_multi_remove_handle(multi_, transfer->handle());
  flights_.clear();
}

void Engine::perform() {
  int running = 0;
  curl_multi_perform(multi_, &running);
}

// Milliseconds. While anything waits for anything, cancelling is asked for twenty times a second.
std::int64_t Engine::poll_time(std::int64_t next) const {
  const std::lock_guard lock(mutex_);
  if (!incoming_.empty()) return 0;
  bool idle = flights_.empty() && later_.empty();
  for (const auto& [name, lane] : lanes_) idle = idle && lane.waiting.empty();
  const std::int64_t most = idle ? 1000 : 50, wait = next >= kNever ? most : (std::max<std::int64_t>(0, next - clock_.steady_us()) + 999) / 1000;
  return std::min(most, wait);
}

void Engine::keep_usage() {
  const auto ours = budgets_.kept(now());
  if (!usage_file_.exists() || !usage_file_.changed(ours)) return;
  const auto all = usage_file_.merge(ours, clock_.wall_us());
  if (all) budgets_.restore(now(), *all);
  else if (surroundings_.trouble) surroundings_.trouble(all.error());
}

// A session that counts against licences is given back. Whatever comes of it, five seconds are enough.
void Engine::sign_out() {
  std::optional<Outgoing> call;
  {
    const std::lock_guard lock(mutex_);
    call = session_.sign_out();
  }
  if (!call) return;
  Transfer transfer(rules_, share_);
  if (!transfer.prepare(std::move(*call))) return;
  curl_multi_add_handle(multi_, transfer.handle());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  int running = 1;
  while (running > 0 && std::chrono::steady_clock::now() < until) {
    curl_multi_perform(multi_, &running);
    for (int left = 0; const CURLMsg* message = curl_multi_info_read(multi_, &left);)
      if (message->easy_handle == transfer.handle()) running = 0;
    if (running > 0) curl_multi_poll(multi_, nullptr, 0, 100, nullptr);
  }
  curl_multi_remove_handle(multi_, transfer.handle());
}

Engine::Lane& Engine::lane(const std::string& endpoint) {
  return lanes_.try_emplace(endpoint, budgets_.most_at_once(endpoint, kMostAtOnce), budgets_.declares_rate(endpoint)).first->second;
}

std::optional<std::string> Engine::value(std::string_view name, std::string* known) {
  const std::lock_guard lock(mutex_);
  const Values& values = session_.values();
  if (const auto at = values.find(name); at != values.end()) return at->second;
  if (name == "base")
    if (auto base = base_of(rules_, values, clock_)) return std::move(*base);
  for (const auto& [key, value] : values) *known += (known->empty() ? "" : ", ") + key;
  return {};
}

std::string Engine::usage() {
  const std::lock_guard lock(mutex_);
  std::int64_t waiting = static_cast<std::int64_t>(incoming_.size() + later_.size()), under_way = 0;
  auto pace = nlohmann::json::array();
  for (const auto& [name, lane] : lanes_) {
    waiting += static_cast<std::int64_t>(lane.waiting.size()), under_way += lane.under_way;
    pace.push_back({{"endpoint", name}, {"at_once", lane.pace.at_once(clock_.steady_us())}, {"rate", lane.pace.rate(clock_.steady_us())}});
  }
  const nlohmann::json out{{"client", rules_.name}, {"calls", counts_.calls}, {"sent", counts_.sent}, {"refused", counts_.refused}, {"repeated", counts_.repeated},
                           {"sign_ins", counts_.sign_ins}, {"sent_bytes", counts_.sent_bytes}, {"received_bytes", counts_.received_bytes}, {"waiting", waiting},
                           {"under_way", under_way}, {"budgets", budgets_.usage(now())}, {"pace", pace}};
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace godwit::http
