#include "plugins/kits/delimited/records.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/kits/delimited/utf8.hpp"

namespace godwit::delimited {
namespace {

constexpr std::size_t kRawBytes = 64 << 10;

std::string_view without_record_end(const Dialect& d, std::string_view record) {
  if (!d.record_end.empty()) {
    if (record.ends_with(d.record_end)) record.remove_suffix(d.record_end.size());
  } else if (record.ends_with("\r\n")) {
    record.remove_suffix(2);
  } else if (record.ends_with('\n') || record.ends_with('\r')) {
    record.remove_suffix(1);
  }
  return record;
}

}  // namespace

RecordStream::RecordStream(const Dialect& dialect, TextSource source, std::int64_t line, std::uint32_t window)
    : dialect_(dialect), source_(std::move(source)), kernels_(kernels()), window_(std::max(window, 256u)), line_(line) {
  chars_.delimiter = dialect_.delimiter.empty() ? ',' : dialect_.delimiter[0];
  chars_.quote = dialect_.quote, chars_.has_quote = dialect_.quote != 0;
}

// ---- the window ----

Result<> RecordStream::refill() {
  scanned_ = false, scanned_records_ = cursor_ = 0;
  const std::uint32_t left = size_ - at_;
  // A record longer than half the window makes it grow; when it has passed, the window shrinks again.
  std::size_t capacity = std::max<std::size_t>(window_, text_.size() < kPadding ? 0 : text_.size() - kPadding);
  if (left > capacity / 2) capacity *= 2;
  else if (capacity > window_ && left < window_ / 2) capacity = window_;
  if (capacity != text_.size() - std::min<std::size_t>(text_.size(), kPadding)) {
    Text fresh;
    fresh.resize(capacity + kPadding);
    if (left != 0) std::memcpy(fresh.chars(), text_.chars() + at_, left);
    text_ = std::move(fresh);
    ends_ = MutableBuffer(), last_ = MutableBuffer(), lines_ = MutableBuffer();
  } else if (left != 0 && at_ != 0) {
    std::memmove(text_.chars(), text_.chars() + at_, left);
  }
  base_ += at_, at_ = 0, size_ = left;
  source_.forget(base_);
  while (size_ < capacity && capacity - size_ >= 64 && !all_read()) {
    GW_ASSIGN(const std::size_t got, source_.fill(text_.chars() + size_, capacity - size_, base_ + size_));
    size_ += static_cast<std::uint32_t>(got);
    if (source_.decoded()) break;  // one piece: a decoder cannot promise to fill the room to the last byte
  }
  std::memset(text_.chars() + size_, ' ', kPadding);
  return {};
}

void RecordStream::scan() {
  const std::size_t entries = size_ - at_ + 2 * kPadding;
  if (ends_.size() < (entries + 1) * 4) ends_.resize((entries + 1) * 4), last_.resize(entries * 4), lines_.resize(entries * 4);
  std::uint32_t* ends = ends_.as<std::uint32_t>() + 1;
  const ScanResult found = kernels_.scan(text_.chars(), at_, size_, chars_, {ends, last_.as<std::uint32_t>(), lines_.as<std::uint32_t>()});
  carriage_returns_ = chars_.carriage_returns = found.carriage_returns;  // and so has the next window, probably
  ends[-1] = at_ - 1;  // so that every field begins behind an end
  scanned_records_ = found.records, cursor_ = 0, irregular_ = found.irregular, scanned_ = true, scan_line_ = line_;
  // A record that ends with a CR behind which the scanner did not look: whether a LF belongs to it is not known yet.
  const std::uint32_t* last = last_.as<std::uint32_t>();
  if (scanned_records_ != 0) {
    const std::uint32_t index = last[scanned_records_ - 1], end = ends[index] & kEndPosition;
    if (text_.chars()[end] == '\r' && index + 1 == found.ends && (end + 1 == size_ ? !all_read() : text_.chars()[end + 1] == '\n')) --scanned_records_;
  }
  check_utf8_ = check_nul_ = false;
  if (scanned_records_ == 0) return;
  const std::uint32_t whole = (ends[last[scanned_records_ - 1]] & kEndPosition) + 1 - at_;
  check_utf8_ = found.high_bytes && !source_.decoded() && !kernels_.is_utf8(text_.chars() + at_, whole);
  check_nul_ = found.nuls && dialect_.nul != Nul::keep;
}

// ---- runs ----

// Index of the first field's end of a scanned record (or of the one behind the last): a CR LF has two ends, of which
// the second is no field's.
std::uint32_t RecordStream::record_first(std::uint32_t record) const {
  if (record == 0) return 0;
  const auto* ends = reinterpret_cast<const std::uint32_t*>(ends_.data()) + 1;
  const std::uint32_t last = reinterpret_cast<const std::uint32_t*>(last_.data())[record - 1];
  if (!carriage_returns_) return last + 1;
  const std::uint32_t end = ends[last] & kEndPosition;
  const char* text = text_.as_chars();
  return text[end] == '\r' && end + 1 < size_ && text[end + 1] == '\n' ? last + 2 : last + 1;
}

// Whether the scanned record is one of a run, beside its width and length.
bool RecordStream::suits(std::uint32_t start, std::uint32_t end) const {
  const std::string_view text(text_.as_chars() + start, end - start);
  if (!dialect_.comment.empty() && text.starts_with(dialect_.comment)) return false;
  if (check_nul_ && std::memchr(text.data(), 0, text.size()) != nullptr) return false;
  if (check_utf8_ && find_invalid_utf8(text).position != std::string_view::npos) return false;
  return !source_.decoded() || source_.undecodable(base_ + start, base_ + end) == nullptr;
}

// Makes the run that begins at the cursor; false when the record there is none for a run.
bool RecordStream::collect(std::uint32_t most, std::uint64_t bytes) {
  const std::uint32_t* ends = ends_.as<std::uint32_t>() + 1;
  const std::uint32_t* last = last_.as<std::uint32_t>() + cursor_;
  const std::uint32_t* lines = lines_.as<std::uint32_t>() + cursor_;
  const std::uint32_t limit = std::min(scanned_records_ - cursor_, most);
  if (run_first_.size() < limit) run_first_.resize(limit), run_offsets_.resize(limit), run_lines_.resize(limit);
  const bool decoded = source_.decoded();
  const bool special = decoded || check_nul_ || check_utf8_ || !dialect_.comment.empty();
  const std::int64_t offset = static_cast<std::int64_t>(source_.from() + base_);
  const std::uint64_t stop = bytes < size_ - at_ ? at_ + bytes : size_;
  const auto longest = static_cast<std::uint32_t>(std::min<std::int64_t>(dialect_.max_field_bytes, size_));
  const std::uint32_t header_size = header_.empty() ? ~std::uint32_t{0} : static_cast<std::uint32_t>(header_.size());
  std::uint32_t count = 0, first = record_first(cursor_), start = at_;
  std::int64_t line = line_;
  for (; count < limit; ++count) {
    const std::uint32_t end_index = last[count], end = ends[end_index] & kEndPosition, size = end - start;
    if (end_index - first + 1 != width_ || start > stop || size > longest) break;
    if (size == header_size && std::memcmp(text_.as_chars() + start, header_.data(), size) == 0) break;
    if (special && !suits(start, end)) break;
    run_first_[count] = first;
    run_offsets_[count] = decoded ? static_cast<std::int64_t>(source_.offset_of(base_ + start)) : offset + start;
    run_lines_[count] = line;
    line = scan_line_ + lines[count];
    first = record_first(cursor_ + count + 1);
    start = (ends[static_cast<std::int64_t>(first) - 1] + 1) & kEndPosition;
  }
  if (count == 0) return false;
  run_ = {text_.chars(), ends, run_first_.data(), run_offsets_.data(), run_lines_.data(), count, width_, 0};
  // Records stand `width` ends apart, one more with CR LF; a sum that is `count` times the first means that all do.
  const std::uint32_t stride = count == 1 ? width_ : run_first_[1] - run_first_[0];
  if (run_first_[count - 1] - run_first_[0] == (count - 1) * stride && (stride == width_ || stride == width_ + 1)) run_.stride = stride;
  cursor_ += count, at_ = start, line_ = line;
  return true;
}

// ---- single records ----

void RecordStream::advance(std::uint32_t size, std::uint32_t line_ends) {
  at_ += size, line_ += line_ends;
  // What the scanner found stays true when it, too, saw the next record begin here.
  if (!scanned_) return;
  if (cursor_ < scanned_records_) {
    const auto* ends = reinterpret_cast<const std::uint32_t*>(ends_.data()) + 1;
    const std::uint32_t next = record_first(cursor_ + 1);
    if (((ends[static_cast<std::int64_t>(next) - 1] + 1) & kEndPosition) == at_) {
      ++cursor_;
      return;
    }
  }
  scanned_ = false, scanned_records_ = cursor_ = 0;
}

Result<RecordStream::One> RecordStream::one(Found* found) {
  parse_record(dialect_, {text_.chars() + at_, size_ - at_}, all_read(), &record_);
  if (record_.kind == ParsedRecord::Kind::need_more) {
    // Many fields that are each short enough can still make a record that no memory holds.
    const std::int64_t longest = std::clamp<std::int64_t>(dialect_.max_field_bytes * 4, 1 << 20, kLargestField);
    if (all_read() || static_cast<std::int64_t>(size_ - at_) <= longest) return One::need_more;
    record_.kind = ParsedRecord::Kind::bad_open, record_.error = kFieldTooLong, record_.error_field = 0;
  }
  found_offset_ = next_offset(), found_line_ = line_, found_at_ = at_;
  if (record_.kind == ParsedRecord::Kind::bad_open) {
    found_size_ = size_ - at_;
    *found = Found::bad;
    bad_.number = record_.error;
    bad_.arguments = {{"field", std::to_string(record_.error_field)},
                      {"seen", std::string(raw_text().substr(std::min<std::size_t>(record_.error_at, found_size_), 40))},
                      {"expected", std::to_string(dialect_.max_field_bytes)}};
    GW_TRY(skip_open_record());
    GW_TRY(set_raw(static_cast<std::uint64_t>(next_offset())));
    return One::found;
  }
  found_size_ = static_cast<std::uint32_t>(without_record_end(dialect_, {text_.chars() + at_, record_.size}).size());
  GW_ASSIGN(const One judged, judge(found));
  const bool cut = all_read() && at_ + record_.size == size_ && found_size_ == record_.size;
  if (cut && judged == One::found && *found == Found::record && source_.cut_short()) {
    GW_TRY(set_bad(kCutByPlannedEnd, {}));
    *found = Found::bad;
  }
  advance(record_.size, record_.line_ends);
  return judged;
}

// What becomes of the parsed record_.
Result<RecordStream::One> RecordStream::judge(Found* found) {
  const std::string_view text = raw_text();
  *found = Found::bad;
  switch (record_.kind) {
    case ParsedRecord::Kind::comment: return One::skipped;
    case ParsedRecord::Kind::blank:
      if (width_ != 1) return One::skipped;  // in a file of one column an empty line is an empty value
      break;
    case ParsedRecord::Kind::bad:
      GW_TRY(set_bad(record_.error, {{"field", std::to_string(record_.error_field)},
                                     {"seen", std::string(text.substr(std::min<std::size_t>(record_.error_at, text.size()), 40))},
                                     {"expected", std::to_string(dialect_.max_field_bytes)}}));
      return One::found;
    default: break;
  }
  if (!header_.empty() && text == header_) {
    GW_TRY(set_bad(kHeaderAgain, {}));
    return One::found;
  }
  if (source_.decoded()) {
    if (const UndecodableBytes* bytes = source_.undecodable(base_ + at_, base_ + at_ + record_.size)) {
      GW_TRY(set_bad(kInvalidBytes, {{"seen", show_bytes(bytes->bytes)}, {"offset", std::to_string(bytes->offset)}}));
      return One::found;
    }
  } else if (const InvalidUtf8 invalid = find_invalid_utf8(text); invalid.position != std::string_view::npos) {
    GW_TRY(set_bad(kInvalidBytes, {{"seen", show_bytes(text.substr(invalid.position, invalid.length))},
                                   {"offset", std::to_string(found_offset_ + static_cast<std::int64_t>(invalid.position))}}));
    return One::found;
  }
  if (dialect_.nul != Nul::keep && std::memchr(text.data(), 0, text.size()) != nullptr) {
    if (dialect_.nul == Nul::set_aside) {
      GW_TRY(set_bad(kNulByte, {}));
      return One::found;
    }
    for (FieldSpan& f : record_.fields) {
      char* const begin = record_.values.data() + f.begin;
      f.size = static_cast<std::uint32_t>(std::remove(begin, begin + f.size, '\0') - begin);
    }
  }
  *found = Found::record;
  if (width_ == 0) return One::found;
  const std::size_t seen = record_.fields.size();
  const bool surplus_empty = std::all_of(record_.fields.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(seen, width_)),
                                         record_.fields.end(), [](const FieldSpan& f) { return f.size == 0; });
  if (seen == width_ || (dialect_.ragged == Ragged::pad && (seen < width_ || surplus_empty))) {
    record_.fields.resize(width_, FieldSpan{0, 0, false, true});
    return One::found;
  }
  *found = Found::bad;
  GW_TRY(set_bad(seen < width_ ? kTooFewFields : kTooManyFields, {{"seen", std::to_string(seen)}, {"expected", std::to_string(width_)}}));
  return One::found;
}

