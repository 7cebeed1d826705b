#pragma once
// Ed25519 keys that sign reports. The files are the usual PEM ones (PKCS#8 for the private key, SubjectPublicKeyInfo
// for the public one), so that OpenSSL can make them and check our signatures without Godwit:
//   openssl genpkey -algorithm ed25519 -out key.pem

#include <filesystem>
#include <string>
#include <string_view>

#include "core/model/result.hpp"

namespace godwit::report {

struct KeyFiles {
  std::filesystem::path private_key, public_key;
};

// Makes a key: `file` (readable by its owner alone) and `file`.pub. Neither may exist yet: GW-4205. GW-4202 when a file
// cannot be written.
Result<KeyFiles> new_key(const std::filesystem::path& file);

// The 32-byte seed of a private key file; GW-4203 when it cannot be read, GW-4206 when it is no such key.
Result<std::string> read_private_key(const std::filesystem::path& file);

// The 32 bytes of a public key file (PEM), or of the public half of a private one.
Result<std::string> read_public_key(const std::filesystem::path& file);

// What is signed for a report: its digest with the purpose named, so that a signature cannot be used for anything else.
std::string signed_text(std::string_view digest);

struct Signature {
  std::string signature, public_key;  // base64
};
// `seed`: of read_private_key().
Signature sign(std::string_view seed, std::string_view digest);
// Both base64; false for anything that is not a right signature.
bool signature_is_right(std::string_view signature, std::string_view public_key, std::string_view digest);

}  // namespace godwit::report
