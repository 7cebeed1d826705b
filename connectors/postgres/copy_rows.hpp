#pragma once
// The rows of COPY ... TO STDOUT (FORMAT binary), one after another
// (https://www.postgresql.org/docs/current/sql-copy.html, Binary Format).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/postgres/decode.hpp"
#include "connectors/postgres/session.hpp"

namespace godwit::postgres {

class CopyRows {
 public:
  Result<> start(Session& session, const std::string& sql);
  // Goes to the next row; false at the end. Errors of the server and of the network end the reading.
  Result<bool> next(Session& session);
  // The next value of the row, nullopt for null. Lives until next().
  std::optional<std::string_view> field() {
    if (left_ < 4) return std::nullopt;
    const std::uint32_t size = read_u32(at_);
    at_ += 4, left_ -= 4;
    if (size == UINT32_MAX || size > left_) return std::nullopt;
    const std::string_view out(at_, size);
    at_ += size, left_ -= size;
    return out;
  }
  // Back to the first value of the row.
  void rewind() { at_ = row_, left_ = row_left_; }
  // Bytes of the row.
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(char* p) const { PQfreemem(p); }
  };
  std::unique_ptr<char, Free> message_;
  const char *at_ = nullptr, *row_ = nullptr;
  std::size_t left_ = 0, row_left_ = 0, size_ = 0;
  bool header_read_ = false;
};

}  // namespace godwit::postgres
