#pragma once
// Digests, signatures and the texts that carry them: what sign-in flows and signed calls need. Thread-safe.

#include <string>
#include <string_view>

#include "core/model/result.hpp"

namespace godwit::http {

// algorithm: md5, sha1, sha256, sha384, sha512. Raw bytes. GW-3057 for any other.
Result<std::string> digest(std::string_view algorithm, std::string_view bytes);
Result<std::string> hmac(std::string_view algorithm, std::string_view key, std::string_view bytes);
// algorithm: RS256 ... PS512, ES256 ... (raw r and s, as JOSE has it), HS256 ..., RSA-MD5, RSA-SHA1. `key`: the text of a PEM file, or its path;
// for HS the secret itself. Raw bytes. GW-3057 for a key that cannot be read or does not fit.
Result<std::string> sign(std::string_view algorithm, std::string_view key, std::string_view bytes);
// The compact form of a JSON Web Token; `header_json` and `claims_json` as they are.
Result<std::string> make_jwt(std::string_view algorithm, std::string_view key, std::string_view header_json, std::string_view claims_json);

std::string to_hex(std::string_view bytes, bool upper = false);
std::string to_base64(std::string_view bytes, bool url = false);  // url: the alphabet for URLs, without padding
// "hex", "HEX", "base64", "base64url".
std::string encode(std::string_view as, std::string_view bytes);
std::string percent_encode(std::string_view text);  // all but letters, digits and -._~
// Hexadecimal digits that nobody can guess.
std::string random_hex(int digits);
std::string random_uuid();

}  // namespace godwit::http
