#include "plugins/kits/delimited/encoding.hpp"

#include <unicode/ucnv.h>

#include <array>

#include "core/model/nearest.hpp"

namespace godwit::delimited {
namespace {

struct Known {
  std::string_view name;  // as compare_name() gives it
  EncodingFamily family;
  const char* converter;
};
using F = EncodingFamily;
// Names whose meaning is not simply ICU's; every other name is asked of ICU.
constexpr std::array kKnown{
    Known{"utf8", F::utf8, ""},
    Known{"utf8sig", F::utf8, ""},
    Known{"ascii", F::utf8, ""},
    Known{"usascii", F::utf8, ""},
    Known{"gb18030", F::double_byte, "gb18030"},
    Known{"gbk", F::double_byte, "gb18030"},
    Known{"gb2312", F::double_byte, "gb18030"},
    Known{"euccn", F::double_byte, "gb18030"},
    Known{"cp936", F::double_byte, "gb18030"},
    Known{"windows936", F::double_byte, "gb18030"},
    Known{"big5", F::double_byte, "windows-950-2000"},
    Known{"cp950", F::double_byte, "windows-950-2000"},
    Known{"windows950", F::double_byte, "windows-950-2000"},
    Known{"shiftjis", F::double_byte, "ibm-943_P15A-2003"},
    Known{"sjis", F::double_byte, "ibm-943_P15A-2003"},
    Known{"cp932", F::double_byte, "ibm-943_P15A-2003"},
    Known{"windows31j", F::double_byte, "ibm-943_P15A-2003"},
    Known{"euckr", F::double_byte, "windows-949-2000"},
    Known{"cp949", F::double_byte, "windows-949-2000"},
    Known{"uhc", F::double_byte, "windows-949-2000"},
    Known{"latin1", F::single_byte, "windows-1252"},
    Known{"iso88591", F::single_byte, "windows-1252"},
    Known{"utf16", F::utf16, "UTF-16LE"},
    Known{"utf16le", F::utf16, "UTF-16LE"},
    Known{"utf16be", F::utf16, "UTF-16BE"},
    Known{"utf32", F::utf32, "UTF-32LE"},
    Known{"utf32le", F::utf32, "UTF-32LE"},
    Known{"utf32be", F::utf32, "UTF-32BE"},
};

std::string compare_name(std::string_view name) {
  std::string out;
  for (char c : name)
    if (c != '-' && c != '_' && c != ' ') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return out;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  for (std::string_view n : names)
    if (n == name) return true;
  return false;
}

}  // namespace

Result<Encoding> find_encoding(std::string_view name) {
  const std::string compared = compare_name(name);
  Encoding out;
  for (char c : name) out.name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  for (const Known& known : kKnown) {
    if (known.name != compared) continue;
    out.family = known.family, out.converter = known.converter;
    out.big_endian = is_one_of(compared, {"utf16be", "utf32be"});
    out.c1_controls = is_one_of(compared, {"latin1", "iso88591"});
    out.euro_at_80 = is_one_of(compared, {"gbk", "gb2312", "euccn", "cp936", "windows936"});
    out.windows_japanese = out.converter == "ibm-943_P15A-2003";
    return out;
  }
  // "cp1252", "1252" and the like are Windows code pages, which ICU calls windows-1252.
  std::string icu(name);
  if (compared.size() == 6 && compared.starts_with("cp125")) icu = "windows-" + compared.substr(2);
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = compared.empty() ? nullptr : ucnv_open(icu.c_str(), &status);
  if (U_FAILURE(status) || converter == nullptr) {
    std::vector<std::string_view> names;
    for (const Known& known : kKnown) names.push_back(known.name);
    for (std::string_view n : {"windows1250", "windows1251", "windows1252", "iso88592", "iso885915", "koi8r", "eucjp", "big5hkscs", "ibm850"}) names.push_back(n);
    return Failure(Error{1051, ErrorKind::bad_config, {{"seen", std::string(name)}, {"nearest", std::string(nearest(compared, names))}}, {}});
  }
  const UConverterType type = ucnv_getType(converter);
  out.converter = icu;
  out.family = type == UCNV_SBCS || type == UCNV_LATIN_1 || type == UCNV_US_ASCII ? F::single_byte : type == UCNV_UTF8 ? F::utf8 : F::other;
  ucnv_close(converter);
  return out;
}

ByteOrderMark find_byte_order_mark(std::string_view head) {
  using std::string_view_literals::operator""sv;
  if (head.starts_with("\xEF\xBB\xBF"sv)) return {"utf-8", 3};
  if (head.starts_with("\xFF\xFE\0\0"sv)) return {"utf-32le", 4};
  if (head.starts_with("\0\0\xFE\xFF"sv)) return {"utf-32be", 4};
  if (head.starts_with("\xFF\xFE"sv)) return {"utf-16le", 2};
  if (head.starts_with("\xFE\xFF"sv)) return {"utf-16be", 2};
  if (head.starts_with("\x84\x31\x95\x33"sv)) return {"gb18030", 4};
  return {};
}

}  // namespace godwit::delimited
