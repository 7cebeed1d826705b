#include "connectors/postgres/copy_rows.hpp"

namespace godwit::postgres {
namespace {

constexpr std::size_t kSignature = 11, kHeader = kSignature + 8;  // signature, flags, size of the extension

}  // namespace

Result<> CopyRows::start(Session& session, const std::string& sql) {
  header_read_ = false;
  return session.start_copy(sql);
}

Result<bool> CopyRows::next(Session& session) {
  char* bytes = nullptr;
  const int n = PQgetCopyData(session.get(), &bytes, 0);
  message_.reset(bytes);
  if (n < 0) {
    GW_TRY(session.finish());
    return false;
  }
  at_ = bytes, left_ = static_cast<std::size_t>(n);
  if (!header_read_) {
    if (left_ < kHeader)
      return sdk::fail(3325, ErrorKind::broken, {{"place", session.place()}, {"seen", "COPY without its header"}});
    at_ += kHeader, left_ -= kHeader, header_read_ = true;
  }
  size_ = left_;
  if (left_ < 2 || read_u16(at_) == 0xFFFF) return next(session);  // the end mark; the server has one more word to say
  row_ = at_ += 2, row_left_ = left_ -= 2;
  return true;
}

}  // namespace godwit::postgres
