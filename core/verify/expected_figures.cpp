#include "core/verify/expected_figures.hpp"

#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "core/model/csv_text.hpp"
#include "core/model/exact_number.hpp"

namespace godwit {
namespace {

enum Part { kName, kCurrency, kValue, kRows, kParts };
constexpr std::array<std::pair<std::string_view, std::string_view>, kParts> kHeads{
    {{"name", "名称"}, {"currency", "币种"}, {"value", "金额"}, {"rows", "行数"}}};

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

class FigureReader {
 public:
  explicit FigureReader(std::string file) : file_(std::move(file)) {}

  Result<std::vector<ExpectedFigure>> read(const std::vector<CsvRecord>& records) {
    if (records.empty()) return fail(4220, {{"place", file_}, {"seen", ""}});
    GW_TRY(read_head(records.front()));
    for (std::size_t i = 1; i < records.size(); ++i) read_record(records[i]);
    if (mistakes_.empty()) return std::move(figures_);
    Error first = std::move(mistakes_.front());
    for (std::size_t i = 1; i < mistakes_.size(); ++i) first.more.push_back(std::move(mistakes_[i]));
    return Failure(std::move(first));
  }

 private:
  std::string place(int line) const { return file_ + ":" + std::to_string(line); }

  Result<> read_head(const CsvRecord& head) {
    for (std::size_t column = 0; column < head.fields.size(); ++column) {
      const std::string name = trimmed(head.fields[column]);
      bool known = false;
      for (std::size_t part = 0; part < kParts; ++part) {
        if (name != kHeads[part].first && name != kHeads[part].second) continue;
        known = columns_[part] < 0;
        columns_[part] = static_cast<int>(column);
      }
      if (!known) return fail(4220, {{"place", place(head.line)}, {"seen", name}});
    }
    for (const Part needed : {kName, kValue})
      if (columns_[needed] < 0) return fail(4220, {{"place", place(head.line)}, {"seen", ""}});
    return {};
  }

  std::string field(const CsvRecord& record, Part part) const {
    const auto column = static_cast<std::size_t>(columns_[part]);
    return columns_[part] < 0 || column >= record.fields.size() ? std::string() : trimmed(record.fields[column]);
  }

  void read_record(const CsvRecord& record) {
    ExpectedFigure figure{field(record, kName), field(record, kCurrency), field(record, kValue), std::nullopt, record.line};
    if (!ExactNumber::parse(figure.value)) {
      mistakes_.push_back(make_error(4221, {{"place", place(record.line)}, {"field", "value"}, {"seen", figure.value}}));
      return;
    }
    if (const std::string rows = field(record, kRows); !rows.empty()) {
      std::int64_t count = 0;
      const auto [end, error] = std::from_chars(rows.data(), rows.data() + rows.size(), count);
      if (error != std::errc() || end != rows.data() + rows.size() || count < 0) {
        mistakes_.push_back(make_error(4221, {{"place", place(record.line)}, {"field", "rows"}, {"seen", rows}}));
        return;
      }
      figure.rows = count;
    }
    const auto [first, is_new] = lines_.emplace(std::pair(figure.name, figure.currency), record.line);
    if (!is_new) {
      mistakes_.push_back(make_error(4222, {{"place", place(record.line)}, {"name", figure.name}, {"currency", figure.currency}, {"first", std::to_string(first->second)}}));
      return;
    }
    figures_.push_back(std::move(figure));
  }

  std::string file_;
  std::array<int, kParts> columns_{-1, -1, -1, -1};
  std::map<std::pair<std::string, std::string>, int> lines_;
  std::vector<ExpectedFigure> figures_;
  std::vector<Error> mistakes_;
};

}  // namespace

Result<std::vector<ExpectedFigure>> read_expected_figures(const std::filesystem::path& file) {
  GW_ASSIGN(const std::string text, read_small_file(file.string()));
  GW_ASSIGN(const std::vector<CsvRecord> records, parse_csv_text(text, file.string()));
  return FigureReader(file.string()).read(records);
}

}  // namespace godwit
