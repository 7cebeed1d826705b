#pragma once
// The structural scanner: where fields and records end, 64 bytes at a time.
//
// It knows one regular grammar: a quote opens a field only where a field begins, and the quote that closes it stands
// before a delimiter, a line end or the end of the text; two quotes inside quotes are one. In that grammar the bytes
// inside quotes are those with an odd number of quotes before them, which is a prefix sum of bits. Where a text leaves
// the grammar the scanner stops, and the record parser (record_parser.hpp) decides what is meant.

#include <cstdint>

namespace godwit::delimited {

// Readable bytes that must follow the text given to scan() and the UTF-8 check; the scanner ignores their values,
// except that a NUL among them may be reported.
inline constexpr std::uint32_t kPadding = 64;

struct ScanChars {
  char delimiter = ',';
  char quote = '"';
  bool has_quote = true;
  bool carriage_returns = false;  // the text is likely to hold some: a guess that costs time when it is wrong, nothing else
};

// What `ends` holds of a field beside the position of its end, so that nobody has to look at its text: whether a quote closes there, and
// whether quotes are doubled inside.
inline constexpr std::uint32_t kQuotedEnd = std::uint32_t{1} << 31, kDoubledEnd = std::uint32_t{1} << 30, kEndPosition = kDoubledEnd - 1;
// The longest text that is scanned: its positions leave these two bits free.
inline constexpr std::uint32_t kMostScanned = kEndPosition - 2 * kPadding;

// The caller's memory, each of size - from + 2 * kPadding entries.
struct ScanArrays {
  std::uint32_t* ends;   // field ends: delimiters, CR and LF outside quotes (both bytes of a CR LF): their positions and the two bits above
  std::uint32_t* last;   // per record: index in `ends` of its last field's end
  std::uint32_t* lines;  // per record: line ends (CR LF is one) from the start of the text to its own, which counts
};

struct ScanResult {
  std::uint32_t ends = 0, records = 0;
  bool irregular = false;  // stopped early; what was found so far holds
  bool open_quote = false; // the text ended inside quotes
  bool carriage_returns = false, high_bytes = false, nuls = false;  // somewhere in what was looked at
};

// Scans text[from, size), where `from` begins a record. Positions are relative to `text`; size is at most kMostScanned.
using ScanFunction = ScanResult (*)(const char* text, std::uint32_t from, std::uint32_t size, ScanChars chars, ScanArrays out);

// What one part of a text does to the quotes, for both cases: that it begins outside [0] and that it begins inside
// quotes [1]. See split.cpp.
struct ParityState {
  // What the next byte needs to know of the one before.
  bool odd = false;                      // an odd number of quotes so far
  bool after_end[2] = {false, false};    // a field end outside quotes, or a quote
  bool after_close[2] = {false, false};  // a closing quote
  bool after_cr = false;

  std::uint64_t line_ends = 0;           // LF, CR LF and CR
  bool irregular[2] = {false, false};    // the part leaves the regular grammar: nothing else is kept of the case then
  // Blocks of 64 bytes in a row without a field end: at the beginning, at the end, and the most.
  std::uint64_t lead[2] = {0, 0}, trail[2] = {0, 0}, longest[2] = {0, 0};
  bool any_end[2] = {false, false};
};

// Goes on from `state` over text[0, size).
using ParityFunction = void (*)(const char* text, std::uint32_t size, ScanChars chars, ParityState* state);

// Whether text[0, size) is UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF, nothing cut off.
using Utf8Function = bool (*)(const char* text, std::uint64_t size);

struct ScanKernels {
  const char* name;
  ScanFunction scan;
  ParityFunction parity;
  Utf8Function is_utf8;
};

extern const ScanKernels kPortableKernels;
// Null when this processor (or this build) lacks AVX2, PCLMUL, BMI2 or POPCNT.
const ScanKernels* avx2_kernels();
// The fastest that runs here; chosen once. GODWIT_SCAN=portable in the environment forces the portable ones.
const ScanKernels& kernels();

}  // namespace godwit::delimited
