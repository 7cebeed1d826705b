// Reading by SOQL (contract, section 6): query, queryAll, nextRecordsUrl, and rows as JSON and CSV.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/ids.hpp"
#include "connectors/salesforce/sandbox/result_set.hpp"
#include "connectors/salesforce/sandbox/soql.hpp"

namespace godwit::sandbox::salesforce {

Json value_json(const Field* field, const Value& value) {
  if (is_null(value)) return nullptr;
  if (field != nullptr && field->kind == Kind::boolean) return to_int(value) != 0;
  if (field != nullptr && field->kind == Kind::computed) return Json::parse(to_text(value), nullptr, false);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return to_text(value);
}

std::string value_csv(const Field* field, const Value& value) {
  if (is_null(value)) return {};
  if (field != nullptr && field->kind == Kind::boolean) return to_int(value) != 0 ? "true" : "false";
  return to_text(value);
}

namespace {

Json attributes(const Object& object, const std::string& id, const std::string& version) {
  return {{"type", object.name}, {"url", "/services/data/v" + version + "/sobjects/" + object.name + "/" + id}};
}

}  // namespace

Json record_json(const Org& org, const Soql& soql, const Row& row, const std::string& version) {
  Json out;
  if (soql.grouped) out["attributes"] = {{"type", "AggregateResult"}};
  else out["attributes"] = attributes(*soql.object, to_text(row[0]), version);
  for (std::size_t i = 0; i < soql.columns.size(); ++i) {
    const ResultColumn& column = soql.columns[i];
    Json* place = &out;
    std::vector<std::string> path;
    for (const std::string& parent : column.parents) {
      path.push_back(parent);
      Json& next = (*place)[parent];
      if (next.is_null()) {
        const auto at = std::find_if(soql.parents.begin(), soql.parents.end(), [&](const auto& one) { return one.first == path; });
        const std::string id = at == soql.parents.end() ? "" : to_text(row[at->second]);
        const Object* object = org.object_of(id);
        if (object == nullptr) {
          place = nullptr;  // there is no such parent: it stays null
          break;
        }
        next = {{"attributes", attributes(*object, id, version)}};
      }
      place = &next;
    }
    if (place != nullptr) (*place)[column.parents.empty() ? column.name : column.name.substr(column.name.rfind('.') + 1)] = value_json(column.field, row[soql.hidden + i]);
  }
  return out;
}

namespace {

// Sforce-Query-Options: batchSize=500
std::int64_t page_size(Org& org, const Request& request) {
  const std::int64_t usual = org.number("query_batch");
  const std::string_view options = request.header("Sforce-Query-Options");
  const std::size_t at = options.find("batchSize=");
  if (at == std::string_view::npos || !org.on("query_options")) return usual;
  std::int64_t asked = usual;
  std::from_chars(options.data() + at + 10, options.data() + options.size(), asked);
  return std::clamp<std::int64_t>(asked, 200, 2000);
}

Answer page_answer(Org& org, const Call& call, const Soql& soql, const std::vector<Row>& rows, std::int64_t total, const std::string& next) {
  Json out{{"totalSize", total}, {"done", next.empty()}};
  if (!next.empty()) out["nextRecordsUrl"] = "/services/data/v" + call.version + "/query/" + next;
  out["records"] = Json::array();
  for (const Row& row : rows) out["records"].push_back(record_json(org, soql, row, call.version));
  return json_answer(200, out);
}

Answer run_query(Org& org, Call& call, bool all) {
  const std::string text = call.request.query_value("q").value_or("");
  if (text.empty()) return problem_answer(400, "MALFORMED_QUERY", "A query string has to be specified");
  try {
    const Soql soql = compile_soql(org, text, {.all = all, .now_ms = call.request.now_ms, .version = call.version});
    const std::int64_t total = to_int(org.database().row(soql.count, soql.values).value_or(Row{std::int64_t{0}})[0]);
    if (soql.count_only) return json_answer(200, {{"totalSize", total}, {"done", true}, {"records", Json::array()}});
    const std::int64_t size = page_size(org, call.request);
    if (total <= size || soql.grouped) return page_answer(org, call, soql, org.database().rows(soql.select, soql.values), total, "");
    const ResultSet set = ResultSet::make(org, soql, text, all, call.request.now_ms);
    return page_answer(org, call, soql, set.rows(org, 0, size), total, set.id() + "-" + std::to_string(size));
  } catch (const SoqlError& e) {
    return problem_answer(400, e.code, e.message);
  }
}

Answer next_page(Org& org, Call& call) {
  const std::string& locator = call.request.param("locator");
  const std::size_t dash = locator.rfind('-');
  std::int64_t from = 0;
  if (dash != std::string::npos) std::from_chars(locator.data() + dash + 1, locator.data() + locator.size(), from);
  const std::optional<ResultSet> set = ResultSet::find(org, locator.substr(0, dash), call.request.now_ms);
  if (!set || from <= 0) return problem_answer(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  const Soql soql = compile_soql(org, set->text(), {.all = set->all(), .now_ms = call.request.now_ms, .version = call.version});
  const std::int64_t size = page_size(org, call.request), total = set->size(org);
  const std::vector<Row> rows = set->rows(org, from, size);
  const std::int64_t to = from + static_cast<std::int64_t>(rows.size());
  return page_answer(org, call, soql, rows, total, to < total ? set->id() + "-" + std::to_string(to) : "");
}

}  // namespace

ResultSet ResultSet::make(Org& org, const Soql& soql, const std::string& text, bool all, std::int64_t now_ms) {
  ResultSet out;
  out.id_ = make_id("01g", org.database().next("cursor"));
  out.text_ = text, out.all_ = all;
  std::string columns;
  for (std::size_t i = 0; i < soql.hidden + soql.columns.size(); ++i) columns += (i > 0 ? ", c" : "c") + std::to_string(i);
  org.database().script("create table " + quote_name("sandbox_result_" + out.id_) + "(" + columns + ")");
  org.database().run("insert into " + quote_name("sandbox_result_" + out.id_) + " " + soql.select, soql.values);
  org.database().run("insert into sandbox_cursor(id, text, is_all, made_ms) values(?, ?, ?, ?)", {out.id_, text, std::int64_t{all}, now_ms});
  return out;
}

std::optional<ResultSet> ResultSet::find(Org& org, const std::string& id, std::int64_t now_ms) {
  const std::optional<Row> row = org.database().row("select text, is_all, made_ms from sandbox_cursor where id = ?", {id});
  if (!row || to_int((*row)[2]) + org.number("cursor_hours") * 3'600'000 < now_ms) return std::nullopt;
  ResultSet out;
  out.id_ = id, out.text_ = to_text((*row)[0]), out.all_ = to_int((*row)[1]) != 0;
  return out;
}

std::vector<Row> ResultSet::rows(Org& org, std::int64_t from, std::int64_t count) const {
  return org.database().rows("select * from " + quote_name("sandbox_result_" + id_) + " where rowid > ? order by rowid limit ?", {from, count});
}

std::int64_t ResultSet::size(Org& org) const { return to_int(org.database().value("select count(*) from " + quote_name("sandbox_result_" + id_))); }

void ResultSet::drop(Org& org) const {
  org.database().script("drop table if exists " + quote_name("sandbox_result_" + id_));
  org.database().run("delete from sandbox_cursor where id = ?", {id_});
}

void add_query(Org& org) {
  org.database().script("create table if not exists sandbox_cursor(id text primary key, text text, is_all integer, made_ms integer)");
  // Results of queries that nobody will go on with.
  const std::int64_t oldest = org.world().clock.now_ms() - org.number("cursor_hours") * 3'600'000;
  for (const Row& row : org.database().rows("select id from sandbox_cursor where made_ms < ?", {oldest}))
    if (const auto set = ResultSet::find(org, to_text(row[0]), 0)) set->drop(org);
  org.route("GET", "/query", [&org](Call& call) { return run_query(org, call, false); });
  org.route("GET", "/queryAll", [&org](Call& call) { return run_query(org, call, true); });
  org.route("GET", "/query/{locator}", [&org](Call& call) { return next_page(org, call); });
  org.route("GET", "/queryAll/{locator}", [&org](Call& call) { return next_page(org, call); });
}

}  // namespace godwit::sandbox::salesforce
