// hex_encode, hex_decode, base64_encode, base64_decode: bytes as text.

#include <sodium.h>
#include <unicode/utf8.h>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

bool is_utf8(std::string_view text) {
  const auto n = static_cast<std::int64_t>(text.size());
  for (std::int64_t i = 0; i < n;) {
    UChar32 c;
    U8_NEXT(text.data(), i, n, c);
    if (c < 0) return false;
  }
  return true;
}

Result<Bound> bind_hex_encode(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view data = text_at(call.arguments[0], row);
                   scratch.resize(data.size() * 2 + 1);
                   sodium_bin2hex(scratch.data(), scratch.size(), reinterpret_cast<const unsigned char*>(data.data()),
                                  data.size());
                   out.append(row, std::string_view(scratch).substr(0, data.size() * 2));
                 }
               }};
}

Result<Bound> bind_base64_encode(const BindArguments&) {
  return Bound{TypeId::utf8, [](const Call& call) {
                 std::string scratch;
                 TextOut out(call);
                 for (const std::int32_t row : call.rows) {
                   const std::string_view data = text_at(call.arguments[0], row);
                   scratch.resize(sodium_base64_encoded_len(data.size(), sodium_base64_VARIANT_ORIGINAL));
                   sodium_bin2base64(scratch.data(), scratch.size(),
                                     reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                                     sodium_base64_VARIANT_ORIGINAL);
                   scratch.pop_back();  // the zero behind the text
                   out.append(row, scratch);
                 }
               }};
}

// decode(text, scratch, size) answers false for what is no code. The result must be text, since a binary column is of
// little use to a CRM.
template <typename F>
Bound decoder(F decode, std::string_view name) {
  return {TypeId::utf8, [decode, name](const Call& call) {
            std::string scratch;
            for (const std::int32_t row : call.rows) {
              const std::string_view text = text_at(call.arguments[0], row);
              scratch.resize(text.size() + 1);
              std::size_t size = 0;
              if (!decode(text, scratch, &size)) {
                reject(call, row, 1270, {{"seen", excerpt(text)}, {"expected", std::string(name)}});
              } else if (const std::string_view made = std::string_view(scratch).substr(0, size); !is_utf8(made)) {
                reject(call, row, 1271, {{"seen", excerpt(text)}});
              } else {
                call.out.append_text(made);
              }
            }
          }};
}

bool decode_hex(std::string_view text, std::string& out, std::size_t* size) {
  const char* end = nullptr;
  return sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                        size, &end) == 0 &&
         end == text.data() + text.size();
}

// With or without padding; line ends in between are no fault, mail programs put them there.
bool decode_base64(std::string_view text, std::string& out, std::size_t* size) {
  while (!text.empty() && (text.back() == '=' || text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const char* end = nullptr;
  return sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), "\r\n",
                           size, &end, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
         end == text.data() + text.size();
}

}  // namespace

std::vector<Function> encode_functions() {
  return {
      {.name = "hex_encode",
       .group = "hash",
       .summary = "The bytes as hexadecimal digits.",
       .parameters = {kData},
       .bind = bind_hex_encode,
       .examples = {{"hex_encode('Aä')", "41c3a4"}, {"hex_encode('')", ""}, {"hex_encode(null)", "null"}}},
      {.name = "hex_decode",
       .group = "hash",
       .summary = "The text whose UTF-8 bytes the hexadecimal digits spell.",
       .parameters = {{.name = "text", .help = "Hexadecimal digits."}},
       .bind = [](const BindArguments&) -> Result<Bound> { return decoder(decode_hex, "0-9, a-f"); },
       .examples = {{"hex_decode('41C3A4')", "Aä"},
                    {"hex_decode('4')", "GW-1270"},
                    {"hex_decode('ff')", "GW-1271"},
                    {"hex_decode(null)", "null"}}},
      {.name = "base64_encode",
       .group = "hash",
       .summary = "The bytes in Base64.",
       .parameters = {kData},
       .bind = bind_base64_encode,
       .examples = {{"base64_encode('上海')", "5LiK5rW3"},
                    {"base64_encode('a')", "YQ=="},
                    {"base64_encode('')", ""},
                    {"base64_encode(null)", "null"}}},
      {.name = "base64_decode",
       .group = "hash",
       .summary = "The text whose UTF-8 bytes the Base64 text spells.",
       .parameters = {{.name = "text", .help = "Base64, with or without = at its end."}},
       .bind = [](const BindArguments&) -> Result<Bound> { return decoder(decode_base64, "Base64"); },
       .examples = {{"base64_decode('5LiK5rW3')", "上海"},
                    {"base64_decode('YQ')", "a"},
                    {"base64_decode('Y?')", "GW-1270"},
                    {"base64_decode('/w==')", "GW-1271"},
                    {"base64_decode(null)", "null"}}},
  };
}

}  // namespace godwit::fn
