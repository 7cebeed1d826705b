#pragma once
// The rules of a client as values: docs/boundary.md, HTTP, says what each means. A connector writes them, so every mistake in them is named by its place.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/http/call.hpp"
#include "core/model/result.hpp"

namespace godwit::http {

// Where a value stands in an answer: "/a/0/b" in its JSON ("*" is the first element that has the rest), "header:name", "cookie:name".
struct Place {
  enum class In { json, header, cookie } in = In::json;
  std::string at;
};
using NamedPlaces = std::vector<std::pair<std::string, Place>>;

// A value that is worked out anew for every call, in the order of the rules: timestamps, nonces, signatures.
struct Computed {
  enum class Is { text, time, random, sorted, digest, hmac, signature, base64, hex, url, upper, lower } is = Is::text;
  std::string name;
  std::string of;             // what it is worked out from; holds {{name}}
  std::string key;            // hmac, signature; holds {{name}}
  std::string algorithm;      // md5, sha1, sha256, sha512; RS256 ... for signatures
  std::string as = "hex";     // hex, HEX, base64, base64url
  std::string format = "s";   // time: s, ms, or a pattern of strftime (UTC, with `offset_s`)
  int offset_s = 0;
  int length = 32;            // random
  std::vector<std::string> parts;  // sorted: texts, "@query" and "@form" for the call's own parameters
  std::string pair = "=", between = "&";
  std::vector<std::string> without;  // sorted: names left out
  bool names = true;          // sorted: false: the values alone
};

struct Jwt {
  std::string algorithm, key, key_id, claims;  // claims: JSON text, holds {{name}}
  std::string as = "assertion";
  double valid_s = 180;
};

struct SuccessTest {
  std::vector<int> status;  // empty: 200-299 and 304
  std::optional<Place> json;
  std::vector<std::string> in;
  std::optional<Place> present, absent;
};

// One call of a sign-in.
struct Step {
  std::string method = "POST", url;
  Headers headers, form;
  std::string json;  // JSON text, or ""
  std::string body;  // text as it stands, or ""
  std::optional<Jwt> jwt;
  std::vector<Computed> values;
  NamedPlaces take;
  SuccessTest success;
};

struct SignIn {
  std::vector<Step> steps;
  std::vector<Place> code, message;
  bool cookies = false;
  double lifetime_s = 0, early_s = -1;  // 0: until it is refused; -1: a tenth of the lifetime, 300 s at most
  int calls = 0;                        // sign-ins allowed in per_s seconds; 0: any number
  double per_s = 60;
  std::optional<Step> sign_out;
};

enum class Meaning { ok, rate, busy, not_done, expired, quota, denied, refused };
std::string_view name_of(Meaning meaning);

struct VerdictRule {
  std::vector<int> status;  // 4xx and 5xx stand as -4 and -5
  std::optional<Place> json, present, absent;
  std::vector<std::string> in;
  std::string header;
  std::vector<std::string> header_in;
  std::string text;  // stands in the body
  bool html = false;
  std::vector<std::string> endpoints;
  Meaning is = Meaning::refused;
  std::string wait_header;
  std::optional<Place> wait_json;
  double wait_s = -1;
};

// A figure that the system tells about a budget: a place, and where that holds more than the number, a pattern with one or two groups.
struct Told {
  std::optional<Place> place;
  std::string pattern;
};

struct BudgetRule {
  enum class Kind { bucket, window, day, concurrent } kind = Kind::window;
  std::string name;
  std::vector<std::string> endpoints;  // empty: every call
  bool each_endpoint = false;          // one such budget per endpoint
  bool credits = false;                // counted by the calls' cost
  double amount = 0, per_s = 1, burst = 0;
  double reserve = 0;                  // kept for others: an amount
  double reserve_share = 0;            //   or a share of the whole
  double packs = 1;
  int reset_s = 0, offset_s = 0;       // day: time of day of the reset, and its zone
  Told used, left;
  // Whether a call is answered `exhausted` rather than kept waiting.
  bool long_lived() const { return kind == Kind::day || per_s >= 3600; }
};

struct Tls {
  std::string ca, certificate, key, password;
  bool verify = true;
};

struct Rules {
  std::string text;  // as they came: two clients with the same text are the same account
  std::string base, name = "http";
  Headers headers;
  std::vector<std::string> hosts;  // other hosts than that of `base` to which headers with {{name}} are sent; "*.acme.example"
  std::vector<std::pair<std::string, std::string>> query;  // added to the query of every call
  std::vector<std::pair<std::string, std::string>> body;  // members put in front of every JSON object that is sent; texts hold {{name}}
  Tls tls;
  std::string proxy;  // "": the environment's; "none"
  bool http2 = true, compress = true;
  std::size_t compress_from = 0;  // bodies of so many bytes and more go gzipped; 0: none
  double timeout_s = 120, connect_timeout_s = 15, patience_s = 300;
  std::int64_t longest_answer = 256 << 20;
  std::vector<std::pair<std::string, std::string>> session;
  std::vector<Computed> values;
  std::optional<SignIn> sign_in;
  SuccessTest success;
  std::vector<Place> code, message;
  std::vector<VerdictRule> verdicts;
  std::vector<BudgetRule> budgets;
  int retry_times = 8;
  double retry_first_s = 1, retry_longest_s = 60;
  std::vector<std::string> mask;
  std::optional<std::string> state;
};

// GW-3041 with the place of the first mistake ("/budgets/0/calls"), and of every other one in `more`.
Result<Rules> parse_rules(std::string_view text);

}  // namespace godwit::http
