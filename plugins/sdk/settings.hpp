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

#include "core/model/result.hpp"
#include "plugins/sdk/error.hpp"
#include "plugins/sdk/inline.hpp"
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
                                std::filesystem::path folder = {});

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
  static Error error(int number, std::vector<Argument> arguments);
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
  static void check(const Setting& s, const std::string& value, std::vector<Error>& errors);
  static std::string range(const Setting& s);

  std::span<const Setting> described_;
  std::vector<std::optional<std::string>> values_;
  std::filesystem::path folder_;
};

}  // namespace godwit::sdk

#ifndef GODWIT_SDK_COMPILED
#include "plugins/sdk/settings_impl.hpp"
#endif
