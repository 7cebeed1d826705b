#pragma once
// An expression as parsed: what was written, before any name is looked up.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/source_text.hpp"
#include "core/expr/token.hpp"
#include "core/model/result.hpp"

namespace godwit::expr {

// No text can be so long or so nested that a walk over its tree overflows the stack. Chains of and, or and ||
// are one node however long they are.
inline constexpr std::size_t kLongestExpression = std::size_t{256} << 10;
inline constexpr int kDeepestExpression = 200;

enum class SyntaxKind : std::uint8_t {
  null_literal, true_literal, false_literal,
  text, integer, decimal, exponent,  // `text` as written, without quotes
  date, timestamp,                   // `text` between the quotes
  name,                              // `text`; `quoted`
  path,                              // bare file name of value_map
  list,                              // [children]
  unset,
  member,      // children[0].text
  negate,      // -children[0]
  logical_not, // not children[0]
  arithmetic,  // children[0] op children[1]
  comparison,  // children[0] op children[1]
  logical_and, logical_or, concat,  // two or more children
  is_null,     // children[0] is [negated] null
  is_truth,    // children[0] is [negated] true or false; `op` is equal for true, not_equal for false
  in,          // children[0] [negated] in (the others)
  between,     // children[0] [negated] between children[1] and children[2]
  like,        // children[0] [negated] like children[1] [escape children[2]]
  case_,       // [operand] (condition, result)... [otherwise]; `has_operand`, `has_otherwise`
  call,        // text(children...), names[i] the `name =>` of child i or ""
};

struct Syntax {
  SyntaxKind kind = SyntaxKind::null_literal;
  std::size_t begin = 0, end = 0;  // bytes of the expression
  std::string text;
  bool quoted = false, negated = false, piped = false, has_operand = false, has_otherwise = false;
  TokenKind op = TokenKind::end;   // operator of arithmetic, comparison, is_truth
  std::size_t op_begin = 0;        // where the operator (of a call: its name; of a member: the member) stands
  std::vector<std::unique_ptr<Syntax>> children;
  std::vector<std::string> names;         // call
  std::vector<std::size_t> name_begins;   // call
  int depth = 1;                          // of the tree below, itself included
};
using SyntaxPtr = std::unique_ptr<Syntax>;

// Parses the whole text. Errors point into it.
Result<SyntaxPtr> parse(const SourceText& source);

}  // namespace godwit::expr
