#pragma once
// Rows on their way into COPY ... FROM STDIN.

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/postgres/session.hpp"
#include "connectors/postgres/write_plan.hpp"
#include "core/model/buffer.hpp"

namespace godwit::postgres {

// One COPY from start to end; the bytes are sent in large pieces from one buffer.
class CopySink {
 public:
  // `sql` is the whole statement, text format.
  static Result<CopySink> start(Session& session, const std::string& sql);

  MutableBuffer& buffer() { return buffer_; }
  void cell_ends() { buffer_.push('\t'); }
  // Ends a row, whose last cell ended with cell_ends().
  Result<> row_ends() {
    buffer_.data()[buffer_.size() - 1] = '\n';
    return buffer_.size() >= kPiece ? flush() : Result<>();
  }
  void number(std::int64_t value);
  // Ends the COPY and gives the rows that the server took.
  Result<std::int64_t> end();

 private:
  static constexpr std::size_t kPiece = 128 << 10;

  explicit CopySink(Session& session) : session_(&session) { buffer_.reserve(kPiece + (64 << 10)); }
  Result<> flush();

  Session* session_;
  MutableBuffer buffer_;
};

}  // namespace godwit::postgres
