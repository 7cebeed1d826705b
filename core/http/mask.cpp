#include "core/http/mask.hpp"

#include <re2/re2.h>

#include <nlohmann/json.hpp>

#include "core/http/judge.hpp"

namespace godwit::http {
namespace {

using Json = nlohmann::ordered_json;

void mask_at(Json& at, std::string_view pointer) {
  if (pointer.empty()) {
    if (!at.is_null()) at = "***";
    return;
  }
  pointer.remove_prefix(1);
  const std::size_t end = std::min(pointer.find('/'), pointer.size());
  const std::string step(pointer.substr(0, end));
  pointer.remove_prefix(end);
  if (step == "*" && at.is_structured()) {
    for (Json& each : at) mask_at(each, pointer);
  } else if (at.is_object()) {
    if (const auto found = at.find(step); found != at.end()) mask_at(*found, pointer);
  } else if (at.is_array() && !step.empty() && step.find_first_not_of("0123456789") == std::string::npos && step.size() < 10) {
    if (const std::size_t index = std::stoul(step); index < at.size()) mask_at(at[index], pointer);
  }
}

// Not in the midst of a character.
std::string beginning(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most) + "...";
}

}  // namespace

std::string without_secrets(std::string_view text, const Values& session) {
  std::string out(text);
  for (const auto& [name, value] : session) {
    if (name == "base" || value.size() < 6) continue;
    for (std::size_t at = 0; (at = out.find(value, at)) != std::string::npos; at += 3) out.replace(at, value.size(), "***");
  }
  static const RE2 kNamed("(?i)((?:token|secret|password|passwd|pwd|api_?key|sign(?:ature)?|assertion|authorization|session_?id|access_?key)\"?\\s*[=:]\\s*\"?)[^&\\s\",}]+");
  RE2::GlobalReplace(&out, kNamed, "\\1***");
  return out;
}

std::string told_answer(const Rules& rules, const Received& answer, const Values& session) {
  std::string text = answer.body.substr(0, 1 << 20);
  if (!rules.mask.empty() && !too_deep(text))
    if (Json json = Json::parse(text, nullptr, false); !json.is_discarded()) {
      for (const std::string& place : rules.mask)
        if (place.starts_with('/')) mask_at(json, place);
      text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
  return beginning(without_secrets(text, session), 2000);
}

}  // namespace godwit::http
