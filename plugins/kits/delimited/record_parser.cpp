#include "plugins/kits/delimited/record_parser.hpp"

#include <algorithm>
#include <cstring>

namespace godwit::delimited {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// One pass over one record. Every step either goes on or says how the record ends.
class Parser {
 public:
  Parser(const Dialect& dialect, std::string_view text, bool at_end, ParsedRecord* out)
      : d_(dialect), text_(text), at_end_(at_end), out_(*out) {}

  void run() {
    out_.fields.clear(), out_.values.clear();
    out_.kind = ParsedRecord::Kind::need_more, out_.size = out_.line_ends = 0;
    out_.error = 0, out_.error_field = out_.error_at = 0;
    if (text_.empty()) return;
    if (!d_.comment.empty()) {
      if (text_.starts_with(d_.comment)) return finish_line(0, ParsedRecord::Kind::comment);
      if (!at_end_ && d_.comment.starts_with(text_)) return;
    }
    bool more = true;
    while (more) {
      if (!field(&more)) return;
    }
    finish_record();
  }

 private:
  using Kind = ParsedRecord::Kind;
  enum class Stop { delimiter, record_end, text_end, unknown };  // unknown: the text ends within a delimiter or CR LF

  // What begins at `at`; sets stop_size_.
  Stop stop_at(std::size_t at) {
    if (at == text_.size()) {
      stop_size_ = 0;
      return at_end_ ? Stop::text_end : Stop::unknown;
    }
    const char c = text_[at];
    stop_size_ = 1;
    if (c == d_.delimiter[0]) {
      if (d_.delimiter.size() == 1) return Stop::delimiter;
      const std::string_view rest = text_.substr(at, d_.delimiter.size());
      if (rest == d_.delimiter) {
        stop_size_ = d_.delimiter.size();
        return Stop::delimiter;
      }
      if (!at_end_ && rest.size() < d_.delimiter.size() && d_.delimiter.starts_with(rest)) return Stop::unknown;
    }
    if (!d_.record_end.empty()) {
      if (c != d_.record_end[0]) return not_a_stop();
      const std::string_view rest = text_.substr(at, d_.record_end.size());
      if (rest == d_.record_end) {
        stop_size_ = d_.record_end.size();
        return Stop::record_end;
      }
      if (!at_end_ && rest.size() < d_.record_end.size() && d_.record_end.starts_with(rest)) return Stop::unknown;
      return not_a_stop();
    }
    if (c == '\n') return Stop::record_end;
    if (c == '\r') {
      if (at + 1 == text_.size()) return at_end_ ? Stop::record_end : Stop::unknown;
      if (text_[at + 1] == '\n') stop_size_ = 2;
      return Stop::record_end;
    }
    return not_a_stop();
  }
  Stop not_a_stop() {
    stop_size_ = 0;
    return Stop::unknown;
  }
  bool can_stop(char c) const {
    return c == d_.delimiter[0] || (d_.record_end.empty() ? c == '\n' || c == '\r' : c == d_.record_end[0]);
  }

  // One field, from at_. False: the outcome is known (need_more or bad).
  bool field(bool* more) {
    field_begin_ = at_;
    std::size_t at = at_;
    if (d_.skip_initial_space || d_.trim)
      while (at < text_.size() && (text_[at] == ' ' || (d_.trim && text_[at] == '\t'))) ++at;
    if (at == text_.size() && !at_end_) return false;
    const bool quoted = d_.quote != 0 && at < text_.size() && text_[at] == d_.quote;
    return quoted ? quoted_field(at, more) : unquoted_field(at_, more);
  }

