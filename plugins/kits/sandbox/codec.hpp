#pragma once
// Bytes in the forms that HTTP and the vendors use.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/kits/sandbox/exchange.hpp"

namespace godwit::sandbox {

std::string gzip(std::string_view bytes);
// nullopt: damaged, or more than `limit` bytes when unpacked.
std::optional<std::string> gunzip(std::string_view bytes, std::size_t limit);

std::string base64(std::string_view bytes);
// Takes the alphabets of both kinds, with padding or without. nullopt: something else is in it.
std::optional<std::string> unbase64(std::string_view text);
std::string base64_url(std::string_view bytes);  // without padding
std::string hex(std::string_view bytes);
std::string md5_hex(std::string_view bytes);

// A word of `characters` of letters and digits that nobody can guess, for tokens. With a seed (--seed) it is the same each time.
std::string random_word(std::uint64_t seed, std::uint64_t number, std::size_t characters);

// One part of a multipart/form-data body.
struct Part {
  std::string name, file_name, content_type, body;
};
// nullopt: the content type names no boundary, or the body does not keep to it.
std::optional<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace godwit::sandbox
