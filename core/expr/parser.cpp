// Recursive descent over the tokens. From loosest to tightest: pipe; or; and; not; comparison, is, in, between,
// like; ||; + -; * / %; unary minus; member; primary.

#include <algorithm>
#include <utility>

#include "core/expr/syntax.hpp"

namespace godwit::expr {
namespace {

class Parser {
 public:
  explicit Parser(const SourceText& source) : source_(source) { advance(0); }

  Result<SyntaxPtr> whole() {
    if (token_.kind == TokenKind::end) return fail(2109, 0);
    GW_ASSIGN(SyntaxPtr out, expression());
    if (token_.kind != TokenKind::end) return surplus();
    return out;
  }

 private:
  using Children = std::vector<SyntaxPtr>;

  // ---- tokens ----
  void advance(std::size_t from) { token_ = next_token(source_.text(), from); }
  void skip() { last_end_ = token_.end, advance(token_.end); }
  bool at(TokenKind kind) const { return token_.kind == kind; }
  bool take(TokenKind kind) {
    if (!at(kind)) return false;
    return skip(), true;
  }
  bool at_word(std::string_view word) const { return at(TokenKind::name) && same_word(token_.text, word); }
  bool take_word(std::string_view word) {
    if (!at_word(word)) return false;
    return skip(), true;
  }
  // The token after the next one.
  Token peek() const { return next_token(source_.text(), token_.end); }

  // ---- errors ----
  Failure fail(int number, std::size_t begin, std::initializer_list<Argument> arguments = {}) const {
    return source_.fail(number, begin, arguments);
  }
  Failure bad_token() const {
    return fail(token_.problem, token_.begin, {{"seen", shortened(token_.text)}, {"expected", token_.expected}});
  }
  std::string seen() const { return shortened(source_.text().substr(token_.begin, token_.end - token_.begin)); }
  // `expected` are words or signs of the language.
  Failure unexpected(std::string_view expected) const {
    if (at(TokenKind::bad)) return bad_token();
    if (at(TokenKind::end)) return fail(2111, token_.begin, {{"expected", std::string(expected)}});
    return fail(2110, token_.begin, {{"seen", seen()}, {"expected", std::string(expected)}});
  }
  // What is missing here is said by the message.
  Failure missing(int number) const {
    if (at(TokenKind::bad)) return bad_token();
    if (at(TokenKind::end)) return fail(2151, token_.begin);
    return fail(number, token_.begin, {{"seen", seen()}});
  }
  Failure surplus() const { return at(TokenKind::bad) ? bad_token() : fail(2152, token_.begin, {{"seen", seen()}}); }
  Result<> expect(TokenKind kind, std::string_view what) {
    if (!take(kind)) return unexpected(what);
    return {};
  }
  Result<> expect_word(std::string_view word) {
    if (!take_word(word)) return unexpected(word);
    return {};
  }

  // ---- nodes ----
  Result<SyntaxPtr> node(SyntaxKind kind, std::size_t begin, Children children = {}) {
    auto out = std::make_unique<Syntax>();
    out->kind = kind, out->begin = begin, out->end = last_end_;
    for (const SyntaxPtr& c : children) out->depth = std::max(out->depth, c->depth + 1);
    out->children = std::move(children);
    if (out->depth > kDeepestExpression) return fail(2101, begin, {{"expected", std::to_string(kDeepestExpression)}});
    return out;
  }
  Result<SyntaxPtr> binary(SyntaxKind kind, SyntaxPtr left, SyntaxPtr right, TokenKind op, std::size_t op_begin) {
    Children both;
    const std::size_t begin = left->begin;
    both.push_back(std::move(left)), both.push_back(std::move(right));
    GW_ASSIGN(SyntaxPtr out, node(kind, begin, std::move(both)));
    out->op = op, out->op_begin = op_begin;
    return out;
  }
  // Counts the nesting of what is being parsed; the tree's own depth is counted in node().
  struct Level {
    explicit Level(int& level) : level(level) { ++level; }
    ~Level() { --level; }
    int& level;
  };
  Result<> deep_enough() const {
    if (level_ > kDeepestExpression) return fail(2101, token_.begin, {{"expected", std::to_string(kDeepestExpression)}});
    return {};
  }

  Result<SyntaxPtr> expression() {
    const Level level(level_);
    GW_TRY(deep_enough());
    GW_ASSIGN(SyntaxPtr left, logical(SyntaxKind::logical_or));
    while (take(TokenKind::pipe)) {
      if (!at(TokenKind::name) || is_reserved(token_.text)) return missing(2153);
      GW_ASSIGN(left, call(std::move(left)));
    }
    return left;
  }

