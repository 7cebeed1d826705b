#include "connectors/zoho/sandbox/filters.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "plugins/kits/sandbox/clock.hpp"
#include "plugins/kits/sandbox/rules.hpp"

namespace godwit::sandbox::zoho {
namespace {

// Parts that there are, with a blank between them.
std::string formula_sql(const std::string& table, const Field& field) {
  std::string sql;
  for (const Json& part : field.raw->value("parts", Json::array()))
    sql += (sql.empty() ? "" : " || ' ' || ") + ("coalesce(" + table + "." + quote_name(part.get<std::string>()) + ", '')");
  return sql.empty() ? "null" : "nullif(trim(" + sql + "), '')";
}

std::string column_sql(const std::string& table, const Field& field) {
  return field.type == "formula" ? formula_sql(table, field) : table + "." + quote_name(field.name);
}

std::string escaped_like(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// A value as the column has it; nullopt: the field cannot have it.
std::optional<Value> stored(const Field& field, const std::string& text, int zone_minutes) {
  switch (field.kind) {
    case Kind::boolean:
      if (same_word(text, "true") || text == "1") return Value(std::int64_t{1});
      if (same_word(text, "false") || text == "0") return Value(std::int64_t{0});
      return std::nullopt;
    case Kind::integer:
    case Kind::decimal:
    case Kind::exact_decimal: {
      double number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
      return Value(number);
    }
    case Kind::date:
      if (!is_iso_date(text)) return std::nullopt;
      return Value(text);
    case Kind::datetime: {
      const auto ms = parse_iso_time(text, zone_minutes);
      if (!ms) return std::nullopt;
      return Value(iso_time(*ms, Zone::plus_0000, true));
    }
    default: return Value(text);
  }
}

bool is_number(const Field& field) { return field.kind == Kind::integer || field.kind == Kind::decimal || field.kind == Kind::exact_decimal; }
bool is_text(const Field& field) { return !is_number(field) && field.kind != Kind::boolean && field.kind != Kind::date && field.kind != Kind::datetime; }

class Comparison {
 public:
  Comparison(const Expression& expression, const std::vector<std::string>& values, int zone_minutes)
      : field_(*expression.field), sql_(field_.kind == Kind::exact_decimal ? "cast(" + expression.sql + " as real)" : expression.sql), texts_(values), zone_minutes_(zone_minutes),
        fold_(is_text(field_) && !field_.case_sensitive ? " collate nocase" : "") {}

  std::optional<Condition> of(std::string_view word) {
    if ((word == "equal" || word == "not_equal") && texts_.empty()) return Condition{sql_ + (word == "equal" ? " is null" : " is not null"), {}};
    if (field_.kind == Kind::choices) return of_choices(word);
    if (word == "equal") return simple(" = ", 1);
    // What has no value differs from every value.
    if (word == "not_equal") return around("(", simple(" <> ", 1), " or " + sql_ + " is null)");
    if (word == "less_than") return simple(" < ", 1);
    if (word == "less_equal") return simple(" <= ", 1);
    if (word == "greater_than") return simple(" > ", 1);
    if (word == "greater_equal") return simple(" >= ", 1);
    if (word == "between") return list(" between ", " and ", "", 2);
    if (word == "not_between") return list(" not between ", " and ", "", 2);
    if (word == "in") return list(" in (", ", ", ")", 0);
    if (word == "not_in") return list(" not in (", ", ", ")", 0);
    if (word == "contains") return like("%", "%", "");
    if (word == "not_contains") return around("(", like("%", "%", "not "), " or " + sql_ + " is null)");
    if (word == "starts_with") return like("", "%", "");
    if (word == "ends_with") return like("%", "", "");
    return std::nullopt;
  }

 private:
  std::optional<Condition> simple(const char* sign, std::size_t count) {
    if (texts_.size() != count) return std::nullopt;
    const auto value = stored(field_, texts_[0], zone_minutes_);
    if (!value) return std::nullopt;
    return Condition{sql_ + sign + "?" + fold_, {*value}};
  }

  static std::optional<Condition> around(const char* before, std::optional<Condition> inner, const std::string& after) {
    if (inner) inner->sql = before + inner->sql + after;
    return inner;
  }

  std::optional<Condition> list(const char* before, const char* between, const char* after, std::size_t count) {
    if (texts_.empty() || (count > 0 && texts_.size() != count)) return std::nullopt;
    Condition out;
    for (const std::string& text : texts_) {
      const auto value = stored(field_, text, zone_minutes_);
      if (!value) return std::nullopt;
      out.sql += (out.sql.empty() ? "?" : std::string(between) + "?");
      out.values.push_back(*value);
    }
    out.sql = sql_ + fold_ + before + out.sql + after;
    return out;
  }

  std::optional<Condition> like(const char* before, const char* after, const char* negated) {
    if (texts_.size() != 1 || !is_text(field_)) return std::nullopt;
    return Condition{sql_ + " " + negated + "like ? escape '\\'", {before + escaped_like(texts_[0]) + after}};
  }

  // Several choices lie in one text, "A;B".
  std::optional<Condition> of_choices(std::string_view word) {
    const bool negated = word == "not_equal" || word == "not_in" || word == "not_contains";
    if (!negated && word != "equal" && word != "in" && word != "contains") return std::nullopt;
    Condition out;
    for (const std::string& text : texts_) {
      out.sql += (out.sql.empty() ? "" : " or ") + ("instr(';' || " + sql_ + " || ';', ?) > 0");
      out.values.emplace_back(";" + text + ";");
    }
    if (out.sql.empty()) return std::nullopt;
    out.sql = negated ? "(" + sql_ + " is null or not (" + out.sql + "))" : "(" + out.sql + ")";
    return out;
  }

  const Field& field_;
  std::string sql_;
  const std::vector<std::string>& texts_;
  int zone_minutes_;
  std::string fold_;
};

}  // namespace

std::optional<Expression> expression_of(const Model& model, const Object& module, std::string_view path) {
  const Object* at = &module;
  std::string table = "t", before, after;
  int depth = 0;
  while (true) {
    const std::size_t dot = path.find('.');
    const Field* field = at->field(path.substr(0, dot));
    if (field == nullptr || field->type == "subform" || field->kind == Kind::json) return std::nullopt;
    if (dot == std::string_view::npos) return Expression{before + column_sql(table, *field) + after, field, at, depth};
    path.remove_prefix(dot + 1);
    if (!is_lookup(*field) || field->references.size() != 1) return std::nullopt;
    if (path == "id") return Expression{before + column_sql(table, *field) + after, field, at, depth};
    const Object* next = model.object(field->references.front());
    if (next == nullptr || ++depth > 3) return std::nullopt;
    // A lookup is read by a query of its own: at most one record has the id.
    const std::string alias = "t" + std::to_string(depth);
    before += "(select ";
    after = " from " + quote_name(next->name) + " " + alias + " where " + alias + ".\"id\" = " + column_sql(table, *field) + " and " + alias + ".sandbox_deleted_ms is null)" + after;
    at = next, table = alias;
  }
}

std::optional<Condition> compare(const Expression& expression, std::string_view comparator, const std::vector<std::string>& values, int zone_minutes) {
  if (comparator == "equals") comparator = "equal";
  return Comparison(expression, values, zone_minutes).of(comparator);
}

}  // namespace godwit::sandbox::zoho
