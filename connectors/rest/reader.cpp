#include "connectors/rest/reader.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/address.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::restapi {
namespace {

using nlohmann::json;
using By = ReadShape::By;

class Pages final : public rest::PageSource {
 public:
  Pages(const Api& api, const ApiObject& object, std::shared_ptr<sdk::HttpClient> client) : api_(api), object_(object), read_(*object.read), client_(std::move(client)) {}

  Result<rest::Page> page(const std::string& cursor) override {
    const std::string at = cursor.empty() ? start() : cursor;
    CallShape call = read_.call;
    std::vector<std::pair<std::string_view, std::string>> values{{"rows", std::to_string(read_.page_rows)}};
    if (read_.by == By::next && !cursor.empty()) call.path = cursor;  // the service gave the address itself
    else values.emplace_back("cursor", rest::url_part(at));
    const std::string place = api_.url + " " + object_.name;
    GW_ASSIGN(const json answer, ask(*client_, call, values, place));
    const json* rows = rest::find_at(answer, read_.rows);
    if (rows == nullptr || !rows->is_array()) return rest::not_understood(place, rest::exact_text(answer));
    rest::Page out;
    bool ended = false;
    for (const json& row : *rows) {
      out.rows.push_back(row);
      ended = ended || (!end_.empty() && behind(row) == end_);
      if (ended) break;
    }
    if (!ended) out.next = next_of(answer, at, out.rows);
    return out;
  }

  std::optional<std::string> behind(const json& row) const override {
    if (read_.by != By::id) return std::nullopt;
    const json* id = rest::find_at(row, read_.cursor);
    return id == nullptr ? std::nullopt : rest::scalar_text(*id);
  }

  bool is_cursor(std::string_view text) const override {
    if (text.empty() || text.size() > 4096 || text.find_first_of(" \t\r\n\x01") != std::string_view::npos) return false;
    if (read_.by == By::offset || read_.by == By::page) return text.find_first_not_of("0123456789") == std::string_view::npos;
    return true;
  }
  void end_at(const std::string& cursor) override { end_ = cursor; }

 private:
  std::string start() const {
    if (!read_.first.empty()) return read_.first;
    return read_.by == By::offset ? "0" : read_.by == By::page ? "1" : "";
  }

  std::optional<std::string> next_of(const json& answer, const std::string& at, const std::vector<json>& rows) const {
    if (read_.by == By::next || read_.by == By::token) {
      const json* next = rest::find_at(answer, read_.next);
      const auto text = next == nullptr ? std::nullopt : rest::scalar_text(*next);
      return text && !text->empty() && *text != "false" && *text != at ? text : std::nullopt;
    }
    if (static_cast<std::int64_t>(rows.size()) < read_.page_rows) return std::nullopt;
    if (read_.by == By::id) return behind(rows.back());
    std::int64_t number = 0;
    std::from_chars(at.data(), at.data() + at.size(), number);
    return std::to_string(number + (read_.by == By::offset ? static_cast<std::int64_t>(rows.size()) : 1));
  }

  const Api& api_;
  const ApiObject& object_;
  const ReadShape& read_;
  const std::shared_ptr<sdk::HttpClient> client_;
  std::string end_;
};

}  // namespace

Result<const ApiObject*> find_object(const Api& api, std::string_view name) {
  const auto found = api.objects.find(name);
  if (found != api.objects.end()) return &found->second;
  std::vector<std::string_view> names;
  for (const auto& [known, object] : api.objects) names.push_back(known);
  return sdk::fail(3030, ErrorKind::bad_config, {{"place", api.url}, {"seen", std::string(name)}, {"nearest", std::string(nearest(name, names))}});
}

Result<json> ask(sdk::HttpClient& client, const CallShape& call, const std::vector<std::pair<std::string_view, std::string>>& values, std::string_view place) {
  sdk::HttpRequest request;
  request.method = call.method, request.url = fill(call.path, values), request.body = fill(call.body, values), request.endpoint = call.endpoint, request.repeatable = true;
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  GW_ASSIGN(const sdk::HttpAnswer answer, client.call(request));
  if (answer.verdict != sdk::Verdict::ok) return Failure(rest::call_error(answer, place));
  auto parsed = rest::parse_exact(answer.body.empty() ? "null" : answer.body);
  if (!parsed) return rest::not_understood(place, answer.body);
  return std::move(*parsed);
}

Result<std::unique_ptr<Reader>> open_reader(const Api& api, std::shared_ptr<sdk::HttpClient> client, const sdk::HostServices& host, const ReadRequest& request) {
  GW_ASSIGN(const ApiObject* const object, find_object(api, request.object));
  if (!object->read) return sdk::fail(3453, ErrorKind::bad_config, {{"place", api.url}, {"object", object->name}, {"seen", "read"}});
  const ObjectDescription described = object->describe();
  GW_ASSIGN(const auto fields, rest::asked_fields(described, request.columns, api.url));
  rest::RowShape shape;
  for (const ObjectField* f : fields) shape.columns.push_back({{f->name, f->type}, object->find(f->name)->path, api.form});
  if (object->read->by == By::id) shape.place = object->read->cursor;
  return rest::read_pages(std::make_unique<Pages>(api, *object, std::move(client)), std::move(shape), request, host);
}

}  // namespace godwit::restapi
