#include "core/http/gzip.hpp"

#include <zlib.h>

#include <limits>

namespace godwit::http {

std::optional<std::string> gzip(std::string_view bytes) {
  constexpr int kGzip = 16, kWindow = 15, kMemory = 8, kLevel = 2;  // JSON of records is half gone at once; what higher levels add costs more than it saves
  z_stream stream{};
  if (bytes.size() > std::numeric_limits<uInt>::max() / 2 || deflateInit2(&stream, kLevel, Z_DEFLATED, kWindow + kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())), stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data()), stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return whole ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace godwit::http