Result<> RecordStream::set_bad(int number, std::vector<Argument> arguments) {
  bad_.number = number, bad_.arguments = std::move(arguments);
  if (!source_.decoded()) {
    bad_.raw.assign(raw_text().substr(0, kRawBytes));
    return {};
  }
  return set_raw(source_.offset_of(base_ + at_ + record_.size));
}

// The found record's bytes as they stand in the file, where the text has lost what could not be decoded, or is not at
// hand any more. `end`: where the next record begins.
Result<> RecordStream::set_raw(std::uint64_t end) {
  const auto from = static_cast<std::uint64_t>(found_offset_);
  std::string& raw = bad_.raw;
  raw.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kRawBytes, end - from)));
  GW_ASSIGN(const std::size_t got, source_.bytes().read(from, raw.data(), raw.size()));
  raw.resize(got);
  if (end - from > kRawBytes) return {};
  // Without the record end: ASCII characters of one, two or four bytes each.
  const auto unit = static_cast<std::size_t>(source_.unit());
  std::string tail;
  const std::size_t most = std::max<std::size_t>(dialect_.record_end.size(), 2) * unit;
  for (std::size_t at = raw.size() - std::min(raw.size() / unit * unit, most); at < raw.size(); at += unit) {
    char c = 0;
    for (std::size_t i = 0; i < unit; ++i) c = static_cast<char>(c | raw[at + i]);
    tail += c;
  }
  raw.resize(raw.size() - (tail.size() - without_record_end(dialect_, tail).size()) * unit);
  return {};
}

