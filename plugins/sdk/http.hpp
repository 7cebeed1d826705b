#pragma once
// HTTP through the host's one engine. A connector says what it wants to call and how answers are to be read; connections,
// sign-in, budgets, waiting, repeating and the request log are the host's. docs/boundary.md says what the rules hold.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/result.hpp"
#include "plugins/abi/godwit_abi.h"
#include "plugins/sdk/connector.hpp"
#include "plugins/sdk/host_call.hpp"

namespace godwit::sdk {

enum class Verdict {
  ok = GW_HTTP_OK,
  refused = GW_HTTP_REFUSED,
  lost = GW_HTTP_LOST,
  unreached = GW_HTTP_UNREACHED,
  denied = GW_HTTP_DENIED,
  exhausted = GW_HTTP_EXHAUSTED,
  cancelled = GW_HTTP_CANCELLED
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// One call. {{name}} in url, header values and, with fill_body, in the body is a value of the session.
struct HttpRequest {
  std::string method = "GET";
  std::string url;        // absolute, or a path on the client's base
  HttpHeaders headers;    // added to the client's own
  std::string body;
  std::string body_file;  // path: streamed as the body
  std::string save_to;    // path: a successful answer's body is streamed there
  std::string endpoint;   // class of call, as budgets and the request log name it
  double cost = 1;        // what it takes from budgets that count credits
  bool repeatable = false;  // may be sent again where nobody knows whether it was carried out
  bool fill_body = false;
};

struct HttpAnswer {
  Verdict verdict = Verdict::ok;
  int status = 0;          // of the last answer; 0: there was none
  HttpHeaders headers;     // names in lower case
  std::string body;        // decompressed; empty with save_to
  std::string code;        // the vendor's error code, where a rule names its place
  std::string message;     // what went wrong, for people
  int attempts = 0;        // times it was sent
  bool maybe_done = false; // an earlier attempt may have been carried out already
  double wait_s = 0;       // exhausted: until the budget is there again

  // The value of a header by its lower-case name, or "".
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

// One account at one system. Shared by the readers and writers of a connection, from any thread; outlives none of them.
class HttpClient {
 public:
  // `rules`: JSON text, docs/boundary.md. A host without HTTP: GW-3063. Wrong rules: GW-3041.
  static Result<std::shared_ptr<HttpClient>> open(const HostServices& services, std::string_view rules) {
    const gw_host* host = services.table();
    if (host == nullptr || host->struct_size < offsetof(gw_host, http_close) + sizeof(void*) || host->http_open == nullptr)
      return fail(3063, ErrorKind::broken);
    gw_http_client* handle = nullptr;
    GW_TRY(host_call(host->http_open, host->ctx, gw_str{rules.data(), rules.size()}, &handle));
    return std::shared_ptr<HttpClient>(new HttpClient(host, handle));
  }
  ~HttpClient() { host_->http_close(handle_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Queues the call; the ticket is for complete().
  Result<std::int64_t> submit(const HttpRequest& request) {
    std::vector<gw_http_header> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) headers.push_back({text(name), text(value)});
    gw_http_request out{};
    out.struct_size = sizeof out, out.method = text(request.method), out.url = text(request.url);
    out.headers = headers.data(), out.header_count = headers.size(), out.body = text(request.body), out.body_file = text(request.body_file);
    out.save_to = text(request.save_to), out.endpoint = text(request.endpoint), out.cost = request.cost;
    out.repeatable = request.repeatable, out.fill_body = request.fill_body;
    std::int64_t ticket = 0;
    GW_TRY(host_call(host_->http_submit, handle_, static_cast<const gw_http_request*>(&out), &ticket));
    return ticket;
  }
  // Waits at most so long; false: not answered yet. A ticket is waited for by one thread, and spent by the answer.
  Result<bool> complete(std::int64_t ticket, HttpAnswer& answer, std::chrono::microseconds wait) {
    gw_http_answer in{};
    in.struct_size = sizeof in;
    GW_TRY(host_call(host_->http_complete, handle_, ticket, static_cast<std::int64_t>(wait.count()), &in));
    if (in.ticket == 0) return false;
    answer = HttpAnswer{};
    answer.verdict = static_cast<Verdict>(in.verdict), answer.status = in.status, answer.body = copy(in.body);
    answer.code = copy(in.code), answer.message = copy(in.message), answer.attempts = in.attempts;
    answer.maybe_done = in.maybe_done != 0, answer.wait_s = in.wait_s;
    for (std::size_t i = 0; i < in.header_count; ++i) answer.headers.emplace_back(copy(in.headers[i].name), copy(in.headers[i].value));
    if (in.release != nullptr) in.release(&in);
    return true;
  }
  // Submits and waits for the end, whatever it is.
  Result<HttpAnswer> call(const HttpRequest& request) {
    GW_ASSIGN(const std::int64_t ticket, submit(request));
    HttpAnswer answer;
    for (;;) {
      GW_ASSIGN(const bool done, complete(ticket, answer, std::chrono::seconds(1)));
      if (done) return answer;
    }
  }
  // A value of the session, signing in first where that is needed.
  Result<std::string> session(std::string_view name) {
    gw_text out{};
    GW_TRY(host_call(host_->http_session, handle_, text(name), &out));
    return take(out);
  }
  // Calls made and budgets used, as JSON text.
  Result<std::string> usage() {
    gw_text out{};
    GW_TRY(host_call(host_->http_usage, handle_, &out));
    return take(out);
  }

 private:
  HttpClient(const gw_host* host, gw_http_client* handle) : host_(host), handle_(handle) {}
  static gw_str text(std::string_view s) { return {s.data(), s.size()}; }
  static std::string copy(gw_str s) { return s.size == 0 ? std::string() : std::string(s.data, s.size); }
  static std::string take(gw_text& t) {
    std::string out = t.size == 0 ? std::string() : std::string(t.data, t.size);
    if (t.release != nullptr) t.release(&t);
    return out;
  }

  const gw_host* host_;
  gw_http_client* handle_;
};

}  // namespace godwit::sdk
