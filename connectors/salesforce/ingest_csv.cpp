#include "connectors/salesforce/ingest_csv.hpp"

#include <algorithm>

namespace godwit::salesforce {

IngestCsv::IngestCsv(const WritePlan& plan, Action action, std::string null_marker) : plan_(plan), action_(action), null_marker_(std::move(null_marker)) {
  by_id_ = action == Action::update || action == Action::remove;
  if (by_id_) names_.emplace_back("Id"), key_ = "Id";
  else if (plan.key >= 0 && !plan.key_is_id) key_ = plan.columns[static_cast<std::size_t>(plan.key)].name();
  for (std::size_t c = 0; c < plan.columns.size() && action != Action::remove; ++c)
    if (plan.is_sent(c, action)) columns_.push_back(c), names_.push_back(plan.columns[c].names_record_type() ? plan.columns[c].field->name : plan.columns[c].name());
}

std::string IngestCsv::header() const {
  std::string out;
  for (const std::string& name : names_) out += (out.empty() ? "" : ",") + name;
  return out + "\n";
}

std::optional<std::string> IngestCsv::line(const UnitState& state, std::int64_t row) const {
  const rest::RowAt& at = state.rows[static_cast<std::size_t>(row)];
  std::string out;
  if (by_id_) out = state.ids.at(row);
  rest::WrittenValue value;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t c = columns_[i];
    if (i > 0 || by_id_) out += ',';
    if (!at.is_set(c)) continue;  // an empty cell leaves the field alone
    if (rest::write_value(at.column(c), at.row, plan_.form, &value)) return std::nullopt;
    if (value.null) {
      if (plan_.columns[c].field->type == "boolean") return std::nullopt;
      // Without a marker nothing can say null; a new record has it anyway.
      if (null_marker_.empty() && action_ != Action::create) return std::nullopt;
      out += null_marker_;
      continue;
    }
    if (value.text == null_marker_ || value.text.empty()) return std::nullopt;
    if (plan_.columns[c].names_record_type()) {
      const auto id = plan_.record_type_id(value.text);
      if (!id) return std::nullopt;
      value.text = *id;
    }
    rest::append_csv(value.text, false, &out);
  }
  return out + "\n";
}

// Values of a line; where a key tells rows apart, the key as it is compared.
std::string IngestCsv::mark(const std::vector<std::string>& values) const {
  std::string out;
  for (const std::string& v : values) out += v + '\x1f';
  return out;
}

void IngestCsv::sent(const UnitState& state, std::int64_t row, const std::string& line) {
  if (by_id_) {
    rows_[long_id(state.ids.at(row))].push_back(row);
  } else if (!key_.empty()) {
    if (const auto key = plan_.key_of(state.rows[static_cast<std::size_t>(row)])) rows_[*key].push_back(row);
  } else {
    rest::CsvParser parser;
    parser.feed(line, true);
    std::vector<std::string> values;
    parser.next(&values);
    rows_[mark(values)].push_back(row);
  }
}

bool IngestCsv::has_unanswered() const {
  return std::any_of(rows_.begin(), rows_.end(), [](const auto& entry) { return !entry.second.empty(); });
}

std::int64_t IngestCsv::row_of(const rest::CsvFile& results, const std::vector<std::string>& fields) {
  std::string wanted;
  if (!key_.empty()) {
    int at = results.column(key_);
    if (at < 0 && by_id_) at = results.column("sf__Id");
    if (at < 0) return -1;
    const std::string& text = fields[static_cast<std::size_t>(at)];
    if (by_id_) {
      wanted = long_id(text);
    } else {
      ColumnBuilder builder(plan_.columns[static_cast<std::size_t>(plan_.key)].type());
      if (rest::read_text(text, plan_.form, &builder)) return -1;
      wanted = plan_.key_of(builder.finish(), 0).value_or("");
    }
  } else {
    std::vector<std::string> values;
    for (const std::string& name : names_) {
      const int at = results.column(name);
      if (at < 0) return -1;
      values.push_back(fields[static_cast<std::size_t>(at)]);
    }
    wanted = mark(values);
  }
  const auto found = rows_.find(wanted);
  if (found == rows_.end() || found->second.empty()) return -1;
  const std::int64_t row = found->second.back();
  found->second.pop_back();
  return row;
}

}  // namespace godwit::salesforce
