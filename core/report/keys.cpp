#include "core/report/keys.hpp"

#include <sodium.h>

#include <array>
#include <system_error>

#include "core/report/files.hpp"
#include "core/report/hex.hpp"

namespace godwit::report {
namespace {

using namespace std::string_view_literals;

// DER of RFC 8410 before the 32 bytes: the algorithm allows no parameters, so these bytes never vary.
constexpr std::string_view kPrivateDer = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"sv;
constexpr std::string_view kPublicDer = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv;
constexpr std::size_t kKeyBytes = 32;

std::string to_pem(std::string_view label, std::string_view der) {
  return "-----BEGIN " + std::string(label) + "-----\n" + to_base64(der) + "\n-----END " + std::string(label) +
         "-----\n";
}

// The 32 bytes behind `der` in the PEM block of that label, or nullopt.
std::optional<std::string> from_pem(std::string_view text, std::string_view label, std::string_view der) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----",
                    end = "-----END " + std::string(label) + "-----";
  const std::size_t from = text.find(begin);
  if (from == std::string_view::npos) return std::nullopt;
  const std::size_t to = text.find(end, from);
  if (to == std::string_view::npos) return std::nullopt;
  const auto bytes = from_base64(text.substr(from + begin.size(), to - from - begin.size()));
  if (!bytes || bytes->size() != der.size() + kKeyBytes || !std::string_view(*bytes).starts_with(der))
    return std::nullopt;
  return bytes->substr(der.size());
}

struct KeyPair {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
};

void expand(std::string_view seed, KeyPair& pair) {
  crypto_sign_seed_keypair(pair.open.data(), pair.secret.data(), reinterpret_cast<const unsigned char*>(seed.data()));
}

std::string_view view(const auto& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

Result<KeyFiles> new_key(const std::filesystem::path& file) {
  if (sodium_init() < 0) return fail(4202, {{"place", file.string()}, {"seen", "no source of randomness"}});
  const KeyFiles files{file, file.string() + ".pub"};
  for (const auto& path : {files.private_key, files.public_key}) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) return fail(4205, {{"place", path.string()}});
  }
  std::array<unsigned char, kKeyBytes> seed{};
  randombytes_buf(seed.data(), seed.size());
  KeyPair pair;
  expand(view(seed), pair);
  std::string private_pem = to_pem("PRIVATE KEY", std::string(kPrivateDer) + std::string(view(seed)));
  Result<> written = write_new_private(files.private_key, private_pem);
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(private_pem.data(), private_pem.size());
  GW_TRY(std::move(written));
  GW_TRY(write_file(files.public_key, to_pem("PUBLIC KEY", std::string(kPublicDer) + std::string(view(pair.open)))));
  return files;
}

Result<std::string> read_private_key(const std::filesystem::path& file) {
  GW_ASSIGN(const std::string text, read_file(file));
  auto seed = from_pem(text, "PRIVATE KEY", kPrivateDer);
  if (!seed) return fail(4206, {{"place", file.string()}});
  return std::move(*seed);
}

Result<std::string> read_public_key(const std::filesystem::path& file) {
  GW_ASSIGN(const std::string text, read_file(file));
  if (auto open = from_pem(text, "PUBLIC KEY", kPublicDer)) return std::move(*open);
  const auto seed = from_pem(text, "PRIVATE KEY", kPrivateDer);
  if (!seed) return fail(4206, {{"place", file.string()}});
  KeyPair pair;
  expand(*seed, pair);
  return std::string(view(pair.open));
}

std::string signed_text(std::string_view digest) { return "godwit cutover report v1 " + std::string(digest); }

Signature sign(std::string_view seed, std::string_view digest) {
  KeyPair pair;
  expand(seed, pair);
  const std::string message = signed_text(digest);
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size(), pair.secret.data());
  return {to_base64(view(signature)), to_base64(view(pair.open))};
}

bool signature_is_right(std::string_view signature, std::string_view public_key, std::string_view digest) {
  const auto bytes = from_base64(signature), open = from_base64(public_key);
  if (!bytes || !open || bytes->size() != crypto_sign_BYTES || open->size() != crypto_sign_PUBLICKEYBYTES) return false;
  const std::string message = signed_text(digest);
  return crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(bytes->data()),
                                     reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                     reinterpret_cast<const unsigned char*>(open->data())) == 0;
}

}  // namespace godwit::report