  bool quoted_field(std::size_t open, bool* more) {
    const auto begin = static_cast<std::uint32_t>(out_.values.size());
    std::size_t at = open + 1;
    while (true) {
      const std::size_t plain = at;
      while (at < text_.size() && text_[at] != d_.quote && (d_.escape == 0 || text_[at] != d_.escape)) ++at;
      out_.values.append(text_, plain, at - plain);
      if (static_cast<std::int64_t>(out_.values.size() - begin) > d_.max_field_bytes) {
        // The room that a well-formed field may take is used up: either it is too long, or its quote was a stray one.
        out_.values.resize(begin);
        return alone(open, more);
      }
      if (at == text_.size()) {
        out_.values.resize(begin);
        return at_end_ ? alone(open, more) : false;
      }
      if (d_.escape != 0 && text_[at] == d_.escape) {
        if (!escaped(&at)) {
          out_.values.resize(begin);
          return at_end_ ? alone(open, more) : false;
        }
        continue;
      }
      ++at;  // behind the quote
      if (at == text_.size() && !at_end_) return false;
      if (at < text_.size() && text_[at] == d_.quote) {
        out_.values += d_.quote;
        ++at;
        continue;
      }
      break;
    }
    const std::size_t closed = at;
    if (d_.skip_initial_space || d_.trim)
      while (at < text_.size() && (text_[at] == ' ' || (d_.trim && text_[at] == '\t')) && !can_stop(text_[at])) ++at;
    const Stop stop = stop_at(at);
    if (stop == Stop::unknown) {
      if (at == text_.size() || stop_size_ != 0) return false;  // more text tells
      out_.values.resize(begin);
      if (d_.malformed == Malformed::keep) return raw_field(closed, more);
      if (after_record_end(d_, text_.substr(0, closed), open, false) != kNone) return alone(open, more);
      if (out_.error == 0) out_.error = kTextAfterQuote, out_.error_at = static_cast<std::uint32_t>(closed), out_.error_field = next_field();
      return raw_field(closed, more);
    }
    add(begin, true);
    return step(at, stop, more);
  }

  // A quote at `open` that stands alone. However that was found out, the reason is the same one: where the text is cut
  // into ranges, it may be found out in another way.
  bool alone(std::size_t open, bool* more) {
    if (d_.malformed == Malformed::keep) return unquoted_field(open, more);
    if (out_.error == 0) out_.error = kOpenQuote, out_.error_at = static_cast<std::uint32_t>(open), out_.error_field = next_field();
    finish_line(open, Kind::bad);
    return false;
  }

  // The rest of a malformed field, taken as it stands: from the field's beginning to the next delimiter.
  bool raw_field(std::size_t at, bool* more) {
    while (true) {
      while (at < text_.size() && !can_stop(text_[at])) ++at;
      const Stop stop = stop_at(at);
      if (stop == Stop::unknown) {
        if (at == text_.size() || stop_size_ != 0) return false;
        ++at;
        continue;
      }
      const auto begin = static_cast<std::uint32_t>(out_.values.size());
      out_.values.append(text_, field_begin_, at - field_begin_);
      add(begin, true);
      return step(at, stop, more);
    }
  }

  bool unquoted_field(std::size_t at, bool* more) {
    const auto begin = static_cast<std::uint32_t>(out_.values.size());
    const std::size_t from = at;
    while (true) {
      const std::size_t plain = at;
      while (at < text_.size() && !can_stop(text_[at]) && (d_.escape == 0 || text_[at] != d_.escape)) ++at;
      out_.values.append(text_, plain, at - plain);
      if (static_cast<std::int64_t>(out_.values.size() - begin) > d_.max_field_bytes) {
        if (out_.error == 0) out_.error = kFieldTooLong, out_.error_at = static_cast<std::uint32_t>(from), out_.error_field = next_field();
        finish_line(from, Kind::bad);
        return false;
      }
      if (at < text_.size() && d_.escape != 0 && text_[at] == d_.escape) {
        if (escaped(&at)) continue;
        if (!at_end_) return false;
        out_.values += text_[at++];  // an escape character that ends the text escapes nothing
        continue;
      }
      const Stop stop = stop_at(at);
      if (stop == Stop::unknown) {
        if (at == text_.size() || stop_size_ != 0) return false;
        out_.values += text_[at++];
        continue;
      }
      strip(begin);
      add(begin, false);
      out_.fields.back().null = is_null(stripped(text_.substr(from, at - from)));
      return step(at, stop, more);
    }
  }

