// Encoders: what a written file needs.

#include <unicode/ucnv.h>
#include <unicode/utf8.h>

#include "plugins/kits/delimited/encoding.hpp"
#include "plugins/kits/delimited/utf8.hpp"

namespace godwit::delimited {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

class Utf8Encoder : public Encoder {
 public:
  std::size_t encode(std::string_view text, std::string* out) override {
    const InvalidUtf8 invalid = find_invalid_utf8(text);
    if (invalid.position == kNone) out->append(text);
    return invalid.position;
  }
};

class IcuEncoder : public Encoder {
 public:
  static Result<std::unique_ptr<Encoder>> make(const Encoding& encoding) {
    UErrorCode status = U_ZERO_ERROR;
    auto out = std::make_unique<IcuEncoder>();
    out->converter_ = ucnv_open(encoding.converter.c_str(), &status);
    if (U_SUCCESS(status)) ucnv_setFromUCallBack(out->converter_, UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    if (U_FAILURE(status)) return Failure(Error{1051, ErrorKind::bad_config, {{"seen", encoding.name}}, {}});
    ucnv_setFallback(out->converter_, false);  // a look-alike is another character
    out->ascii_ = encoding.family == EncodingFamily::single_byte || encoding.family == EncodingFamily::double_byte;
    return out;
  }
  ~IcuEncoder() override { ucnv_close(converter_); }

  std::size_t encode(std::string_view text, std::string* out) override {
    const std::size_t before = out->size();
    std::size_t at = 0;
    while (at < text.size()) {
      if (ascii_) {
        const std::size_t plain = at;
        while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
        out->append(text, plain, at - plain);
        if (at == text.size()) break;
      }
      const std::size_t size = one(text, at, out);
      if (size == 0) {
        out->resize(before);
        return at;
      }
      at += size;
    }
    return kNone;
  }

 private:
  // One character; 0 when it cannot be written.
  std::size_t one(std::string_view text, std::size_t at, std::string* out) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    auto i = static_cast<std::int64_t>(at);
    const auto n = static_cast<std::int64_t>(text.size());
    UChar32 c;
    U8_NEXT(bytes, i, n, c);
    if (c < 0) return 0;
    UChar units[2];
    std::int32_t count = 0;
    U16_APPEND_UNSAFE(units, count, c);
    char written[16];
    char* target = written;
    const UChar* source = units;
    UErrorCode status = U_ZERO_ERROR;
    ucnv_fromUnicode(converter_, &target, written + sizeof written, &source, units + count, nullptr, false, &status);
    if (U_FAILURE(status)) {
      ucnv_resetFromUnicode(converter_);
      return 0;
    }
    out->append(written, static_cast<std::size_t>(target - written));
    return static_cast<std::size_t>(i) - at;
  }

  UConverter* converter_ = nullptr;
  bool ascii_ = false;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_encoder(const Encoding& encoding) {
  if (encoding.family == EncodingFamily::utf8) return std::make_unique<Utf8Encoder>();
  return IcuEncoder::make(encoding);
}

}  // namespace godwit::delimited
