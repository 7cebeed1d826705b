#include "core/expr/functions/support.hpp"

#include <unicode/locid.h>
#include <unicode/uloc.h>

#include <charconv>

namespace godwit::fn {

std::string excerpt(std::string_view text) {
  constexpr int kShown = 60;
  std::string out;
  std::size_t at = 0;
  // Character by character: what is no UTF-8 becomes U+FFFD, for a message must be printable whatever the row holds.
  for (int i = 0; i < kShown && at < text.size(); ++i) append_character(out, next_character(text, at));
  if (at < text.size()) out += "…";
  return out;
}

void reject(const Call& call, std::int32_t row, int number, std::initializer_list<Argument> arguments) {
  reject(call, row, make_error(number, arguments));
}

void reject(const Call& call, std::int32_t row, Error error) {
  call.out.null();
  call.errors.push_back({row, std::move(error)});
}

void TextOut::refuse(std::int32_t row, std::size_t bytes) {
  reject(call_, row, 1259, {{"seen", std::to_string(bytes)}, {"expected", std::to_string(kLongestText)}});
}

std::string constant_or(const BindArguments& arguments, std::size_t index, std::string_view otherwise) {
  if (index < arguments.constants.size() && arguments.constants[index].has_value() && given(arguments, index)) {
    return *arguments.constants[index];
  }
  return std::string(otherwise);
}

Failure bad_constant(std::string_view function, std::string_view parameter, std::string_view seen,
                     std::string_view expected) {
  return fail(2200, {{"function", std::string(function)},
                     {"parameter", std::string(parameter)},
                     {"seen", excerpt(seen)},
                     {"expected", std::string(expected)}});
}

Result<std::int64_t> constant_integer(const BindArguments& arguments, std::size_t index, std::string_view function,
                                      std::string_view parameter, std::int64_t low, std::int64_t high,
                                      std::int64_t otherwise) {
  if (!given(arguments, index)) return otherwise;
  const std::string text = constant_or(arguments, index, "");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    return bad_constant(function, parameter, text, std::to_string(low) + " … " + std::to_string(high));
  }
  return value;
}

Result<bool> constant_bool(const BindArguments& arguments, std::size_t index, std::string_view function,
                           std::string_view parameter, bool otherwise) {
  const std::string text = constant_or(arguments, index, otherwise ? "true" : "false");
  if (text == "true") return true;
  if (text == "false") return false;
  return bad_constant(function, parameter, text, "true, false");
}

Result<int> constant_choice(const BindArguments& arguments, std::size_t index, std::string_view function,
                            std::string_view parameter, std::initializer_list<std::string_view> choices) {
  const std::string text = constant_or(arguments, index, *choices.begin());
  std::string all;
  int i = 0;
  for (const std::string_view choice : choices) {
    if (text == choice) return i;
    all += (i++ == 0 ? "" : ", ") + std::string(choice);
  }
  return bad_constant(function, parameter, text, all);
}

Result<std::string> constant_locale(const BindArguments& arguments, std::size_t index, std::string_view function) {
  const std::string text = constant_or(arguments, index, "");
  if (text.empty()) return std::string();
  const icu::Locale locale = icu::Locale::createCanonical(text.c_str());
  // ICU makes a locale of anything; a language and a region that it lists are what people meant.
  const auto listed = [](const char* code, const char* const* list) {
    for (; *list != nullptr; ++list) {
      if (std::strcmp(code, *list) == 0) return true;
    }
    return false;
  };
  const bool region_known = *locale.getCountry() == 0 || listed(locale.getCountry(), uloc_getISOCountries());
  if (locale.isBogus() || *locale.getVariant() != 0 || !region_known ||
      !listed(locale.getLanguage(), uloc_getISOLanguages())) {
    return fail(2201, {{"function", std::string(function)}, {"seen", text}});
  }
  return std::string(locale.getName());
}

std::int64_t count_characters(std::string_view text) {
  if (is_ascii(text)) return static_cast<std::int64_t>(text.size());
  std::int64_t n = 0;
  for (std::size_t at = 0; at < text.size(); ++n) next_character(text, at);
  return n;
}

std::size_t byte_of_character(std::string_view text, std::int64_t characters) {
  if (characters <= 0) return 0;
  std::size_t at = 0;
  for (; at < text.size() && characters > 0; --characters) next_character(text, at);
  return at;
}

std::string_view trimmed_left(std::string_view text) {
  std::size_t from = 0;
  while (from < text.size()) {
    std::size_t at = from;
    const char32_t c = next_character(text, at);
    if (!is_space(c) && !is_invisible(c)) break;
    from = at;
  }
  return text.substr(from);
}

std::string_view trimmed_right(std::string_view text) {
  std::size_t to = text.size();
  while (to > 0) {
    std::size_t at = to;
    const char32_t c = previous_character(text, at);
    if (!is_space(c) && !is_invisible(c)) break;
    to = at;
  }
  return text.substr(0, to);
}

std::string_view trimmed(std::string_view text) { return trimmed_right(trimmed_left(text)); }

}  // namespace godwit::fn
