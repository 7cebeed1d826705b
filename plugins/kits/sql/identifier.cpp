#include "plugins/kits/sql/identifier.hpp"

namespace godwit::sql {
namespace {

std::string quoted(std::string_view text, char mark) {
  std::string out;
  out.reserve(text.size() + 2);
  out += mark;
  for (char c : text) {
    if (c == mark) out += mark;
    out += c;
  }
  out += mark;
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

std::string quote_identifier(std::string_view name) { return quoted(name, '"'); }

std::string quote_text(std::string_view text) { return quoted(text, '\''); }

std::string fold_case(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = lower(c);
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

}  // namespace godwit::sql
