#include "connectors/zoho/sandbox/errors.hpp"

#include <nlohmann/json.hpp>

namespace godwit::sandbox::zoho {

Json error_item(const Problem& problem) {
  return {{"code", problem.code}, {"details", problem.details.is_null() ? Json::object() : problem.details}, {"message", problem.message}, {"status", "error"}};
}

Json error_item(const std::vector<Problem>& problems) {
  if (problems.size() == 1) return error_item(problems.front());
  Json all = Json::array();
  for (const Problem& problem : problems) all.push_back(error_item(problem));
  return error_item(Problem{"MULTIPLE_OR_MULTI_ERRORS", "Multiple errors in the request", {{"errors", std::move(all)}}});
}

Answer error_answer(int status, const Problem& problem) {
  Answer answer = json_answer(status, error_item(problem));
  answer.rollback = true;
  return answer;
}

void refuse_call(int status, std::string code, std::string message, Json details) {
  throw Refused{error_answer(status, {std::move(code), std::move(message), std::move(details)})};
}

Problem invalid_data(Json details) { return {"INVALID_DATA", "invalid data", std::move(details)}; }

Problem invalid_type(const std::string& field, const std::string& path, const char* expected) {
  return invalid_data({{"expected_data_type", expected}, {"api_name", field}, {"json_path", path}});
}

std::function<Answer(Request&)> guarded(std::function<Answer(const Request&)> serve) {
  return [serve = std::move(serve)](Request& request) {
    try {
      return serve(request);
    } catch (const Json::exception&) {
      return error_answer(400, invalid_data({{"expected_data_type", "jsonobject"}}));
    }
  };
}

}  // namespace godwit::sandbox::zoho
