#pragma once
// Set-aside rows as a sheet that business people correct, and the corrected sheet as corrections of the project.
//
// A sheet has a line per row: @source, @key, @hash (which row it is), @place, @reason (why it was set aside), @why (for the
// corrector's words), then the source's columns as they were. Whoever corrects it overwrites values.

#include <filesystem>
#include <string>
#include <vector>

#include "core/journal/journal.hpp"
#include "core/model/catalogue.hpp"
#include "core/model/result.hpp"

namespace godwit::cli {

struct ExportedSheet {
  std::filesystem::path file;
  std::string source;
  std::int64_t rows = 0;
};
struct SheetExport {
  std::vector<ExportedSheet> sheets;  // one per source: with several, "-<source>" is put before the extension
  std::int64_t unreadable = 0;        // rows without columns, which no sheet can correct
};
// Writes the rows of `query`, in UTF-8 with a byte order mark, as Excel wants it. GW-2323 when a file cannot be written.
Result<SheetExport> export_sheets(Journal& journal, const SetAsideQuery& query, const std::filesystem::path& file, Language language);

struct SheetImport {
  std::int64_t lines = 0, corrected_rows = 0, corrections = 0;
  std::vector<std::filesystem::path> files;  // corrections/<source>.csv that were written
};
struct ImportOptions {
  std::string who, when;      // noted with each correction
  bool as_they_are = false;   // take changes that only a spreadsheet program makes (007 -> 7)
};
// Compares each line of the sheet with the row in the journal and writes what changed into <project>/corrections. Nothing is written when
// anything is wrong. GW-2342 no such sheet, 2343 a row that was never set aside, 2344 an unknown column, 2345 values that only look different.
Result<SheetImport> import_sheet(Journal& journal, const std::filesystem::path& project, const std::filesystem::path& file, const ImportOptions& options);

// Whether `becomes` is what a spreadsheet program makes of `was` when it takes it for a number or a date: the same digits but for leading
// zeros, a plus sign, trailing zeros behind the point, or an exponent.
bool looks_reformatted(std::string_view was, std::string_view becomes);

}  // namespace godwit::cli
