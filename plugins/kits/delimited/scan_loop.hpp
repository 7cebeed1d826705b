// The scanner's loops, compiled once per instruction set: the including file defines GW_TARGET (a target
// attribute or nothing) and a class Masks with
//   Masks(ScanChars)
//   void load(const char*)   masks of 64 bytes: quote, delimiter, lf, cr; sums of what was seen
//   static uint64_t inside(uint64_t quotes)    bit i: an odd number of quotes among bits 0..i
//   static int count(uint64_t), static int lowest(uint64_t), static uint64_t without_lowest(uint64_t)
//   bool any_high() const, any_nul() const   among all bytes loaded
// Nothing of the standard library is used here, so that no function compiled for newer processors is shared
// with files that are not.

#include "plugins/kits/delimited/scan.hpp"

#define GW_INLINE GW_TARGET __attribute__((always_inline)) inline

namespace godwit::delimited {
namespace {

// The positions of the bits of `bits`, from `base`. Eight are written at a time whether there are as many or not:
// most blocks have between one and eight, and a branch per bit would be guessed wrong at every block.
GW_INLINE void put_positions(std::uint64_t bits, std::uint32_t base, int count, std::uint32_t* out) {
  for (int i = 0; i < 8; ++i) {
    out[i] = base + static_cast<std::uint32_t>(Masks::lowest(bits));
    bits = Masks::without_lowest(bits);
  }
  if (count > 8) [[unlikely]] {
    for (int i = 8; i < count; ++i) {
      out[i] = base + static_cast<std::uint32_t>(Masks::lowest(bits));
      bits = Masks::without_lowest(bits);
    }
  }
}

// The scanner on its way through a text.
class Scanner {
 public:
  GW_TARGET Scanner(const char* text, ScanChars chars, ScanArrays out)
      : text_(text), masks_(chars), ends_(out.ends), last_(out.last), lines_(out.lines), out_(out) {}

  // 64 bytes at `at`; bits that are not in `valid` do not count. False where the grammar is left.
  template <bool kTail>
  GW_INLINE bool block(std::uint32_t at, const char* bytes, std::uint64_t valid) {
    masks_.load(bytes);
    std::uint64_t quote = masks_.quote, delimiter = masks_.delimiter, lf = masks_.lf, cr = masks_.cr;
    if (kTail) quote &= valid, delimiter &= valid, lf &= valid, cr &= valid;
    const std::uint64_t inside = Masks::inside(quote) ^ inside_before_;
    const std::uint64_t field_ends = (delimiter | lf | cr) & ~inside;
    const std::uint64_t ends_or_quotes = field_ends | quote;
    const std::uint64_t opening = quote & inside, closing = quote & ~inside;
    std::uint64_t bad = (opening & ~(ends_or_quotes << 1 | end_before_)) | ((closing << 1 | close_before_) & ~ends_or_quotes);
    if (kTail) bad &= valid;
    if (bad != 0) [[unlikely]] return false;

    const std::uint64_t line_ends = (lf & ~(cr << 1 | cr_before_)) | cr;
    const std::uint64_t record_ends = line_ends & ~inside, embedded = line_ends & inside;
    // One record end or none is the usual case and costs no branch; the slot is simply not kept.
    const auto ends_before = static_cast<std::uint32_t>(ends_ - out_.ends);
    const std::uint64_t before = (record_ends & (0 - record_ends)) - 1;
    *last_ = ends_before + static_cast<std::uint32_t>(Masks::count(field_ends & before));
    *lines_ = embedded_ + static_cast<std::uint32_t>(lines_ - out_.lines) + 1;
    const std::uint64_t more = Masks::without_lowest(record_ends);
    if ((more | embedded) != 0) [[unlikely]] {
      several(field_ends, record_ends, embedded, ends_before);
    } else {
      const std::size_t one = record_ends != 0 ? 1 : 0;
      last_ += one, lines_ += one;
    }
    const int count = Masks::count(field_ends);
    put_positions(field_ends, at, count, ends_);
    ends_ += count;

    inside_before_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
    end_before_ = ends_or_quotes >> 63, close_before_ = closing >> 63;
    cr_before_ = cr >> 63, any_cr_ |= cr;
    return true;
  }

  GW_TARGET ScanResult run(std::uint32_t from, std::uint32_t size) {
    ScanResult result;
    std::uint32_t at = from;
    bool regular = true;
    for (; size - at >= 64; at += 64) {
      regular = block<false>(at, text_ + at, 0);
      if (!regular) [[unlikely]] break;
    }
    if (regular && at < size) regular = block<true>(at, text_ + at, (std::uint64_t{1} << (size - at)) - 1);
    result.ends = static_cast<std::uint32_t>(ends_ - out_.ends), result.records = static_cast<std::uint32_t>(last_ - out_.last);
    result.irregular = !regular, result.open_quote = regular && inside_before_ != 0;
    result.carriage_returns = any_cr_ != 0, result.high_bytes = masks_.any_high(), result.nuls = masks_.any_nul();
    return result;
  }

