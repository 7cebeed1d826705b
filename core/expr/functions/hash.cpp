// md5, sha1, sha256, sha512, blake2b, xxh64, xxh128, crc32, hmac_sha256, uuid_v5, stable_bucket: digests of texts.

#include <Poco/Checksum.h>
#include <Poco/MD5Engine.h>
#include <Poco/SHA1Engine.h>
#include <sodium.h>
#include <xxhash.h>

#include <array>
#include <memory>

#include "core/expr/functions/groups.hpp"
#include "core/expr/functions/support.hpp"

namespace godwit::fn {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void append_hex(std::string& out, const unsigned char* bytes, std::size_t n) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t i = 0; i < n; ++i) out += kDigits[bytes[i] >> 4], out += kDigits[bytes[i] & 15];
}

// A function from bytes to a digest of N bytes, printed in hexadecimal digits.
template <std::size_t N, typename F>
auto digest(F f) {
  return [f](const BindArguments&) -> Result<Bound> {
    return Bound{TypeId::utf8, [f](const Call& call) {
                   std::string scratch;
                   for (const std::int32_t row : call.rows) {
                     std::array<unsigned char, N> out;
                     f(text_at(call.arguments[0], row), out.data());
                     scratch.clear();
                     append_hex(scratch, out.data(), N);
                     call.out.append_text(scratch);
                   }
                 }};
  };
}

template <typename Engine>
void poco_digest(std::string_view text, unsigned char* out) {
  Engine engine;
  engine.update(text.data(), static_cast<unsigned>(text.size()));
  const Poco::DigestEngine::Digest& made = engine.digest();
  std::copy(made.begin(), made.end(), out);
}

void sha256(std::string_view text, unsigned char* out) { crypto_hash_sha256(out, bytes_of(text), text.size()); }
void sha512(std::string_view text, unsigned char* out) { crypto_hash_sha512(out, bytes_of(text), text.size()); }
void blake2b(std::string_view text, unsigned char* out) {
  crypto_generichash(out, 32, bytes_of(text), text.size(), nullptr, 0);
}
void xxh64(std::string_view text, unsigned char* out) {
  XXH64_canonicalFromHash(reinterpret_cast<XXH64_canonical_t*>(out), XXH64(text.data(), text.size(), 0));
}
void xxh128(std::string_view text, unsigned char* out) {
  XXH128_canonicalFromHash(reinterpret_cast<XXH128_canonical_t*>(out), XXH3_128bits(text.data(), text.size()));
}
void crc32(std::string_view text, unsigned char* out) {
  Poco::Checksum sum(Poco::Checksum::TYPE_CRC32);
  sum.update(text.data(), static_cast<unsigned>(text.size()));
  for (int i = 0; i < 4; ++i) out[i] = static_cast<unsigned char>(sum.checksum() >> (24 - 8 * i));
}

Result<Bound> bind_hmac(const BindArguments& arguments) {
  return Bound{TypeId::utf8, [key = constant_or(arguments, 1, "")](const Call& call) {
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   std::array<unsigned char, crypto_auth_hmacsha256_BYTES> out;
                   crypto_auth_hmacsha256_state state;
                   crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
                   crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
                   crypto_auth_hmacsha256_final(&state, out.data());
                   scratch.clear();
                   append_hex(scratch, out.data(), out.size());
                   call.out.append_text(scratch);
                 }
               }};
}

// The 16 bytes of "6ba7b810-9dad-11d1-80b4-00c04fd430c8" or of one of RFC 4122's namespaces by name.
bool parse_uuid(std::string_view text, std::array<unsigned char, 16>* out) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNamespaces{
      {{"dns", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
       {"url", "6ba7b811-9dad-11d1-80b4-00c04fd430c8"},
       {"oid", "6ba7b812-9dad-11d1-80b4-00c04fd430c8"},
       {"x500", "6ba7b814-9dad-11d1-80b4-00c04fd430c8"}}};
  for (const auto& [name, uuid] : kNamespaces) {
    if (text == name) text = uuid;
  }
  if (text.size() != 36) return false;
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (dash != (c == '-')) return false;
    if (dash) continue;
    const int digit = c >= '0' && c <= '9'                     ? c - '0'
                      : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                               : -1;
    if (digit < 0) return false;
    (*out)[n / 2] = static_cast<unsigned char>((*out)[n / 2] << 4 | digit);
    ++n;
  }
  return n == 32;
}

