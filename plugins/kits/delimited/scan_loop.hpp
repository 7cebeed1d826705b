// The scanner's loops, compiled once per instruction set: the including file defines GW_TARGET (a target
// attribute or nothing) and a class Masks with
//   Masks(ScanChars)
//   template <bool kCr> void load(const char*)   masks of 64 bytes: quote, delimiter, lf and, if kCr, cr; sums of what was seen
//   static uint64_t inside(uint64_t quotes)    bit i: an odd number of quotes among bits 0..i
//   static int count(uint64_t), static int lowest(uint64_t), static uint64_t without_lowest(uint64_t)
//   bool any_high() const, any_nul() const, any_cr() const   among all bytes loaded
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

// The bits below the lowest one of `bits`; all of them where there is none.
GW_INLINE std::uint64_t below_lowest(std::uint64_t bits) { return (bits & (0 - bits)) - 1; }

// What there is in 64 bytes, a bit per byte.
struct Block {
  std::uint64_t field_ends, record_ends;  // outside quotes
  std::uint64_t embedded;                 // line ends inside quotes
  std::uint64_t quoted, doubled;          // field ends behind a closing quote; second quotes of doubled ones
};

// The scanner on its way through a text. Without kCr it takes a CR for any other character: its answer counts only where there was none.
//
// It goes in strides of some blocks, over each twice: first the bits, a long chain of operations without a branch, then what is made
// of them, where branches are guessed wrong often. Were both done block by block, every wrong guess would wait for the chain.
template <bool kCr>
class Scanner {
 public:
  GW_TARGET Scanner(const char* text, ScanChars chars, ScanArrays out)
      : text_(text), masks_(chars), out_(out) {}

  GW_TARGET ScanResult run(std::uint32_t from, std::uint32_t size) {
    Block blocks[kStride];
    ScanResult result;
    std::uint32_t at = from;
    bool regular = true;
    while (regular && size - at >= 64) {
      const std::uint32_t wanted = (size - at) / 64 < kStride ? (size - at) / 64 : kStride;
      std::uint32_t have = 0;
      for (; have < wanted; ++have)
        if (!find<false>(text_ + at + 64 * have, 0, blocks[have])) [[unlikely]] break;
      for (std::uint32_t i = 0; i < have; ++i) put(blocks[i], at + 64 * i);
      regular = have == wanted, at += 64 * have;
    }
    if (regular && at < size) {
      regular = find<true>(text_ + at, (std::uint64_t{1} << (size - at)) - 1, blocks[0]);
      if (regular) put(blocks[0], at);
    }
    result.ends = ends_, result.records = records_;
    result.irregular = !regular, result.open_quote = regular && inside_before_ != 0;
    result.carriage_returns = masks_.any_cr(), result.high_bytes = masks_.any_high(), result.nuls = masks_.any_nul();
    return result;
  }

 private:
  static constexpr std::uint32_t kStride = 16;

  // 64 bytes; in the last ones only the bits in `valid` count. False where the grammar is left.
  template <bool kLast>
  GW_INLINE bool find(const char* bytes, std::uint64_t valid, Block& out) {
    masks_.template load<kCr>(bytes);
    std::uint64_t quote = masks_.quote, delimiter = masks_.delimiter, lf = masks_.lf, cr = kCr ? masks_.cr : 0;
    if (kLast) quote &= valid, delimiter &= valid, lf &= valid, cr &= valid;
    const std::uint64_t inside = Masks::inside(quote) ^ inside_before_;
    const std::uint64_t field_ends = (delimiter | lf | cr) & ~inside;
    const std::uint64_t ends_or_quotes = field_ends | quote;
    const std::uint64_t opening = quote & inside, closing = quote & ~inside, after_closing = closing << 1 | close_before_;
    std::uint64_t bad = (opening & ~(ends_or_quotes << 1 | end_before_)) | (after_closing & ~ends_or_quotes);
    if (kLast) bad &= valid;
    if (bad != 0) [[unlikely]] return false;

    const std::uint64_t line_ends = kCr ? (lf & ~(cr << 1 | cr_before_)) | cr : lf;
    out.field_ends = field_ends, out.record_ends = line_ends & ~inside, out.embedded = line_ends & inside;
    out.quoted = field_ends & after_closing, out.doubled = opening & after_closing;

    inside_before_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
    end_before_ = ends_or_quotes >> 63, close_before_ = closing >> 63;
    if (kCr) cr_before_ = cr >> 63;
    return true;
  }

