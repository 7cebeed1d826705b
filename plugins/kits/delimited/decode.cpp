// Decoders: tables for code pages of one and two bytes, arithmetic for UTF-16 and UTF-32, ICU for the rest.

#include <unicode/ucnv.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "plugins/kits/delimited/encoding.hpp"
#include "plugins/kits/delimited/utf8.hpp"

namespace godwit::delimited {
namespace {

constexpr std::size_t kLongest = 16;  // bytes that one step of any decoder may write

struct ConverterCloser {
  void operator()(UConverter* c) const { ucnv_close(c); }
};
using Converter = std::unique_ptr<UConverter, ConverterCloser>;

Result<Converter> open_converter(const Encoding& encoding) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(encoding.converter.c_str(), &status));
  if (U_SUCCESS(status)) ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  if (U_FAILURE(status)) return Failure(Error{1051, ErrorKind::bad_config, {{"seen", encoding.name}}, {}});
  return converter;
}

unsigned char byte_at(std::string_view in, std::size_t i) { return static_cast<unsigned char>(in[i]); }

// What all decoders do with what they find.
class Sink {
 public:
  Sink(char* out, std::size_t room, std::uint64_t position, std::uint64_t offset, char line_end, DecodeNotes* notes)
      : begin_(out), out_(out), end_(out + room - kLongest), position_(position), offset_(offset), line_end_(line_end), notes_(*notes) {}

  bool has_room() const { return out_ <= end_; }
  std::size_t room() const { return static_cast<std::size_t>(end_ + kLongest - out_); }
  std::size_t made() const { return static_cast<std::size_t>(out_ - begin_); }
  char* at() { return out_; }
  void skip(std::size_t n) { out_ += n; }
  // `next`: where the source goes on behind the character.
  void put(std::uint32_t c, std::size_t next) {
    out_ = put_utf8(c, out_);
    if (c == '\n' || c == '\r' || (line_end_ != 0 && c == static_cast<std::uint32_t>(line_end_))) notes_.line_starts.push_back({position_ + made(), offset_ + next});
  }
  void undecodable(std::string_view in, std::size_t at, std::size_t size) {
    notes_.undecodable.push_back({position_ + made(), offset_ + at, std::string(in.substr(at, size))});
    out_ = put_utf8(0xfffd, out_);
  }

 private:
  char *begin_, *out_, *end_;
  std::uint64_t position_, offset_;
  char line_end_;
  DecodeNotes& notes_;
};

// Copies ASCII that ends no line, eight bytes at a time; answers how many.
std::size_t copy_ascii(std::string_view in, std::size_t from, char line_end, Sink& sink) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = kOnes * 0x80;
  const auto has = [](std::uint64_t word, char c) {
    const std::uint64_t x = word ^ kOnes * static_cast<unsigned char>(c);
    return (x - kOnes) & ~x & kTops;
  };
  const std::size_t most = std::min(in.size() - from, sink.room() - kLongest) & ~std::size_t{7};
  std::size_t done = 0;
  while (done < most) {
    std::uint64_t word;
    std::memcpy(&word, in.data() + from + done, 8);
    if ((word & kTops) != 0 || has(word, '\n') != 0 || has(word, '\r') != 0 || (line_end != 0 && has(word, line_end) != 0)) break;
    std::memcpy(sink.at() + done, &word, 8);
    done += 8;
  }
  sink.skip(done);
  return done;
}

constexpr std::uint16_t kNothing = 0xffff, kAskIcu = 0xfffe;  // no characters, so free to mean something else

class SingleByteDecoder : public Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> make(const Encoding& encoding, char line_end) {
    GW_ASSIGN(const Converter converter, open_converter(encoding));
    auto out = std::make_unique<SingleByteDecoder>();
    out->line_end_ = line_end;
    for (int b = 0; b < 256; ++b) {
      const char byte = static_cast<char>(b);
      UChar units[4];
      UErrorCode status = U_ZERO_ERROR;
      ucnv_resetToUnicode(converter.get());
      const std::int32_t n = ucnv_toUChars(converter.get(), units, 4, &byte, 1, &status);
      std::uint16_t c = U_SUCCESS(status) && n == 1 ? units[0] : kNothing;
      // ICU fills holes of Windows' pages with control characters that nobody ever meant.
      const bool windows = encoding.converter.starts_with("windows-") || encoding.converter.starts_with("cp125");
      if (windows && c >= 0x80 && c < 0xa0) c = kNothing;
      if (encoding.c1_controls && c == kNothing && b >= 0x80 && b < 0xa0) c = static_cast<std::uint16_t>(b);
      out->table_[static_cast<std::size_t>(b)] = c;
      out->ascii_ = out->ascii_ && (b >= 0x80 || c == b);
    }
    return out;
  }
  Step decode(std::string_view in, bool, std::uint64_t offset, char* out, std::size_t room, std::uint64_t position, DecodeNotes* notes) override {
    Sink sink(out, room, position, offset, line_end_, notes);
    std::size_t at = 0;
    while (at < in.size() && sink.has_room()) {
      if (ascii_) {
        at += copy_ascii(in, at, line_end_, sink);
        if (at == in.size() || !sink.has_room()) break;
      }
      // The word that stopped the copying, byte by byte.
      for (int i = 0; i < 8 && at < in.size() && sink.has_room(); ++i, ++at) {
        const std::uint16_t c = table_[byte_at(in, at)];
        if (c == kNothing) sink.undecodable(in, at, 1);
        else sink.put(c, at + 1);
      }
    }
    return {at, sink.made()};
  }

 private:
  std::array<std::uint16_t, 256> table_;
  bool ascii_ = true;
  char line_end_ = 0;
};

