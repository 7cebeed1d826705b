#pragma once
// A stream to its end. Iterators over a stream's buffer would throw where the disk fails in the midst of a file.

#include <istream>
#include <optional>
#include <string>

namespace godwit {

// All that is left of the stream; nullopt when it cannot be read to its end.
inline std::optional<std::string> read_text(std::istream& in) {
  std::string out;
  char piece[16384];
  while (in.read(piece, sizeof piece) || in.gcount() > 0) out.append(piece, static_cast<std::size_t>(in.gcount()));
  if (in.bad() || !in.eof()) return std::nullopt;
  return out;
}

}  // namespace godwit
