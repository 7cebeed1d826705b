#include "connectors/salesforce/sandbox/ids.hpp"

#include <algorithm>

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::string_view kChecksum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 32) : c; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }

std::string with_checksum(std::string id) {
  for (std::size_t group = 0; group < 3; ++group) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 5; ++i)
      if (is_upper(id[group * 5 + i])) bits |= 1U << i;
    id += kChecksum[bits];
  }
  return id;
}

}  // namespace

std::optional<std::string> full_id(std::string_view id) {
  if (id.size() != 15 && id.size() != 18) return std::nullopt;
  if (!std::all_of(id.begin(), id.end(), [](char c) { return kDigits.find(c) != std::string_view::npos; })) return std::nullopt;
  if (id.size() == 15) return with_checksum(std::string(id));
  std::string first(id.substr(0, 15));
  for (std::size_t group = 0; group < 3; ++group) {
    const std::size_t bits = kChecksum.find(upper(id[15 + group]));
    if (bits == std::string_view::npos) return std::nullopt;
    for (std::size_t i = 0; i < 5; ++i) {
      char& c = first[group * 5 + i];
      const bool capital = (bits >> i & 1) != 0;
      if (capital && !is_upper(upper(c))) return std::nullopt;  // a digit has no case
      c = capital ? upper(c) : lower(c);
    }
  }
  return with_checksum(first);
}

std::string make_id(std::string_view prefix, long long number) {
  std::string digits;
  for (int i = 0; i < 7; ++i, number /= 62) digits.insert(digits.begin(), kDigits[static_cast<std::size_t>(number % 62)]);
  return with_checksum(std::string(prefix) + "5g000" + digits);
}

}  // namespace godwit::sandbox::salesforce