// Lead and trail byte through a table made by ICU; GB18030's four bytes by its rule.
class DoubleByteDecoder : public Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> make(const Encoding& encoding, char line_end) {
    auto out = std::make_unique<DoubleByteDecoder>();
    GW_ASSIGN(out->converter_, open_converter(encoding));
    out->line_end_ = line_end, out->four_bytes_ = encoding.converter == "gb18030";
    out->fill(encoding);
    return out;
  }

  Step decode(std::string_view in, bool at_end, std::uint64_t offset, char* out, std::size_t room, std::uint64_t position,
              DecodeNotes* notes) override {
    Sink sink(out, room, position, offset, line_end_, notes);
    std::size_t at = 0;
    while (at < in.size() && sink.has_room()) {
      at += copy_ascii(in, at, line_end_, sink);
      for (int i = 0; i < 8 && at < in.size() && sink.has_room(); ++i) {
        const unsigned char lead = byte_at(in, at);
        if (lead < 0x80) {
          sink.put(lead, at + 1);
          ++at;
          continue;
        }
        const std::size_t size = character(in, at, at_end, sink);
        if (size == 0) return {at, sink.made()};
        at += size;
      }
    }
    return {at, sink.made()};
  }

 private:
  // One character that begins with a high byte; 0: the rest of it is not here yet.
  std::size_t character(std::string_view in, std::size_t at, bool at_end, Sink& sink) {
    const unsigned char lead = byte_at(in, at);
    if (single_[lead - 0x80u] != kNothing) {
      sink.put(single_[lead - 0x80u], at + 1);
      return 1;
    }
    if (at + 1 == in.size()) {
      if (!at_end) return 0;
      sink.undecodable(in, at, 1);
      return 1;
    }
    const unsigned char trail = byte_at(in, at + 1);
    const std::uint16_t c = pairs_[(lead - 0x80u) * 256u + trail];
    if (c < kAskIcu) {
      sink.put(c, at + 2);
      return 2;
    }
    if (c == kAskIcu) return ask_icu(in, at, sink);
    if (four_bytes_ && lead >= 0x81 && lead <= 0xfe && trail >= 0x30 && trail <= 0x39) return four(in, at, at_end, sink);
    // A trail that is ASCII may be a delimiter: it is not swallowed.
    const std::size_t size = trail < 0x80 ? 1 : 2;
    sink.undecodable(in, at, size);
    return size;
  }

  std::size_t ask_icu(std::string_view in, std::size_t at, Sink& sink) {
    UChar units[8];
    UErrorCode status = U_ZERO_ERROR;
    ucnv_resetToUnicode(converter_.get());
    const std::int32_t n = ucnv_toUChars(converter_.get(), units, 8, in.data() + at, 2, &status);
    for (std::int32_t i = 0; i < n;) {
      UChar32 c;
      U16_NEXT(units, i, n, c);
      sink.put(static_cast<std::uint32_t>(c), at + 2);
    }
    return 2;
  }

  std::size_t four(std::string_view in, std::size_t at, bool at_end, Sink& sink) {
    if (in.size() - at < 4) {
      const bool possible = in.size() - at < 3 || byte_at(in, at + 2) >= 0x81;
      if (possible && !at_end) return 0;
      sink.undecodable(in, at, 1);
      return 1;
    }
    const std::uint32_t b1 = byte_at(in, at) - 0x81u, b2 = byte_at(in, at + 1) - 0x30u, b3 = byte_at(in, at + 2) - 0x81u,
                        b4 = byte_at(in, at + 3) - 0x30u;
    const std::uint32_t linear = ((b1 * 10 + b2) * 126 + b3) * 10 + b4;
    std::uint32_t c = kNothing;
    if (b3 <= 0x7d && b4 <= 9) {
      if (linear >= kFirstSupplementary) c = linear - kFirstSupplementary + 0x10000;
      else if (linear < kLinearBmp) c = bmp_four(linear);
    }
    if (c == kNothing || c > 0x10ffff) {
      sink.undecodable(in, at, 1);
      return 1;
    }
    sink.put(c, at + 4);
    return 4;
  }

  static constexpr std::uint32_t kLinearBmp = 39420, kFirstSupplementary = 189000;  // 0x8431A439 + 1, 0x90308130

  // The BMP's characters of four bytes, made at first need: few files hold one.
  std::uint32_t bmp_four(std::uint32_t linear) {
    if (four_.empty()) {
      four_.assign(kLinearBmp, kNothing);
      for (std::uint32_t i = 0; i < kLinearBmp; ++i) {
        const char bytes[4] = {static_cast<char>(0x81 + i / 12600), static_cast<char>(0x30 + i / 1260 % 10),
                               static_cast<char>(0x81 + i / 10 % 126), static_cast<char>(0x30 + i % 10)};
        UChar units[4];
        UErrorCode status = U_ZERO_ERROR;
        ucnv_resetToUnicode(converter_.get());
        if (ucnv_toUChars(converter_.get(), units, 4, bytes, 4, &status) == 1 && U_SUCCESS(status)) four_[i] = units[0];
      }
    }
    return four_[linear];
  }

  // All pairs in one conversion, each followed by a line feed, which is never part of a pair.
  void fill(const Encoding& encoding) {
    std::string bytes;
    for (int lead = 0x80; lead < 0x100; ++lead) {
      bytes += static_cast<char>(lead), bytes += '\n';
      for (int trail = 0x30; trail < 0x100; ++trail) bytes += static_cast<char>(lead), bytes += static_cast<char>(trail), bytes += '\n';
    }
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter_.get(), UCNV_TO_U_CALLBACK_SUBSTITUTE, nullptr, nullptr, nullptr, &status);
    std::vector<UChar> units(bytes.size() * 2);
    const std::int32_t n = ucnv_toUChars(converter_.get(), units.data(), static_cast<std::int32_t>(units.size()), bytes.data(),
                                         static_cast<std::int32_t>(bytes.size()), &status);
    ucnv_setToUCallBack(converter_.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    single_.fill(kNothing), pairs_.assign(128 * 256, kNothing);
    const UChar* at = units.data();
    const UChar* const end = at + n;
    const auto next = [&]() -> std::pair<const UChar*, std::ptrdiff_t> {
      const UChar* line = at;
      at = std::find(at, end, u'\n');
      const auto size = at - line;
      if (at != end) ++at;
      return {line, size};
    };
    for (std::size_t lead = 0; lead < 128; ++lead) {
      const auto [one, one_size] = next();
      if (one_size == 1 && one[0] != 0xfffd && one[0] >= 0xa0) single_[lead] = one[0];
      for (std::size_t trail = 0x30; trail < 0x100; ++trail) {
        const auto [pair, size] = next();
        if (single_[lead] != kNothing || size == 0) continue;
        const bool whole = std::find(pair, pair + size, 0xfffd) == pair + size;
        if (whole) pairs_[lead * 256 + trail] = size == 1 && pair[0] < kAskIcu ? pair[0] : kAskIcu;
      }
    }
    if (encoding.euro_at_80) single_[0] = 0x20ac;
    if (!encoding.windows_japanese) return;
    // JIS X 0208 and Microsoft give different characters to six codes; files with the name Shift_JIS mean Microsoft's.
    constexpr std::array<std::array<std::uint16_t, 2>, 6> kMicrosoft{
        {{0x8160, 0xff5e}, {0x8161, 0x2225}, {0x817c, 0xff0d}, {0x8191, 0xffe0}, {0x8192, 0xffe1}, {0x81ca, 0xffe2}}};
    for (const auto& [code, c] : kMicrosoft) pairs_[((code >> 8) - 0x80u) * 256u + (code & 0xffu)] = c;
  }

  Converter converter_;
  char line_end_ = 0;
  bool four_bytes_ = false;
  std::array<std::uint16_t, 128> single_;
  std::vector<std::uint16_t> pairs_, four_;
};

