#include "connectors/postgres/charset.hpp"

#include <array>
#include <utility>

namespace godwit::postgres {
namespace {

// PostgreSQL's names (https://www.postgresql.org/docs/current/multibyte.html) and those of iconv.
constexpr std::array<std::pair<std::string_view, const char*>, 26> kNames{{
    {"LATIN1", "ISO-8859-1"},     {"LATIN2", "ISO-8859-2"},     {"LATIN3", "ISO-8859-3"},
    {"LATIN4", "ISO-8859-4"},     {"LATIN5", "ISO-8859-9"},     {"LATIN6", "ISO-8859-10"},
    {"LATIN7", "ISO-8859-13"},    {"LATIN8", "ISO-8859-14"},    {"LATIN9", "ISO-8859-15"},
    {"LATIN10", "ISO-8859-16"},   {"ISO_8859_5", "ISO-8859-5"}, {"ISO_8859_6", "ISO-8859-6"},
    {"ISO_8859_7", "ISO-8859-7"}, {"ISO_8859_8", "ISO-8859-8"}, {"WIN1250", "CP1250"},
    {"WIN1251", "CP1251"},        {"WIN1252", "CP1252"},        {"WIN1253", "CP1253"},
    {"WIN1254", "CP1254"},        {"WIN1257", "CP1257"},        {"KOI8R", "KOI8-R"},
    {"KOI8U", "KOI8-U"},          {"EUC_CN", "EUC-CN"},         {"EUC_TW", "EUC-TW"},
    {"EUC_KR", "EUC-KR"},         {"EUC_JP", "EUC-JP"},
}};

}  // namespace

Charset::Charset(const std::string& server_encoding) : name_(server_encoding) {
  for (const auto& [name, other] : kNames) {
    if (name != server_encoding) continue;
    const iconv_t made = iconv_open(other, "UTF-8");
    if (made != reinterpret_cast<iconv_t>(-1)) converter_ = made;
  }
}

Charset::~Charset() {
  if (converter_ != nullptr) iconv_close(converter_);
}

bool Charset::holds(std::string_view text) const {
  if (converter_ == nullptr) return true;
  iconv(converter_, nullptr, nullptr, nullptr, nullptr);
  std::array<char, 256> room{};
  char* in = const_cast<char*>(text.data());
  std::size_t left = text.size();
  while (left > 0) {
    char* out = room.data();
    std::size_t free = room.size();
    const std::size_t before = left;
    if (iconv(converter_, &in, &left, &out, &free) == static_cast<std::size_t>(-1) && left == before) return false;
  }
  return true;
}

}  // namespace godwit::postgres
