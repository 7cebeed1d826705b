// The scanner's loops, compiled once per instruction set: the including file defines GW_TARGET (a target
// attribute or nothing) and a class Masks with
//   Masks(ScanChars), void load(const char*)   masks of 64 bytes: quote, delimiter, lf, cr; sums of what was seen
//   static uint64_t inside(uint64_t quotes)    bit i: an odd number of quotes among bits 0..i
//   static int count(uint64_t), static int lowest(uint64_t), static uint64_t without_lowest(uint64_t)
//   bool any_high() const, any_nul() const
// Nothing of the standard library is used here, so that no function compiled for newer processors is shared
// with files that are not.

#include "plugins/kits/delimited/scan.hpp"

namespace godwit::delimited {
namespace {

// The positions of the bits of `bits`, from `base`. Eight are written at a time whether there are as many or not:
// most blocks have between one and eight, and a branch per bit would be guessed wrong at every block.
GW_TARGET inline void put_positions(std::uint64_t bits, std::uint32_t base, int count, std::uint32_t* out) {
  for (int i = 0; i < 8; ++i) {
    out[i] = base + static_cast<std::uint32_t>(Masks::lowest(bits));
    bits = Masks::without_lowest(bits);
  }
  if (count > 8) [[unlikely]] {
    for (int i = 8; i < 16; ++i) {
      out[i] = base + static_cast<std::uint32_t>(Masks::lowest(bits));
      bits = Masks::without_lowest(bits);
    }
    for (int i = 16; i < count; ++i) {
      out[i] = base + static_cast<std::uint32_t>(Masks::lowest(bits));
      bits = Masks::without_lowest(bits);
    }
  }
}

GW_TARGET ScanResult scan_text(const char* text, std::uint32_t from, std::uint32_t size, ScanChars chars, ScanArrays out) {
  Masks masks(chars);
  std::uint64_t inside_before = 0;             // all ones when the last byte was inside quotes
  std::uint64_t end_before = 1;                // the last byte was a field end or a quote; a record begins here
  std::uint64_t close_before = 0, cr_before = 0, any_cr = 0;
  std::uint32_t ends = 0, records = 0, lines = 0;
  bool irregular = false;

  for (std::uint32_t at = from; at < size; at += 64) {
    masks.load(text + at);
    std::uint64_t quote = masks.quote, delimiter = masks.delimiter, lf = masks.lf, cr = masks.cr;
    std::uint64_t valid = ~std::uint64_t{0};
    if (size - at < 64) [[unlikely]] {
      valid = (std::uint64_t{1} << (size - at)) - 1;
      quote &= valid, delimiter &= valid, lf &= valid, cr &= valid;
    }
    const std::uint64_t inside = Masks::inside(quote) ^ inside_before;
    const std::uint64_t field_ends = (delimiter | lf | cr) & ~inside;
    const std::uint64_t ends_or_quotes = field_ends | quote;
    const std::uint64_t opening = quote & inside, closing = quote & ~inside;
    const std::uint64_t bad = ((opening & ~(ends_or_quotes << 1 | end_before)) | ((closing << 1 | close_before) & ~ends_or_quotes)) & valid;
    if (bad != 0) [[unlikely]] {
      irregular = true;
      break;
    }
    const std::uint64_t line_ends = (lf & ~(cr << 1 | cr_before)) | cr;
    const std::uint64_t record_ends = line_ends & ~inside;

    // One record end or none is the usual case and costs no branch; the slot is simply not kept.
    const std::uint64_t before = (record_ends & (0 - record_ends)) - 1;
    out.last[records] = ends + static_cast<std::uint32_t>(Masks::count(field_ends & before));
    out.lines[records] = lines + static_cast<std::uint32_t>(Masks::count(line_ends & before)) + 1;
    records += record_ends != 0 ? 1 : 0;
    for (std::uint64_t rest = Masks::without_lowest(record_ends); rest != 0; rest = Masks::without_lowest(rest)) {
      const std::uint64_t below = (rest & (0 - rest)) - 1;
      out.last[records] = ends + static_cast<std::uint32_t>(Masks::count(field_ends & below));
      out.lines[records] = lines + static_cast<std::uint32_t>(Masks::count(line_ends & below)) + 1;
      ++records;
    }

    const int count = Masks::count(field_ends);
    put_positions(field_ends, at, count, out.ends + ends);
    ends += static_cast<std::uint32_t>(count);
    lines += static_cast<std::uint32_t>(Masks::count(line_ends));

    inside_before = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
    end_before = ends_or_quotes >> 63, close_before = closing >> 63, cr_before = cr >> 63;
    any_cr |= cr;
  }
  ScanResult result;
  result.ends = ends, result.records = records, result.irregular = irregular;
  result.open_quote = inside_before != 0 && !irregular;
  result.carriage_returns = any_cr != 0;
  result.high_bytes = masks.any_high(), result.nuls = masks.any_nul();
  return result;
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
