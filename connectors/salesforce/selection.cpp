#include "connectors/salesforce/selection.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {

using nlohmann::json;

Result<Selection> Selection::make(Org& org, std::shared_ptr<const SObject> object, const std::vector<std::string>& names) {
  Selection out(org, object);
  GW_ASSIGN(std::vector<SColumn> all, org.columns(*object));
  if (names.empty()) out.columns_ = std::move(all);
  for (const std::string& name : names) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const SColumn& c) { return c.name() == name; });
    if (found == all.end()) {
      std::vector<std::string> known;
      for (const SColumn& c : all) known.push_back(c.name());
      const std::vector<std::string_view> views(known.begin(), known.end());
      return sdk::fail(3031, ErrorKind::bad_config, {{"place", org.options().place()}, {"object", object->name}, {"seen", name}, {"nearest", std::string(nearest(name, views))}});
    }
    out.columns_.push_back(*found);
  }
  return out;
}

Schema Selection::schema() const {
  Schema out;
  for (const SColumn& c : columns_) out.push_back({c.name(), c.type()});
  return out;
}

std::string Selection::list() const {
  std::string out = "Id";
  std::set<std::string> known{"Id"};
  for (const SColumn& c : columns_) {
    // A reference to several objects is asked for itself; whose key it is is found out afterwards.
    const std::string name = c.parent == nullptr || c.polymorphic ? c.field->name : c.name();
    if (known.insert(name).second) out += ", " + name;
  }
  return out;
}

rest::RowShape Selection::shape(bool csv) const {
  rest::RowShape out;
  out.place = "/Id";
  for (const SColumn& c : columns_) {
    rest::RowShape::Column column;
    column.field = {c.name(), c.type()}, column.form = org_->options().form;
    column.form.empty_is_null = true;
    column.path = "/" + c.name();
    if (!csv && c.parent != nullptr && !c.polymorphic) column.path = "/" + c.field->relationship + "/" + c.parent->name;
    out.columns.push_back(std::move(column));
  }
  return out;
}

bool Selection::fits_bulk() const {
  return std::none_of(columns_.begin(), columns_.end(), [](const SColumn& c) { return c.field->type == "base64"; });
}

Result<> Selection::complete(std::span<json> records) {
  for (const SColumn& c : columns_) {
    if (c.parent != nullptr && c.polymorphic) GW_TRY(add_parent_keys(c, records));
    if (c.parent == nullptr && c.field->type == "base64") GW_TRY(add_contents(c, records));
  }
  return {};
}

Result<> Selection::add_parent_keys(const SColumn& column, std::span<json> records) {
  GW_ASSIGN(const auto parent, org_->object(column.parent_object));
  std::vector<std::string> ids;
  std::set<std::string> known;
  for (const json& r : records) {
    const json* id = rest::find_at(r, "/" + column.field->name);
    if (id == nullptr || !id->is_string() || !id->get_ref<const std::string&>().starts_with(parent->key_prefix)) continue;
    if (known.insert(id->get<std::string>()).second) ids.push_back(id->get<std::string>());
  }
  std::unordered_map<std::string, json> keys;
  const std::string head = "SELECT Id, " + column.parent->name + " FROM " + parent->name + " WHERE Id IN ";
  for (const auto& some : in_lists(ids, org_->options().uri_bytes, head.size() * 3 + 100))
    GW_TRY(org_->query(head + in_list(some), true, parent->name, [&](const json& found) -> Result<> {
      const json *id = rest::find_at(found, "/Id"), *key = rest::find_at(found, "/" + column.parent->name);
      if (id != nullptr && id->is_string() && key != nullptr) keys[id->get<std::string>()] = *key;
      return {};
    }));
  for (json& r : records) {
    const json* id = rest::find_at(r, "/" + column.field->name);
    const auto found = id != nullptr && id->is_string() ? keys.find(id->get<std::string>()) : keys.end();
    r[column.name()] = found == keys.end() ? json() : found->second;
  }
  return {};
}

Result<> Selection::add_contents(const SColumn& column, std::span<json> records) {
  GW_ASSIGN(sdk::HttpClient* const http, org_->client());
  for (json& r : records) {
    const json* link = rest::find_at(r, "/" + column.field->name);
    if (link == nullptr || !link->is_string() || !link->get_ref<const std::string&>().starts_with("/")) continue;
    sdk::HttpRequest request;
    request.url = link->get<std::string>(), request.endpoint = "file", request.repeatable = true;
    request.headers.emplace_back("Accept", "*/*");
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_->refusal(answer, object_->name));
    r[column.field->name] = rest::base64(answer.body);
  }
  return {};
}

std::vector<std::vector<std::string>> in_lists(const std::vector<std::string>& values, std::size_t longest, std::size_t around) {
  std::vector<std::vector<std::string>> out;
  std::size_t bytes = longest;
  for (const std::string& value : values) {
    const std::size_t needs = url_part(soql_text(value) + ",").size();
    if (out.empty() || bytes + needs > longest) out.emplace_back(), bytes = around;
    out.back().push_back(value), bytes += needs;
  }
  return out;
}

std::string in_list(const std::vector<std::string>& values) {
  std::string out = "(";
  for (const std::string& value : values) out += (out.size() == 1 ? "" : ",") + soql_text(value);
  return out + ")";
}

}  // namespace godwit::salesforce