  GW_INLINE void put(const Block& block, std::uint32_t at) {
    const std::uint64_t field_ends = block.field_ends, record_ends = block.record_ends, quoted = block.quoted;
    // One record end or none is the usual case and costs no branch; the slot is simply not kept.
    out_.last[records_] = ends_ + static_cast<std::uint32_t>(Masks::count(field_ends & below_lowest(record_ends)));
    out_.lines[records_] = embedded_ + records_ + 1;
    if ((Masks::without_lowest(record_ends) | block.embedded) != 0) [[unlikely]] {
      several(field_ends, record_ends, block.embedded);
    } else {
      records_ += record_ends != 0 ? 1 : 0;
    }
    std::uint32_t* const ends = out_.ends + ends_;
    const int count = Masks::count(field_ends);
    put_positions(field_ends, at, count, ends);
    // One quoted field or none, likewise.
    ends[Masks::count(field_ends & below_lowest(quoted))] |= static_cast<std::uint32_t>(quoted != 0) << 31;
    if ((Masks::without_lowest(quoted) | block.doubled | doubled_before_) != 0) [[unlikely]] note_quotes(quoted, block.doubled, field_ends, count, ends);
    ends_ += static_cast<std::uint32_t>(count);
  }

  // A block with several record ends, or with line ends inside quotes. Inlined, rare as it is: a call would force the
  // scanner's state out of the registers.
  GW_INLINE void several(std::uint64_t field_ends, std::uint64_t record_ends, std::uint64_t embedded) {
    for (; record_ends != 0; record_ends = Masks::without_lowest(record_ends)) {
      const std::uint64_t before = below_lowest(record_ends);
      out_.last[records_] = ends_ + static_cast<std::uint32_t>(Masks::count(field_ends & before));
      out_.lines[records_] = embedded_ + static_cast<std::uint32_t>(Masks::count(embedded & before)) + records_ + 1;
      ++records_;
    }
    embedded_ += static_cast<std::uint32_t>(Masks::count(embedded));
  }

  // Marks the quoted ends, and those of the fields that the quotes in `doubled` stand in; the last one's may be in a later block.
  GW_INLINE void note_quotes(std::uint64_t quoted, std::uint64_t doubled, std::uint64_t field_ends, int count, std::uint32_t* ends) {
    for (; quoted != 0; quoted = Masks::without_lowest(quoted)) ends[Masks::count(field_ends & below_lowest(quoted))] |= kQuotedEnd;
    if (doubled_before_ != 0 && count != 0) ends[0] |= kDoubledEnd, doubled_before_ = 0;
    for (; doubled != 0; doubled = Masks::without_lowest(doubled)) {
      const int end = Masks::count(field_ends & below_lowest(doubled));
      if (end < count) ends[end] |= kDoubledEnd;
      else doubled_before_ = 1;
    }
  }

  const char* text_;
  Masks masks_;
  std::uint64_t inside_before_ = 0;  // all ones when the last byte was inside quotes
  std::uint64_t end_before_ = 1;     // the last byte was a field end or a quote; a record begins here
  std::uint64_t close_before_ = 0, cr_before_ = 0;
  std::uint64_t doubled_before_ = 0;  // a doubled quote in the field that is not ended yet
  std::uint32_t ends_ = 0, records_ = 0;
  std::uint32_t embedded_ = 0;        // line ends inside quotes
  const ScanArrays out_;
};

GW_TARGET ScanResult scan_text(const char* text, std::uint32_t from, std::uint32_t size, ScanChars chars, ScanArrays out) {
  if (!chars.carriage_returns) {
    Scanner<false> scanner(text, chars, out);
    const ScanResult found = scanner.run(from, size);
    if (!found.carriage_returns) return found;
  }
  Scanner<true> scanner(text, chars, out);
  return scanner.run(from, size);
}

GW_TARGET void scan_parity(const char* text, std::uint32_t size, ScanChars chars, ParityState* state) {
  Masks masks(chars);
  ParityState s = *state;
  std::uint64_t inside_before = s.odd ? ~std::uint64_t{0} : 0, cr_before = s.after_cr ? 1 : 0;
  std::uint64_t end_before[2] = {s.after_end[0], s.after_end[1]}, close_before[2] = {s.after_close[0], s.after_close[1]};
  for (std::uint32_t at = 0; at < size; at += 64) {
    masks.template load<true>(text + at);
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
      if (s.irregular[h]) continue;  // the wrong one of the two does not last long
      const std::uint64_t inside = h == 0 ? outer : ~outer, field_ends = ends & ~inside, ends_or_quotes = field_ends | quote;
      const std::uint64_t opening = quote & inside, closing = quote & ~inside;
      const std::uint64_t bad = (opening & ~(ends_or_quotes << 1 | end_before[h])) | ((closing << 1 | close_before[h]) & ~ends_or_quotes);
      s.irregular[h] = (bad & valid) != 0;
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
    s.after_end[h] = end_before[h] != 0, s.after_close[h] = close_before[h] != 0;
  }
  *state = s;
}

}  // namespace
}  // namespace godwit::delimited
