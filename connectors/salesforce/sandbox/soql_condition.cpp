#include "connectors/salesforce/sandbox/soql_condition.hpp"

#include <charconv>

#include "connectors/salesforce/sandbox/ids.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

bool is_id(const Field& field) { return field.kind == Kind::id || field.kind == Kind::reference; }
bool is_number(const Field& field) { return field.kind == Kind::integer || field.kind == Kind::decimal; }
bool is_time(const Field& field) { return field.kind == Kind::date || field.kind == Kind::datetime; }

class Conditions {
 public:
  Conditions(Org& org, SoqlReader& reader, Scope& scope, std::vector<Value>& values, const SoqlOptions& options)
      : org_(org), reader_(reader), scope_(scope), values_(values), options_(options) {}

  // One level of `and` or of `or`: the vendor refuses to guess which of the two binds closer.
  std::string level(int nesting) {
    if (nesting > 50) throw SoqlError{"MALFORMED_QUERY", "the condition is nested too deep"};
    std::string out = single(nesting), joined;
    while (reader_.is("AND") || reader_.is("OR")) {
      const std::string word = reader_.is("AND") ? " and " : " or ";
      if (!joined.empty() && joined != word) reader_.unexpected();
      joined = word;
      reader_.take_any();
      out += word + single(nesting);
    }
    return "(" + out + ")";
  }

 private:
  std::string single(int nesting) {
    if (reader_.take("NOT")) return "not coalesce(" + single(nesting + 1) + ", 0)";
    if (reader_.take_sign("(")) {
      std::string out = level(nesting + 1);
      reader_.expect_sign(")");
      return out;
    }
    const std::string name = reader_.take_word();
    const Scope::Named named = scope_.field(name);
    const Field& field = *named.field;
    if (field.kind == Kind::long_text && field.length > 255) throw SoqlError{"INVALID_FIELD", "field '" + name + "' can not be filtered in a query call"};
    if (field.kind == Kind::computed || field.kind == Kind::bytes) throw SoqlError{"INVALID_FIELD", "field '" + name + "' can not be filtered in a query call"};
    if (reader_.take("LIKE")) return like(named);
    if (reader_.take("IN")) return in(named, false, nesting);
    if (reader_.take("INCLUDES")) return includes(named, false);
    if (reader_.take("EXCLUDES")) return includes(named, true);
    if (reader_.take("NOT")) {
      reader_.expect("IN");
      return in(named, true, nesting);
    }
    return compare(named);
  }

  std::string compare(const Scope::Named& named) {
    const Token sign = reader_.take_any();
    std::string op = sign.text == "!=" ? "<>" : sign.text;
    if (sign.kind != Token::Kind::sign || (op != "=" && op != "<>" && op != "<" && op != "<=" && op != ">" && op != ">=")) reader_.unexpected();
    if (reader_.take("NULL")) {
      if (op == "=") return named.sql + " is null";
      if (op == "<>") return named.sql + " is not null";
      reader_.unexpected();
    }
    values_.push_back(value(*named.field));
    const std::string out = named.sql + collation(*named.field) + " " + op + " ?";
    return op == "<>" ? "(" + out + " or " + named.sql + " is null)" : out;
  }

  std::string like(const Scope::Named& named) {
    const Token token = reader_.take_any();
    if (token.kind != Token::Kind::text || is_id(*named.field) || is_number(*named.field) || is_time(*named.field))
      throw SoqlError{"INVALID_QUERY_FILTER_OPERATOR", "invalid operator on " + named.field->name};
    values_.emplace_back(token.text);
    return named.sql + " like ? escape '\\'";
  }

  std::string in(const Scope::Named& named, bool negated, int nesting) {
    reader_.expect_sign("(");
    std::string list;
    if (reader_.is("SELECT")) {
      list = semi_join(nesting);
    } else {
      do {
        if (reader_.take("NULL")) values_.emplace_back(std::monostate());
        else values_.push_back(value(*named.field));
        list += list.empty() ? "?" : ", ?";
      } while (reader_.take_sign(","));
    }
    reader_.expect_sign(")");
    const std::string out = named.sql + collation(*named.field) + (negated ? " not in (" : " in (") + list + ")";
    return negated ? "(" + out + " or " + named.sql + " is null)" : out;
  }

  std::string semi_join(int nesting) {
    if (scope_.depth() > 0) throw SoqlError{"MALFORMED_QUERY", "Nesting of semi join sub-selects is not supported"};
    reader_.expect("SELECT");
    const std::string name = reader_.take_word();
    reader_.expect("FROM");
    Scope inner(org_, scope_.depth() + 1 + nesting);
    inner.from(reader_.take_word());
    std::string where = " where " + inner.alias() + ".sandbox_deleted_ms is null";
    const Scope::Named named = inner.field(name);
    if (reader_.take("WHERE")) where += " and " + Conditions(org_, reader_, inner, values_, options_).level(nesting + 1);
    std::string out = "select " + named.sql + " from " + quote_name(inner.object().name) + " " + inner.alias();
    for (const Scope::Join& join : inner.joins()) out += join.sql;
    return out + where + " and " + named.sql + " is not null";
  }

