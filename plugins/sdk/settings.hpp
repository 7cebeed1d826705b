#pragma once
// The settings of one connection, checked against their descriptions.

#include <charconv>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/nearest.hpp"
#include "core/model/result.hpp"
#include "plugins/sdk/error.hpp"
#include "plugins/sdk/setting.hpp"

namespace godwit::sdk {

// Checked values: every getter is for a described setting of that kind and cannot fail. Asking for a setting
// that is not described is a mistake in the connector and throws std::logic_error (GW-3010 at the boundary).
class Settings {
 public:
  // `given`: name and text as written. `folder`: what relative paths start at. Every mistake of the pass is in
  // the error's `more`: GW-3020 unknown, 3021 missing, 3022 no integer, 3023 out of range, 3024 no choice,
  // 3025 no boolean. Values of secrets are not quoted.
  static Result<Settings> parse(std::span<const Setting> described,
                                const std::vector<std::pair<std::string, std::string>>& given,
                                std::filesystem::path folder = {}) {
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

  // Given, or with an initial value.
  bool has(std::string_view name) const { return values_[index(name)].has_value(); }
  // The text, "" when absent: text and choice settings.
  std::string_view text(std::string_view name) const {
    const auto& value = values_[index(name)];
    return value ? std::string_view(*value) : std::string_view();
  }
  // 0 when absent.
  std::int64_t integer(std::string_view name) const {
    const std::string_view value = text(name);
    std::int64_t number = 0;
    std::from_chars(value.data() + (value.starts_with('+') ? 1 : 0), value.data() + value.size(), number);
    return number;
  }
  // false when absent.
  bool boolean(std::string_view name) const { return text(name) == "true" || text(name) == "yes"; }
  // Absolute or relative to the working directory; empty when absent.
  std::filesystem::path path(std::string_view name) const {
    const std::filesystem::path value(text(name));
    return value.empty() || value.is_absolute() || folder_.empty() ? value : folder_ / value;
  }

 private:
  static Error error(int number, std::vector<Argument> arguments) {
    return Error{number, ErrorKind::bad_config, std::move(arguments), {}};
  }
  std::size_t find(std::string_view name) const {
    std::size_t i = 0;
    while (i < described_.size() && described_[i].name != name) ++i;
    return i;
  }
  std::size_t index(std::string_view name) const {
    const std::size_t i = find(name);
    if (i == described_.size()) throw std::logic_error("setting " + std::string(name) + " is not described");
    return i;
  }
  static void check(const Setting& s, const std::string& value, std::vector<Error>& errors) {
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
  static std::string range(const Setting& s) {
    const bool low = s.min != std::numeric_limits<std::int64_t>::min(), high = s.max != std::numeric_limits<std::int64_t>::max();
    const std::string from = std::to_string(s.min), to = std::to_string(s.max);
    return low && high ? from + " ... " + to : low ? ">= " + from : high ? "<= " + to : "-9223372036854775808 ... 9223372036854775807";
  }

  std::span<const Setting> described_;
  std::vector<std::optional<std::string>> values_;
  std::filesystem::path folder_;
};

}  // namespace godwit::sdk
