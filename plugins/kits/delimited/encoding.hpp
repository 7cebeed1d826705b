#pragma once
// Encodings by name: whole texts to and from UTF-8, strictly, and with the way back to the bytes they came from.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/result.hpp"

namespace godwit::delimited {

// A line of UTF-8 that came from elsewhere begins at `position`; its first byte stood at `offset` of the source.
struct LineStart {
  std::uint64_t position, offset;
};
// Bytes that mean nothing in the encoding; U+FFFD stands at `position` instead of them.
struct UndecodableBytes {
  std::uint64_t position, offset;
  std::string bytes;
};
struct DecodeNotes {
  std::vector<LineStart> line_starts;
  std::vector<UndecodableBytes> undecodable;
};

// Decodes a stream in pieces. One thread at a time.
class Decoder {
 public:
  struct Step {
    std::size_t taken = 0, made = 0;
  };
  virtual ~Decoder() = default;
  // Decodes as much of `in` as is complete and fits into `room` bytes at `out` (at least 16). `offset`: of in[0] in the
  // source, `position`: of out[0] in the text, both as the notes give them. `at_end`: nothing follows `in`, and an
  // incomplete character at its end is undecodable.
  virtual Step decode(std::string_view in, bool at_end, std::uint64_t offset, char* out, std::size_t room,
                      std::uint64_t position, DecodeNotes* notes) = 0;
  // Bytes that an ASCII character takes.
  virtual std::uint64_t unit() const { return 1; }
};

enum class EncodingFamily {
  utf8,
  single_byte,  // ASCII and 128 others
  double_byte,  // ASCII, and lead bytes from 0x80 on; line ends, comma, quote, tab and semicolon are never trail bytes
  utf16,        // in units of two bytes
  utf32,
  other,        // whatever ICU knows beside these; may have shift states
};

struct Encoding {
  std::string name;  // as written, lower case, e.g. "gb18030"
  EncodingFamily family = EncodingFamily::utf8;
  std::string converter;        // ICU's name
  bool big_endian = false;      // utf16, utf32
  bool c1_controls = false;     // 0x80..0x9F without a character are U+0080..U+009F (the label iso-8859-1)
  bool euro_at_80 = false;      // code page 936
  bool windows_japanese = false;  // code page 932 where JIS X 0208 and Microsoft's table differ
};

// The encoding of a name, compared without case, '-', '_' and spaces. "gbk" and "gb2312" are read as gb18030, of which
// they are parts (with 0x80 as the euro sign of code page 936); "iso-8859-1" and "latin1" as windows-1252, as the WHATWG
// Encoding Standard has it; "shift_jis" as code page 932. GW-1051 (bad_config) for a name that means nothing.
Result<Encoding> find_encoding(std::string_view name);

// The byte order mark at the beginning of a file, and the encoding it stands for ("" and 0 when there is none).
struct ByteOrderMark {
  std::string encoding;
  std::size_t size = 0;
};
ByteOrderMark find_byte_order_mark(std::string_view head);

// `line_end`: an ASCII character after which a LineStart is noted, beside LF and CR; 0 for none. Null for UTF-8, which
// needs no decoder.
Result<std::unique_ptr<Decoder>> make_decoder(const Encoding& encoding, char line_end = 0);

// Writes UTF-8 in another encoding. One thread at a time.
class Encoder {
 public:
  virtual ~Encoder() = default;
  // Appends `text` to `out`. Answers npos, or the position in `text` of the first character that the encoding lacks (or
  // that is no UTF-8); `out` is then as it was.
  virtual std::size_t encode(std::string_view text, std::string* out) = 0;
};
Result<std::unique_ptr<Encoder>> make_encoder(const Encoding& encoding);

}  // namespace godwit::delimited
