#include "connectors/zoho/sandbox/coql.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "connectors/zoho/sandbox/coql_lexer.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr std::size_t kMostItems = 500, kMostInValues = 100;
constexpr std::int64_t kMostRows = 2'000, kFarthestRow = 100'000;
constexpr int kDeepest = 50;

class Parser {
 public:
  Parser(const Model& model, std::string_view text, const CoqlRules& rules) : model_(model), text_(text), rules_(rules) {
    std::size_t bad_at = 0;
    tokens_ = coql_tokens(text, bad_at);
    if (bad_at != std::string_view::npos) syntax(bad_at);
  }

  // What is wrong is thrown as a Problem.
  CoqlQuery parse() {
    expect("select");
    const std::size_t items_from = at_;
    skip_items();
    expect("from");
    module();
    const std::size_t after_module = at_;
    at_ = items_from;
    items();
    at_ = after_module;
    if (!word("where")) throw Problem{"SYNTAX_ERROR", "error occurred while parsing the query", {{"clause", "WHERE"}}};
    out_.where = conditions(0);
    group_by();
    order_by();
    limit();
    if (now().kind != Token::Kind::end) syntax(now().at);
    return std::move(out_);
  }

 private:
  const Token& now() const { return tokens_[std::min(at_, tokens_.size() - 1)]; }
  bool is_word(std::string_view one) const { return now().kind == Token::Kind::word && same_word(now().value, one); }
  bool is_sign(std::string_view one) const { return now().kind == Token::Kind::sign && now().value == one; }
  bool word(std::string_view one) { return is_word(one) ? ++at_, true : false; }
  bool sign(std::string_view one) { return is_sign(one) ? ++at_, true : false; }
  void expect(std::string_view one) {
    if (!word(one)) syntax(now().at);
  }
  void expect_sign(std::string_view one) {
    if (!sign(one)) syntax(now().at);
  }

