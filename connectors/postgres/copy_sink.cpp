#include "connectors/postgres/copy_sink.hpp"

#include <charconv>

namespace godwit::postgres {

Result<CopySink> CopySink::start(Session& session, const std::string& sql) {
  GW_TRY(session.start_copy(sql));
  return CopySink(session);
}

void CopySink::number(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  buffer_.append(digits, static_cast<std::size_t>(end.ptr - digits));
}

Result<> CopySink::flush() {
  // In parts that are surely below libpq's limit of a message.
  constexpr std::size_t kMost = 64 << 20;
  for (std::size_t at = 0; at < buffer_.size(); at += kMost) {
    const auto n = static_cast<int>(std::min(kMost, buffer_.size() - at));
    if (PQputCopyData(session_->get(), reinterpret_cast<const char*>(buffer_.data()) + at, n) != 1) {
      GW_TRY(session_->finish());
      return Failure(session_->error());
    }
  }
  buffer_.clear();
  return {};
}

Result<std::int64_t> CopySink::end() {
  GW_TRY(flush());
  if (PQputCopyEnd(session_->get(), nullptr) != 1) {
    GW_TRY(session_->finish());
    return Failure(session_->error());
  }
  GW_ASSIGN(const Answer done, session_->finish());
  return done.touched();
}

}  // namespace godwit::postgres
