#include "plugins/kits/delimited/row_writer.hpp"

#include <algorithm>

#include "plugins/kits/delimited/utf8.hpp"
#include "plugins/kits/delimited/value_text.hpp"

namespace godwit::delimited {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Whether a spreadsheet would run the text.
bool is_formula(std::string_view value) {
  if (value.empty()) return false;
  for (const std::string_view wide : {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"})  // ＝ ＋ － ＠
    if (value.starts_with(wide)) return true;
  const char c = value.front();
  if (c == '=' || c == '@' || c == '\t' || c == '\r') return true;
  return (c == '+' || c == '-') && value.find_first_not_of("0123456789 .,()/-", 1) != kNone;
}

}  // namespace

Result<std::unique_ptr<RowWriter>> RowWriter::make(const Dialect& dialect, const Encoding& encoding, const WriteStyle& style) {
  GW_TRY(check(dialect));
  GW_ASSIGN(auto encoder, make_encoder(encoding));
  return std::unique_ptr<RowWriter>(new RowWriter(dialect, style, std::move(encoder)));
}

RowWriter::RowWriter(const Dialect& dialect, const WriteStyle& style, std::unique_ptr<Encoder> encoder)
    : dialect_(dialect), style_(style), encoder_(std::move(encoder)) {}

std::string RowWriter::byte_order_mark(const Encoding& encoding) {
  const bool big = encoding.big_endian;
  switch (encoding.family) {
    case EncodingFamily::utf8: return "\xEF\xBB\xBF";
    case EncodingFamily::utf16: return big ? "\xFE\xFF" : "\xFF\xFE";
    case EncodingFamily::utf32: return big ? std::string("\0\0\xFE\xFF", 4) : std::string("\xFF\xFE\0\0", 4);
    default: return "";
  }
}

// Whether the reader would take the bare value for something else.
bool RowWriter::needs_quotes(std::string_view value, bool first, bool only) const {
  const Dialect& d = dialect_;
  if (value.find(d.delimiter) != kNone || value.find_first_of("\r\n") != kNone) return true;
  if (d.quote != 0 && value.find(d.quote) != kNone) return true;
  if (!d.record_end.empty() && value.find(d.record_end) != kNone) return true;
  // The last character of one of several may meet the first of the delimiter behind it: "a|" before "||".
  if (d.delimiter.size() > 1 && value.find(d.delimiter.front()) != kNone) return true;
  if (!value.empty() && (is_blank(value.front()) || is_blank(value.back())) && (d.trim || d.skip_initial_space)) return true;
  if (first && !d.comment.empty() && value.starts_with(d.comment)) return true;
  if (only && value.empty()) return true;  // else an empty line
  return std::find(d.nulls.begin(), d.nulls.end(), value) != d.nulls.end();
}

// What stands inside quotes, or, without quotes, in a dialect with an escape character.
void RowWriter::escaped(std::string_view value) {
  const Dialect& d = dialect_;
  for (const char c : value) {
    if (d.escape != 0) {
      if (d.escape_letters) {
        static constexpr std::string_view kMeant("\n\t\r\b\0\x1a", 6), kLetters = "ntrb0Z";
        if (const std::size_t i = kMeant.find(c); i != kNone) {
          line_ += d.escape, line_ += kLetters[i];
          continue;
        }
      }
      if (c == d.escape || c == d.quote || (d.quote == 0 && (c == d.delimiter.front() || c == '\n' || c == '\r' || (!d.record_end.empty() && c == d.record_end.front()))))
        line_ += d.escape;
    } else if (c == d.quote) {
      line_ += c;
    }
    line_ += c;
  }
}

// Whether and why it cannot be written so that it is read back.
Unwritable::Reason RowWriter::field(std::string_view value, bool text, bool first, bool only, bool guard) {
  std::string guarded;
  if (guard && is_formula(value)) {
    guarded = "'" + std::string(value);
    value = guarded;
  }
  const bool needed = needs_quotes(value, first, only), nul = value.find('\0') != kNone && dialect_.nul != Nul::keep;
  if (nul && !dialect_.escape_letters) return Unwritable::Reason::holds_nul;
  if (dialect_.quote != 0) {
    const bool quoted = needed || style_.quoting == Quoting::all || (style_.quoting == Quoting::text && text);
    if (!quoted && !nul && (dialect_.escape == 0 || value.find(dialect_.escape) == kNone)) {
      line_ += value;
    } else if (quoted) {
      line_ += dialect_.quote;
      escaped(value);
      line_ += dialect_.quote;
    } else {
      escaped(value);
    }
  } else if (dialect_.escape != 0) {
    // The escape stands before delimiters and line ends; what else the reader would take differently has no place for it.
    const bool edges = !value.empty() && (dialect_.trim || dialect_.skip_initial_space) && (is_blank(value.front()) || is_blank(value.back()));
    const bool null = std::find(dialect_.nulls.begin(), dialect_.nulls.end(), value) != dialect_.nulls.end();
    const bool comment = first && !dialect_.comment.empty() && value.starts_with(dialect_.comment);
    if (edges || null || comment || (only && value.empty())) return Unwritable::Reason::needs_quotes;
    escaped(value);
  } else {
    if (needed) return Unwritable::Reason::needs_quotes;
    line_ += value;
  }
  return Unwritable::Reason::none;
}

void RowWriter::null_field(bool only) {
  if (!dialect_.nulls.empty()) line_ += dialect_.nulls.front();
  else if (dialect_.escape_letters) line_ += "\\N";
  else if (only && dialect_.quote != 0) line_ += dialect_.quote, line_ += dialect_.quote;
}

Unwritable RowWriter::append(const std::vector<Column>& columns, std::int64_t row, const std::vector<bool>& absent, std::string* out) {
  line_.clear(), field_ends_.clear();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c != 0) line_ += dialect_.delimiter;
    if (columns[c].is_null(row) || columns[c].type.id == TypeId::null_type || (c < absent.size() && absent[c])) {
      null_field(columns.size() == 1);
    } else {
      value_.clear();
      append_value(columns[c], row, &value_);
      const bool text = is_text(columns[c].type);
      const Unwritable::Reason reason = field(value_, text, c == 0, columns.size() == 1, style_.formula_guard && text);
      if (reason != Unwritable::Reason::none) return {reason, c, value_.substr(0, 40)};
    }
    field_ends_.push_back(line_.size());
  }
  return finish(out);
}

