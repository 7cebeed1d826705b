#pragma once
// What may be told of a call: neither secrets nor personal data.

#include <string>
#include <string_view>

#include "core/http/call.hpp"
#include "core/http/fill.hpp"
#include "core/http/rules.hpp"

namespace godwit::http {

// `text` without the values of the session and without what headers and addresses use to carry secrets (token=, password= ...).
std::string without_secrets(std::string_view text, const Values& session);
// The beginning of an answer: secrets as ***, and in JSON whatever stands at the rules' `mask` places. At most 2,000 bytes.
std::string told_answer(const Rules& rules, const Received& answer, const Values& session);

}  // namespace godwit::http
