#include "connectors/fxiaoke/tenant.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::fxiaoke {

using nlohmann::json;

std::string words_of(const sdk::HttpAnswer& answer) {
  std::string words = answer.code;
  if (!answer.message.empty()) words += (words.empty() ? "" : ": ") + sql::excerpt(answer.message);
  if (const auto body = rest::parse_exact(answer.body))
    if (const json* trace = rest::find_at(*body, "/traceId"); trace != nullptr && trace->is_string()) words += " (traceId " + trace->get<std::string>() + ")";
  return words;
}

Result<sdk::HttpClient*> Tenant::client() {
  const std::lock_guard lock(mutex_);
  if (!client_) {
    GW_ASSIGN(client_, sdk::HttpClient::open(host_, options_.rules));
  }
  return client_.get();
}

sdk::HttpRequest Tenant::request(std::string path, std::string body, std::string_view endpoint, bool repeatable) {
  sdk::HttpRequest out;
  out.method = "POST", out.url = std::move(path), out.body = std::move(body), out.endpoint = endpoint, out.repeatable = repeatable;
  out.headers.emplace_back("Content-Type", "application/json");
  return out;
}

Error Tenant::refusal(const sdk::HttpAnswer& answer, std::string_view what) const {
  const std::string place = options_.place() + (what.empty() ? "" : " " + std::string(what));
  // The web site, or a proxy's page, where the gateway should be.
  const bool page = answer.status / 100 == 3 || (!answer.body.empty() && !rest::parse_exact(answer.body));
  if (answer.verdict == sdk::Verdict::refused && page)
    return Error{3603, ErrorKind::bad_config, {{"place", place}, {"seen", "HTTP " + std::to_string(answer.status) + " " + sql::excerpt(answer.body.substr(0, 60))}}, {}};
  // The same at the sign-in, which comes first: a page is no refusal of the credentials.
  if (answer.verdict == sdk::Verdict::denied && answer.message.find("GW-3047") != std::string::npos)
    return Error{3603, ErrorKind::bad_config, {{"place", place}, {"seen", sql::excerpt(answer.message)}}, {}};
  if (answer.verdict == sdk::Verdict::refused) return Error{3604, ErrorKind::bad_config, {{"place", place}, {"seen", words_of(answer)}}, {}};
  return rest::call_error(answer, place);
}

Result<json> Tenant::call(const std::string& path, std::string body, std::string_view endpoint, std::string_view what) {
  GW_ASSIGN(sdk::HttpClient* const http, client());
  GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request(path, std::move(body), endpoint, true)));
  if (answer.verdict != sdk::Verdict::ok) return Failure(refusal(answer, what));
  auto parsed = rest::parse_exact(answer.body);
  if (!parsed) return rest::not_understood(options_.place() + " " + std::string(what), answer.body);
  return std::move(*parsed);
}

Result<std::vector<std::string>> Tenant::objects() {
  GW_ASSIGN(const json answer, call("/cgi/crm/v2/object/list", "{}", "list", ""));
  const json* all = rest::find_at(answer, "/data/objects");
  if (all == nullptr || !all->is_array()) return rest::not_understood(options_.place(), rest::exact_text(answer));
  std::vector<std::string> out;
  for (const json& object : *all) {
    const json *name = rest::find_at(object, "/describeApiName"), *active = rest::find_at(object, "/isActive");
    if (name != nullptr && name->is_string() && (active == nullptr || !active->is_boolean() || active->get<bool>())) out.push_back(name->get<std::string>());
  }
  std::ranges::sort(out);
  return out;
}

Result<std::shared_ptr<const ObjectType>> Tenant::object(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = described_.find(name); known != described_.end()) return known->second;
  }
  GW_ASSIGN(const std::vector<std::string> all, objects());
  if (std::ranges::find(all, name) == all.end()) {
    const std::vector<std::string_view> names(all.begin(), all.end());
    return sdk::fail(3030, ErrorKind::bad_config, {{"place", options_.place()}, {"seen", std::string(name)}, {"nearest", std::string(nearest(name, names))}});
  }
  // Published samples have the name within `data`, working programs beside it: it stands in both.
  const json body{{"includeDetail", true}, {"apiName", name}, {"data", {{"includeDetail", true}, {"apiName", name}}}};
  GW_ASSIGN(const json answer, call("/cgi/crm/v2/object/describe", body.dump(), "describe", name));
  const json* describe = rest::find_at(answer, "/data/describe");
  if (describe == nullptr || !describe->is_object()) return rest::not_understood(options_.place() + " " + std::string(name), rest::exact_text(answer));
  auto found = std::make_shared<const ObjectType>(parse_object(name, *describe, options_.keep_history));
  const std::lock_guard lock(mutex_);
  return described_.emplace(name, std::move(found)).first->second;
}

Result<std::string> Tenant::identity() {
  GW_ASSIGN(sdk::HttpClient* const http, client());
  auto id = http->session("corpId");
  if (!id) id = http->session("ea");
  return id;
}

std::string Tenant::query_body(const ObjectType& object, const std::vector<Filter>& filters, const std::vector<std::string>& fields) const {
  json conditions = json::array();
  for (const Filter& f : filters) conditions.push_back({{"field_name", f.field}, {"operator", f.op}, {"field_values", f.values}});
  json wanted = json::array({"_id"});
  for (const std::string& f : fields)
    if (f != "_id") wanted.push_back(f);
  const json body{{"data",
                   {{"dataObjectApiName", object.name},
                    {"search_query_info",
                     {{"limit", options_.page_rows}, {"offset", 0}, {"filters", conditions}, {"orders", json::array({{{"fieldName", "_id"}, {"isAsc", true}}})}, {"fieldProjection", wanted}}}}}};
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json* Tenant::records(const json& answer) {
  for (const char* path : {"/data/dataList", "/result/dataList"})
    if (const json* list = rest::find_at(answer, path); list != nullptr && list->is_array()) return list;
  return nullptr;
}

Result<std::int64_t> Tenant::count(const ObjectType& object, const std::vector<Filter>& filters) {
  json body = json::parse(query_body(object, filters, {}));
  body["data"]["find_explicit_total_num"] = true, body["data"]["search_query_info"]["limit"] = 1;
  GW_ASSIGN(const json answer, call(object.path("query"), body.dump(), "query", object.name));
  const json* list = records(answer);
  if (list == nullptr) return rest::not_understood(options_.place() + " " + object.name, rest::exact_text(answer));
  for (const char* path : {"/data/total", "/data/totalSize", "/result/total", "/result/totalSize"})
    if (const json* total = rest::find_at(answer, path); total != nullptr && total->is_number_integer() && (total->get<std::int64_t>() > 0 || list->empty())) return total->get<std::int64_t>();
  return -1;
}

}  // namespace godwit::fxiaoke