Unwritable RowWriter::append(const std::vector<std::string>& texts, std::string* out) {
  line_.clear(), field_ends_.clear();
  for (std::size_t c = 0; c < texts.size(); ++c) {
    if (c != 0) line_ += dialect_.delimiter;
    const Unwritable::Reason reason = field(texts[c], true, c == 0, texts.size() == 1, false);
    if (reason != Unwritable::Reason::none) return {reason, c, texts[c].substr(0, 40)};
    field_ends_.push_back(line_.size());
  }
  return finish(out);
}

Unwritable RowWriter::finish(std::string* out) {
  line_ += style_.record_end;
  const std::size_t at = encoder_->encode(line_, out);
  if (at == kNone) return {};
  const auto column = static_cast<std::size_t>(std::upper_bound(field_ends_.begin(), field_ends_.end(), at) - field_ends_.begin());
  // The character: up to the next byte that begins one.
  std::size_t end = at + 1;
  while (end < line_.size() && (static_cast<unsigned char>(line_[end]) & 0xc0) == 0x80) ++end;
  const std::string character = line_.substr(at, end - at);
  const bool valid = find_invalid_utf8(character).position == kNone;
  return {Unwritable::Reason::no_such_character, std::min(column, field_ends_.size() - 1), valid ? character : show_bytes(character)};
}

}  // namespace godwit::delimited
