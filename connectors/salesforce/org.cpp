#include "connectors/salesforce/org.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::salesforce {

using nlohmann::json;

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
  const std::string words = answer.code + (answer.message.empty() ? "" : ": " + sql::excerpt(answer.message));
  const auto make = [&](int number, ErrorKind kind) { return Error{number, kind, {{"place", place}, {"seen", words}, {"version", options_.version}}, {}}; };
  static constexpr std::array kRights{"INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS", "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "CANNOT_DISABLE_API", "FUNCTIONALITY_NOT_ENABLED", "FORBIDDEN"};
  if (answer.status == 403 || std::find(kRights.begin(), kRights.end(), answer.code) != kRights.end()) return make(3503, ErrorKind::denied);
  if (answer.code == "STORAGE_LIMIT_EXCEEDED") return make(3504, ErrorKind::broken);
  if (answer.status == 410 || answer.code == "UNSUPPORTED_API_VERSION") return make(3505, ErrorKind::bad_config);
  return rest::call_error(answer, place);
}

Result<json> Org::call(std::string_view method, const std::string& url, std::string body, std::string_view endpoint, std::string_view what) {
  GW_ASSIGN(sdk::HttpClient* const http, client());
  sdk::HttpRequest request;
  request.method = method, request.url = url, request.endpoint = endpoint, request.repeatable = true;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
  if (answer.verdict != sdk::Verdict::ok) return Failure(refusal(answer, what));
  if (answer.body.empty()) return json();
  auto parsed = rest::parse_exact(answer.body);
  if (!parsed) return rest::not_understood(options_.place() + " " + std::string(what), answer.body);
  return std::move(*parsed);
}

Result<json> Org::get(const std::string& url, std::string_view endpoint, std::string_view what) { return call("GET", url, "", endpoint, what); }

Result<std::shared_ptr<const SObject>> Org::described(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = described_.find(name); known != described_.end()) return known->second;
  }
  std::shared_ptr<const SObject> found;
  GW_ASSIGN(sdk::HttpClient* const http, client());
  sdk::HttpRequest request;
  request.url = path("/sobjects/" + url_part(name) + "/describe"), request.endpoint = "describe", request.repeatable = true;
  GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
  if (answer.verdict == sdk::Verdict::ok) {
    const auto parsed = rest::parse_exact(answer.body);
    auto object = parsed ? parse_sobject(*parsed) : std::nullopt;
    if (!object) return rest::not_understood(options_.place() + " " + name, answer.body);
    found = std::make_shared<const SObject>(std::move(*object));
  } else if (answer.verdict != sdk::Verdict::refused || (answer.status != 404 && answer.status != 400)) {
    return Failure(refusal(answer, name));
  }
  const std::lock_guard lock(mutex_);
  return described_.emplace(name, std::move(found)).first->second;
}

Result<std::shared_ptr<const SObject>> Org::object(std::string_view name) {
  GW_ASSIGN(auto found, described(std::string(name)));
  if (found && found->name == name) return found;
  bool ignored = false;
  GW_ASSIGN(const auto all, objects(&ignored));
  const std::vector<std::string_view> names(all.begin(), all.end());
  return sdk::fail(3030, ErrorKind::bad_config, {{"place", options_.place()}, {"seen", std::string(name)}, {"nearest", std::string(nearest(name, names))}});
}

Result<std::vector<SColumn>> Org::columns(const SObject& object) {
  Result<> failed;
  auto out = columns_of(object, [&](const std::string& name) -> std::shared_ptr<const SObject> {
    auto other = described(name);
    if (other) return *other;
    // What the user may not see cannot be referred to by key; all other errors are errors.
    if (other.error().kind != ErrorKind::denied || other.error().number != 3503) failed = Failure(other.error());
    return nullptr;
  });
  GW_TRY(failed);
  return out;
}

Result<std::vector<std::string>> Org::objects(bool* writable) {
  GW_ASSIGN(const json answer, get(path("/sobjects/"), "describe", "sobjects"));
  const json* all = rest::find_at(answer, "/sobjects");
  if (all == nullptr || !all->is_array()) return rest::not_understood(options_.place(), rest::exact_text(answer));
  std::vector<std::string> out;
  *writable = false;
  for (const json& object : *all) {
    if (!object.is_object() || !object.value("queryable", false) || !object.contains("name") || !object["name"].is_string()) continue;
    out.push_back(object["name"].get<std::string>());
    *writable = *writable || object.value("createable", false);
  }
  return out;
}

std::string Org::query_url(const std::string& soql, bool all) const { return path(all ? "/queryAll/?q=" : "/query/?q=") + url_part(soql); }

Result<> Org::query(const std::string& soql, bool all, std::string_view what, const std::function<Result<>(const json&)>& on_record) {
  std::string url = query_url(soql, all);
  while (!url.empty()) {
    GW_ASSIGN(const json page, get(url, "query", what));
    const json* records = rest::find_at(page, "/records");
    if (records == nullptr || !records->is_array()) return rest::not_understood(options_.place() + " " + std::string(what), rest::exact_text(page));
    for (const json& record : *records) GW_TRY(on_record(record));
    const json* next = rest::find_at(page, "/nextRecordsUrl");
    url = next != nullptr && next->is_string() ? next->get<std::string>() : std::string();
  }
  return {};
}

Result<std::int64_t> Org::count(const std::string& object, const std::string& where) {
  GW_ASSIGN(const json answer, get(query_url("SELECT COUNT() FROM " + object + (where.empty() ? "" : " WHERE " + where), false), "query", object));
  const json* total = rest::find_at(answer, "/totalSize");
  if (total == nullptr || !total->is_number_integer()) return rest::not_understood(options_.place() + " " + object, rest::exact_text(answer));
  return total->get<std::int64_t>();
}

Result<std::int64_t> Org::rough_count(const std::string& object) {
  GW_ASSIGN(const json answer, get(path("/limits/recordCount?sObjects=" + url_part(object)), "limits", object));
  const json* all = rest::find_at(answer, "/sObjects");
  if (all == nullptr || !all->is_array()) return rest::not_understood(options_.place() + " " + object, rest::exact_text(answer));
  for (const json& one : *all)
    if (one.is_object() && one.value("name", "") == object && one.contains("count") && one["count"].is_number_integer()) return one["count"].get<std::int64_t>();
  return 0;
}

std::string soql_text(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    switch (c) {
      case '\'': out += "\\'"; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
  return out + "'";
}

std::string long_id(std::string_view id) {
  std::string out(id);
  if (id.size() != 15) return out;
  for (std::size_t group = 0; group < 3; ++group) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 5; ++i)
      if (const char c = id[group * 5 + i]; c >= 'A' && c <= 'Z') bits |= 1u << i;
    out += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits];
  }
  return out;
}

}  // namespace godwit::salesforce
