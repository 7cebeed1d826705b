#include "core/cli/json.hpp"
#include "core/cli/json_value.hpp"

#include <unicode/utf8.h>

#include <charconv>
#include <cmath>

namespace godwit::cli {
namespace {

// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_json_number(std::string_view s) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < s.size() && s[i] >= '0' && s[i] <= '9') ++i;
    return i > from;
  };
  if (i < s.size() && s[i] == '-') ++i;
  const std::size_t first = i;
  if (!digits() || (s[first] == '0' && i > first + 1)) return false;
  if (i < s.size() && s[i] == '.' && (++i, !digits())) return false;
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size() && (s[i] == '+' || s[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == s.size();
}

void append_base64(std::string& out, std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u; };
    const unsigned v = at(0) << 16 | at(1) << 8 | at(2);
    out += kDigits[v >> 18], out += kDigits[v >> 12 & 63];
    out += i + 1 < bytes.size() ? kDigits[v >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kDigits[v & 63] : '=';
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // start of what can be copied as it is
  const auto flush = [&](std::size_t to) { out.append(text, plain, to - plain); };
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
      ++i;
      continue;
    }
    if (byte >= 0x80) {
      auto next = static_cast<std::int32_t>(i);
      UChar32 c = 0;
      U8_NEXT(text.data(), next, static_cast<std::int32_t>(text.size()), c);
      if (c < 0) flush(i), out += "\xEF\xBF\xBD", plain = static_cast<std::size_t>(next);
      i = static_cast<std::size_t>(next);
      continue;
    }
    flush(i);
    plain = ++i;
    switch (byte) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: {
        static constexpr char kHex[] = "0123456789abcdef";
        out += "\\u00", out += kHex[byte >> 4], out += kHex[byte & 15];
      }
    }
  }
  flush(text.size());
  out += '"';
}

void append_json_value(std::string& out, const Column& column, std::int64_t i) {
  if (column.type.id == TypeId::null_type || column.is_null(i)) {
    out += "null";
    return;
  }
  switch (column.type.id) {
    case TypeId::boolean: out += column.boolean(i) ? "true" : "false"; return;
    case TypeId::int64:
    case TypeId::decimal128: out += value_text(column, i); return;
    case TypeId::float64: {
      const double v = column.float64(i);
      if (!std::isfinite(v)) return append_json_text(out, value_text(column, i));
      char digits[32];
      out.append(digits, std::to_chars(digits, digits + sizeof digits, v).ptr);
      return;
    }
    case TypeId::number_text:
      if (is_json_number(column.text(i))) out += column.text(i);
      else append_json_text(out, column.text(i));
      return;
    case TypeId::json: {
      const std::string_view text = column.text(i);
      if (!Json::accepts(text)) return append_json_text(out, text);
      for (const char c : text) out += c == '\n' || c == '\r' ? ' ' : c;  // only ever white space between tokens
      return;
    }
    case TypeId::binary:
      out += "\"base64:", append_base64(out, column.text(i)), out += '"';
      return;
    case TypeId::utf8: append_json_text(out, column.text(i)); return;
    default: append_json_text(out, value_text(column, i));
  }
}

void append_json_row(std::string& out, const Schema& schema, const std::vector<Column>& columns, std::int64_t i) {
  out += '{';
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c != 0) out += ',';
    append_json_text(out, schema[c].name);
    out += ':';
    append_json_value(out, columns[c], i);
  }
  out += '}';
}

}  // namespace godwit::cli
