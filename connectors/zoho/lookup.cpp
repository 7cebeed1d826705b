#include "connectors/zoho/lookup.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

constexpr char kBetweenParts = '\x1f';      // stands in no key that people give
constexpr std::size_t kValuesPerQuery = 100;
constexpr std::size_t kRecordsPerQuery = 200;  // the most that one credit gives

std::string without_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

std::optional<std::string> KeyShape::first_literal(const Column& column, std::int64_t row) const {
  rest::WrittenValue value;
  if (column.is_null(row) || rest::write_value(column, row, form_of(*fields_[0]), &value) || value.null || value.text.empty()) return std::nullopt;
  return value.quoted ? coql_text(value.text) : value.text;
}

std::string KeyShape::folded(std::string text) const {
  return fields_[0]->unique && !fields_[0]->case_sensitive ? without_case(std::move(text)) : text;
}

std::optional<std::string> KeyShape::of_row(std::span<const Column* const> columns, std::int64_t row) const {
  std::string out;
  for (std::size_t k = 0; k < fields_.size(); ++k) {
    if (columns[k]->is_null(row)) return std::nullopt;
    const std::string text = value_text(*columns[k], row);
    if (text.empty()) return std::nullopt;
    if (k > 0) out += kBetweenParts;
    out += fields_[k]->unique && !fields_[k]->case_sensitive ? without_case(text) : text;
  }
  return out;
}

std::optional<std::string> KeyShape::of_record(const json& record) const {
  std::vector<Column> values;
  std::vector<const Column*> columns;
  for (const FieldInfo* f : fields_) {
    ColumnBuilder one(f->type);
    const auto held = record.find(f->name);
    if (held == record.end() || rest::read_json(*held, form_of(*f), &one)) return std::nullopt;
    values.push_back(one.finish());
  }
  for (const Column& c : values) columns.push_back(&c);
  return of_row(columns, 0);
}

Result<Found> find_records(Org& org, const ModuleInfo& module, const KeyShape& key, std::vector<std::string> firsts, std::vector<std::string> fields) {
  std::ranges::sort(firsts);
  firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
  for (const FieldInfo* f : key.fields()) fields.push_back(f->name);
  std::ranges::sort(fields);
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::string list = "id";
  for (const std::string& f : fields)
    if (f != "id") list += ", " + f;
  struct Query {
    std::string condition, after;
  };
  std::vector<Query> queries;
  rest::BatchQueue queue;
  const FieldInfo& first = *key.fields()[0];
  const std::string field = first.name + (first.shape == FieldInfo::Shape::reference ? ".id" : "");
  for (std::size_t i = 0; i < firsts.size(); i += kValuesPerQuery) {
    std::string values;
    for (std::size_t k = i; k < std::min(i + kValuesPerQuery, firsts.size()); ++k) values += (values.empty() ? "" : ", ") + firsts[k];
    queue.add({{static_cast<std::int64_t>(queries.size())}, {}, 0});
    queries.push_back({field + " in (" + values + ")", ""});
  }
  Found out;
  const auto make = [&](const rest::CallBatch& batch) -> Result<sdk::HttpRequest> {
    const Query& q = queries[static_cast<std::size_t>(batch.rows.front())];
    const std::string where = q.after.empty() ? q.condition : "(" + q.condition + " and id > " + coql_text(q.after) + ")";
    return org.query("select " + list + " from " + module.name + " where " + where + " order by id asc limit " + std::to_string(kRecordsPerQuery), kRecordsPerQuery);
  };
  const auto take = [&](rest::CallBatch& batch, sdk::HttpAnswer& answer) -> Result<> {
    if (answer.verdict != sdk::Verdict::ok) return Failure(org.refusal(answer, module.name));
    GW_ASSIGN(const std::vector<json> records, org.records(module, answer));
    Query& q = queries[static_cast<std::size_t>(batch.rows.front())];
    const std::string before = q.after;
    for (const json& record : records) {
      q.after = record.at("id").get<std::string>();
      if (const auto name = key.of_record(record)) out[*name].push_back(record);
    }
    if (records.size() < kRecordsPerQuery) return {};
    if (!is_before(before, q.after)) return rest::not_understood(org.options().place() + " " + module.name, "id " + q.after + " after " + before);
    queue.add(batch);
    return {};
  };
  GW_ASSIGN(sdk::HttpClient* const http, org.client());
  GW_TRY(rest::run_calls(*http, org.host(), queue, org.options().window, make, take));
  return out;
}

}  // namespace godwit::zoho
