#pragma once
// {{name}} in the texts of rules and calls, and the values that are worked out anew for every call.

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/http/clock.hpp"
#include "core/http/rules.hpp"

namespace godwit::http {

using Values = std::map<std::string, std::string, std::less<>>;

// What a call is, for values that are worked out from it.
struct CallParts {
  std::string_view method, url, body;  // url: absolute
  bool form = false;                   // the body is form-encoded
};

// Where {{name}} is looked up: values of this call, then those of the session, then {{@uuid}}, {{@now_s}}, {{@now_ms}}, {{@method}}, {{@url}}, {{@host}},
// {{@path}}, {{@query}}, {{@body}}. A filter may follow: {{name|url}}, {{name|json}}, {{name|base64}}.
struct Names {
  const Values* session = nullptr;
  const Values* own = nullptr;
  const CallParts* call = nullptr;
  Clock* clock = nullptr;
};

// `text` with every {{name}} replaced. `json`: values are escaped to stand in a JSON text. `lenient`: a name that is not there stays as it is; else
// GW-3055 tells it.
Result<std::string> fill_names(std::string_view text, const Names& names, bool json = false, bool lenient = false);
// Works out the values in their order; each sees those before it.
Result<Values> compute(const std::vector<Computed>& rules, Names names);
// What a JSON text has to have between its quotes.
std::string json_escape(std::string_view text);

}  // namespace godwit::http
