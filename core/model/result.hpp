#pragma once
// Success or a numbered error. Errors carry their arguments, not their text, so that one error can be
// shown in English and in Chinese.

#include <initializer_list>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace godwit {

// Chosen by what the caller does next.
enum class ErrorKind {
  retry = 1,         // may work when tried again
  row_rejected = 2,  // this row is set aside, the others go on
  bad_config = 3,    // a person must change a file or the target
  denied = 4,        // no access
  broken = 5,        // cannot go on
  cancelled = 6,     // asked to stop
};

using Argument = std::pair<std::string, std::string>;

struct Error {
  int number = 0;  // GW number, see core/model/catalogue/
  ErrorKind kind = ErrorKind::broken;
  std::vector<Argument> arguments;  // "place", "seen", "expected", "field", ...
  std::vector<Error> more;          // further errors found in the same pass (lint)

  // The argument, or "".
  std::string_view argument(std::string_view name) const {
    for (const Argument& a : arguments)
      if (a.first == name) return a.second;
    return {};
  }
};

template <typename T = void>
using Result = tl::expected<T, Error>;
using Failure = tl::unexpected<Error>;

// The error with this number; its kind comes from the catalogue. An unknown number is our mistake and asserts.
Error make_error(int number, std::initializer_list<Argument> arguments = {});
Error make_error(int number, std::vector<Argument> arguments);
inline Failure fail(int number, std::initializer_list<Argument> arguments = {}) {
  return Failure(make_error(number, arguments));
}

// Forward the error of a Result<void> or bind the value of a Result<T>.
#define GW_TRY(expression)                                             \
  do {                                                                 \
    if (auto gw_result_ = (expression); !gw_result_) [[unlikely]]      \
      return ::godwit::Failure(std::move(gw_result_).error());         \
  } while (false)
#define GW_CONCAT_(a, b) a##b
#define GW_CONCAT(a, b) GW_CONCAT_(a, b)
#define GW_ASSIGN(declaration, expression) GW_ASSIGN_(declaration, expression, GW_CONCAT(gw_value_, __LINE__))
#define GW_ASSIGN_(declaration, expression, name)                              \
  auto name = (expression);                                                    \
  if (!name) [[unlikely]] return ::godwit::Failure(std::move(name).error());   \
  declaration = std::move(*name)

}  // namespace godwit