  // Without leading (skip_initial_space, trim) and trailing (trim) spaces.
  std::string_view stripped(std::string_view v) const {
    if (d_.trim || d_.skip_initial_space)
      while (!v.empty() && (v.front() == ' ' || (d_.trim && v.front() == '\t'))) v.remove_prefix(1);
    if (d_.trim)
      while (!v.empty() && (v.back() == ' ' || v.back() == '\t')) v.remove_suffix(1);
    return v;
  }
  // The same for the value from `begin` on.
  void strip(std::uint32_t begin) {
    if (!d_.trim && !d_.skip_initial_space) return;
    const std::string_view all(out_.values.data() + begin, out_.values.size() - begin), kept = stripped(all);
    const auto from = static_cast<std::size_t>(kept.data() - all.data()), size = kept.size();
    out_.values.erase(begin + from + size);
    out_.values.erase(begin, from);
  }

  // The escape at *at and what it takes with it; false when the text ends behind it.
  bool escaped(std::size_t* at) {
    if (*at + 1 == text_.size()) return false;
    const char c = text_[*at + 1];
    *at += 2;
    if (!d_.escape_letters) {
      out_.values += c;
      return true;
    }
    static constexpr char kLetters[] = "ntrb0Zfv";
    static constexpr char kMeant[] = {'\n', '\t', '\r', '\b', '\0', '\x1a', '\f', '\v'};
    const char* letter = c == 0 ? nullptr : std::strchr(kLetters, c);
    out_.values += letter == nullptr ? c : kMeant[letter - kLetters];
    return true;
  }

  // `raw`: an unquoted field as it stands.
  bool is_null(std::string_view raw) const {
    return (d_.escape_letters && raw == "\\N") || std::find(d_.nulls.begin(), d_.nulls.end(), raw) != d_.nulls.end();
  }
  std::uint32_t next_field() const { return static_cast<std::uint32_t>(out_.fields.size()) + 1; }
  void add(std::uint32_t begin, bool quoted) {
    out_.fields.push_back({begin, static_cast<std::uint32_t>(out_.values.size()) - begin, quoted, false});
  }

  bool step(std::size_t at, Stop stop, bool* more) {
    at_ = at + stop_size_;
    *more = stop == Stop::delimiter;
    return true;
  }

  void finish_record() {
    out_.size = static_cast<std::uint32_t>(at_);
    out_.line_ends = count_line_ends(text_.substr(0, at_));
    if (out_.error != 0) out_.kind = Kind::bad;
    else out_.kind = out_.fields.size() == 1 && !out_.fields[0].quoted && is_blank() ? Kind::blank : Kind::record;
  }
  // Nothing but its record end.
  bool is_blank() const {
    if (!d_.record_end.empty()) return at_ == d_.record_end.size() && text_.starts_with(d_.record_end);
    return at_ <= 2 && (text_[0] == '\n' || text_[0] == '\r');
  }

  // The record ends at the first record end at or behind `from`.
  void finish_line(std::size_t from, Kind kind) {
    const std::size_t next = after_record_end(d_, text_, from, at_end_);
    if (next == kNone && !at_end_) {
      out_.kind = kind == Kind::bad ? Kind::bad_open : Kind::need_more;
      return;
    }
    out_.kind = kind;
    out_.size = static_cast<std::uint32_t>(next == kNone ? text_.size() : next);
    out_.line_ends = count_line_ends(text_.substr(0, out_.size));
  }

  const Dialect& d_;
  std::string_view text_;
  bool at_end_;
  ParsedRecord& out_;
  std::size_t at_ = 0, field_begin_ = 0, stop_size_ = 0;
};

}  // namespace

void parse_record(const Dialect& dialect, std::string_view text, bool at_end, ParsedRecord* out) {
  Parser(dialect, text, at_end, out).run();
}

std::uint32_t count_line_ends(std::string_view text) {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    count += text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
  return count;
}

std::size_t after_record_end(const Dialect& dialect, std::string_view text, std::size_t from, bool at_end) {
  if (!dialect.record_end.empty()) {
    const std::size_t at = text.find(dialect.record_end, from);
    return at == kNone ? kNone : at + dialect.record_end.size();
  }
  const std::size_t at = text.find_first_of("\r\n", from);
  if (at == kNone) return kNone;
  if (text[at] == '\n') return at + 1;
  if (at + 1 == text.size()) return at_end ? at + 1 : kNone;
  return text[at + 1] == '\n' ? at + 2 : at + 1;
}

}  // namespace godwit::delimited
