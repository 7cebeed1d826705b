#pragma once
// One HTTP exchange as a sandbox's handlers see it: no socket, no Poco. Bodies are whole (a sandbox is a tool for tests; the
// largest body is --max-body, 256 MB unless told otherwise) and already unpacked when the client sent them gzipped.

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::sandbox {

// Keeps the order in which members were given, as the vendors' answers do.
using Json = nlohmann::ordered_json;

// Names of headers are compared without regard to case. A name may occur several times.
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string path;     // as sent, still percent-encoded, without the query
  std::string pattern;  // of the route that took it: "/things/{id}"; "" when there was none
  Pairs query;          // decoded
  Pairs headers;
  std::string body;
  std::map<std::string, std::string, std::less<>> params;  // decoded places of the pattern: {"id", "17"}
  std::string base_url;  // how the client reaches this sandbox: "http://127.0.0.1:8080"

  std::int64_t number = 0;         // of this call, from 1, since the program started
  std::int64_t now_ms = 0;         // the sandbox's clock at arrival, in ms since 1970, with any clock-skew fault
  std::int64_t visible_at_ms = 0;  // from when readers see what this call writes: now_ms, later under a `stale` fault
  bool locked = false;             // a `lock` fault: the vendor answers that records are held by somebody else
  bool token_expired = false;      // an `expire-token` fault: the vendor ends the token and refuses it

  // "" when there is none.
  std::string_view header(std::string_view name) const;
  std::optional<std::string> query_value(std::string_view name) const;
  // The place of that name in the pattern; "" when the pattern has none.
  const std::string& param(std::string_view name) const;
  // nullopt: the body is no JSON text, or is nested more than 200 deep. Numbers beyond 64 bits come as double.
  std::optional<Json> json() const;
  // The body as application/x-www-form-urlencoded.
  Pairs form() const;
};

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json;charset=UTF-8";  // "": no such header
  Pairs headers;
  bool rollback = false;  // what the handler wrote is taken back, although it answered
};

// Thrown by a handler that gives up: its transaction is rolled back and `answer` is sent.
struct Refused {
  Answer answer;
};

Answer json_answer(int status, const Json& body);
Answer empty_answer(int status);

// "%E4%BD%A0+b" -> "你 b" (plus: as in queries and forms), "你+b" otherwise. What is no escape stays as it is.
std::string percent_decode(std::string_view text, bool plus_is_space);
Pairs parse_query(std::string_view text);
// nullptr when there is none.
const std::string* find_pair(const Pairs& pairs, std::string_view name, bool ignore_case = false);
bool same_word(std::string_view a, std::string_view b);  // ASCII letters without regard to case

}  // namespace godwit::sandbox
