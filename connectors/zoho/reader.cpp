#include "connectors/zoho/reader.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "connectors/zoho/bulk_read.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/rest/pages.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

// Queries in the order of ids. Lists of the API end at 100,000 records and their page tokens age; an id does neither.
class QueryPages final : public rest::PageSource {
 public:
  QueryPages(Org& org, std::shared_ptr<const ModuleInfo> module, std::string list) : org_(org), module_(std::move(module)), list_(std::move(list)) {}

  Result<rest::Page> page(const std::string& cursor) override {
    std::string where = "id > " + coql_text(cursor.empty() ? "0" : cursor);
    const auto add = [&](const std::string& condition) { where = "(" + where + " and " + condition + ")"; };  // conditions go in pairs
    if (!end_.empty()) add("id <= " + coql_text(end_));
    if (!org_.options().changed_since.empty() && module_->find("Modified_Time") != nullptr) add("Modified_Time >= " + coql_text(org_.options().changed_since));
    const std::size_t rows = org_.options().page_rows;
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(org_.query("select " + list_ + " from " + module_->name + " where " + where + " order by id asc limit " + std::to_string(rows), rows)));
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_.refusal(answer, module_->name));
    rest::Page out;
    GW_ASSIGN(out.rows, org_.records(*module_, answer));
    std::string last = cursor;
    for (const json& record : out.rows) {
      const auto& id = record.at("id").get_ref<const std::string&>();
      // Ids that do not grow would have us ask for the same page for ever.
      if (!is_before(last, id)) return rest::not_understood(org_.options().place() + " " + module_->name, "id " + id + " after " + last);
      last = id;
    }
    if (out.rows.size() >= rows) out.next = last;
    return out;
  }

  std::optional<std::string> behind(const json& row) const override { return row.at("id").get<std::string>(); }
  bool is_cursor(std::string_view text) const override { return is_record_id(text); }
  void end_at(const std::string& cursor) override { end_ = cursor; }

 private:
  Org& org_;
  const std::shared_ptr<const ModuleInfo> module_;
  const std::string list_;
  std::string end_;
};

// People and deletions have lists of their own, whose pages are counted.
class ListPages final : public rest::PageSource {
 public:
  ListPages(Org& org, std::shared_ptr<const ModuleInfo> module) : org_(org), module_(std::move(module)) {
    if (module_->deleted_of.empty()) {
      url_ = "/users?type=AllUsers", rows_ = "/users";
    } else {
      url_ = "/" + module_->deleted_of + "/deleted?type=all", rows_ = "/data";
      if (!org_.options().changed_since.empty()) headers_.emplace_back("If-Modified-Since", org_.options().changed_since);
    }
  }

  Result<rest::Page> page(const std::string& cursor) override {
    constexpr std::size_t kRows = 200;
    int number = 1;
    if (!cursor.empty()) std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    GW_ASSIGN(const json answer, org_.get(org_.path(url_ + "&per_page=" + std::to_string(kRows) + "&page=" + std::to_string(number)), "users", module_->name, headers_));
    rest::Page out;
    if (answer.is_null()) return out;
    const json *listed = rest::find_at(answer, rows_), *more = rest::find_at(answer, "/info/more_records");
    if (listed == nullptr || !listed->is_array()) return rest::not_understood(org_.options().place() + " " + module_->name, rest::exact_text(answer));
    out.rows = listed->get<std::vector<json>>();
    for (json& row : out.rows) {
      if (!row.is_object()) return rest::not_understood(org_.options().place() + " " + module_->name, rest::exact_text(row));
      flatten(*module_, &row);
    }
    // Not every list says whether there is more: a full page may be followed by another.
    const bool goes_on = more != nullptr && more->is_boolean() ? more->get<bool>() : out.rows.size() >= kRows;
    if (!out.rows.empty() && goes_on) out.next = std::to_string(number + 1);
    return out;
  }

  bool is_cursor(std::string_view text) const override { return is_record_id(text) && text.size() < 7; }

 private:
  Org& org_;
  const std::shared_ptr<const ModuleInfo> module_;
  std::string url_, rows_;
  sdk::HttpHeaders headers_;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(Org& org, const ReadRequest& request) {
  GW_ASSIGN(auto module, org.module(request.object));
  std::vector<std::string> names = request.columns;
  if (names.empty())
    for (const FieldInfo& f : module->fields) names.push_back(f.name);
  rest::RowShape shape;
  shape.place = "/id";
  std::string list = "id";
  for (const std::string& name : names) {
    const FieldInfo* field = module->find(name);
    if (field == nullptr) {
      std::vector<std::string_view> known;
      for (const FieldInfo& f : module->fields) known.push_back(f.name);
      return sdk::fail(3031, ErrorKind::bad_config, {{"place", org.options().place()}, {"object", module->name}, {"seen", name}, {"nearest", std::string(nearest(name, known))}});
    }
    if (name != "id") list += ", " + name;
    shape.columns.push_back({{name, field->type}, "/" + name, form_of(*field)});
  }
  if (module->name == "Users" || !module->deleted_of.empty()) return rest::read_pages(std::make_unique<ListPages>(org, std::move(module)), std::move(shape), request, org.host());
  std::erase(names, "id");  // every result has it
  bool bulk = is_bulk_position(request.position) || is_bulk_position(request.until);
  if (!bulk && !names.empty() && request.position.empty() && request.until.empty() && org.options().bulk_read_from > 0) {
    GW_ASSIGN(const std::int64_t rows, org.count(*module));
    bulk = rows >= org.options().bulk_read_from;
  }
  if (bulk) return rest::read_pages(bulk_pages(org, std::move(module), std::move(names)), std::move(shape), request, org.host());
  return rest::read_pages(std::make_unique<QueryPages>(org, std::move(module), std::move(list)), std::move(shape), request, org.host());
}

}  // namespace godwit::zoho
