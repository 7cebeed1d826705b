#include "plugins/kits/sql/refusal.hpp"

#include "plugins/kits/sql/clean_text.hpp"

namespace godwit::sql {

Refusal refuse(std::int64_t row, int number, std::string field, std::string words, std::vector<Argument> arguments) {
  Refusal out;
  out.row = row;
  out.error.number = number, out.error.kind = ErrorKind::row_rejected;
  out.error.arguments = std::move(arguments);
  if (!field.empty()) out.error.arguments.emplace_back("field", field);
  if (!words.empty()) out.error.arguments.emplace_back("words", words);
  out.error_class = "data", out.field = std::move(field), out.words = std::move(words);
  return out;
}

std::string excerpt(std::string_view value) {
  static constexpr std::size_t kMost = 200;
  std::string out;
  for (std::size_t n = 0; n < kMost && !value.empty(); ++n) {
    std::size_t length = 1;
    while (length < value.size() && length < 4 && (static_cast<unsigned char>(value[length]) & 0xC0) == 0x80) ++length;
    const std::string_view character = value.substr(0, length);
    out += check_text(character).fault == TextFault::none ? std::string(character) : "?";
    value.remove_prefix(length);
  }
  if (!value.empty()) out += "…";
  return out;
}

}  // namespace godwit::sql
