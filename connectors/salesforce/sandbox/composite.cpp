// Several calls in one (contract, section 9). Each part is answered by the same handlers as a call of its own.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/org.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::size_t kMostParts = 25;

bool good_reference(const std::string& id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// What "@{refA.id}" stands for; nullopt: the part has no such answer.
std::optional<std::string> referred(const Json& answers, const std::string& path) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  const auto answer = answers.find(path.substr(0, dot));
  if (answer == answers.end()) return std::nullopt;
  const Json* at = &*answer;
  std::string rest = path.substr(std::min(dot + 1, path.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
    const std::string member = rest.substr(0, end);
    if (!member.empty()) {
      const auto found = at->is_object() ? at->find(member) : at->end();
      if (!at->is_object() || found == at->end()) return std::nullopt;
      at = &*found;
    }
    rest = rest.substr(end);
    if (rest.starts_with('[')) {
      const std::size_t index = static_cast<std::size_t>(std::strtoul(rest.c_str() + 1, nullptr, 10));
      if (!at->is_array() || index >= at->size()) return std::nullopt;
      at = &(*at)[index];
      rest = rest.substr(std::min(rest.find(']') + 1, rest.size()));
    }
    if (rest.starts_with('.')) rest.erase(0, 1);
  }
  return at->is_string() ? at->get<std::string>() : at->dump();
}

// Replaces every "@{…}" of a text; false: one of them is not known.
bool fill(std::string& text, const Json& answers) {
  for (std::size_t at = 0; (at = text.find("@{", at)) != std::string::npos;) {
    const std::size_t end = text.find('}', at);
    if (end == std::string::npos) return true;
    const std::optional<std::string> value = referred(answers, text.substr(at + 2, end - at - 2));
    if (!value) return false;
    text.replace(at, end - at + 1, *value);
    at += value->size();
  }
  return true;
}

bool fill(Json& value, const Json& answers) {
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    if (!fill(text, answers)) return false;
    value = text;
    return true;
  }
  if (value.is_structured())
    for (auto& inner : value)
      if (!fill(inner, answers)) return false;
  return true;
}

class Composite {
 public:
  Composite(Org& org, Call& call) : org_(org), call_(call) {}

  Answer run() {
    const std::optional<Json> body = call_.request.json();
    if (!body || !body->is_object() || !body->contains("compositeRequest") || !(*body)["compositeRequest"].is_array())
      return problem_answer(400, "JSON_PARSER_ERROR", "compositeRequest is missing");
    const Json& parts = (*body)["compositeRequest"];
    if (parts.empty() || parts.size() > kMostParts) return problem_answer(400, "LIMIT_EXCEEDED", "The request can't contain more than 25 subrequests");
    if (std::optional<Answer> wrong = check(parts)) return std::move(*wrong);
    const bool all_or_none = flag(*body, "allOrNone");
    const auto lock = org_.database().lock();
    Savepoint unit(org_.database());
    Json responses = Json::array();
    bool failed = false;
    for (const Json& part : parts) {
      Answer answer = one(part);
      failed = failed || answer.status >= 400;
      responses.push_back(response(part, answer));
    }
    if (!failed || !all_or_none) unit.keep();
    else halt(responses);
    return json_answer(200, {{"compositeResponse", responses}});
  }

 private:
  std::optional<Answer> check(const Json& parts) const {
    std::vector<std::string> seen;
    std::int64_t queries = 0;
    for (const Json& part : parts) {
      if (!part.is_object() || word(part, "method").empty() || word(part, "url").empty()) return problem_answer(400, "JSON_PARSER_ERROR", "method, url and referenceId are required");
      const std::string id = word(part, "referenceId");
      if (!good_reference(id)) return problem_answer(400, "INVALID_INPUT", "Provided referenceId ('" + id + "') must start with a letter or a number and can contain only letters, numbers and underscores");
      if (std::find(seen.begin(), seen.end(), id) != seen.end()) return problem_answer(400, "INVALID_INPUT", "Duplicate referenceId: " + id);
      seen.push_back(id);
      const std::string url = word(part, "url");
      queries += url.find("/query") != std::string::npos || url.find("/composite/sobjects") != std::string::npos;
    }
    if (queries > org_.number("composite_queries")) return problem_answer(400, "LIMIT_EXCEEDED", "The request can't contain more than " + org_.setting("composite_queries") + " query and sObject collection subrequests");
    return std::nullopt;
  }

  Answer one(const Json& part) {
    std::string url = word(part, "url");
    Json body = part.value("body", Json(nullptr));
    if (!fill(url, answers_) || !fill(body, answers_)) return problem_answer(400, "PROCESSING_HALTED", "Invalid reference specified. No value for a reference found in " + word(part, "referenceId"));
    if (!url.starts_with("/services/data/")) return problem_answer(400, "INVALID_INPUT", "The url of a subrequest has to start with /services/data/");
    Request request = call_.request;
    const std::size_t mark = std::min(url.find('?'), url.size());
    request.method = word(part, "method");
    request.path = url.substr(0, mark);
    request.query = parse_query(std::string_view(url).substr(std::min(mark + 1, url.size())));
    request.body = body.is_null() ? "" : body.dump();
    request.params.clear();
    if (const auto headers = part.find("httpHeaders"); headers != part.end() && headers->is_object())
      for (const auto& [name, value] : headers->items())
        if (value.is_string()) request.headers.insert(request.headers.begin(), {name, value.get<std::string>()});
    // The content type of the whole is not that of the part.
    request.headers.insert(request.headers.begin(), {"Content-Type", "application/json"});
    const Router::Match match = org_.world().router.match(request);
    if (match.route == nullptr) return org_.refuse(match.path_known ? Refusal::wrong_method : Refusal::unknown_path, request, 0);
    if (request.pattern.ends_with("/composite") || request.pattern.find("/jobs/") != std::string::npos) return problem_answer(400, "INVALID_INPUT", "This resource is not allowed in a composite request");
    try {
      Savepoint own(org_.database());
      Answer answer = match.route->handler(request);
      if (answer.status < 400) own.keep();
      return answer;
    } catch (const Refused& refused) {
      return refused.answer;
    }
  }

  Json response(const Json& part, const Answer& answer) {
    Json body = answer.body.empty() ? Json(nullptr) : Json::parse(answer.body, nullptr, false);
    if (body.is_discarded()) body = answer.body;
    Json headers = Json::object();
    for (const auto& [name, value] : answer.headers)
      if (name == "Location") headers[name] = value;
    if (answer.status < 400) answers_[word(part, "referenceId")] = body;
    return {{"body", body}, {"httpHeaders", headers}, {"httpStatusCode", answer.status}, {"referenceId", word(part, "referenceId")}};
  }

  static void halt(Json& responses) {
    for (Json& one : responses) {
      if (one["httpStatusCode"].get<int>() >= 400) continue;
      one["body"] = Json::array({{{"errorCode", "PROCESSING_HALTED"}, {"message", "The transaction was rolled back since another operation in the same transaction failed."}}});
      one["httpHeaders"] = Json::object();
      one["httpStatusCode"] = 400;
    }
  }

  Org& org_;
  Call& call_;
  Json answers_ = Json::object();
};

}  // namespace

void add_composite(Org& org) {
  org.route("POST", "/composite", [&org](Call& call) { return Composite(org, call).run(); }, Run::free);
}

}  // namespace godwit::sandbox::salesforce