  // INCLUDES ('a;b', 'c'): the record has both a and b, or c.
  std::string includes(const Scope::Named& named, bool negated) {
    if (named.field->kind != Kind::choices) throw SoqlError{"INVALID_QUERY_FILTER_OPERATOR", "includes and excludes are for multi-select picklists only"};
    reader_.expect_sign("(");
    std::string any;
    do {
      const Token token = reader_.take_any();
      if (token.kind != Token::Kind::text) reader_.unexpected();
      std::string all;
      std::string_view rest = token.text;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        values_.emplace_back(";" + std::string(rest.substr(0, end)) + ";");
        all += (all.empty() ? "" : " and ") + std::string("instr(';' || ") + named.sql + " || ';', ?) > 0";
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      any += (any.empty() ? "(" : " or (") + (all.empty() ? "0" : all) + ")";
    } while (reader_.take_sign(","));
    reader_.expect_sign(")");
    return negated ? "not coalesce((" + any + "), 0)" : "(" + any + ")";
  }

  std::string collation(const Field& field) const { return field.kind == Kind::id || field.case_sensitive || is_number(field) || is_time(field) || field.kind == Kind::boolean ? "" : " collate nocase"; }

  [[noreturn]] void wrong_type(const Field& field, const char* type, bool quoted) const {
    throw SoqlError{"INVALID_FIELD", "value of filter criterion for field '" + field.name + "' must be of type " + type + " and should " + (quoted ? "" : "not ") + "be enclosed in quotes"};
  }

  Value value(const Field& field) {
    const Token token = reader_.take_any();
    if (is_time(field)) return time(field, token);
    if (is_number(field)) {
      if (token.kind != Token::Kind::number) wrong_type(field, "double", false);
      double number = 0;
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), number);
      return number;
    }
    if (field.kind == Kind::boolean) {
      if (token.kind != Token::Kind::word || (!same_word(token.text, "true") && !same_word(token.text, "false"))) wrong_type(field, "boolean", false);
      return std::int64_t{same_word(token.text, "true")};
    }
    if (token.kind != Token::Kind::text) wrong_type(field, "string", true);
    std::string text = token.text;
    // Escapes that only LIKE heeds.
    for (std::size_t at = 0; (at = text.find('\\', at)) != std::string::npos; ++at) text.erase(at, 1);
    if (is_id(field) && !text.empty()) {
      const std::optional<std::string> id = full_id(text);
      if (!id) throw SoqlError{"INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: " + text};
      return *id;
    }
    return text;
  }

  Value time(const Field& field, const Token& token) const {
    const char* type = field.kind == Kind::date ? "date" : "dateTime";
    std::optional<std::int64_t> ms;
    if (token.kind == Token::Kind::time) {
      const bool day = is_iso_date(token.text);
      // A dateTime without an offset is refused; a plain date is no dateTime and the other way round.
      if (day == (field.kind == Kind::datetime)) wrong_type(field, type, false);
      const char last = token.text.back();
      const bool zoned = last == 'Z' || token.text.find('+') != std::string::npos || token.text.rfind('-') > token.text.find('T');
      if (!day && !zoned) wrong_type(field, type, false);
      ms = parse_iso_time(token.text);
    } else if (token.kind == Token::Kind::word) {
      ms = relative(token.text);
    }
    if (!ms) wrong_type(field, type, false);
    return field.kind == Kind::date ? iso_date(*ms) : iso_time(*ms, Zone::plus_0000, true);
  }

  // The beginning of the day that a word means.
  std::optional<std::int64_t> relative(const std::string& word) const {
    const std::int64_t today = midnight_ms(options_.now_ms, 0);
    if (same_word(word, "TODAY")) return today;
    if (same_word(word, "YESTERDAY")) return today - kDayMs;
    if (same_word(word, "TOMORROW")) return today + kDayMs;
    constexpr std::string_view kLast = "LAST_N_DAYS:";
    if (word.size() <= kLast.size() || !same_word(std::string_view(word).substr(0, kLast.size()), kLast)) return std::nullopt;
    std::int64_t days = 0;
    const auto [end, error] = std::from_chars(word.data() + kLast.size(), word.data() + word.size(), days);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return today - days * kDayMs;
  }

  Org& org_;
  SoqlReader& reader_;
  Scope& scope_;
  std::vector<Value>& values_;
  const SoqlOptions& options_;
};

}  // namespace

std::string compile_condition(Org& org, SoqlReader& reader, Scope& scope, std::vector<Value>& values, const SoqlOptions& options, int nesting) {
  return Conditions(org, reader, scope, values, options).level(nesting);
}

}  // namespace godwit::sandbox::salesforce
