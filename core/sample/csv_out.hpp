#pragma once
// A delimited file in any encoding, with the breakages that are asked for.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>

#include "core/model/result.hpp"
#include "core/sample/sample.hpp"

struct UConverter;

namespace godwit::sample {

struct Cell {
  std::string text;
  bool raw = false;  // written as it stands, whatever it holds: how stray delimiters and quotes get into a file

  Cell(std::string t) : text(std::move(t)) {}  // NOLINT: cells are texts
  Cell(const char* t) : text(t) {}             // NOLINT
  Cell(std::string t, bool r) : text(std::move(t)), raw(r) {}
};

// In raw cells: becomes the byte 0xFF, which no encoding of the sample has.
inline constexpr char kBrokenByte = '\x01';

class CsvOut {
 public:
  // Every member of `format` is set.
  static Result<std::unique_ptr<CsvOut>> open(const std::filesystem::path& path, const SampleFormat& format);
  ~CsvOut();
  CsvOut(const CsvOut&) = delete;
  CsvOut& operator=(const CsvOut&) = delete;

  // Writes one record. Its first line is line() before the call.
  Result<> row(std::span<const Cell> cells);
  Result<> row(std::initializer_list<Cell> cells) { return row(std::span(cells.begin(), cells.size())); }
  char delimiter() const { return format_.delimiter; }
  std::int64_t line() const { return line_; }  // of the next record, from 1
  // Flushes; a full disk shows here at the latest.
  Result<SampleFile> close();

 private:
  CsvOut() = default;
  Result<> write(std::string_view utf8);

  std::filesystem::path path_;
  SampleFormat format_;
  std::ofstream stream_;
  UConverter* converter_ = nullptr;                // null: UTF-8
  std::int64_t line_ = 1, rows_ = -1, bytes_ = 0;  // the header is no row
  std::string record_, encoded_;
};

}  // namespace godwit::sample
