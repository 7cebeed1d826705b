#include "connectors/zoho/sandbox/bulk_read.hpp"

#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/tables_of_text.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr int kMostCriteria = 25, kMostJoins = 10;  // the contract gives no numbers; these are ours
constexpr std::int64_t kMostPages = 50;

// Everything but the page: where and its values, the visibility last.
std::string where_sql(const BulkRead& job) {
  return std::string("t.sandbox_deleted_ms is null") + (job.where.sql.empty() ? "" : " and " + job.where.sql) + " and t.sandbox_visible_ms <= ?";
}
std::vector<Value> where_values(const BulkRead& job, std::int64_t now_ms) {
  std::vector<Value> out = job.where.values;
  out.emplace_back(now_ms);
  return out;
}

std::string cell_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value;
  if (value.is_object()) return value.value("id", "");
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& one : value) out += (out.empty() ? "" : ";") + cell_of(one);
  return out;
}

}  // namespace

BulkRead read_bulk_read(Org& org, const Json& body) {
  const auto query = body.find("query");
  if (query == body.end() || !query->is_object()) refuse_call(400, "MANDATORY_NOT_FOUND", "required field not found", {{"api_name", "query"}, {"json_path", "$.query"}});
  if (const Json type = body.value("file_type", Json("csv")); type != "csv") refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", "file_type"}, {"json_path", "$.file_type"}});
  const Json module = query->value("module", Json());
  const std::string name = module.is_object() ? module.value("api_name", "") : "";
  BulkRead out;
  out.module = org.model().object(name);
  if (out.module == nullptr || flag(*out.module, "people")) refuse_call(400, "INVALID_MODULE", "the module name given seems to be invalid", {{"api_name", "module"}, {"json_path", "$.query.module"}});
  if (const auto fields = query->find("fields"); fields != query->end() && fields->is_array()) {
    for (const Json& field : *fields) {
      const std::string one = field.is_string() ? field.get<std::string>() : field.dump();
      if (!expression_of(org.model(), *out.module, one)) refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", one}, {"json_path", "$.query.fields"}});
      out.fields.push_back(one);
    }
  } else {
    for (const Field& field : out.module->fields)
      if (expression_of(org.model(), *out.module, field.name)) out.fields.push_back(field.name);
  }
  if (const auto criteria = query->find("criteria"); criteria != query->end() && !criteria->is_null()) {
    int joins = 0, count = 0;
    std::string error;
    const auto where = json_criteria(org.model(), *out.module, *criteria, std::stoi(org.world().setting("zone_minutes")), joins, count, error);
    if (!where) refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", error}, {"json_path", "$.query.criteria"}});
    if (count > kMostCriteria) refuse_call(400, "CRITERIA_LIMIT_EXCEEDED", "there are more criteria than allowed", {{"limit", kMostCriteria}});
    if (joins > kMostJoins) refuse_call(400, "JOIN_LIMIT_EXCEEDED", "there are more joins than allowed", {{"limit", kMostJoins}});
    out.where = *where;
  }
  if (const auto page = query->find("page"); page != query->end() && !page->is_null()) {
    if (!page->is_number_integer() || page->get<std::int64_t>() < 1) refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", "page"}, {"json_path", "$.query.page"}});
    out.page = *page;
    if (out.page > kMostPages) refuse_call(400, "PAGE_RANGE_EXCEEDED", "the page is out of range", {{"limit", kMostPages}});
  }
  if (const auto token = query->find("page_token"); token != query->end() && token->is_string()) {
    const auto id = unbase64(token->get<std::string>());
    if (!id || id->empty()) refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", "page_token"}, {"json_path", "$.query.page_token"}});
    out.after_id = *id;
  }
  return out;
}

std::vector<std::string> read_header(const BulkRead& job) {
  std::vector<std::string> out{"Id"};
  for (const std::string& field : job.fields)
    if (field != "id") out.push_back(field);
  return out;
}

std::size_t read_rows(Org& org, const BulkRead& job, std::int64_t now_ms, std::size_t most, std::string& after_id, std::string& csv) {
  std::vector<Expression> expressions;
  std::string list;
  for (const std::string& field : read_header(job)) {
    if (field == "Id") continue;
    expressions.push_back(*expression_of(org.model(), *job.module, field));
    list += ", " + expressions.back().sql;
  }
  std::vector<Value> values = where_values(job, now_ms);
  values.emplace_back(after_id), values.emplace_back(static_cast<std::int64_t>(most));
  const auto rows = org.database().rows("select t.\"id\"" + list + " from " + quote_name(job.module->name) + " t where " + where_sql(job) + " and t.\"id\" > ? order by t.\"id\" limit ?", values);
  for (const Row& row : rows) {
    std::vector<std::string> cells{to_text(row[0])};
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      const Field& field = *expressions[i].field;
      const Value& value = row[i + 1];
      // Lookups are their ids here, and need no look at the other record.
      if (is_null(value) || field.kind == Kind::reference || field.type == "formula") {
        cells.push_back(to_text(value));
        continue;
      }
      Record one;
      one.columns = {{field.name, value}};
      cells.push_back(cell_of(org.value_json(*expressions[i].module, field, one)));
    }
    csv += csv_line(cells);
    after_id = cells.front();
  }
  return rows.size();
}

std::optional<std::string> start_of_page(Org& org, const BulkRead& job, std::int64_t now_ms, std::int64_t per_page) {
  if (!job.after_id.empty() || job.page == 1) return job.after_id;
  std::vector<Value> values = where_values(job, now_ms);
  values.emplace_back((job.page - 1) * per_page - 1);
  const auto row = org.database().row("select t.\"id\" from " + quote_name(job.module->name) + " t where " + where_sql(job) + " order by t.\"id\" limit 1 offset ?", values);
  return row ? std::optional(to_text((*row)[0])) : std::nullopt;
}

bool has_more(Org& org, const BulkRead& job, std::int64_t now_ms, const std::string& after_id) {
  std::vector<Value> values = where_values(job, now_ms);
  values.emplace_back(after_id);
  return org.database().row("select 1 from " + quote_name(job.module->name) + " t where " + where_sql(job) + " and t.\"id\" > ? limit 1", values).has_value();
}

}  // namespace godwit::sandbox::zoho
