#include "connectors/zoho/bulk_csv.hpp"

#include <algorithm>

#include "plugins/kits/rest/csv.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::zoho {
namespace {

constexpr std::size_t kMostColumns = 200;

bool is_plain(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  return !text.empty() && !blank(text.front()) && !blank(text.back()) && text.find_first_of("\r\n") == std::string_view::npos;
}

}  // namespace

bool fits_bulk(const WritePlan& plan) {
  static constexpr std::string_view kNever[] = {"Notes", "Tasks", "Events", "Calls"};  // not or only partly covered
  if (!plan.upserts || !plan.key.fields().front()->unique || plan.trigger != "[]" || std::ranges::find(kNever, plan.module->name) != std::end(kNever)) return false;
  if (plan.fields.size() < 2 || plan.fields.size() > kMostColumns) return false;  // a single column has no delimiter to be recognised by
  return std::ranges::none_of(plan.fields, [](const FieldInfo* f) { return f->shape == FieldInfo::Shape::reference && f->target.empty(); });
}

BulkCsv::BulkCsv(const WritePlan& plan) : plan_(plan) {
  columns_.push_back(plan.key_columns.front());
  for (std::size_t c = 0; c < plan.fields.size(); ++c)
    if (c != columns_.front() && !plan.fields[c]->read_only) columns_.push_back(c);
}

std::string BulkCsv::header() const {
  std::string out;
  for (const std::size_t c : columns_) {
    if (!out.empty()) out += ',';
    out += plan_.fields[c]->name + (plan_.fields[c]->shape == FieldInfo::Shape::reference ? ".id" : "");
  }
  return out + '\n';
}

std::string BulkCsv::mappings() const {
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const FieldInfo& field = *plan_.fields[columns_[i]];
    out += out.empty() ? R"([{"api_name":)" : R"(,{"api_name":)";
    rest::append_quoted(field.name, &out);
    out += R"(,"index":)" + std::to_string(i) + (field.shape == FieldInfo::Shape::reference ? R"(,"find_by":"id"})" : "}");
  }
  return out + "]";
}

std::optional<std::string> BulkCsv::line(const rest::RowAt& row) const {
  if (row.operation() != Operation::insert || !plan_.key_of(row)) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t c = columns_[i];
    if (i > 0) out += ',';
    // What a new record is not given needs no place.
    if (!row.is_set(c) || row.column(c).is_null(row.row)) continue;
    rest::WrittenValue value;
    if (plan_.fields[c]->shape == FieldInfo::Shape::list || rest::write_value(row.column(c), row.row, form_of(*plan_.fields[c]), &value) || value.null || !is_plain(value.text)) return std::nullopt;
    rest::append_csv(value.text, false, &out);
  }
  return out + '\n';
}

}  // namespace godwit::zoho
