#include "connectors/zoho/org.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::zoho {

using nlohmann::json;

std::string words_of(const sdk::HttpAnswer& answer) {
  std::string words = answer.code;
  if (!answer.message.empty()) words += (words.empty() ? "" : ": ") + sql::excerpt(answer.message);
  if (const auto body = rest::parse_exact(answer.body))
    if (const json* details = rest::find_at(*body, "/details"); details != nullptr && details->is_object() && !details->empty()) words += " " + sql::excerpt(rest::exact_text(*details));
  return words;
}

Result<sdk::HttpClient*> Org::client() {
  const std::lock_guard lock(mutex_);
  if (!client_) {
    GW_ASSIGN(client_, sdk::HttpClient::open(host_, options_.rules));
  }
  return client_.get();
}

Error Org::refusal(const sdk::HttpAnswer& answer, std::string_view what) const {
  const std::string place = options_.place() + (what.empty() ? "" : " " + std::string(what));
  if (answer.verdict != sdk::Verdict::refused) return rest::call_error(answer, place);
  std::string seen = words_of(answer);
  if (seen.empty() || !rest::parse_exact(answer.body)) seen = "HTTP " + std::to_string(answer.status) + " " + sql::excerpt(answer.body.substr(0, 200));
  return Error{3703, ErrorKind::bad_config, {{"place", place}, {"seen", seen}}, {}};
}

Result<json> Org::get(const std::string& url, std::string_view endpoint, std::string_view what, sdk::HttpHeaders headers) {
  GW_ASSIGN(sdk::HttpClient* const http, client());
  sdk::HttpRequest request;
  request.url = url, request.endpoint = endpoint, request.repeatable = true, request.headers = std::move(headers);
  GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
  if (answer.verdict != sdk::Verdict::ok) return Failure(refusal(answer, what));
  if (answer.body.empty()) return json();
  auto parsed = rest::parse_exact(answer.body);
  if (!parsed) return rest::not_understood(options_.place() + " " + std::string(what), answer.body);
  return std::move(*parsed);
}

Result<std::vector<std::string>> Org::modules() {
  GW_ASSIGN(const json answer, get(path("/settings/modules"), "settings", ""));
  const json* all = rest::find_at(answer, "/modules");
  if (all == nullptr || !all->is_array()) return rest::not_understood(options_.place(), rest::exact_text(answer));
  std::vector<std::string> out{"Users"};
  for (const json& m : *all) {
    const auto is_no = [&](const char* member) { const json* flag = rest::find_at(m, member); return flag != nullptr && flag->is_boolean() && !flag->get<bool>(); };
    const json *name = rest::find_at(m, "/api_name"), *made = rest::find_at(m, "/generated_type");
    if (name == nullptr || !name->is_string() || is_no("/api_supported") || is_no("/viewable") || (made != nullptr && *made == "subform")) continue;
    if (*name != "Users") out.push_back(name->get<std::string>());
  }
  std::ranges::sort(out);
  return out;
}

Result<std::shared_ptr<const ModuleInfo>> Org::module(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = described_.find(name); known != described_.end()) return known->second;
  }
  GW_ASSIGN(const json all, get(path("/settings/modules"), "settings", ""));
  const json* listed = rest::find_at(all, "/modules");
  std::vector<std::string> names{"Users"};
  const json* own = nullptr;
  const std::string_view of = name.starts_with(kDeleted) ? name.substr(kDeleted.size()) : std::string_view();
  if (listed != nullptr && listed->is_array())
    for (const json& m : *listed)
      if (const json* n = rest::find_at(m, "/api_name"); n != nullptr && n->is_string()) {
        names.push_back(n->get<std::string>());
        if (names.back() == name) own = &m;
      }
  ModuleInfo out = users_module();
  if (own == nullptr && !of.empty() && std::ranges::find(names.begin() + 1, names.end(), of) != names.end()) {
    out = deleted_module(of);
  } else if (name != "Users") {
    if (own == nullptr) {
      const std::vector<std::string_view> views(names.begin(), names.end());
      return sdk::fail(3030, ErrorKind::bad_config, {{"place", options_.place()}, {"seen", std::string(name)}, {"nearest", std::string(nearest(name, views))}});
    }
    GW_ASSIGN(const json fields, get(path("/settings/fields?module=" + std::string(name)), "settings", name));
    GW_ASSIGN(const json layouts, get(path("/settings/layouts?module=" + std::string(name)), "settings", name));
    out = parse_module(name, fields, layout_required(layouts));
    const auto is_yes = [&](const char* member) { const json* flag = rest::find_at(*own, member); return flag == nullptr || !flag->is_boolean() || flag->get<bool>(); };
    out.creatable = is_yes("/creatable"), out.editable = is_yes("/editable"), out.deletable = is_yes("/deletable");
  }
  auto found = std::make_shared<const ModuleInfo>(std::move(out));
  const std::lock_guard lock(mutex_);
  return described_.emplace(name, std::move(found)).first->second;
}

Result<std::string> Org::identity() {
  GW_ASSIGN(const json answer, get(path("/org"), "settings", "org"));
  for (const char* place : {"/org/0/zgid", "/org/0/id"})
    if (const json* id = rest::find_at(answer, place); id != nullptr)
      if (const auto text = rest::scalar_text(*id)) return *text;
  return rest::not_understood(options_.place() + " org", rest::exact_text(answer));
}

Result<std::int64_t> Org::count(const ModuleInfo& module) {
  if (module.name == "Users" || !module.deleted_of.empty()) return -1;
  GW_ASSIGN(const json answer, get(path("/" + module.name + "/actions/count"), "count", module.name));
  const json* count = rest::find_at(answer, "/count");
  return count != nullptr && count->is_number_integer() ? count->get<std::int64_t>() : -1;
}

sdk::HttpRequest Org::query(std::string_view coql, std::size_t rows) const {
  sdk::HttpRequest out;
  out.method = "POST", out.url = path("/coql"), out.endpoint = "coql", out.repeatable = true, out.cost = query_credits(rows);
  out.headers.emplace_back("Content-Type", "application/json");
  out.body = json{{"select_query", coql}}.dump(-1, ' ', false, json::error_handler_t::replace);
  return out;
}

Result<std::vector<json>> Org::records(const ModuleInfo& module, const sdk::HttpAnswer& answer) const {
  std::vector<json> out;
  if (answer.body.empty()) return out;
  const auto parsed = rest::parse_exact(answer.body);
  const json* data = parsed ? rest::find_at(*parsed, "/data") : nullptr;
  if (data == nullptr || !data->is_array()) return rest::not_understood(options_.place() + " " + module.name, answer.body);
  for (const json& record : *data) {
    const json* id = rest::find_at(record, "/id");
    if (id == nullptr || !id->is_string() || !is_record_id(id->get_ref<const std::string&>())) return rest::not_understood(options_.place() + " " + module.name, "a record without id");
    out.push_back(record);
    flatten(module, &out.back());
  }
  return out;
}

}  // namespace godwit::zoho
