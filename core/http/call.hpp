#pragma once
// What goes into the HTTP engine and what comes out of it. No vendor, no connector, no libcurl.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// One call. {{name}} in url, header values and, with fill_body, in the body is a value of the session (docs/boundary.md, HTTP).
struct Request {
  std::string method = "GET";
  std::string url;        // absolute, or a path on the client's base; already percent-encoded
  Headers headers;        // added to the client's own; a name of those replaces them
  std::string body;
  std::string body_file;  // path: streamed as the body instead
  std::string save_to;    // path: the body of a successful answer is streamed there
  std::string endpoint;   // class of call, as budgets and the request log name it
  double cost = 1;        // credits, above 0
  bool repeatable = false;
  bool fill_body = false;
};

// How a call ended. The numbers are those of gw_http_verdict.
enum class Verdict { ok = 0, refused = 1, lost = 2, unreached = 3, denied = 4, exhausted = 5, cancelled = 6 };
std::string_view name_of(Verdict verdict);

struct Answer {
  Verdict verdict = Verdict::ok;
  int status = 0;           // of the last answer; 0: none came
  Headers headers;          // names in lower case
  std::string body;         // decompressed; empty where it was saved to a file
  std::string code;         // the vendor's error code
  std::string message;      // what went wrong, for people, without secrets
  int attempts = 0;         // times it was sent
  bool maybe_done = false;  // an earlier attempt may have been carried out already
  double wait_s = 0;        // exhausted: until the budget is there again; 0: nobody knows
};

// What the system answered, as it came.
struct Received {
  int status = 0;
  Headers headers;   // names in lower case, of the last answer of the exchange
  std::string body;  // decompressed
  bool saved = false;  // the body went to the file, which is whole
  // The value of the header of this lower-case name, or "".
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

// A call as the request log tells it: nothing in it is secret or personal.
struct LogEntry {
  std::string client, method, url, endpoint;
  int attempt = 0;      // from 1
  int status = 0;       // 0: no answer
  std::string outcome;  // ok, refused, rate, busy, not_done, expired, quota, denied, lost, unreached, sign_in
  std::string code;     // the vendor's error code
  std::string answer;   // of an answer that was not ok: its beginning, masked
  std::int64_t sent_bytes = 0, received_bytes = 0;
  std::int64_t us = 0;  // from sending to the answer's end
};

}  // namespace godwit::http
