#include "connectors/fxiaoke/sandbox/call.hpp"

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/rejected.hpp"

namespace godwit::sandbox::fxiaoke {

const Json& Call::data() const {
  const auto found = body.find("data");
  if (found == body.end() || !found->is_object()) throw Rejected{kParameterError, "参数错误: data 缺失"};
  return *found;
}

bool Call::flag(const char* name, bool otherwise) const {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return otherwise;
  if (!found->is_boolean()) throw Rejected{kParameterError, "参数错误: " + std::string(name) + " 应为布尔值"};
  return *found;
}

std::string required_text(const Json& in, const char* name) {
  const auto found = in.find(name);
  if (found == in.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
    throw Rejected{kParameterError, "参数错误: " + std::string(name) + " 缺失"};
  return *found;
}

std::vector<std::string> required_ids(const Json& in, const char* name) {
  const auto found = in.find(name);
  if (found == in.end() || !found->is_array() || found->empty()) throw Rejected{kParameterError, "参数错误: " + std::string(name) + " 缺失"};
  std::vector<std::string> out;
  for (const Json& id : *found) {
    if (!id.is_string()) throw Rejected{kParameterError, "参数错误: " + std::string(name) + " 的元素应为字符串"};
    out.push_back(id);
  }
  return out;
}

}  // namespace godwit::sandbox::fxiaoke
