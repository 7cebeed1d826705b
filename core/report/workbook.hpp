#pragma once
// The report as a workbook: first as plain cells, then as an XLSX file, and back from one.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/catalogue.hpp"
#include "core/model/result.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// Longest text of a cell in bytes: a cell holds 32,767 characters, and escapes can nearly double a text.
inline constexpr std::size_t kMostCellBytes = 16'000;

// The start of `text` that fits, cut between characters.
std::string_view fitting(std::string_view text);

struct Cell {
  enum class Kind : std::uint8_t { text, number };
  enum class Look : std::uint8_t { plain, head, title, soft, count, money, good, warn, bad };
  std::string value;  // of a number its exact digits; "" is an empty cell
  Kind kind = Kind::text;
  Look look = Look::plain;
};

struct Sheet {
  std::string name;
  std::vector<double> widths;  // in characters
  std::vector<std::vector<Cell>> rows;
  int head_rows = 0;  // frozen and repeated when printed
  bool hidden = false;
};
using Workbook = std::vector<Sheet>;

// Name of the hidden sheet that holds the envelope, cut into cells of column A.
inline constexpr std::string_view kEnvelopeSheet = "godwit-report";

// The sheets that a reader sees, with `seal` on the first. Numbers are numbers while a spreadsheet holds them exactly
// (15 digits); longer ones are text, because a rounded sum of money is a wrong one.
Workbook build_workbook(const CutoverReport& report, Language language, const Seal& seal);

// Writes `sheets` and the hidden sheet. Text is always text: no cell is ever a formula or a link. GW-4202, GW-4207.
Result<> write_workbook(const Workbook& sheets, std::string_view envelope, const CutoverReport& report,
                        const std::filesystem::path& path);

// Sheets without a seal. `made_at` (ISO 8601, UTC) is noted as the time of making. GW-4202, GW-4207.
Result<> write_plain_workbook(const Workbook& sheets, const std::string& title, const std::string& made_at,
                              const std::filesystem::path& path);

// Cell contents of a file, as any program saved it (formulas as text with "=" in front, hidden sheets included).
// GW-4208 when `bytes` are no workbook.
Result<Workbook> read_workbook(std::string bytes);

// The text that a workbook's seal covers: names and cell contents of all sheets but the envelope's.
std::string workbook_view(const Workbook& sheets);

}  // namespace godwit::report
