#include "core/http/judge.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/http/clock.hpp"

namespace godwit::http {
namespace {

using Document = nlohmann::json;

// Members of a pointer, unescaped.
std::vector<std::string> steps_of(std::string_view pointer) {
  std::vector<std::string> out;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    std::string step(pointer.substr(0, end));
    for (std::size_t at = 0; (at = step.find('~', at)) != std::string::npos; ++at) step.replace(at, 2, step.compare(at, 2, "~1") == 0 ? "/" : "~");
    out.push_back(std::move(step));
    pointer.remove_prefix(end);
  }
  return out;
}

const Document* find(const Document& from, const std::vector<std::string>& steps, std::size_t step) {
  if (step == steps.size()) return from.is_null() ? nullptr : &from;
  const std::string& name = steps[step];
  if (name == "*" && from.is_structured()) {
    for (const Document& each : from)
      if (const Document* found = find(each, steps, step + 1); found != nullptr) return found;
    return nullptr;
  }
  if (from.is_object()) {
    const auto at = from.find(name);
    return at == from.end() ? nullptr : find(*at, steps, step + 1);
  }
  std::size_t index = 0;
  if (!from.is_array() || std::from_chars(name.data(), name.data() + name.size(), index).ptr != name.data() + name.size() || index >= from.size()) return nullptr;
  return find(from[index], steps, step + 1);
}

bool matches(const std::vector<int>& wanted, int status) {
  return std::any_of(wanted.begin(), wanted.end(), [&](int w) { return w == status || w == -(status / 100); });
}
bool contains(const std::vector<std::string>& all, std::string_view one) { return std::find(all.begin(), all.end(), one) != all.end(); }

bool holds(const VerdictRule& rule, Reading& reading, std::string_view endpoint) {
  const Received& answer = reading.answer();
  if (!rule.status.empty() && !matches(rule.status, answer.status)) return false;
  if (!rule.endpoints.empty() && !contains(rule.endpoints, endpoint)) return false;
  if (!rule.header.empty()) {
    const auto at = std::find_if(answer.headers.begin(), answer.headers.end(), [&](const auto& h) { return h.first == rule.header; });
    if (at == answer.headers.end() || (!rule.header_in.empty() && !contains(rule.header_in, at->second))) return false;
  }
  if (!rule.text.empty() && answer.body.find(rule.text) == std::string::npos) return false;
  if (rule.html && !reading.is_html()) return false;
  if (rule.json) {
    const auto seen = reading.at(*rule.json);
    if (!seen || !contains(rule.in, *seen)) return false;
  }
  if (rule.present && !reading.at(*rule.present)) return false;
  return !rule.absent || (reading.is_json() && !reading.at(*rule.absent));
}

// What HTTP itself says, where no rule spoke.
Meaning by_status(int status, bool signs_in) {
  switch (status) {
    case 401: return signs_in ? Meaning::expired : Meaning::denied;
    case 407: return Meaning::denied;
    case 429: return Meaning::rate;
    case 408: case 500: case 502: case 503: case 504: case 520: case 521: case 522: case 523: case 524: return Meaning::busy;
    default: return Meaning::refused;
  }
}

}  // namespace

struct Reading::Document {
  nlohmann::json json;
};

bool too_deep(std::string_view json) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > 500) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

Reading::Reading(const Received& answer) : answer_(answer) {}
Reading::~Reading() = default;

Reading::Document& Reading::document() {
  // Large numbers keep their digits only as far as a double goes; what is asked for here are codes and texts.
  if (!document_) document_ = std::make_unique<Document>(Document{too_deep(answer_.body) ? nlohmann::json(nlohmann::json::value_t::discarded) : nlohmann::json::parse(answer_.body, nullptr, false)});
  return *document_;
}

std::optional<std::string> Reading::at(const Place& place) {
  if (place.in == Place::In::header || place.in == Place::In::cookie) {
    for (const auto& [name, value] : answer_.headers) {
      if (place.in == Place::In::header && name == place.at) return value;
      if (place.in == Place::In::cookie && name == "set-cookie" && value.starts_with(place.at + "=")) return value.substr(place.at.size() + 1, value.find(';') - place.at.size() - 1);
    }
    return {};
  }
  if (document().json.is_discarded()) return {};
  const nlohmann::json* found = find(document().json, steps_of(place.at), 0);
  if (found == nullptr) return {};
  return found->is_string() ? found->get<std::string>() : found->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool Reading::is_json() { return !document().json.is_discarded(); }

bool Reading::is_html() {
  const std::string_view type = answer_.header("content-type");
  if (type.starts_with("text/html") || type.starts_with("application/xhtml")) return true;
  const std::size_t first = answer_.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first == std::string::npos || answer_.body[first] != '<' || type.find("json") == std::string_view::npos) return false;
  return true;
}

bool Reading::broken_json() {
  return answer_.header("content-type").find("json") != std::string_view::npos && !answer_.body.empty() && !is_html() && !is_json();
}

bool holds(const SuccessTest& test, Reading& reading) {
  const int status = reading.answer().status;
  if (test.status.empty() ? !((status >= 200 && status <= 299) || status == 304) : !matches(test.status, status)) return false;
  if (test.json) {
    const auto seen = reading.at(*test.json);
    if (!seen || !contains(test.in, *seen)) return false;
  }
  if (test.present && !reading.at(*test.present)) return false;
  return !test.absent || !reading.at(*test.absent);
}

std::string first_of(const std::vector<Place>& places, Reading& reading) {
  for (const Place& place : places)
    if (auto found = reading.at(place); found && !found->empty()) return std::move(*found);
  return {};
}

double wait_of(std::string_view text, std::int64_t wall_us) {
  constexpr double kYear = 366 * 86400.0;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (value > 1e12) value /= 1000;  // milliseconds since 1970
    if (value > 1e9) value -= static_cast<double>(wall_us) / 1e6;
    return std::clamp(value, 0.0, kYear);
  }
  const time_t date = curl_getdate(std::string(text).c_str(), nullptr);
  return date < 0 ? -1 : std::clamp(static_cast<double>(date) - static_cast<double>(wall_us) / 1e6, 0.0, kYear);
}

Judgement judge(const Rules& rules, const Received& answer, std::string_view endpoint, bool wants_json, std::int64_t wall_us) {
  Reading reading(answer);
  Judgement out;
  out.html = wants_json && reading.is_html();
  const auto rule = std::find_if(rules.verdicts.begin(), rules.verdicts.end(), [&](const VerdictRule& r) { return holds(r, reading, endpoint); });
  const bool by_rule = rule != rules.verdicts.end();
  if (by_rule) out.is = rule->is;
  else if (!out.html && holds(rules.success, reading)) out.is = Meaning::ok;
  else out.is = by_status(answer.status, rules.sign_in.has_value());
  // A success whose text is damaged tells that something was done, and not what.
  out.cut = (out.is == Meaning::ok || (!by_rule && answer.status < 300)) && !answer.saved && reading.broken_json();
  if (out.is == Meaning::ok && !out.cut) return out;
  if (by_rule && !rule->wait_header.empty()) out.wait_s = wait_of(answer.header(rule->wait_header), wall_us);
  if (by_rule && out.wait_s < 0 && rule->wait_json) out.wait_s = wait_of(reading.at(*rule->wait_json).value_or(""), wall_us);
  if (out.wait_s < 0) out.wait_s = wait_of(answer.header("retry-after"), wall_us);
  if (by_rule && out.wait_s < 0) out.wait_s = rule->wait_s;
  out.code = first_of(rules.code, reading), out.message = first_of(rules.message, reading);
  return out;
}

}  // namespace godwit::http