Result<Bound> bind_uuid_v5(const BindArguments& arguments) {
  std::array<unsigned char, 16> space{};
  const std::string text = constant_or(arguments, 0, "");
  if (!parse_uuid(text, &space))
    return bad_constant("uuid_v5", "namespace", text, "dns, url, oid, x500, xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
  return Bound{TypeId::utf8, [space](const Call& call) {
                 std::string scratch;
                 for (const std::int32_t row : call.rows) {
                   scratch.assign(reinterpret_cast<const char*>(space.data()), space.size());
                   scratch += text_at(call.arguments[1], row);
                   std::array<unsigned char, 20> out;
                   poco_digest<Poco::SHA1Engine>(scratch, out.data());
                   out[6] = static_cast<unsigned char>((out[6] & 0x0F) | 0x50);  // version 5
                   out[8] = static_cast<unsigned char>((out[8] & 0x3F) | 0x80);  // RFC 4122's variant
                   scratch.clear();
                   append_hex(scratch, out.data(), 16);
                   for (const std::size_t at : {8u, 13u, 18u, 23u}) scratch.insert(at, 1, '-');
                   call.out.append_text(scratch);
                 }
               }};
}

Result<Bound> bind_stable_bucket(const BindArguments& arguments) {
  GW_ASSIGN(const std::int64_t n, constant_integer(arguments, 1, "stable_bucket", "n", 1, 1000000000, 1));
  return Bound{TypeId::int64, [n](const Call& call) {
                 for (const std::int32_t row : call.rows) {
                   const std::string_view text = text_at(call.arguments[0], row);
                   call.out.append_int64(
                       static_cast<std::int64_t>(XXH64(text.data(), text.size(), 0) % static_cast<std::uint64_t>(n)));
                 }
               }};
}

template <typename Bind>
Function digest_function(std::string_view name, std::string_view summary, Bind bind, std::vector<Example> examples) {
  return {.name = name,
          .group = "hash",
          .summary = summary,
          .parameters = {kData},
          .bind = bind,
          .examples = std::move(examples)};
}

}  // namespace

std::vector<Function> digest_functions() {
  return {
      digest_function("md5",
                      "The MD5 digest in hexadecimal digits; only to match digests that exist, never for safety.",
                      digest<16>(poco_digest<Poco::MD5Engine>),
                      {{"md5('')", "d41d8cd98f00b204e9800998ecf8427e"},
                       {"md5('上海')", "e94e8bd35fc8144f38fd1ebc1f81ab36"},
                       {"md5(null)", "null"}}),
      digest_function("sha1",
                      "The SHA-1 digest in hexadecimal digits; only to match digests that exist, never for safety.",
                      digest<20>(poco_digest<Poco::SHA1Engine>),
                      {{"sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"}, {"sha1(null)", "null"}}),
      digest_function("sha256", "The SHA-256 digest in hexadecimal digits.", digest<32>(sha256),
                      {{"sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                       {"sha256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                       {"sha256(null)", "null"}}),
      digest_function("sha512", "The SHA-512 digest in hexadecimal digits.", digest<64>(sha512),
                      {{"left(sha512('abc'), 16)", "ddaf35a193617aba"},
                       {"length(sha512('Müller'))", "128"},
                       {"sha512(null)", "null"}}),
      digest_function(
          "blake2b", "The BLAKE2b digest of 32 bytes in hexadecimal digits.", digest<32>(blake2b),
          {{"left(blake2b('abc'), 16)", "bddd813c63423972"}, {"length(blake2b(''))", "64"}, {"blake2b(null)", "null"}}),
      digest_function(
          "xxh64", "The xxHash of 64 bits in hexadecimal digits: fast, for comparing, not for safety.",
          digest<8>(xxh64),
          {{"xxh64('')", "ef46db3751d8e999"}, {"xxh64('abc')", "44bc2cf5ad770999"}, {"xxh64(null)", "null"}}),
      digest_function("xxh128",
                      "The xxHash (XXH3) of 128 bits in hexadecimal digits: fast, for comparing, not for safety.",
                      digest<16>(xxh128),
                      {{"xxh128('')", "99aa06d3014798d86001c324468d497f"},
                       {"length(xxh128('東京'))", "32"},
                       {"xxh128(null)", "null"}}),
      digest_function("crc32", "The CRC-32 checksum in hexadecimal digits.", digest<4>(crc32),
                      {{"crc32('123456789')", "cbf43926"}, {"crc32('')", "00000000"}, {"crc32(null)", "null"}}),
      {.name = "hmac_sha256",
       .group = "hash",
       .summary = "The keyed SHA-256 digest in hexadecimal digits: a pseudonym that nobody without the key can guess.",
       .parameters = {kData, {.name = "key", .constant = true, .help = "The secret key."}},
       .bind = bind_hmac,
       .examples = {{"hmac_sha256('what do ya want for nothing?', 'Jefe')",
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
                    {"hmac_sha256(null, 'k')", "null"}}},
      {.name = "uuid_v5",
       .group = "hash",
       .summary = "The UUID (version 5) that a name always has in a namespace.",
       .parameters = {{.name = "namespace", .constant = true, .help = "dns, url, oid, x500 or a UUID."},
                      {.name = "name", .help = "The name."}},
       .bind = bind_uuid_v5,
       .examples = {{"uuid_v5(dns, 'python.org')", "886313e1-3b8a-5372-9b90-0c9aee199e5d"},
                    {"uuid_v5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'python.org')",
                     "886313e1-3b8a-5372-9b90-0c9aee199e5d"},
                    {"uuid_v5(url, null)", "null"}}},
      {.name = "stable_bucket",
       .group = "hash",
       .summary = "A number from 0 to n - 1 that a text always gets, spread evenly: for pilots and samples.",
       .parameters = {{.name = "text", .help = "The text."},
                      {.name = "n", .types = kInteger, .constant = true, .help = "How many buckets."}},
       .bind = bind_stable_bucket,
       .examples = {{"stable_bucket('K-4711', 1)", "0"},
                    {"stable_bucket('客户', 10) = stable_bucket('客户', 10)", "true"},
                    {"stable_bucket('', 100)", "21"},
                    {"stable_bucket(null, 10)", "null"}}},
  };
}

}  // namespace godwit::fn
