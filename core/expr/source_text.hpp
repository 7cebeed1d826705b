#pragma once
// The text of one expression and how a message points into it.

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/expression.hpp"
#include "core/model/result.hpp"

namespace godwit::expr {

// Knows where the text stands in its file. The text must outlive this object.
class SourceText {
 public:
  SourceText(std::string_view text, const CompileOptions& options);

  std::string_view text() const { return text_; }
  // "file:line:column" of the byte at `offset`; columns count characters from 1. Lines after the first begin at the
  // column of the first one, as the lines of a YAML block scalar do.
  std::string place(std::size_t offset) const;
  // The line of that byte and, on a second line, a caret under it. East Asian wide characters take two cells,
  // combining marks none; a line that is too long for a terminal is cut around the caret.
  std::string excerpt(std::size_t offset) const;

  // An error that points at `offset`: "place" and "excerpt" are added.
  Error error(int number, std::size_t offset, std::initializer_list<Argument> arguments) const;
  Failure fail(int number, std::size_t offset, std::initializer_list<Argument> arguments) const {
    return Failure(error(number, offset, arguments));
  }
  // The same for an error that someone without a place made.
  Error located(Error error, std::size_t offset) const;

 private:
  std::string_view text_;
  std::string file_;
  int line_, column_;
};

// At most `characters` characters of `text`, ended by "..." where it was cut; control characters become spaces.
std::string shortened(std::string_view text, std::size_t characters = 60);

}  // namespace godwit::expr
