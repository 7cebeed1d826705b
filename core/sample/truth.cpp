#include "core/sample/truth.hpp"

#include <cerrno>
#include <system_error>

namespace godwit::sample {
namespace {

SampleFormat plain() { return {"utf-8", ',', false, false}; }

// 123456 -> "1234.56"
std::string decimal(std::int64_t cents) {
  const std::uint64_t size = cents < 0 ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents);
  const std::string tail = std::to_string(size % 100);
  return (cents < 0 ? "-" : "") + std::to_string(size / 100) + "." + (tail.size() < 2 ? "0" : "") + tail;
}

}  // namespace

Result<std::unique_ptr<Truth>> Truth::open(const std::filesystem::path& folder) {
  const std::filesystem::path inside = folder / "truth";
  std::error_code error;
  std::filesystem::create_directories(inside, error);
  if (error) return fail(2091, {{"place", inside.string()}, {"reason", error.message()}});
  auto out = std::make_unique<Truth>();
  GW_ASSIGN(out->defects_, CsvOut::open(inside / "truth_defects.csv", plain()));
  GW_ASSIGN(out->duplicates_, CsvOut::open(inside / "truth_duplicates.csv", plain()));
  GW_ASSIGN(out->changes_, CsvOut::open(inside / "truth_changes.csv", plain()));
  GW_TRY(out->defects_->row({"file", "line", "key", "flow", "defect", "bucket", "also"}));
  GW_TRY(out->duplicates_->row({"file", "line", "key", "repeats", "kind", "bucket"}));
  GW_TRY(out->changes_->row({"file", "key", "change"}));
  return out;
}

Result<> Truth::row(const Row& row) {
  SampleBooks& books = counted_.books[std::string(row.flow)];
  ++books.read;
  switch (row.bucket) {
    case Bucket::created:
      ++books.created;
      break;
    case Bucket::merged:
      ++books.merged;
      break;
    case Bucket::filtered:
      ++books.filtered;
      break;
    case Bucket::filtered_unknown:
      ++books.filtered_unknown;
      break;
    case Bucket::set_aside:
      ++books.set_aside;
      break;
  }
  books.warned += row.warned;
  books.obligations_set += row.obligation_set;
  books.obligations_failed += row.obligation_failed;
  if (row.defect.empty()) return {};
  ++counted_.defects[std::string(row.defect)];
  const char* also = row.warned ? "warned" : row.obligation_failed ? "obligation_failed" : "";
  return defects_->row({std::string(row.file), std::to_string(row.line), row.key, std::string(row.flow),
                        std::string(row.defect), std::string(to_string(row.bucket)), also});
}

Result<> Truth::duplicate(const Row& row, std::string_view kind, const std::string& of) {
  ++counted_.duplicates;
  return duplicates_->row({std::string(row.file), std::to_string(row.line), row.key, of, std::string(kind),
                           std::string(to_string(row.bucket))});
}

Result<> Truth::change(std::string_view file, const std::string& key, std::string_view what) {
  return changes_->row({std::string(file), key, std::string(what)});
}

Result<> Truth::close(const std::filesystem::path& folder, SampleSummary& summary) {
  for (auto* file : {defects_.get(), duplicates_.get(), changes_.get()}) GW_TRY(file->close());
  GW_ASSIGN(auto totals, CsvOut::open(folder / "expected_totals.csv", plain()));
  GW_TRY(totals->row({"name", "currency", "value"}));
  for (const auto& [currency, cents] : revenue_) GW_TRY(totals->row({"revenue", currency, decimal(cents)}));
  GW_TRY(totals->close());
  GW_ASSIGN(auto books, CsvOut::open(folder / "truth/expected_books.csv", plain()));
  GW_TRY(books->row({"flow", "read", "created", "merged", "filtered", "filtered_unknown", "set_aside", "warned",
                     "obligations_set", "obligations_failed"}));
  for (const auto& [flow, b] : counted_.books) {
    std::vector<Cell> cells{flow};
    for (std::int64_t n : {b.read, b.created, b.merged, b.filtered, b.filtered_unknown, b.set_aside, b.warned,
                           b.obligations_set, b.obligations_failed}) {
      cells.emplace_back(std::to_string(n));
    }
    GW_TRY(books->row(cells));
  }
  GW_TRY(books->close());
  summary.defects = std::move(counted_.defects);
  summary.duplicates = counted_.duplicates;
  summary.books = std::move(counted_.books);
  return {};
}

}  // namespace godwit::sample