// Drops text up to the next record end, which is not in the window yet.
Result<> RecordStream::skip_open_record() {
  const std::uint32_t keep = static_cast<std::uint32_t>(std::max<std::size_t>(dialect_.record_end.size(), 1));
  while (true) {
    const std::string_view text(text_.chars() + at_, size_ - at_);
    const std::size_t next = after_record_end(dialect_, text, 0, all_read());
    if (next != std::string_view::npos || all_read()) {
      const auto size = static_cast<std::uint32_t>(std::min(next, text.size()));
      line_ += count_line_ends(text.substr(0, size));
      at_ += size, scanned_ = false, scanned_records_ = cursor_ = 0;
      return {};
    }
    if (text.size() > keep) {
      const auto size = static_cast<std::uint32_t>(text.size()) - keep;
      line_ += count_line_ends(text.substr(0, size));
      at_ += size;
    }
    GW_TRY(refill());
  }
}

Result<bool> RecordStream::skip_line() {
  if (at_ == size_ && !all_read()) GW_TRY(refill());
  if (at_ == size_ && all_read()) return false;
  GW_TRY(skip_open_record());
  return true;
}

// ---- the stream ----

Result<RecordStream::Found> RecordStream::next(std::uint32_t most, std::uint64_t bytes) {
  while (true) {
    if (at_ == size_) {
      if (all_read()) return Found::end;
      GW_TRY(refill());
      continue;
    }
    if (!scanned_ && width_ != 0 && size_ <= kMostScanned && dialect_.is_plain()) scan();
    if (scanned_ && cursor_ < scanned_records_ && collect(most, bytes)) return Found::run;
    // The rest of the window is the beginning of a record: more text tells. Where it is long it may also be a comment
    // or a stray quote that misled the scanner, which the parser knows better.
    if (scanned_ && !irregular_ && !all_read() && cursor_ == scanned_records_ && size_ - at_ <= window_ / 2) {
      GW_TRY(refill());
      continue;
    }
    // One record by itself: it is not like the others, or the scanner could not tell, or the text ends with it.
    Found found = Found::end;
    GW_ASSIGN(const One what, one(&found));
    if (what == One::found) return found;
    if (what == One::need_more) GW_TRY(refill());
  }
}

}  // namespace godwit::delimited
