#include "connectors/fxiaoke/lookup.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::fxiaoke {
namespace {

using nlohmann::json;

constexpr char kBetween = '\x1f';  // stands in no key that people give

}  // namespace

std::optional<std::string> KeyShape::of_row(std::span<const Column* const> columns, std::int64_t row) const {
  std::string out;
  for (std::size_t k = 0; k < fields_.size(); ++k) {
    const auto text = filter_text(*fields_[k], *columns[k], row, form_);
    if (!text || text->empty()) return std::nullopt;
    if (k > 0) out += kBetween;
    out += *text;
  }
  return out;
}

std::optional<std::string> KeyShape::of_record(const json& record) const {
  std::vector<Column> values;
  std::vector<const Column*> columns;
  for (const FieldInfo* f : fields_) {
    ColumnBuilder one(f->type);
    const auto held = record.find(f->name);
    if (read_value(*f, held == record.end() ? nullptr : &*held, form_, &one)) return std::nullopt;
    values.push_back(one.finish());
  }
  for (const Column& c : values) columns.push_back(&c);
  return of_row(columns, 0);
}

Result<Found> find_records(Tenant& tenant, const ObjectType& object, const KeyShape& key, std::vector<std::string> firsts, std::vector<std::string> fields) {
  std::ranges::sort(firsts);
  firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
  for (const FieldInfo* f : key.fields()) fields.push_back(f->name);
  std::ranges::sort(fields);
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  // As many values as a page has records: where keys are unique, one page answers.
  const std::size_t each = tenant.options().page_rows;
  struct Query {
    std::vector<std::string> values;
    std::string after;
  };
  std::vector<Query> queries;
  for (std::size_t i = 0; i < firsts.size(); i += each)
    queries.push_back({{firsts.begin() + static_cast<std::ptrdiff_t>(i), firsts.begin() + static_cast<std::ptrdiff_t>(std::min(i + each, firsts.size()))}, ""});
  rest::BatchQueue queue;
  for (std::size_t i = 0; i < queries.size(); ++i) queue.add({{static_cast<std::int64_t>(i)}, {}, 0});
  Found out;
  const auto make = [&](const rest::CallBatch& batch) -> Result<sdk::HttpRequest> {
    const Query& q = queries[static_cast<std::size_t>(batch.rows.front())];
    std::vector<Filter> filters{{key.fields()[0]->name, "IN", q.values}};
    if (!q.after.empty()) filters.push_back({"_id", "GT", {q.after}});
    return Tenant::request(object.path("query"), tenant.query_body(object, filters, fields), "query", true);
  };
  const auto take = [&](rest::CallBatch& batch, sdk::HttpAnswer& answer) -> Result<> {
    if (answer.verdict != sdk::Verdict::ok) return Failure(tenant.refusal(answer, object.name));
    const auto parsed = rest::parse_exact(answer.body);
    const json* records = parsed ? Tenant::records(*parsed) : nullptr;
    if (records == nullptr) return rest::not_understood(tenant.options().place() + " " + object.name, answer.body);
    std::string last;
    for (const json& record : *records) {
      const json* id = rest::find_at(record, "/_id");
      if (id == nullptr || !id->is_string()) return rest::not_understood(tenant.options().place() + " " + object.name, "a record without _id");
      last = id->get<std::string>();
      // Records that were made void keep their key; they are not there any more.
      const json *gone = rest::find_at(record, "/is_deleted"), *life = rest::find_at(record, "/life_status");
      if ((gone != nullptr && gone->is_boolean() && gone->get<bool>()) || (life != nullptr && life->is_string() && life->get_ref<const std::string&>() == "invalid")) continue;
      if (const auto name = key.of_record(record)) out[*name].push_back(record);
    }
    if (records->size() < each) return {};
    Query& q = queries[static_cast<std::size_t>(batch.rows.front())];
    if (last <= q.after) return rest::not_understood(tenant.options().place() + " " + object.name, "_id " + last + " after " + q.after);
    q.after = last;
    queue.add(batch);
    return {};
  };
  GW_ASSIGN(sdk::HttpClient* const http, tenant.client());
  fields.push_back("life_status"), fields.push_back("is_deleted");
  GW_TRY(rest::run_calls(*http, tenant.host(), queue, tenant.options().window, make, take));
  return out;
}

}  // namespace godwit::fxiaoke
