#include "plugins/kits/sql/declared_type.hpp"

#include <array>
#include <charconv>

#include "plugins/kits/sql/tokens.hpp"

namespace godwit::sql {
namespace {

struct Named {
  std::string_view name;
  TypeId type;
};

// decimal128 stands for "decimal with the declared arguments"; utf8 takes its first argument as a length.
constexpr std::array kNames = {
    Named{"INT", TypeId::int64},
    Named{"INTEGER", TypeId::int64},
    Named{"TINYINT", TypeId::int64},
    Named{"SMALLINT", TypeId::int64},
    Named{"MEDIUMINT", TypeId::int64},
    Named{"BIGINT", TypeId::int64},
    Named{"INT2", TypeId::int64},
    Named{"INT4", TypeId::int64},
    Named{"INT8", TypeId::int64},
    Named{"SERIAL", TypeId::int64},
    Named{"BIGSERIAL", TypeId::int64},
    Named{"YEAR", TypeId::int64},
    Named{"REAL", TypeId::float64},
    Named{"FLOAT", TypeId::float64},
    Named{"FLOAT4", TypeId::float64},
    Named{"FLOAT8", TypeId::float64},
    Named{"DOUBLE", TypeId::float64},
    Named{"DOUBLE PRECISION", TypeId::float64},
    Named{"NUMERIC", TypeId::decimal128},
    Named{"DECIMAL", TypeId::decimal128},
    Named{"DEC", TypeId::decimal128},
    Named{"NUMBER", TypeId::decimal128},
    Named{"FIXED", TypeId::decimal128},
    Named{"MONEY", TypeId::decimal128},
    Named{"CURRENCY", TypeId::decimal128},
    Named{"BOOLEAN", TypeId::boolean},
    Named{"BOOL", TypeId::boolean},
    Named{"DATE", TypeId::date32},
    Named{"TIME", TypeId::time64},
    Named{"TIME WITHOUT TIME ZONE", TypeId::time64},
    Named{"DATETIME", TypeId::timestamp},
    Named{"DATETIME2", TypeId::timestamp},
    Named{"SMALLDATETIME", TypeId::timestamp},
    Named{"TIMESTAMP", TypeId::timestamp},
    Named{"TIMESTAMP WITHOUT TIME ZONE", TypeId::timestamp},
    Named{"TIMESTAMPTZ", TypeId::timestamp_tz},
    Named{"TIMESTAMP WITH TIME ZONE", TypeId::timestamp_tz},
    Named{"DATETIMEOFFSET", TypeId::timestamp_tz},
    Named{"TEXT", TypeId::utf8},
    Named{"CHAR", TypeId::utf8},
    Named{"CHARACTER", TypeId::utf8},
    Named{"VARCHAR", TypeId::utf8},
    Named{"VARCHAR2", TypeId::utf8},
    Named{"BPCHAR", TypeId::utf8},
    Named{"CHARACTER VARYING", TypeId::utf8},
    Named{"CHAR VARYING", TypeId::utf8},
    Named{"VARYING CHARACTER", TypeId::utf8},
    Named{"NATIVE CHARACTER", TypeId::utf8},
    Named{"NATIONAL CHARACTER", TypeId::utf8},
    Named{"NATIONAL CHARACTER VARYING", TypeId::utf8},
    Named{"NATIONAL CHAR", TypeId::utf8},
    Named{"NCHAR", TypeId::utf8},
    Named{"NVARCHAR", TypeId::utf8},
    Named{"NVARCHAR2", TypeId::utf8},
    Named{"TINYTEXT", TypeId::utf8},
    Named{"MEDIUMTEXT", TypeId::utf8},
    Named{"LONGTEXT", TypeId::utf8},
    Named{"NTEXT", TypeId::utf8},
    Named{"CLOB", TypeId::utf8},
    Named{"NCLOB", TypeId::utf8},
    Named{"STRING", TypeId::utf8},
    Named{"UUID", TypeId::utf8},
    Named{"GUID", TypeId::utf8},
    Named{"UNIQUEIDENTIFIER", TypeId::utf8},
    Named{"XML", TypeId::utf8},
    Named{"JSON", TypeId::json},
    Named{"JSONB", TypeId::json},
    Named{"BLOB", TypeId::binary},
    Named{"TINYBLOB", TypeId::binary},
    Named{"MEDIUMBLOB", TypeId::binary},
    Named{"LONGBLOB", TypeId::binary},
    Named{"BINARY", TypeId::binary},
    Named{"VARBINARY", TypeId::binary},
    Named{"BYTEA", TypeId::binary},
    Named{"RAW", TypeId::binary},
    Named{"IMAGE", TypeId::binary},
};

// "UNSIGNED BIG INT" and "BIGINT UNSIGNED" are the integer type that they qualify.
bool is_integer_qualifier(std::string_view word) {
  return word == "UNSIGNED" || word == "SIGNED" || word == "ZEROFILL" || word == "BIG";
}

}  // namespace

DeclaredType parse_declared_type(std::string_view declared) {
  DeclaredType out;
  int depth = 0;
  bool negative = false;
  for (const Token& token : tokenize(declared)) {
    if (token.kind == Token::Kind::end) break;
    if (token.is_symbol("(")) {
      ++depth;
    } else if (token.is_symbol(")")) {
      --depth;
    } else if (depth > 0) {
      if (token.is_symbol("-")) negative = true;
      std::int64_t value = 0;
      const char* end = token.value.data() + token.value.size();
      const auto parsed = std::from_chars(token.value.data(), end, value);
      if (token.kind == Token::Kind::number && parsed.ec == std::errc() && parsed.ptr == end)
        out.arguments.push_back(negative ? -value : value);
      if (!token.is_symbol("-")) negative = false;
    } else {
      if (!out.name.empty()) out.name += ' ';
      for (char c : token.value) out.name += c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    }
  }
  return out;
}

TypeMeaning meaning_of(const DeclaredType& declared) {
  std::string name;
  bool qualified = false;
  for (std::size_t at = 0; at < declared.name.size();) {
    std::size_t space = declared.name.find(' ', at);
    if (space == std::string::npos) space = declared.name.size();
    const std::string_view word = std::string_view(declared.name).substr(at, space - at);
    if (is_integer_qualifier(word))
      qualified = true;
    else
      name += (name.empty() ? "" : " ") + std::string(word);
    at = space + 1;
  }
  if (name.empty() && qualified) name = "INT";

  TypeMeaning out;
  for (const Named& named : kNames) {
    if (named.name != name) continue;
    out.known = true, out.type = Type(named.type);
    const auto& a = declared.arguments;
    if (named.type == TypeId::utf8 && !a.empty() && a[0] > 0) out.length = a[0];
    if (named.type == TypeId::decimal128) {
      const std::int64_t scale = a.size() > 1 ? a[1] : 0;
      const bool fits = !a.empty() && a[0] >= 1 && a[0] <= 38 && scale >= 0 && scale <= a[0];
      out.type = fits ? Type::decimal(static_cast<int>(a[0]), static_cast<int>(scale)) : Type(TypeId::number_text);
    }
    return out;
  }
  return out;
}

}  // namespace godwit::sql
