#pragma once
// The texts and errors of the boundary, on the core's side.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/model/exchange.hpp"
#include "core/model/result.hpp"
#include "plugins/abi/godwit_abi.h"

namespace godwit::wire {

inline gw_str str(std::string_view s) { return gw_str{s.data(), s.size()}; }
inline std::string_view view(gw_str s) { return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size); }

// The text, copied; released.
std::string take(gw_text* text);

// An error as a plugin reported it. A number that no catalogue has, a kind that is none and arguments that are
// no texts are a plugin's mistakes: they become GW-3011 or are left out, and never harm.
Error error_of(int number, int kind, const nlohmann::json& arguments, std::string_view call);
Error take_error(std::int32_t code, gw_error* error, std::string_view call);
// A failure of the host itself, told to a plugin: fills `error` and answers the code.
std::int32_t give_error(const Error& failure, gw_error* error);
// Arguments of a row's error (gw_unreadable, gw_refusal).
Error row_error(int number, std::string_view arguments_json, std::string_view call);

// Calls a function of a table, with an error struct at its end, and takes the error.
template <typename Function, typename... Arguments>
Result<> call(std::string_view name, Function function, Arguments... arguments) {
  gw_error error{};
  error.struct_size = sizeof error;
  const std::int32_t code = function(arguments..., &error);
  if (code == GW_OK) return {};
  return Failure(take_error(code, &error, name));
}

// Requests.
std::string to_json(const ReadRequest& request);
std::string to_json(const WriteRequest& request);
std::string to_json(const Work& work);

// Answers; GW-3012 for a text that is not what docs/boundary.md asks for.
Result<ConnectionFacts> parse_facts(std::string_view text);
Result<ObjectDescription> parse_description(std::string_view text);
Result<std::vector<std::string>> parse_splits(std::string_view text);
Result<std::vector<GroupValue>> parse_groups(std::string_view text);
Result<std::optional<Estimate>> parse_estimate(std::string_view text);

// Whether the array is a struct of `children` children whose pointers can be followed.
bool plausible(const ArrowArray& array, std::int64_t children);

}  // namespace godwit::wire
