#pragma once
// The shapes in which this vendor says that something is wrong.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plugins/kits/sandbox/exchange.hpp"

namespace godwit::sandbox::zoho {

// What is wrong with one record. "details" names the field by api_name and json_path.
struct Problem {
  std::string code, message;
  Json details;
};

// {"code", "details", "message", "status": "error"}
Json error_item(const Problem& problem);
// One problem as it is, several under MULTIPLE_OR_MULTI_ERRORS.
Json error_item(const std::vector<Problem>& problems);
// The whole call is wrong: such an item and nothing around it.
Answer error_answer(int status, const Problem& problem);

// Thrown when the whole call is wrong.
[[noreturn]] void refuse_call(int status, std::string code, std::string message, Json details = Json::object());

Problem invalid_data(Json details);
Problem invalid_type(const std::string& field, const std::string& path, const char* expected);

// `serve`, with INVALID_DATA for a body whose members have other types than the contract's.
std::function<Answer(Request&)> guarded(std::function<Answer(const Request&)> serve);

}  // namespace godwit::sandbox::zoho
