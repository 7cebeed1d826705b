#pragma once
// One query of the journal, read in a loop: `while (q.next()) ...; GW_TRY(q.result());`. Private to the report.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/journal/sqlite.hpp"

namespace godwit::report {

class Query {
 public:
  Query(const Database& journal, std::string_view sql) {
    if (auto prepared = journal.prepare(sql)) {
      statement_ = std::move(*prepared);
    } else {
      result_ = Failure(std::move(prepared).error());
    }
  }

  Query& bind(std::int64_t value) {
    if (result_) statement_.bind(++bound_, value);
    return *this;
  }
  Query& bind(std::string_view value) {
    if (result_) statement_.bind(++bound_, value);
    return *this;
  }

  // True while there is a row; afterwards result() tells whether all went well.
  bool next() {
    if (!result_) return false;
    auto row = statement_.step();
    if (!row) result_ = Failure(std::move(row).error());
    return row && *row;
  }
  Result<> result() const { return result_; }

  std::int64_t integer(int column) const { return statement_.int64(column); }
  double real(int column) const { return statement_.float64(column); }
  bool is_null(int column) const { return statement_.is_null(column); }
  std::optional<std::int64_t> optional_integer(int column) const { return statement_.optional_int64(column); }
  std::string text(int column) const { return statement_.string(column); }

 private:
  Statement statement_;
  Result<> result_;
  int bound_ = 0;
};

}  // namespace godwit::report