  [[noreturn]] void syntax(std::size_t at) const {
    const auto line = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at, text_.size())), '\n');
    const std::size_t start = at == 0 ? 0 : text_.rfind('\n', at - 1) == std::string_view::npos ? 0 : text_.rfind('\n', at - 1) + 1;
    throw Problem{"SYNTAX_ERROR", "error occurred while parsing the query",
                  {{"line", line + 1}, {"column", at - start + 1}, {"near", std::string(text_.substr(std::min(at, text_.size()), 20))}}};
  }
  [[noreturn]] static void over(const char* clause, std::int64_t limit) { throw Problem{"LIMIT_EXCEEDED", "the limit of the clause is exceeded", {{"clause", clause}, {"limit", limit}}}; }

  std::string name() {
    if (now().kind != Token::Kind::word) syntax(now().at);
    return tokens_[at_++].value;
  }

  Expression expression(const std::string& path) const {
    const auto found = expression_of(model_, *out_.module, path);
    if (!found) throw Problem{"INVALID_QUERY", "invalid query formed", {{"column_name", path}, {"reason", "column not found"}}};
    return *found;
  }

  void module() {
    const std::string wanted = name();
    out_.module = model_.object(wanted);
    if (out_.module == nullptr) throw Problem{"INVALID_QUERY", "invalid query formed", {{"module", wanted}, {"reason", "module not found"}}};
  }

  // The module comes behind the items, and they mean nothing without it.
  void skip_items() {
    while (!is_word("from")) {
      if (now().kind == Token::Kind::end) syntax(now().at);
      ++at_;
    }
  }

  void items() {
    std::set<std::string> known;
    do {
      SelectItem item;
      std::string path = name();
      const std::string function = upper(path);
      if (is_sign("(")) {
        if (function != "COUNT" && function != "SUM" && function != "MIN" && function != "MAX" && function != "AVG") syntax(tokens_[at_ - 1].at);
        ++at_;
        path = name();
        expect_sign(")");
        item.aggregate = function;
        item.key = function + "(" + path + ")";
      } else {
        item.key = path;
      }
      item.expression = expression(path);
      if (word("as")) item.key = name();
      if (!known.insert(item.key).second) throw Problem{"DUPLICATE_DATA", "duplicate data", {{"column_name", item.key}}};
      out_.items.push_back(std::move(item));
    } while (sign(","));
    if (!is_word("from")) syntax(now().at);
    if (out_.items.size() > kMostItems) over("select", kMostItems);
  }

  static std::string upper(std::string text) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return text;
  }

  Condition conditions(int depth) {
    if (depth > kDeepest) syntax(now().at);
    Condition out = primary(depth);
    for (int pairs = 0; is_word("and") || is_word("or"); ++pairs) {
      if (rules_.pairs && pairs > 0) syntax(now().at);
      const bool both = word("and");
      if (!both) ++at_;
      const Condition right = primary(depth);
      out.sql = "(" + out.sql + (both ? " and " : " or ") + right.sql + ")";
      out.values.insert(out.values.end(), right.values.begin(), right.values.end());
    }
    return out;
  }

  Condition primary(int depth) {
    if (sign("(")) {
      Condition out = conditions(depth + 1);
      expect_sign(")");
      return out;
    }
    const std::string path = name();
    return comparison(path, expression(path));
  }

  Condition comparison(const std::string& path, const Expression& left) {
    const Token& by = now();
    if (word("is")) {
      const bool negated = word("not");
      expect("null");
      return made(path, left, negated ? "not_equal" : "equal", {});
    }
    const bool negated = word("not");
    if (word("in")) return made(path, left, negated ? "not_in" : "in", value_list());
    if (word("between")) {
      std::vector<std::string> values{value()};
      expect("and");
      values.push_back(value());
      return made(path, left, negated ? "not_between" : "between", values);
    }
    if (word("like")) return like(path, left, value(), negated);
    if (negated || by.kind != Token::Kind::sign) syntax(now().at);
    ++at_;
    const char* comparator = by.value == "=" ? "equal" : by.value == "!=" || by.value == "<>" ? "not_equal" : by.value == "<" ? "less_than" : by.value == "<=" ? "less_equal"
                             : by.value == ">" ? "greater_than" : by.value == ">=" ? "greater_equal" : nullptr;
    if (comparator == nullptr) syntax(by.at);
    return made(path, left, comparator, {value()});
  }

  Condition like(const std::string& path, const Expression& left, std::string pattern, bool negated) {
    const bool open_start = pattern.starts_with('%'), open_end = pattern.size() > open_start && pattern.ends_with('%');
    pattern = pattern.substr(open_start, pattern.size() - open_start - open_end);
    if (pattern.find('%') != std::string::npos) throw Problem{"INVALID_QUERY", "invalid query formed", {{"column_name", path}, {"operator", "like"}}};
    Condition out = made(path, left, open_start && open_end ? "contains" : open_end ? "starts_with" : open_start ? "ends_with" : "equal", {pattern});
    if (negated) out.sql = "not coalesce(" + out.sql + ", 0)";
    return out;
  }

  Condition made(const std::string& path, const Expression& left, const char* comparator, const std::vector<std::string>& values) const {
    auto out = compare(left, comparator, values, rules_.zone_minutes);
    if (!out) throw Problem{"INVALID_QUERY", "invalid query formed", {{"column_name", path}, {"operator", comparator}, {"reason", "invalid operator or value"}}};
    return *out;
  }

  std::string value() {
    const Token& token = now();
    const bool plain = token.kind == Token::Kind::text || token.kind == Token::Kind::number || is_word("true") || is_word("false");
    if (!plain) syntax(token.at);
    ++at_;
    return token.value;
  }

  std::vector<std::string> value_list() {
    expect_sign("(");
    std::vector<std::string> out;
    do out.push_back(value());
    while (sign(","));
    expect_sign(")");
    if (out.size() > kMostInValues) over("in", kMostInValues);
    return out;
  }

  void group_by() {
    if (!word("group")) return;
    expect("by");
    do out_.group_by.push_back(expression(name()).sql);
    while (sign(","));
  }

  void order_by() {
    if (!word("order")) return;
    expect("by");
    do {
      const Expression by = expression(name());
      const char* order = word("desc") ? " desc" : (static_cast<void>(word("asc")), " asc");
      out_.order_by += (out_.order_by.empty() ? "" : ", ") + by.sql + order;
    } while (sign(","));
  }

  std::int64_t whole() {
    const Token& token = now();
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(token.value.data(), token.value.data() + token.value.size(), out);
    if (token.kind != Token::Kind::number || error != std::errc() || end != token.value.data() + token.value.size() || out < 0) syntax(token.at);
    ++at_;
    return out;
  }

  void limit() {
    if (word("limit")) {
      out_.limit = whole();
      // "limit 200, 100": from the 200th on, a hundred.
      if (sign(",")) out_.offset = out_.limit, out_.limit = whole();
    }
    if (word("offset")) out_.offset = whole();
    if (out_.limit > kMostRows || out_.limit == 0) over("limit", kMostRows);
    if (out_.offset + out_.limit > kFarthestRow) over("offset", kFarthestRow);
  }

  const Model& model_;
  std::string_view text_;
  CoqlRules rules_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  CoqlQuery out_;
};

}  // namespace

std::variant<CoqlQuery, Problem> parse_coql(const Model& model, std::string_view text, const CoqlRules& rules) {
  try {
    return Parser(model, text, rules).parse();
  } catch (Problem& problem) {
    return std::move(problem);
  }
}

}  // namespace godwit::sandbox::zoho
