#include "core/verify/field_compare.hpp"

#include <unicode/unistr.h>

#include "core/model/exact_number.hpp"

namespace godwit {
namespace {

std::string folded(std::string_view text) {
  std::string out;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size()))).foldCase().toUTF8String(out);
  return out;
}

// Without white space of any script: U+0009..U+000D, space, no-break spaces, ideographic space.
std::string without_space(std::string_view text) {
  const icu::UnicodeString s = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  icu::UnicodeString kept;
  for (std::int32_t i = 0; i < s.length(); i = s.moveIndex32(i, 1)) {
    const UChar32 c = s.char32At(i);
    const bool space = (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x202F || c == 0x3000;
    if (!space) kept.append(c);
  }
  std::string out;
  kept.toUTF8String(out);
  return out;
}

bool is_time(Type t) { return t.id == TypeId::timestamp || t.id == TypeId::timestamp_tz || t.id == TypeId::time64; }

}  // namespace

Result<Tolerance> parse_tolerance(std::string_view text) {
  Tolerance t;
  if (text.empty()) return t;
  if (text == "case") return t.kind = Tolerance::Kind::letter_case, t;
  if (text == "space") return t.kind = Tolerance::Kind::space, t;
  std::string_view number = text;
  const bool seconds = text.ends_with('s');
  if (seconds) number.remove_suffix(1);
  const auto value = ExactNumber::parse(number);
  if (!value || value->is_negative()) return fail(4210, {{"seen", std::string(text)}});
  if (seconds) {
    t.kind = Tolerance::Kind::seconds;
    t.microseconds = static_cast<std::int64_t>(std::stod(std::string(number)) * 1e6);
  } else {
    t.kind = Tolerance::Kind::number, t.number = std::string(number);
  }
  return t;
}

std::string_view to_string(Difference d) {
  switch (d) {
    case Difference::none: return "none";
    case Difference::tolerated: return "tolerated";
    case Difference::null: return "null";
    case Difference::letter_case: return "case";
    case Difference::space: return "space";
    case Difference::truncated: return "truncated";
    case Difference::number: return "number";
    case Difference::time: return "time";
    case Difference::value: return "value";
  }
  return "value";
}

Difference compare_values(const Column& expected, std::int64_t i, const Column& found, std::int64_t j, const Tolerance& tolerance) {
  const bool no_expected = expected.is_null(i), no_found = found.is_null(j);
  if (no_expected || no_found) return no_expected == no_found ? Difference::none : Difference::null;
  const Type type = expected.type;
  if (type.is_numeric()) {
    const auto a = ExactNumber::parse(value_text(expected, i)), b = ExactNumber::parse(value_text(found, j));
    if (!a || !b) return value_text(expected, i) == value_text(found, j) ? Difference::none : Difference::number;
    if (*a == *b) return Difference::none;
    if (tolerance.kind == Tolerance::Kind::number && (*a - *b).magnitude() <= *ExactNumber::parse(tolerance.number)) return Difference::tolerated;
    return Difference::number;
  }
  if (type == found.type && is_time(type)) {
    const std::int64_t apart = expected.int64(i) - found.int64(j);
    if (apart == 0) return Difference::none;
    return tolerance.kind == Tolerance::Kind::seconds && std::abs(apart) <= tolerance.microseconds ? Difference::tolerated : Difference::time;
  }
  const std::string a = value_text(expected, i), b = value_text(found, j);
  if (a == b) return Difference::none;
  if (type.id == TypeId::date32) return Difference::time;
  if (type.id != TypeId::utf8) return Difference::value;
  Difference d = Difference::value;
  if (!b.empty() && a.starts_with(b)) d = Difference::truncated;
  if (without_space(a) == without_space(b)) d = Difference::space;
  else if (folded(a) == folded(b)) d = Difference::letter_case;
  const bool tolerated = (tolerance.kind == Tolerance::Kind::letter_case && d == Difference::letter_case) ||
                         (tolerance.kind == Tolerance::Kind::space && d == Difference::space);
  return tolerated ? Difference::tolerated : d;
}

}  // namespace godwit
