#pragma once
// A connector's settings, each described once. The checks, the manifest, the README's table, the editor's
// schema and the hiding of secrets are all loops over the same array.

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace godwit::sdk {

enum class Kind {
  text,     // as written, not even trimmed
  integer,  // optional sign and digits; min and max hold
  boolean,  // true, yes, false, no
  choice,   // one of `choices`
  path,     // file or folder; relative ones start at the project's folder
};

// One setting. A setting without `initial` must be given, unless it is `optional`.
struct Setting {
  std::string_view name;     // snake_case
  std::string_view help;     // one sentence or more, each with its full stop
  Kind kind = Kind::text;
  std::string_view unit;     // "rows", "MB" ...: of integers
  std::string_view initial;  // the value when it is not given
  bool optional = false;     // may be absent without an initial value
  std::int64_t min = std::numeric_limits<std::int64_t>::min();  // of integers, inclusive
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view choices;  // "comma|semicolon|tab"
  bool secret = false;       // never printed, logged or reported
};

constexpr bool is_snake_case(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  for (char c : name)
    if (!(c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) return false;
  return true;
}

// Whether `value` is one of the choices of "a|b|c".
constexpr bool is_choice(std::string_view choices, std::string_view value) {
  while (true) {
    const std::size_t bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) return false;
    choices.remove_prefix(bar + 1);
  }
}

// For static_assert: snake_case names, none twice; help that ends with a full stop; choices exactly where the
// kind is choice, with the initial value among them; min <= max; no initial value for a secret.
constexpr bool well_described(std::span<const Setting> settings) {
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const Setting& s = settings[i];
    if (!is_snake_case(s.name) || s.help.empty() || s.help.back() != '.' || s.min > s.max) return false;
    if ((s.kind == Kind::choice) != !s.choices.empty()) return false;
    if (s.kind == Kind::choice && !s.initial.empty() && !is_choice(s.choices, s.initial)) return false;
    if (s.kind == Kind::boolean && !s.initial.empty() && !is_choice("true|false|yes|no", s.initial)) return false;
    if (s.secret && !s.initial.empty()) return false;
    for (std::size_t j = 0; j < i; ++j)
      if (settings[j].name == s.name) return false;
  }
  return true;
}

}  // namespace godwit::sdk
