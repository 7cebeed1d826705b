#include "core/config/reader.hpp"

#include <fmt/format.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>

#include <charconv>
#include <cmath>
#include <memory>

#include "core/config/lint.hpp"
#include "core/model/nearest.hpp"

namespace godwit::config {
namespace {

constexpr std::string_view kPunctuation = "：，（）“”；｛｝［］";

std::string joined(std::span<const std::string_view> words) { return fmt::format("{}", fmt::join(words, ", ")); }

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "12", "0.05": digits with at most one point inside.
bool is_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return digits(text) && text.size() <= 38;
  return digits(text.substr(0, point)) && digits(text.substr(point + 1)) && text.size() <= 39;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// True when the texts differ in white space only.
bool same_words(std::string_view a, std::string_view b) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  std::size_t i = 0, j = 0;
  while (true) {
    while (i < a.size() && blank(a[i])) ++i;
    while (j < b.size() && blank(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

}  // namespace

std::string nearest_name(std::string_view word, std::span<const std::string> known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  return std::string(nearest(word, views));
}

bool ValueReader::full_width(const Node& node, std::string_view among) {
  if (node.style != Node::Style::plain) return false;
  const FullWidth found = find_full_width(node.text, 0, among);
  if (found.offset == std::string_view::npos) return false;
  // Folding may have moved it: look again in the file.
  const FullWidth raw = find_full_width(std::string_view(source_.text()).substr(0, node.end), node.offset, among);
  findings_.add(2012, source_.place(raw.offset == std::string_view::npos ? node.offset : raw.offset),
                {{"seen", std::string(found.seen)}, {"expected", std::string(found.instead)}});
  return true;
}

bool ValueReader::map(const Node& node, std::string_view what, std::span<const std::string_view> known) {
  if (!free_map(node, what)) return false;
  for (const auto& entry : node.entries) {
    const std::string& key = entry.key->text;
    bool found = false;
    for (std::string_view k : known) found = found || k == key;
    if (found || key.empty() || find_full_width(key, 0, "：，“”").offset != std::string_view::npos) continue;
    report(2004, *entry.key,
           {{"seen", key}, {"nearest", std::string(nearest(key, known))}, {"expected", joined(known)}});
  }
  return true;
}

bool ValueReader::free_map(const Node& node, std::string_view what) {
  if (!node.is_map()) {
    if (!node.is_scalar() || !full_width(node, kPunctuation)) report(2022, node, {{"key", std::string(what)}});
    return false;
  }
  for (const auto& entry : node.entries) {
    if (!entry.key->is_scalar() && entry.key->kind != Node::Kind::null) {
      if (entry.key->kind == Node::Kind::missing) report(2036, *entry.key, {{"key", std::string(what)}});
      continue;
    }
    if (full_width(*entry.key, "：，“”")) continue;
    if (entry.key->text.empty()) report(2036, *entry.key, {{"key", std::string(what)}});
    // `Phone:tel`, the last of its map, is a key without a value to YAML.
    const std::size_t colon = entry.key->text.find(':');
    if (colon != std::string::npos && entry.value->kind == Node::Kind::missing &&
        entry.key->style == Node::Style::plain) {
      findings_.add(2025, source_.place(entry.key->offset + colon));
    }
  }
  return true;
}

std::optional<std::string> ValueReader::name(const Node& node, std::string_view what) {
  const bool scalar = node.is_scalar() || node.kind == Node::Kind::null;
  if (!scalar || node.text.empty()) {
    if (node.kind == Node::Kind::missing || scalar) {
      report(2037, node, {{"key", std::string(what)}});
    } else {
      report(2023, node, {{"key", std::string(what)}});
    }
    return std::nullopt;
  }
  if (full_width(node, kPunctuation)) return std::nullopt;
  return node.text;
}

std::optional<std::string> ValueReader::text(const Node& node, std::string_view what) {
  if (node.kind == Node::Kind::missing) {
    report(2037, node, {{"key", std::string(what)}});
    return std::nullopt;
  }
  if (node.is_list() || node.is_map()) {
    report(2023, node, {{"key", std::string(what)}});
    return std::nullopt;
  }
  return node.text;
}

bool ValueReader::expect_known(const std::string& word, const Node& node, std::span<const std::string> known,
                               int number) {
  for (const std::string& k : known) {
    if (k == word) return true;
  }
  report(number, node, {{"seen", word}, {"nearest", nearest_name(word, known)}});
  return false;
}

std::vector<const Node*> ValueReader::items(const Node& node) {
  std::vector<const Node*> out;
  if (node.is_list()) {
    for (const auto& item : node.items) out.push_back(item.get());
  } else {
    out.push_back(&node);
  }
  return out;
}

std::vector<std::string> ValueReader::names(const Node& node, std::string_view what) {
  std::vector<std::string> out;
  if (node.is_list() && node.items.empty()) report(2037, node, {{"key", std::string(what)}});
  for (const Node* item : items(node)) {
    if (auto one = name(*item, what)) out.push_back(std::move(*one));
  }
  return out;
}

std::optional<bool> ValueReader::boolean(const Node& node, std::string_view what) {
  const auto word = name(node, what);
  if (!word) return std::nullopt;
  const std::string low = lower(*word);
  if (low == "yes" || low == "true" || low == "on") return true;
  if (low == "no" || low == "false" || low == "off") return false;
  report(2028, node, {{"key", std::string(what)}, {"seen", *word}, {"nearest", ""}, {"expected", "yes, no"}});
  return std::nullopt;
}

std::optional<std::int64_t> ValueReader::integer(const Node& node, std::string_view what, std::int64_t least) {
  const auto word = name(node, what);
  if (!word) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), value);
  if (error != std::errc{} || end != word->data() + word->size() || value < least) {
    report(2029, node, {{"key", std::string(what)}, {"seen", *word}, {"expected", std::to_string(least)}});
    return std::nullopt;
  }
  return value;
}

std::optional<double> ValueReader::share(const Node& node, std::string_view what) {
  const auto word = name(node, what);
  if (!word) return std::nullopt;
  std::string_view number = *word;
  double value = -1;
  if (number.ends_with('%')) {
    number.remove_suffix(1);
    while (number.ends_with(' ')) number.remove_suffix(1);
    if (is_decimal(number)) value = std::strtod(std::string(number).c_str(), nullptr) / 100;
  }
  if (!(value >= 0 && value <= 1)) {
    report(2030, node, {{"key", std::string(what)}, {"seen", *word}});
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> ValueReader::bytes(const Node& node, std::string_view what) {
  const auto word = name(node, what);
  if (!word) return std::nullopt;
  const std::size_t unit_at = std::min(word->find_first_not_of("0123456789"), word->size());
  std::int64_t value = 0;
  const auto error = std::from_chars(word->data(), word->data() + unit_at, value).ec;
  std::string unit = lower(word->substr(unit_at));
  unit.erase(0, unit.find_first_not_of(' ') == std::string::npos ? unit.size() : unit.find_first_not_of(' '));
  int shift = -1;
  if (unit.empty() || unit == "b") shift = 0;
  if (unit == "k" || unit == "kb" || unit == "kib") shift = 10;
  if (unit == "m" || unit == "mb" || unit == "mib") shift = 20;
  if (unit == "g" || unit == "gb" || unit == "gib") shift = 30;
  if (unit_at == 0 || error != std::errc{} || shift < 0 || value > (std::int64_t{1} << 42 >> shift)) {
    report(2031, node, {{"key", std::string(what)}, {"seen", *word}});
    return std::nullopt;
  }
  return value << shift;
}

std::optional<std::string> ValueReader::decimal(const Node& node, std::string_view what) {
  auto word = name(node, what);
  if (word && !is_decimal(*word)) {
    report(2029, node, {{"key", std::string(what)}, {"seen", *word}, {"expected", "0"}});
    return std::nullopt;
  }
  return word;
}

std::optional<std::string> ValueReader::zone(const Node& node) {
  auto word = name(node, "zone");
  if (!word) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  UBool system = false;
  icu::UnicodeString canonical;
  icu::TimeZone::getCanonicalID(icu::UnicodeString::fromUTF8(*word), canonical, system, status);
  if (U_SUCCESS(status) && system) return word;
  std::vector<std::string> known;
  status = U_ZERO_ERROR;
  const std::unique_ptr<icu::StringEnumeration> ids(
      icu::TimeZone::createTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, nullptr, nullptr, status));
  while (U_SUCCESS(status) && ids) {
    const char* id = ids->next(nullptr, status);
    if (id == nullptr) break;
    known.emplace_back(id);
  }
  report(2032, node, {{"seen", *word}, {"nearest", nearest_name(*word, known)}});
  return std::nullopt;
}

std::optional<std::size_t> ValueReader::choice(const Node& node, std::string_view what,
                                               std::span<const std::string_view> choices) {
  const auto word = name(node, what);
  if (!word) return std::nullopt;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == *word) return i;
  }
  report(2028, node,
         {{"key", std::string(what)},
          {"seen", *word},
          {"nearest", std::string(nearest(*word, choices))},
          {"expected", joined(choices)}});
  return std::nullopt;
}

std::optional<ExpressionText> ValueReader::expression(const Node& node, std::string_view what) {
  if (node.is_map()) {
    const Node* value = node.find("const");
    if (value == nullptr || node.entries.size() != 1) {
      report(2033, node, {{"key", std::string(what)}});
      return std::nullopt;
    }
    if (!value->is_scalar()) {
      report(value->is_list() || value->is_map() ? 2023 : 2034, *value,
             {{"key", "const"}, {"field", std::string(what)}});
      return std::nullopt;
    }
    return ExpressionText{value->text, place(*value), true};
  }
  if (node.is_list()) {
    report(2033, node, {{"key", std::string(what)}});
    return std::nullopt;
  }
  // The expression as it stands in the file, line breaks and indentation included, so that the compiler's line and
  // column are those of the file. A text constant over several lines is taken as YAML folds it.
  std::size_t begin = node.offset, end = node.end;
  std::string text = node.text;
  const std::string& file = source_.text();
  if (node.style == Node::Style::block) begin = std::min(file.find('\n', begin), file.size());
  if (node.style == Node::Style::quoted) ++begin;
  const auto blank = [&](std::size_t at) { return file[at] == ' ' || file[at] == '\n' || file[at] == '\t'; };
  while (begin < end && blank(begin)) ++begin;
  while (end > begin && blank(end - 1)) --end;
  if (node.style != Node::Style::quoted) {
    const std::string_view raw = std::string_view(file).substr(begin, end - begin);
    bool quote_spans_lines = false;
    char quote = 0;
    for (char c : raw) {
      if (quote == 0 ? c == '\'' || c == '"' : c == quote) {
        quote = quote == 0 ? c : 0;
      } else if (c == '\n' && quote != 0) {
        quote_spans_lines = true;
      }
    }
    if (!quote_spans_lines && same_words(raw, text)) text = raw;
  }
  const std::size_t first = text.find_first_not_of(" \n\t");
  if (first == std::string::npos) {
    report(2035, node, {{"key", std::string(what)}});
    return std::nullopt;
  }
  text = text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
  if (!lint_expression(source_, node, text, begin, findings_)) return std::nullopt;
  return ExpressionText{std::move(text), source_.place(begin), false};
}

std::optional<ObjectRef> ValueReader::object(const Node& node, std::string_view what) {
  const auto word = name(node, what);
  if (!word) return std::nullopt;
  const std::size_t dot = word->find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == word->size()) {
    report(2038, node, {{"key", std::string(what)}, {"seen", *word}});
    return std::nullopt;
  }
  return ObjectRef{word->substr(0, dot), word->substr(dot + 1), place(node)};
}

}  // namespace godwit::config