  // or, and, ||: one node for the whole chain.
  Result<SyntaxPtr> logical(SyntaxKind kind) {
    const auto part = [&]() -> Result<SyntaxPtr> {
      if (kind == SyntaxKind::logical_or) return logical(SyntaxKind::logical_and);
      return kind == SyntaxKind::logical_and ? negation() : sum();
    };
    const auto joined = [&] {
      if (kind == SyntaxKind::concat) return take(TokenKind::concat);
      return take_word(kind == SyntaxKind::logical_or ? "or" : "and");
    };
    GW_ASSIGN(SyntaxPtr first, part());
    const std::size_t begin = first->begin;
    Children parts;
    parts.push_back(std::move(first));
    std::size_t op_begin = token_.begin;
    while (joined()) {
      GW_ASSIGN(SyntaxPtr next, part());
      parts.push_back(std::move(next));
    }
    if (parts.size() == 1) return std::move(parts.front());
    GW_ASSIGN(SyntaxPtr out, node(kind, begin, std::move(parts)));
    out->op_begin = op_begin;
    return out;
  }

  Result<SyntaxPtr> negation() {
    const std::size_t begin = token_.begin;
    if (!take_word("not")) return predicate();
    const Level level(level_);
    GW_TRY(deep_enough());
    GW_ASSIGN(SyntaxPtr operand, negation());
    return unary(SyntaxKind::logical_not, begin, std::move(operand));
  }

  Result<SyntaxPtr> unary(SyntaxKind kind, std::size_t begin, SyntaxPtr operand) {
    Children one;
    one.push_back(std::move(operand));
    GW_ASSIGN(SyntaxPtr out, node(kind, begin, std::move(one)));
    out->op_begin = begin;
    return out;
  }

  static bool is_comparison(TokenKind kind) { return kind >= TokenKind::equal && kind <= TokenKind::greater_equal; }

  Result<SyntaxPtr> predicate() {
    GW_ASSIGN(SyntaxPtr left, logical(SyntaxKind::concat));
    bool compared = false;
    for (;;) {
      const std::size_t begin = token_.begin;
      if (is_comparison(token_.kind)) {
        if (compared) return fail(2112, begin, {{"seen", std::string(source_.text().substr(begin, token_.end - begin))}});
        const TokenKind op = token_.kind;
        skip();
        GW_ASSIGN(SyntaxPtr right, logical(SyntaxKind::concat));
        GW_ASSIGN(left, binary(SyntaxKind::comparison, std::move(left), std::move(right), op, begin));
        compared = true;
      } else if (at_word("is")) {
        GW_ASSIGN(left, is(std::move(left)));
      } else if (at_word("not") || at_word("in") || at_word("between") || at_word("like")) {
        if (compared) return fail(2112, begin, {{"seen", token_.text}});
        GW_ASSIGN(left, set_test(std::move(left)));
        compared = true;
      } else {
        return left;
      }
    }
  }

  Result<SyntaxPtr> is(SyntaxPtr operand) {
    const std::size_t begin = operand->begin, op_begin = token_.begin;
    skip();
    const bool negated = take_word("not");
    const bool null = at_word("null"), yes = at_word("true"), no = at_word("false");
    if (!null && !yes && !no) return unexpected("null, true, false");
    skip();
    GW_ASSIGN(SyntaxPtr out, unary(null ? SyntaxKind::is_null : SyntaxKind::is_truth, begin, std::move(operand)));
    out->negated = negated, out->op_begin = op_begin, out->op = yes ? TokenKind::equal : TokenKind::not_equal;
    return out;
  }

  // [not] in (...), [not] between a and b, [not] like p [escape e].
  Result<SyntaxPtr> set_test(SyntaxPtr operand) {
    const std::size_t begin = operand->begin, op_begin = token_.begin;
    const bool negated = take_word("not");
    Children parts;
    parts.push_back(std::move(operand));
    const auto add = [&]() -> Result<> {
      GW_ASSIGN(SyntaxPtr next, logical(SyntaxKind::concat));
      parts.push_back(std::move(next));
      return {};
    };
    SyntaxKind kind = SyntaxKind::in;
    if (take_word("in")) {
      GW_TRY(expect(TokenKind::left_paren, "("));
      do {
        GW_ASSIGN(SyntaxPtr next, expression());
        parts.push_back(std::move(next));
      } while (take(TokenKind::comma));
      GW_TRY(expect(TokenKind::right_paren, ", )"));
    } else if (take_word("between")) {
      kind = SyntaxKind::between;
      GW_TRY(add());
      GW_TRY(expect_word("and"));
      GW_TRY(add());
    } else if (take_word("like")) {
      kind = SyntaxKind::like;
      GW_TRY(add());
      if (take_word("escape")) GW_TRY(add());
    } else {
      return unexpected("in, between, like");
    }
    GW_ASSIGN(SyntaxPtr out, node(kind, begin, std::move(parts)));
    out->negated = negated, out->op_begin = op_begin;
    return out;
  }