 private:
  // A block with several record ends, or with line ends inside quotes. Inlined, rare as it is: a call would force the
  // scanner's state out of the registers.
  GW_INLINE void several(std::uint64_t field_ends, std::uint64_t record_ends, std::uint64_t embedded, std::uint32_t ends_before) {
    for (; record_ends != 0; record_ends = Masks::without_lowest(record_ends)) {
      const std::uint64_t before = (record_ends & (0 - record_ends)) - 1;
      *last_++ = ends_before + static_cast<std::uint32_t>(Masks::count(field_ends & before));
      *lines_ = embedded_ + static_cast<std::uint32_t>(Masks::count(embedded & before)) + static_cast<std::uint32_t>(lines_ - out_.lines) + 1;
      ++lines_;
    }
    embedded_ += static_cast<std::uint32_t>(Masks::count(embedded));
  }

  const char* text_;
  Masks masks_;
  std::uint64_t inside_before_ = 0;  // all ones when the last byte was inside quotes
  std::uint64_t end_before_ = 1;     // the last byte was a field end or a quote; a record begins here
  std::uint64_t close_before_ = 0, cr_before_ = 0, any_cr_ = 0;
  std::uint32_t embedded_ = 0;       // line ends inside quotes
  std::uint32_t *ends_, *last_, *lines_;
  ScanArrays out_;
};

GW_TARGET ScanResult scan_text(const char* text, std::uint32_t from, std::uint32_t size, ScanChars chars, ScanArrays out) {
  Scanner scanner(text, chars, out);
  return scanner.run(from, size);
}

GW_TARGET void scan_parity(const char* text, std::uint32_t size, ScanChars chars, ParityState* state) {
  Masks masks(chars);
  ParityState s = *state;
  std::uint64_t inside_before = s.odd ? ~std::uint64_t{0} : 0, cr_before = s.after_cr ? 1 : 0;
  std::uint64_t end_before[2] = {s.after_end[0], s.after_end[1]}, close_before[2] = {s.after_close[0], s.after_close[1]};
  std::uint64_t bad[2] = {0, 0};
  for (std::uint32_t at = 0; at < size; at += 64) {
    masks.load(text + at);
    std::uint64_t quote = masks.quote, delimiter = masks.delimiter, lf = masks.lf, cr = masks.cr;
    std::uint64_t valid = ~std::uint64_t{0};
    std::uint32_t last = 63;
    if (size - at < 64) [[unlikely]] {
      last = size - at - 1;
      valid = (std::uint64_t{1} << (size - at)) - 1;
      quote &= valid, delimiter &= valid, lf &= valid, cr &= valid;
    }
    const std::uint64_t outer = Masks::inside(quote) ^ inside_before, ends = delimiter | lf | cr;
    for (int h = 0; h < 2; ++h) {
      const std::uint64_t inside = h == 0 ? outer : ~outer, field_ends = ends & ~inside, ends_or_quotes = field_ends | quote;
      const std::uint64_t opening = quote & inside, closing = quote & ~inside;
      bad[h] |= ((opening & ~(ends_or_quotes << 1 | end_before[h])) | ((closing << 1 | close_before[h]) & ~ends_or_quotes)) & valid;
      end_before[h] = ends_or_quotes >> last & 1, close_before[h] = closing >> last & 1;
      s.any_end[h] = s.any_end[h] || field_ends != 0;
      s.trail[h] = field_ends != 0 ? 0 : s.trail[h] + 1;
      s.longest[h] = s.longest[h] > s.trail[h] ? s.longest[h] : s.trail[h];
      s.lead[h] += s.any_end[h] ? 0 : 1;
    }
    inside_before = std::uint64_t{0} - (outer >> last & 1);
    s.line_ends += static_cast<std::uint64_t>(Masks::count((lf & ~(cr << 1 | cr_before)) | cr));
    cr_before = cr >> last & 1;
  }
  s.odd = inside_before != 0, s.after_cr = cr_before != 0;
  for (int h = 0; h < 2; ++h) {
    s.irregular[h] = s.irregular[h] || bad[h] != 0;
    s.after_end[h] = end_before[h] != 0, s.after_close[h] = close_before[h] != 0;
  }
  *state = s;
}

}  // namespace
}  // namespace godwit::delimited
