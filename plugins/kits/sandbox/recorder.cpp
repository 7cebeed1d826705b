#include "plugins/kits/sandbox/recorder.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox {
namespace {

Json body_json(const std::string& body) {
  if (body.empty()) return nullptr;
  const char first = body[body.find_first_not_of(" \t\r\n") == std::string::npos ? 0 : body.find_first_not_of(" \t\r\n")];
  if (first == '{' || first == '[') {
    Json out = Json::parse(body, nullptr, false);
    if (!out.is_discarded()) return out;
  }
  // dump() throws for what is no UTF-8.
  try {
    Json text = body;
    return text.dump(), text;
  } catch (const Json::exception&) {
    return {{"base64", base64(body)}};
  }
}

Json object_of(const Pairs& pairs) {
  Json out = Json::object();
  for (const auto& [name, value] : pairs) out[name] = value;
  return out;
}

}  // namespace

Recorder::Recorder(const std::string& file) {
  if (file.empty()) return;
  out_.open(file, std::ios::app);
  if (!out_) throw std::runtime_error(file + ": cannot be written");
}

void Recorder::write(const Request& request, const Answer& answer, int status) {
  if (!out_.is_open()) return;
  const Json line{{"method", request.method}, {"path", percent_decode(request.path, false)}, {"query", object_of(request.query)}, {"headers", object_of(request.headers)},
                  {"body", body_json(request.body)}, {"status", status}, {"answer", body_json(answer.body)}};
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::lock_guard guard(mutex_);
  out_ << text << std::flush;
}

}  // namespace godwit::sandbox
