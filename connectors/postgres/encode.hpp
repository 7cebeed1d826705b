#pragma once
// From typed columns to the text form of COPY. What the column would refuse or alter is refused here, before the server
// sees it.

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/postgres/charset.hpp"
#include "connectors/postgres/table.hpp"
#include "core/model/column.hpp"

namespace godwit::postgres {

// Why one value does not go into its column; `number` is one of sql::RefusalNumber, or 3331.
struct Fault {
  int number = 0;
  std::string seen, expected;
};

// Values as COPY ... (FORMAT text) takes them (https://www.postgresql.org/docs/current/sql-copy.html).
class Encoder {
 public:
  // Nullopt when no value of the type could ever go into the column. `charset` lives as long as the encoder.
  static std::optional<Encoder> plan(Type from, const ColumnInfo& to, Charset* charset);

  // Looks at all rows of `column` and calls on_fault(row, fault) for each that does not go in. The column must stay
  // until the next load().
  template <typename OnFault>
  void load(const Column& column, OnFault on_fault) {
    faults_.clear();
    look_at(column);
    for (const auto& [row, fault] : faults_) on_fault(row, fault);
  }

  // Appends row `row` of the last load(), the value escaped or \N, and the tab after it.
  void put(std::int64_t row, MutableBuffer* out) const {
    if (column_->is_null(row)) return out->append("\\N\t", 3);
    if (is_text_ && !escapes_) {  // the usual case first
      const std::string_view text = column_->text(row);
      const std::size_t at = out->size();
      out->resize(at + text.size() + 1);
      if (!text.empty()) std::memcpy(out->data() + at, text.data(), text.size());
      out->data()[at + text.size()] = '\t';
      return;
    }
    put_value(row, out);
    out->push('\t');
  }

  // The value as PostgreSQL reads it in a statement, without escapes; the row must not be null.
  std::string literal(const Column& column, std::int64_t row) const;

  const ColumnInfo& target() const { return to_; }

 private:
  void look_at(const Column& column);
  bool texts_fit(const Column& column) const;
  std::optional<Fault> text_fault(std::string_view text) const;
  std::optional<Fault> value_fault(const Column& column, std::int64_t row) const;
  void put_value(std::int64_t row, MutableBuffer* out) const;

  Type from_;
  ColumnInfo to_;
  Charset* charset_ = nullptr;
  bool is_text_ = false;  // the bytes are the value: utf8, json, number_text
  bool looks_at_values_ = false;

  const Column* column_ = nullptr;
  bool escapes_ = false;
  std::vector<std::pair<std::int64_t, Fault>> faults_;
};

}  // namespace godwit::postgres