  Result<SyntaxPtr> sum() {
    GW_ASSIGN(SyntaxPtr left, product());
    while (at(TokenKind::plus) || at(TokenKind::minus)) {
      const Token op = token_;
      skip();
      GW_ASSIGN(SyntaxPtr right, product());
      GW_ASSIGN(left, binary(SyntaxKind::arithmetic, std::move(left), std::move(right), op.kind, op.begin));
    }
    return left;
  }
  Result<SyntaxPtr> product() {
    GW_ASSIGN(SyntaxPtr left, signed_value());
    while (at(TokenKind::star) || at(TokenKind::slash) || at(TokenKind::percent)) {
      const Token op = token_;
      skip();
      GW_ASSIGN(SyntaxPtr right, signed_value());
      GW_ASSIGN(left, binary(SyntaxKind::arithmetic, std::move(left), std::move(right), op.kind, op.begin));
    }
    return left;
  }
  Result<SyntaxPtr> signed_value() {
    const std::size_t begin = token_.begin;
    if (at(TokenKind::minus)) {
      skip();
      // The smallest integer has no positive twin: -9223372036854775808 is one literal.
      if (at(TokenKind::integer) && peek().kind != TokenKind::dot) {
        token_.text = '-' + token_.text, token_.begin = begin;
        return member();
      }
      const Level level(level_);
      GW_TRY(deep_enough());
      GW_ASSIGN(SyntaxPtr operand, signed_value());
      return unary(SyntaxKind::negate, begin, std::move(operand));
    }
    if (take(TokenKind::plus)) {
      const Level level(level_);
      GW_TRY(deep_enough());
      return signed_value();
    }
    return member();
  }

  Result<SyntaxPtr> member() {
    GW_ASSIGN(SyntaxPtr left, primary());
    while (take(TokenKind::dot)) {
      if (!at(TokenKind::name) && !at(TokenKind::quoted_name)) return missing(2154);
      const Token name = token_;
      skip();
      const std::size_t begin = left->begin;
      GW_ASSIGN(left, unary(SyntaxKind::member, begin, std::move(left)));
      left->text = name.text, left->op_begin = name.begin, left->quoted = name.kind == TokenKind::quoted_name;
    }
    return left;
  }

  Result<SyntaxPtr> leaf(SyntaxKind kind) {
    const Token token = token_;
    skip();
    GW_ASSIGN(SyntaxPtr out, node(kind, token.begin));
    out->text = token.text, out->op_begin = token.begin;
    return out;
  }

  Result<SyntaxPtr> primary() {
    switch (token_.kind) {
      case TokenKind::text: return leaf(SyntaxKind::text);
      case TokenKind::integer: return leaf(SyntaxKind::integer);
      case TokenKind::decimal: return leaf(SyntaxKind::decimal);
      case TokenKind::exponent: return leaf(SyntaxKind::exponent);
      case TokenKind::quoted_name: {
        GW_ASSIGN(SyntaxPtr out, leaf(SyntaxKind::name));
        out->quoted = true;
        return out;
      }
      case TokenKind::left_paren: {
        skip();
        GW_ASSIGN(SyntaxPtr inner, expression());
        GW_TRY(expect(TokenKind::right_paren, ")"));
        return inner;
      }
      case TokenKind::name: return word();
      default: return missing(2150);
    }
  }

  Result<SyntaxPtr> word() {
    if (at_word("null")) return leaf(SyntaxKind::null_literal);
    if (at_word("true")) return leaf(SyntaxKind::true_literal);
    if (at_word("false")) return leaf(SyntaxKind::false_literal);
    if (at_word("unset")) return leaf(SyntaxKind::unset);
    if (at_word("case")) return case_expression();
    if (is_reserved(token_.text)) return missing(2150);
    const Token after = peek();
    if (after.kind == TokenKind::text && (at_word("date") || at_word("timestamp"))) {
      const SyntaxKind kind = at_word("date") ? SyntaxKind::date : SyntaxKind::timestamp;
      const std::size_t begin = token_.begin;
      skip();
      GW_ASSIGN(SyntaxPtr out, leaf(kind));
      out->begin = begin;
      return out;
    }
    if (after.kind == TokenKind::left_paren) return call(nullptr);
    return leaf(SyntaxKind::name);
  }

