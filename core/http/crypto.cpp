#include "core/http/crypto.hpp"
#include "core/model/read_text.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <fstream>
#include <iterator>
#include <memory>

namespace godwit::http {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

std::string openssl_words() {
  char words[200] = "unknown reason";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, words, sizeof words);
  ERR_clear_error();
  return words;
}

const EVP_MD* method_of(std::string_view algorithm) {
  if (algorithm == "md5") return EVP_md5();
  if (algorithm == "sha1") return EVP_sha1();
  if (algorithm == "sha256" || algorithm.ends_with("256")) return EVP_sha256();
  if (algorithm == "sha384" || algorithm.ends_with("384")) return EVP_sha384();
  if (algorithm == "sha512" || algorithm.ends_with("512")) return EVP_sha512();
  if (algorithm == "RSA-MD5") return EVP_md5();
  if (algorithm == "RSA-SHA1") return EVP_sha1();
  return nullptr;
}

Result<Key> read_key(std::string_view text_or_path) {
  std::string text(text_or_path);
  if (text.find("-----BEGIN") == std::string::npos) {
    std::ifstream file(text, std::ios::binary);
    // The name of a file may be told; a key that was meant to be one may not.
    if (!file) return fail(3057, {{"seen", text.size() < 200 && text.find('\n') == std::string::npos ? text : "a text that is neither a PEM key nor a path"}, {"reason", "no such file"}});
    auto read = read_text(file);
    if (!read) return fail(3057, {{"seen", text}, {"reason", std::generic_category().message(errno)}});
    text = std::move(*read);
  }
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // The callback keeps OpenSSL from asking for a pass phrase on the terminal.
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  if (key == nullptr) return fail(3057, {{"seen", "the private key"}, {"reason", openssl_words()}});
  return key;
}

// JOSE wants r and s side by side, OpenSSL writes DER.
Result<std::string> joined(const std::string& der, std::size_t size) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, Free> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string out(2 * size, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  if (signature == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, static_cast<int>(size)) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + size, static_cast<int>(size)) < 0)
    return fail(3057, {{"seen", "the private key"}, {"reason", "its curve does not fit the algorithm"}});
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) std::abort();  // no randomness, no secrets
  return out;
}

}  // namespace

Result<std::string> digest(std::string_view algorithm, std::string_view bytes) {
  const EVP_MD* method = method_of(algorithm);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (method == nullptr || EVP_Digest(bytes.data(), bytes.size(), out, &size, method, nullptr) != 1) return fail(3057, {{"seen", std::string(algorithm)}, {"reason", openssl_words()}});
  return std::string(reinterpret_cast<char*>(out), size);
}

Result<std::string> hmac(std::string_view algorithm, std::string_view key, std::string_view bytes) {
  const EVP_MD* method = method_of(algorithm);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (method == nullptr ||
      HMAC(method, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out, &size) == nullptr)
    return fail(3057, {{"seen", std::string(algorithm)}, {"reason", openssl_words()}});
  return std::string(reinterpret_cast<char*>(out), size);
}

Result<std::string> sign(std::string_view algorithm, std::string_view key_text, std::string_view bytes) {
  if (algorithm.starts_with("HS")) return hmac(algorithm, key_text, bytes);
  GW_ASSIGN(const Key key, read_key(key_text));
  const EVP_MD* method = method_of(algorithm);
  const bool curve = algorithm.starts_with("ES");
  if (method == nullptr || EVP_PKEY_get_base_id(key.get()) != (curve ? EVP_PKEY_EC : EVP_PKEY_RSA))
    return fail(3057, {{"seen", "the private key"}, {"reason", "it is not of the kind that " + std::string(algorithm) + " needs"}});
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // belongs to the context
  std::size_t size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  bool good = EVP_DigestSignInit(context.get(), &options, method, nullptr, key.get()) == 1;
  if (good && algorithm.starts_with("PS"))
    good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  good = good && EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) == 1;
  std::string out(size, '\0');
  if (!good || EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data, bytes.size()) != 1)
    return fail(3057, {{"seen", "the private key"}, {"reason", openssl_words()}});
  out.resize(size);
  return curve ? joined(out, algorithm == "ES256" ? 32 : algorithm == "ES384" ? 48 : 66) : Result<std::string>(out);
}

Result<std::string> make_jwt(std::string_view algorithm, std::string_view key, std::string_view header_json, std::string_view claims_json) {
  const std::string text = to_base64(header_json, true) + "." + to_base64(claims_json, true);
  GW_ASSIGN(const std::string signature, sign(algorithm, key, text));
  return text + "." + to_base64(signature, true);
}

std::string to_hex(std::string_view bytes, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) out += digits[static_cast<unsigned char>(c) >> 4], out += digits[static_cast<unsigned char>(c) & 15];
  return out;
}

std::string to_base64(std::string_view bytes, bool url) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  if (!url) return out;
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::string encode(std::string_view as, std::string_view bytes) {
  if (as == "hex" || as == "HEX") return to_hex(bytes, as == "HEX");
  return to_base64(bytes, as == "base64url");
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') out += c;
    else out += '%', out += to_hex(std::string_view(&c, 1), true);
  }
  return out;
}

std::string random_hex(int digits) { return to_hex(random_bytes(static_cast<std::size_t>(digits + 1) / 2)).substr(0, static_cast<std::size_t>(digits)); }

std::string random_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40), bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  std::string out = to_hex(bytes);
  for (const std::size_t at : {20u, 16u, 12u, 8u}) out.insert(at, "-");
  return out;
}

}  // namespace godwit::http
