#include "connectors/salesforce/lookup.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {

using nlohmann::json;

Result<Lookup> Lookup::make(Org& org, const WritePlan& plan, bool with_columns) {
  std::vector<std::string> names;
  const auto key = static_cast<std::size_t>(plan.key);
  for (std::size_t c = 0; c < plan.columns.size(); ++c)
    if (with_columns || c == key) names.push_back(plan.request.columns[c].name);
  GW_ASSIGN(Selection selection, Selection::make(org, plan.object, names));
  return Lookup(org, plan, std::move(selection));
}

Result<Lookup::Found> Lookup::find(const std::vector<const Column*>& keys, const std::vector<std::int64_t>& rows) {
  Found out;
  const SColumn& key = plan_->columns[static_cast<std::size_t>(plan_->key)];
  // Literals, each once, and cut into queries by the length of their address.
  std::set<std::string> literals;
  rest::WrittenValue value;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Column& column = *keys[i];
    if (!plan_->key_of(column, rows[i]) || rest::write_value(column, rows[i], rest::ValueForm(), &value) || value.null) continue;
    literals.insert(value.quoted ? soql_text(value.text) : value.text);
  }
  const std::string head = "SELECT " + selection_.list() + " FROM " + plan_->object->name + " WHERE " + key.field->name + " IN (";
  const std::size_t around = url_part(head).size() + 200;
  std::vector<std::string> queries;
  std::size_t bytes = 0;
  for (const std::string& literal : literals) {
    const std::size_t needs = url_part(literal).size() + 3;
    if (queries.empty() || around + bytes + needs > org_->options().uri_bytes) queries.push_back(head), bytes = 0;
    queries.back() += (bytes == 0 ? "" : ",") + literal, bytes += needs;
  }
  rest::BatchQueue queue;
  for (std::size_t i = 0; i < queries.size(); ++i) queue.add({{static_cast<std::int64_t>(i)}, {}, 0});
  GW_ASSIGN(sdk::HttpClient* const http, org_->client());
  const auto make = [&](const rest::CallBatch& batch) -> Result<sdk::HttpRequest> {
    sdk::HttpRequest request;
    request.url = org_->query_url(queries[static_cast<std::size_t>(batch.rows.front())] + ")", false);
    request.endpoint = "query", request.repeatable = true;
    return request;
  };
  const auto take = [&](rest::CallBatch&, sdk::HttpAnswer& answer) -> Result<> {
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_->refusal(answer, plan_->object->name));
    auto page = rest::parse_exact(answer.body);
    for (;;) {
      const json* records = page ? rest::find_at(*page, "/records") : nullptr;
      if (records == nullptr || !records->is_array()) return rest::not_understood(org_->options().place() + " " + plan_->object->name, answer.body);
      std::vector<json> some = records->get<std::vector<json>>();
      GW_TRY(selection_.complete(some));
      for (json& record : some) {
        const json* held = rest::find_at(record, "/" + key.field->name);
        ColumnBuilder text(key.type());
        if (held == nullptr || rest::read_json(*held, plan_->form, &text)) continue;
        const Column one = text.finish();
        if (const auto name = plan_->key_of(one, 0)) out[*name].push_back(std::move(record));
      }
      const json* next = rest::find_at(*page, "/nextRecordsUrl");
      if (next == nullptr || !next->is_string()) return {};
      GW_ASSIGN(page, org_->get(next->get<std::string>(), "query", plan_->object->name));
    }
  };
  GW_TRY(rest::run_calls(*http, org_->host(), queue, org_->options().window, make, take));
  return out;
}

Result<> Lookup::read(const json& record, std::vector<ColumnBuilder>* columns) const {
  const rest::RowShape shape = selection_.shape(false);
  for (std::size_t c = 0; c < shape.columns.size(); ++c) {
    const json* value = rest::find_at(record, shape.columns[c].path);
    if (value == nullptr) {
      (*columns)[c].null();
      continue;
    }
    if (const auto fault = rest::read_json(*value, shape.columns[c].form, &(*columns)[c])) {
      const json* id = rest::find_at(record, "/Id");
      return sdk::fail(3512, ErrorKind::bad_config,
                       {{"place", org_->options().place() + " " + plan_->object->name}, {"key", id == nullptr ? "" : rest::scalar_text(*id).value_or("")},
                        {"field", shape.columns[c].field.name}, {"seen", fault->seen}, {"expected", fault->expected}});
    }
  }
  return {};
}

}  // namespace godwit::salesforce
