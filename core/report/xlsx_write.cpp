// An XLSX file by libxlsxwriter.

#include <fmt/format.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "core/report/format.hpp"
#include "core/report/workbook.hpp"

namespace godwit::report {
namespace {

using Look = Cell::Look;

constexpr std::uint32_t kInk = 0x1F2A37, kSoft = 0x667085, kRule = 0xD0D5DD, kHead = 0xEEF2F6, kGood = 0x1E6B4A,
                        kWarn = 0x8A5A00, kBad = 0xA12A2A;

class Formats {
 public:
  explicit Formats(lxw_workbook* book) : book_(book) {}
  lxw_format* of(const Cell& cell) {
    lxw_format*& format = formats_[static_cast<std::size_t>(cell.look)];
    if (format == nullptr) format = make(cell.look);
    return format;
  }

 private:
  lxw_format* make(Look look) {
    lxw_format* f = workbook_add_format(book_);
    format_set_font_size(f, 10);
    format_set_font_color(f, kInk);
    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    switch (look) {
      case Look::plain:
        format_set_text_wrap(f);
        break;
      case Look::head:
        format_set_bold(f), format_set_text_wrap(f), format_set_bg_color(f, kHead),
            format_set_bottom(f, LXW_BORDER_THIN), format_set_bottom_color(f, kRule);
        break;
      case Look::title:
        format_set_bold(f), format_set_font_size(f, 16);
        break;
      case Look::soft:
        format_set_font_color(f, kSoft);
        break;
      case Look::count:
        format_set_num_format(f, "#,##0"), format_set_align(f, LXW_ALIGN_RIGHT);
        break;
      case Look::money:
        format_set_num_format(f, "#,##0.00####"), format_set_align(f, LXW_ALIGN_RIGHT);
        break;
      case Look::good:
        format_set_bold(f), format_set_font_color(f, kGood);
        break;
      case Look::warn:
        format_set_bold(f), format_set_font_color(f, kWarn);
        break;
      case Look::bad:
        format_set_bold(f), format_set_font_color(f, kBad);
        break;
    }
    return f;
  }
  lxw_workbook* book_;
  std::array<lxw_format*, 9> formats_{};
};

// "_x0041_" in a cell means "A": where a text only looks like that, its underscore is written as _x005F_.
// (libxlsxwriter 1.1.4 escapes control characters so, but not this.)
std::string escaped_cell(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    const bool looks_escaped =
        rest.size() >= 7 && rest.starts_with("_x") && rest[6] == '_' &&
        std::all_of(rest.begin() + 2, rest.begin() + 6, [](unsigned char c) { return std::isxdigit(c) != 0; });
    out += looks_escaped ? "_x005F_" : std::string(1, text[at]);
  }
  return out;
}

lxw_error write_sheet(lxw_worksheet* sheet, const Sheet& from, Formats& formats) {
  for (std::size_t c = 0; c < from.widths.size(); ++c)
    worksheet_set_column(sheet, static_cast<lxw_col_t>(c), static_cast<lxw_col_t>(c), from.widths[c], nullptr);
  for (std::size_t r = 0; r < from.rows.size(); ++r)
    for (std::size_t c = 0; c < from.rows[r].size(); ++c) {
      const Cell& cell = from.rows[r][c];
      if (cell.value.empty()) continue;
      const auto row = static_cast<lxw_row_t>(r);
      const auto column = static_cast<lxw_col_t>(c);
      const lxw_error error =
          cell.kind == Cell::Kind::number
              ? worksheet_write_number(sheet, row, column, std::strtod(cell.value.c_str(), nullptr), formats.of(cell))
              : worksheet_write_string(sheet, row, column, escaped_cell(cell.value).c_str(), formats.of(cell));
      if (error != LXW_NO_ERROR) return error;
    }
  if (from.head_rows > 0) {
    worksheet_freeze_panes(sheet, static_cast<lxw_row_t>(from.head_rows), 1);
    worksheet_repeat_rows(sheet, 0, static_cast<lxw_row_t>(from.head_rows - 1));
    if (from.rows.size() > 1 && !from.rows[0].empty())
      worksheet_autofilter(sheet, 0, 0, static_cast<lxw_row_t>(from.rows.size() - 1),
                           static_cast<lxw_col_t>(from.rows[0].size() - 1));
  }
  worksheet_set_paper(sheet, 9);  // A4
  worksheet_set_landscape(sheet);
  worksheet_fit_to_pages(sheet, 1, 0);
  return LXW_NO_ERROR;
}

lxw_error write_all(lxw_workbook* book, const Workbook& sheets, std::string_view envelope,
                    const CutoverReport& report) {
  Formats formats(book);
  for (const Sheet& from : sheets) {
    lxw_worksheet* sheet = workbook_add_worksheet(book, from.name.c_str());
    if (sheet == nullptr) return LXW_ERROR_MEMORY_MALLOC_FAILED;
    if (const lxw_error error = write_sheet(sheet, from, formats); error != LXW_NO_ERROR) return error;
    // "&7" is a size: the space keeps the digest's first digit from joining it. The footer must hold the digest on
    // every printed page, like the HTML's.
    worksheet_set_footer(sheet, fmt::format("&L&7 {}&R&7 &P / &N", report.seal.digest).c_str());
  }
  lxw_worksheet* hidden = workbook_add_worksheet(book, std::string(kEnvelopeSheet).c_str());
  if (hidden == nullptr) return LXW_ERROR_MEMORY_MALLOC_FAILED;
  for (lxw_row_t row = 0; !envelope.empty(); ++row) {
    const std::string_view part = fitting(envelope);
    envelope.remove_prefix(part.size());
    if (const lxw_error error = worksheet_write_string(hidden, row, 0, escaped_cell(part).c_str(), nullptr);
        error != LXW_NO_ERROR)
      return error;
  }
  worksheet_hide(hidden);
  return LXW_NO_ERROR;
}

// Fills a book beside `path` and moves it there. Identical data give an identical file: strings in order of first use, and the data's
// own time instead of the clock's.
template <typename Fill>
Result<> write_book(const std::filesystem::path& path, std::string title, std::string comments, const std::string& made_at, const Fill& fill) {
  const std::string part = path.string() + ".part";
  lxw_workbook* book = workbook_new(part.c_str());
  if (book == nullptr) return fail(4202, {{"place", path.string()}, {"seen", "out of memory"}});
  lxw_doc_properties properties{};
  properties.title = title.data();
  if (!comments.empty()) properties.comments = comments.data();
  properties.created = static_cast<time_t>(milliseconds_between("1970-01-01T00:00:00Z", made_at) / 1000);
  workbook_set_properties(book, &properties);
  const lxw_error filled = fill(book);
  const lxw_error closed = workbook_close(book);  // frees the book in any case
  if (const lxw_error error = filled != LXW_NO_ERROR ? filled : closed; error != LXW_NO_ERROR) {
    ::unlink(part.c_str());
    return fail(4207, {{"place", path.string()}, {"seen", lxw_strerror(error)}});
  }
  std::error_code error;
  std::filesystem::rename(part, path, error);
  if (error) {
    ::unlink(part.c_str());
    return fail(4202, {{"place", path.string()}, {"seen", error.message()}});
  }
  return {};
}

}  // namespace

Result<> write_workbook(const Workbook& sheets, std::string_view envelope, const CutoverReport& report,
                        const std::filesystem::path& path) {
  return write_book(path, report.project, "SHA-256 " + report.seal.digest, report.made_at,
                    [&](lxw_workbook* book) { return write_all(book, sheets, envelope, report); });
}

Result<> write_plain_workbook(const Workbook& sheets, const std::string& title, const std::string& made_at,
                              const std::filesystem::path& path) {
  return write_book(path, title, "", made_at, [&](lxw_workbook* book) {
    Formats formats(book);
    for (const Sheet& from : sheets) {
      lxw_worksheet* sheet = workbook_add_worksheet(book, from.name.c_str());
      if (sheet == nullptr) return LXW_ERROR_MEMORY_MALLOC_FAILED;
      if (const lxw_error error = write_sheet(sheet, from, formats); error != LXW_NO_ERROR) return error;
    }
    return LXW_NO_ERROR;
  });
}

}  // namespace godwit::report