class Utf16Decoder : public Decoder {
 public:
  Utf16Decoder(bool big_endian, char line_end) : big_(big_endian), line_end_(line_end) {}
  std::uint64_t unit() const override { return 2; }
  Step decode(std::string_view in, bool at_end, std::uint64_t offset, char* out, std::size_t room, std::uint64_t position,
              DecodeNotes* notes) override {
    Sink sink(out, room, position, offset, line_end_, notes);
    std::size_t at = 0;
    while (at < in.size() && sink.has_room()) {
      if (in.size() - at < 2) {
        if (!at_end) break;
        sink.undecodable(in, at, 1);
        ++at;
        continue;
      }
      const std::uint32_t unit = unit_at(in, at);
      if (!U16_IS_SURROGATE(unit)) {
        sink.put(unit, at + 2);
        at += 2;
        continue;
      }
      if (U16_IS_SURROGATE_LEAD(unit) && in.size() - at < 4 && !at_end) break;
      const std::uint32_t trail = in.size() - at < 4 ? 0 : unit_at(in, at + 2);
      if (U16_IS_SURROGATE_LEAD(unit) && U16_IS_TRAIL(trail)) {
        sink.put(static_cast<std::uint32_t>(U16_GET_SUPPLEMENTARY(unit, trail)), at + 4);
        at += 4;
      } else {
        sink.undecodable(in, at, 2);
        at += 2;
      }
    }
    return {at, sink.made()};
  }

