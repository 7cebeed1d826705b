#include "plugins/kits/sandbox/rules.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "plugins/kits/sandbox/clock.hpp"

namespace godwit::sandbox {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

std::string shown(const Json& in) { return in.is_string() ? in.get<std::string>() : in.dump(-1, ' ', false, Json::error_handler_t::replace); }

class Checker {
 public:
  Checker(const Field& field, const Json& in, const Rules& rules, Value& out) : field_(field), in_(in), rules_(rules), out_(out) {}

  std::optional<Violation> run() {
    out_ = {};
    if (in_.is_null()) return std::nullopt;
    switch (field_.kind) {
      case Kind::boolean: return boolean();
      case Kind::integer: return integer();
      case Kind::decimal:
      case Kind::exact_decimal: return decimal();
      case Kind::date: return date();
      case Kind::datetime: return datetime();
      case Kind::choices: return choices();
      case Kind::json: return out_ = in_.dump(-1, ' ', false, Json::error_handler_t::replace), std::nullopt;
      default: return text();
    }
  }

 private:
  Violation wrong(Wrong what) const { return {what, &field_, shown(in_)}; }

  // The value as text, trimmed as the vendor does. nullopt: it is none.
  std::optional<std::string> as_text() const {
    if (in_.is_string()) return rules_.trim ? trimmed(in_.get_ref<const std::string&>()) : in_.get<std::string>();
    if (rules_.numbers_as_text && in_.is_number()) return in_.dump();
    return std::nullopt;
  }

  std::optional<Violation> text() {
    std::optional<std::string> text = as_text();
    if (!text) return wrong(Wrong::type);
    if (text->empty() && rules_.empty_is_null) return std::nullopt;
    if (field_.length > 0 && count_characters(*text) > static_cast<std::size_t>(field_.length)) return wrong(Wrong::too_long);
    if (field_.kind == Kind::email && rules_.check_email && !looks_like_email(*text)) return wrong(Wrong::email);
    if (field_.kind == Kind::choice && field_.restricted) {
      const Choice* found = field_.choice(*text);
      if (found == nullptr || !found->active) return wrong(Wrong::choice);
    }
    out_ = std::move(*text);
    return std::nullopt;
  }

  std::optional<Violation> boolean() {
    if (in_.is_boolean()) return out_ = static_cast<std::int64_t>(in_.get<bool>()), std::nullopt;
    if (rules_.texts_for_all && in_.is_string()) {
      const std::string text = trimmed(in_.get_ref<const std::string&>());
      if (text.empty()) return std::nullopt;
      if (same_word(text, "true") || text == "1") return out_ = std::int64_t{1}, std::nullopt;
      if (same_word(text, "false") || text == "0") return out_ = std::int64_t{0}, std::nullopt;
    }
    return wrong(Wrong::type);
  }

  // The digits of a number, however it came. "" for an empty text where that means null.
  std::optional<std::string> digits() const {
    if (in_.is_number()) return in_.dump();
    if (!rules_.texts_for_all || !in_.is_string()) return std::nullopt;
    return trimmed(in_.get_ref<const std::string&>());
  }

