#pragma once
// What settings.hpp declares.

#include <charconv>
#include <iterator>
#include <limits>

#include "core/model/nearest.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::sdk {

GODWIT_SDK_INLINE Result<Settings> Settings::parse(std::span<const Setting> described, const std::vector<std::pair<std::string, std::string>>& given,
                                                   std::filesystem::path folder) {
  Settings out;
  out.described_ = described, out.folder_ = std::move(folder), out.values_.resize(described.size());
  std::vector<Error> errors;
  for (const auto& [name, value] : given) {
    const std::size_t i = out.find(name);
    if (i == described.size()) {
      std::vector<std::string_view> names;
      for (const Setting& s : described) names.push_back(s.name);
      errors.push_back(error(3020, {{"seen", name}, {"nearest", std::string(nearest(name, names))}}));
    } else {
      out.values_[i] = value;
    }
  }
  for (std::size_t i = 0; i < described.size(); ++i) {
    const Setting& s = described[i];
    auto& value = out.values_[i];
    if (!value && !s.initial.empty()) value = s.initial;
    if (value) {
      out.check(s, *value, errors);
    } else if (!s.optional) {
      errors.push_back(error(3021, {{"setting", std::string(s.name)}, {"expected", std::string(s.help)}}));
    }
  }
  if (errors.empty()) return out;
  Error first = std::move(errors.front());
  first.more.assign(std::make_move_iterator(errors.begin() + 1), std::make_move_iterator(errors.end()));
  return Failure(std::move(first));
}

GODWIT_SDK_INLINE Error Settings::error(int number, std::vector<Argument> arguments) {
  return Error{number, ErrorKind::bad_config, std::move(arguments), {}};
}

GODWIT_SDK_INLINE void Settings::check(const Setting& s, const std::string& value, std::vector<Error>& errors) {
  const std::string seen = s.secret ? "***" : value, setting(s.name);
  if (s.kind == Kind::integer) {
    std::int64_t number = 0;
    const bool plus = value.size() > 1 && value[0] == '+' && value[1] != '-';
    const char *from = value.data() + (plus ? 1 : 0), *end = value.data() + value.size();
    const auto parsed = std::from_chars(from, end, number);
    if (parsed.ec == std::errc::result_out_of_range || (parsed.ec == std::errc() && parsed.ptr == end && (number < s.min || number > s.max)))
      errors.push_back(error(3023, {{"setting", setting}, {"seen", seen}, {"expected", range(s)}}));
    else if (parsed.ec != std::errc() || parsed.ptr != end)
      errors.push_back(error(3022, {{"setting", setting}, {"seen", seen}, {"expected", range(s)}}));
  } else if (s.kind == Kind::choice && !is_choice(s.choices, value)) {
    std::string expected(s.choices);
    for (std::size_t at = 0; (at = expected.find('|', at)) != std::string::npos; at += 2) expected.replace(at, 1, ", ");
    errors.push_back(error(3024, {{"setting", setting}, {"seen", seen}, {"expected", expected}}));
  } else if (s.kind == Kind::boolean && !is_choice("true|yes|false|no", value)) {
    errors.push_back(error(3025, {{"setting", setting}, {"seen", seen}}));
  }
}

GODWIT_SDK_INLINE std::string Settings::range(const Setting& s) {
  const bool low = s.min != std::numeric_limits<std::int64_t>::min(), high = s.max != std::numeric_limits<std::int64_t>::max();
  const std::string from = std::to_string(s.min), to = std::to_string(s.max);
  return low && high ? from + " ... " + to : low ? ">= " + from : high ? "<= " + to : "-9223372036854775808 ... 9223372036854775807";
}

}  // namespace godwit::sdk
