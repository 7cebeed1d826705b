#include "core/host/http_service.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "core/host/wire.hpp"
#include "core/http/client.hpp"

// What a plugin holds: its own calls on a client that others may share.
struct gw_http_client {
  std::shared_ptr<godwit::http::Client> client;
  std::mutex mutex;
  std::set<std::int64_t> tickets;  // not answered yet
};

namespace godwit {
namespace {

// An answer as C sees it, and what its pointers point to.
struct Held {
  http::Answer answer;
  std::vector<gw_http_header> headers;
};

std::string text(gw_str s) { return std::string(wire::view(s)); }

// `at` is within what the plugin's struct, which may be older than this program, has.
template <typename Struct, typename Member>
bool has(const Struct& s, const Member& member) {
  return reinterpret_cast<const char*>(&member) + sizeof member <= reinterpret_cast<const char*>(&s) + s.struct_size;
}

http::Request request_of(const gw_http_request& in) {
  http::Request out;
  out.method = text(in.method), out.url = text(in.url), out.body = text(in.body);
  for (std::size_t i = 0; i < in.header_count; ++i) out.headers.emplace_back(text(in.headers[i].name), text(in.headers[i].value));
  if (has(in, in.body_file)) out.body_file = text(in.body_file);
  if (has(in, in.save_to)) out.save_to = text(in.save_to);
  if (has(in, in.endpoint)) out.endpoint = text(in.endpoint);
  if (has(in, in.cost)) out.cost = in.cost;
  if (has(in, in.repeatable)) out.repeatable = in.repeatable != 0;
  if (has(in, in.fill_body)) out.fill_body = in.fill_body != 0;
  return out;
}

void give_answer(std::int64_t ticket, http::Answer answer, gw_http_answer* out) {
  auto* held = new Held{std::move(answer), {}};
  const http::Answer& a = held->answer;
  for (const auto& [name, value] : a.headers) held->headers.push_back({wire::str(name), wire::str(value)});
  gw_http_answer full{};
  full.struct_size = out->struct_size;
  full.ticket = ticket, full.verdict = static_cast<std::int32_t>(a.verdict), full.status = a.status;
  full.headers = held->headers.data(), full.header_count = held->headers.size();
  full.body = wire::str(a.body), full.code = wire::str(a.code), full.message = wire::str(a.message);
  full.attempts = a.attempts, full.maybe_done = a.maybe_done ? 1 : 0, full.wait_s = a.wait_s;
  full.private_data = held;
  full.release = [](gw_http_answer* answer_out) {
    delete static_cast<Held*>(answer_out->private_data);
    answer_out->release = nullptr;
  };
  std::memcpy(out, &full, std::min(out->struct_size, sizeof full));
}

void give_text(std::string value, gw_text* out) {
  auto* held = new std::string(std::move(value));
  *out = {held->data(), held->size(), held, [](gw_text* t) {
            delete static_cast<std::string*>(t->private_data);
            t->release = nullptr;
          }};
}

// Nothing is thrown across the boundary: what the standard library throws here is a want of memory.
template <typename Work>
std::int32_t guarded(gw_error* error, Work&& work) {
  try {
    const Result<> done = work();
    return done ? GW_OK : wire::give_error(done.error(), error);
  } catch (const std::exception& e) {
    return wire::give_error(make_error(3061, {{"reason", e.what()}}), error);
  }
}

std::int32_t submit(gw_http_client* handle, const gw_http_request* request, std::int64_t* ticket, gw_error* error) {
  return guarded(error, [&]() -> Result<> {
    const std::lock_guard lock(handle->mutex);
    GW_ASSIGN(*ticket, handle->client->submit(request_of(*request)));
    handle->tickets.insert(*ticket);
    return {};
  });
}

std::int32_t complete(gw_http_client* handle, std::int64_t ticket, std::int64_t wait_us, gw_http_answer* out, gw_error* error) {
  return guarded(error, [&]() -> Result<> {
    // All of these members were there from the first version on.
    if (out->struct_size < offsetof(gw_http_answer, release) + sizeof(void*)) return fail(3055, {{"seen", "gw_http_answer"}, {"reason", "its struct_size is too small"}});
    out->ticket = 0;
    GW_ASSIGN(auto answer, handle->client->complete(ticket, std::chrono::microseconds(std::clamp<std::int64_t>(wait_us, 0, 3'600'000'000))));
    if (!answer) return {};
    {
      const std::lock_guard lock(handle->mutex);
      handle->tickets.erase(ticket);
    }
    give_answer(ticket, std::move(*answer), out);
    return {};
  });
}

std::int32_t session(gw_http_client* handle, gw_str name, gw_text* out, gw_error* error) {
  return guarded(error, [&]() -> Result<> {
    GW_ASSIGN(std::string value, handle->client->session(wire::view(name)));
    give_text(std::move(value), out);
    return {};
  });
}

std::int32_t usage(gw_http_client* handle, gw_text* out, gw_error* error) {
  return guarded(error, [&]() -> Result<> { return give_text(handle->client->usage(), out), Result<>(); });
}

void close_client(gw_http_client* handle) {
  for (const std::int64_t ticket : handle->tickets) handle->client->give_up(ticket);
  delete handle;
}

}  // namespace

struct HttpService::State {
  HttpServiceOptions options;
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<http::Client>, std::less<>> clients;  // by the text of their rules
};

HttpService::HttpService(HttpServiceOptions options) : state_(new State{std::move(options), {}, {}}) {}
HttpService::~HttpService() = default;

Result<gw_http_client*> HttpService::open(std::string_view rules) {
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->clients, [](const auto& entry) { return entry.second.expired(); });
  const auto at = state_->clients.find(rules);
  std::shared_ptr<http::Client> client = at == state_->clients.end() ? nullptr : at->second.lock();
  if (client == nullptr) {
    http::Surroundings surroundings;
    surroundings.cancelled = state_->options.cancelled, surroundings.log = state_->options.log, surroundings.trouble = state_->options.trouble;
    surroundings.state_folder = usage_folder();
    GW_ASSIGN(client, http::Client::open(rules, std::move(surroundings)));
    state_->clients[std::string(rules)] = client;
  }
  auto* handle = new gw_http_client;
  handle->client = std::move(client);
  return handle;
}

void set_http_members(gw_host& table) {
  table.http_submit = &submit, table.http_complete = &complete, table.http_session = &session, table.http_usage = &usage, table.http_close = &close_client;
}

std::string usage_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') return std::string(state) + "/godwit/usage";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') return std::string(home) + "/.local/state/godwit/usage";
  return {};
}

}  // namespace godwit