 private:
  std::uint32_t unit_at(std::string_view in, std::size_t at) const {
    const std::uint32_t first = byte_at(in, at), second = byte_at(in, at + 1);
    return big_ ? first << 8 | second : second << 8 | first;
  }
  bool big_;
  char line_end_;
};

class Utf32Decoder : public Decoder {
 public:
  Utf32Decoder(bool big_endian, char line_end) : big_(big_endian), line_end_(line_end) {}
  std::uint64_t unit() const override { return 4; }
  Step decode(std::string_view in, bool at_end, std::uint64_t offset, char* out, std::size_t room, std::uint64_t position,
              DecodeNotes* notes) override {
    Sink sink(out, room, position, offset, line_end_, notes);
    std::size_t at = 0;
    while (at < in.size() && sink.has_room()) {
      if (in.size() - at < 4) {
        if (!at_end) break;
        sink.undecodable(in, at, in.size() - at);
        at = in.size();
        continue;
      }
      std::uint32_t c = 0;
      for (std::size_t i = 0; i < 4; ++i) c = c << 8 | byte_at(in, at + (big_ ? i : 3 - i));
      if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) sink.undecodable(in, at, 4);
      else sink.put(c, at + 4);
      at += 4;
    }
    return {at, sink.made()};
  }

 private:
  bool big_;
  char line_end_;
};

// Any other encoding, one character at a time.
class IcuDecoder : public Decoder {
 public:
  IcuDecoder(Converter converter, char line_end) : converter_(std::move(converter)), line_end_(line_end) {}
  Step decode(std::string_view in, bool at_end, std::uint64_t offset, char* out, std::size_t room, std::uint64_t position,
              DecodeNotes* notes) override {
    Sink sink(out, room, position, offset, line_end_, notes);
    // The last bytes wait for more: no character, shift sequence included, is longer than this.
    constexpr std::size_t kHold = 32;
    const char* at = in.data();
    const char* const end = in.data() + in.size();
    while (at < end && sink.has_room() && (at_end || static_cast<std::size_t>(end - at) > kHold)) {
      const char* const before = at;
      UErrorCode status = U_ZERO_ERROR;
      const UChar32 c = ucnv_getNextUChar(converter_.get(), &at, end, &status);
      if (status == U_INDEX_OUTOFBOUNDS_ERROR) {
        at = end;  // only a shift sequence was left
        break;
      }
      if (U_FAILURE(status)) {
        if (at == before) ++at;
        sink.undecodable(in, static_cast<std::size_t>(before - in.data()), static_cast<std::size_t>(at - before));
        ucnv_resetToUnicode(converter_.get());
      } else {
        sink.put(static_cast<std::uint32_t>(c), static_cast<std::size_t>(at - in.data()));
      }
    }
    return {static_cast<std::size_t>(at - in.data()), sink.made()};
  }

 private:
  Converter converter_;
  char line_end_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_decoder(const Encoding& encoding, char line_end) {
  switch (encoding.family) {
    case EncodingFamily::utf8: return std::unique_ptr<Decoder>();
    case EncodingFamily::single_byte: return SingleByteDecoder::make(encoding, line_end);
    case EncodingFamily::double_byte: return DoubleByteDecoder::make(encoding, line_end);
    case EncodingFamily::utf16: return std::make_unique<Utf16Decoder>(encoding.big_endian, line_end);
    case EncodingFamily::utf32: return std::make_unique<Utf32Decoder>(encoding.big_endian, line_end);
    case EncodingFamily::other: break;
  }
  GW_ASSIGN(Converter converter, open_converter(encoding));
  return std::make_unique<IcuDecoder>(std::move(converter), line_end);
}

}  // namespace godwit::delimited