  std::optional<Violation> integer() {
    const std::optional<std::string> text = digits();
    if (!text) return wrong(Wrong::type);
    if (text->empty()) return std::nullopt;
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), whole);
    if (error == std::errc::result_out_of_range) return wrong(Wrong::out_of_range);
    // 12.0 is a whole number, 12.5 is none.
    const std::string_view rest(end, text->data() + text->size());
    if (error != std::errc() || (!rest.empty() && (rest.front() != '.' || rest.find_first_not_of("0", 1) != std::string_view::npos))) return wrong(Wrong::type);
    if (field_.precision > 0 && std::abs(static_cast<double>(whole)) >= std::pow(10.0, field_.precision)) return wrong(Wrong::out_of_range);
    out_ = whole;
    return std::nullopt;
  }

  std::optional<Violation> decimal() {
    const std::optional<std::string> text = digits();
    if (!text) return wrong(Wrong::type);
    if (text->empty()) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || !std::isfinite(value)) return wrong(Wrong::type);
    if (field_.precision > 0 && std::abs(value) >= std::pow(10.0, field_.precision - field_.scale)) return wrong(Wrong::out_of_range);
    if (field_.kind == Kind::exact_decimal) out_ = *text;
    else if (in_.is_number_integer()) out_ = in_.get<std::int64_t>();
    else out_ = value;
    return std::nullopt;
  }

  std::optional<Violation> date() {
    if (rules_.times_as_ms) return milliseconds();
    const std::optional<std::string> text = as_text();
    if (!text) return wrong(Wrong::type);
    if (text->empty() && (rules_.empty_is_null || rules_.texts_for_all)) return std::nullopt;
    if (is_iso_date(*text)) return out_ = *text, std::nullopt;
    return wrong(Wrong::type);
  }

  std::optional<Violation> datetime() {
    if (rules_.times_as_ms) return milliseconds();
    const std::optional<std::string> text = as_text();
    if (!text) return wrong(Wrong::type);
    if (text->empty() && (rules_.empty_is_null || rules_.texts_for_all)) return std::nullopt;
    const std::optional<std::int64_t> ms = parse_iso_time(*text, rules_.zone_minutes);
    if (!ms) return wrong(Wrong::type);
    out_ = iso_time(*ms, Zone::plus_0000, true);
    return std::nullopt;
  }

  std::optional<Violation> milliseconds() {
    if (in_.is_number_integer()) return out_ = in_.get<std::int64_t>(), std::nullopt;
    if (!in_.is_string()) return wrong(Wrong::type);
    const std::string text = trimmed(in_.get_ref<const std::string&>());
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (text.empty() && rules_.empty_is_null) return std::nullopt;
    if (error != std::errc() || end != text.data() + text.size()) return wrong(Wrong::type);
    out_ = ms;
    return std::nullopt;
  }

  std::optional<Violation> choices() {
    std::vector<std::string> parts;
    if (in_.is_array()) {
      for (const Json& one : in_) {
        if (!one.is_string()) return wrong(Wrong::type);
        parts.push_back(one.get<std::string>());
      }
    } else if (in_.is_string() && !rules_.lists) {
      std::string_view rest = in_.get_ref<const std::string&>();
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(rules_.separator), rest.size());
        parts.push_back(trimmed(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    } else {
      return wrong(Wrong::type);
    }
    std::string joined;
    for (const std::string& part : parts) {
      if (part.empty()) continue;
      const Choice* found = field_.choice(part);
      if (field_.restricted && (found == nullptr || !found->active)) return Violation{Wrong::choice, &field_, part};
      if (!joined.empty()) joined += rules_.separator;
      joined += part;
    }
    if (!joined.empty()) out_ = joined;
    return std::nullopt;
  }

  const Field& field_;
  const Json& in_;
  const Rules& rules_;
  Value& out_;
};

}  // namespace

std::optional<Violation> check_value(const Field& field, const Json& in, const Rules& rules, Value& out) { return Checker(field, in, rules, out).run(); }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool looks_like_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) return false;
  if (text.find_first_of(" \t\r\n,;<>()\"") != std::string_view::npos) return false;
  const std::string_view domain = text.substr(at + 1);
  const std::size_t dot = domain.find('.');
  return dot != std::string_view::npos && dot > 0 && !domain.ends_with('.') && domain.find("..") == std::string_view::npos && !text.substr(0, at).ends_with('.');
}

bool allowed_for(const Choice& choice, std::string_view controlling) {
  return choice.valid_for.empty() || std::find(choice.valid_for.begin(), choice.valid_for.end(), controlling) != choice.valid_for.end();
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

}  // namespace godwit::sandbox
