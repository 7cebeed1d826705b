// Several calls in one.

#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/calls.hpp"

namespace godwit::sandbox::zoho {
namespace {

std::string text_member(const Json& part, const char* name) {
  const auto found = part.find(name);
  return found != part.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A part as a request of its own, with the token of the whole.
Request request_of(const Request& whole, const Json& part) {
  Request out = whole;
  out.method = text_member(part, "method"), out.params.clear(), out.query.clear(), out.body.clear(), out.headers.clear();
  const std::string uri = text_member(part, "uri");
  out.path = uri.substr(0, uri.find('?'));
  if (uri.find('?') != std::string::npos) out.query = parse_query(std::string_view(uri).substr(uri.find('?') + 1));
  const Json params = part.value("params", Json::object()), headers = part.value("headers", Json::object());
  for (const auto& [name, value] : params.items()) out.query.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  for (const auto& [name, value] : headers.items())
    if (!same_word(name, "authorization")) out.headers.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  out.headers.emplace_back("authorization", std::string(whole.header("authorization")));
  if (const auto body = part.find("body"); body != part.end() && !body->is_null()) out.body = body->dump();
  return out;
}

}  // namespace

Answer run_composite(Service& service, const Request& request) {
  const Json body = json_body(request);
  const auto parts = body.find("__composite_requests");
  if (parts == body.end() || !parts->is_array() || parts->empty())
    return error_answer(400, {"MANDATORY_NOT_FOUND", "required field not found", {{"api_name", "__composite_requests"}, {"json_path", "$.__composite_requests"}}});
  const auto most = static_cast<std::size_t>(std::stoi(service.world.setting("most_parts")));
  if (parts->size() > most) return error_answer(400, {"LIMIT_EXCEEDED", "there are more sub requests than allowed", {{"limit", most}}});
  const bool all_or_nothing = body.contains("rollback_on_fail") && body["rollback_on_fail"] == true;
  Json answers = Json::array();
  bool failed = false;
  for (const Json& part : *parts) {
    Answer answer = error_answer(400, invalid_data({{"api_name", "uri"}}));
    if (part.is_object()) {
      Request inner = request_of(request, part);
      const Router::Match match = service.world.router.match(inner);
      // A composite within a composite, and calls that carry no JSON, are not taken.
      const bool usable = match.route != nullptr && inner.path.starts_with("/crm/v8/") && inner.pattern != request.pattern;
      if (usable) {
        Savepoint own(service.org.database());
        try {
          answer = match.route->handler(inner);
        } catch (const Refused& refused) {
          answer = refused.answer;
        }
        if (!answer.rollback) own.keep();
      } else {
        answer = error_answer(404, {"INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one", Json::object()});
      }
    }
    failed = failed || answer.status >= 400;
    Json document = Json::parse(answer.body, nullptr, false);
    answers.push_back({{"code", "SUCCESS"}, {"status", "success"}, {"message", "sub request executed"},
                       {"sub_request_id", part.is_object() ? text_member(part, "sub_request_id") : std::string()},
                       {"details", {{"response", {{"status_code", answer.status}, {"headers", Json::object()}, {"body", document.is_discarded() ? Json() : document}}}}}});
  }
  Answer out = json_answer(200, {{"__composite_requests", std::move(answers)}});
  out.rollback = failed && all_or_nothing;
  return out;
}

}  // namespace godwit::sandbox::zoho