  Result<SyntaxPtr> case_expression() {
    const std::size_t begin = token_.begin;
    skip();
    Children parts;
    const auto add = [&]() -> Result<> {
      GW_ASSIGN(SyntaxPtr next, expression());
      parts.push_back(std::move(next));
      return {};
    };
    const bool has_operand = !at_word("when");
    if (has_operand) GW_TRY(add());
    if (!at_word("when")) return unexpected("when");
    while (take_word("when")) {
      GW_TRY(add());
      GW_TRY(expect_word("then"));
      GW_TRY(add());
    }
    const bool has_otherwise = take_word("else");
    if (has_otherwise) GW_TRY(add());
    if (!take_word("end")) return unexpected(has_otherwise ? "end" : "when, else, end");
    GW_ASSIGN(SyntaxPtr out, node(SyntaxKind::case_, begin, std::move(parts)));
    out->has_operand = has_operand, out->has_otherwise = has_otherwise;
    return out;
  }

  // name(arguments), or after a pipe also a bare name; `piped` becomes the first argument.
  Result<SyntaxPtr> call(SyntaxPtr piped) {
    const Token name = token_;
    const std::size_t begin = piped == nullptr ? name.begin : piped->begin;
    const bool is_pipe = piped != nullptr;
    skip();
    Children arguments;
    std::vector<std::string> names;
    std::vector<std::size_t> name_begins;
    const auto add = [&](SyntaxPtr value, std::string argument_name, std::size_t name_begin) {
      arguments.push_back(std::move(value)), names.push_back(std::move(argument_name)), name_begins.push_back(name_begin);
    };
    if (is_pipe) add(std::move(piped), {}, name.begin);
    if (!is_pipe || at(TokenKind::left_paren)) {
      GW_TRY(expect(TokenKind::left_paren, "("));
      const bool mapped = same_word(name.text, "value_map");
      while (!at(TokenKind::right_paren)) {
        std::string argument_name;
        const std::size_t name_begin = token_.begin;
        if ((at(TokenKind::name) || at(TokenKind::quoted_name)) && peek().kind == TokenKind::arrow) {
          argument_name = token_.text;
          skip(), skip();
        } else if (!names.empty() && !names.back().empty()) {
          return fail(2113, token_.begin);
        }
        GW_ASSIGN(SyntaxPtr value, argument(mapped && argument_name.empty() && arguments.size() == 1));
        add(std::move(value), std::move(argument_name), name_begin);
        if (!take(TokenKind::comma)) break;
        if (at(TokenKind::right_paren)) return missing(2150);
      }
      GW_TRY(expect(TokenKind::right_paren, ", )"));
    }
    GW_ASSIGN(SyntaxPtr out, node(SyntaxKind::call, begin, std::move(arguments)));
    out->text = name.text, out->op_begin = name.begin, out->piped = is_pipe;
    out->names = std::move(names), out->name_begins = std::move(name_begins);
    return out;
  }

  Result<SyntaxPtr> argument(bool may_be_path) {
    if (may_be_path)
      if (const std::size_t end = end_of_path(); end != 0) {
        GW_ASSIGN(SyntaxPtr out, node(SyntaxKind::path, token_.begin));
        out->text = std::string(source_.text().substr(token_.begin, end - token_.begin));
        out->end = last_end_ = end;
        advance(end);
        return out;
      }
    if (!at(TokenKind::left_bracket)) return expression();
    const std::size_t begin = token_.begin;
    skip();
    Children items;
    do {
      GW_ASSIGN(SyntaxPtr item, expression());
      items.push_back(std::move(item));
    } while (take(TokenKind::comma));
    GW_TRY(expect(TokenKind::right_bracket, ", ]"));
    return node(SyntaxKind::list, begin, std::move(items));
  }

  // A bare file name runs to the next comma or parenthesis: it holds a dot and neither quotes nor blanks. 0: none.
  std::size_t end_of_path() const {
    const std::string_view text = source_.text();
    std::size_t end = token_.begin;
    bool dot = false;
    while (end < text.size() && text[end] != ',' && text[end] != ')') {
      const char c = text[end];
      if (c == '\'' || c == '"' || c == '(' || c == '\n') return 0;
      dot = dot || c == '.';
      ++end;
    }
    while (end > token_.begin && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
    const std::string_view path = text.substr(token_.begin, end - token_.begin);
    return dot && path.find(' ') == std::string_view::npos && path.find('\t') == std::string_view::npos ? end : 0;
  }

  const SourceText& source_;
  Token token_;
  std::size_t last_end_ = 0;
  int level_ = 0;
};

}  // namespace

Result<SyntaxPtr> parse(const SourceText& source) {
  if (source.text().size() > kLongestExpression)
    return source.fail(2100, 0, {{"seen", std::to_string(source.text().size())}, {"expected", std::to_string(kLongestExpression)}});
  return Parser(source).whole();
}

}  // namespace godwit::expr
