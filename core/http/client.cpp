#include "core/http/client.hpp"

#include <unordered_map>

#include "core/http/engine.hpp"
#include "core/http/outgoing.hpp"

namespace godwit::http {
namespace {

class EngineClient : public Client {
 public:
  EngineClient(Rules rules, Surroundings surroundings) : engine_(std::move(rules), std::move(surroundings)) {}
  bool good() const { return engine_.good(); }

  Result<std::int64_t> submit(Request request) override {
    GW_TRY(check_request(request));
    if (request.cost == 0) request.cost = 1;
    auto call = std::make_shared<Call>();
    call->request = std::move(request);
    return put(std::move(call));
  }

  Result<std::optional<Answer>> complete(std::int64_t ticket, std::chrono::microseconds wait) override {
    GW_ASSIGN(const CallPtr call, find(ticket));
    if (!engine_.wait(*call, wait)) return std::optional<Answer>();
    const std::lock_guard lock(mutex_);
    calls_.erase(ticket);
    return std::optional<Answer>(std::move(call->answer));
  }

  void give_up(std::int64_t ticket) override {
    const auto call = find(ticket);
    if (!call) return;
    engine_.give_up(**call);
    const std::lock_guard lock(mutex_);
    calls_.erase(ticket);
  }

  Result<std::string> session(std::string_view name) override {
    const auto call = std::make_shared<Call>();
    call->session_only = true;
    engine_.submit(call);
    while (!engine_.wait(*call, std::chrono::seconds(1))) continue;  // it ends when the host stops, at the latest
    if (call->error) return Failure(*call->error);
    std::string known;
    if (auto value = engine_.value(name, &known)) return std::move(*value);
    return fail(3062, {{"seen", std::string(name)}, {"known", known.empty() ? "-" : known}});
  }

  std::string usage() override { return engine_.usage(); }

 private:
  std::int64_t put(CallPtr call) {
    std::int64_t ticket = 0;
    {
      const std::lock_guard lock(mutex_);
      ticket = ++last_;
      calls_.emplace(ticket, call);
    }
    engine_.submit(std::move(call));
    return ticket;
  }
  Result<CallPtr> find(std::int64_t ticket) {
    const std::lock_guard lock(mutex_);
    const auto at = calls_.find(ticket);
    if (at == calls_.end()) return fail(3056, {{"seen", std::to_string(ticket)}});
    return at->second;
  }

  Engine engine_;
  std::mutex mutex_;
  std::unordered_map<std::int64_t, CallPtr> calls_;
  std::int64_t last_ = 0;
};

}  // namespace

Result<std::shared_ptr<Client>> Client::open(std::string_view text, Surroundings surroundings) {
  GW_ASSIGN(Rules rules, parse_rules(text));
  auto client = std::make_shared<EngineClient>(std::move(rules), std::move(surroundings));
  if (!client->good()) return fail(3061, {{"reason", "libcurl could not be set up"}});
  return std::shared_ptr<Client>(std::move(client));
}

}  // namespace godwit::http
