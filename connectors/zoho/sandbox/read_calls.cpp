#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/calls.hpp"
#include "connectors/zoho/sandbox/filters.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr std::int64_t kMostPerPage = 200, kMostByPage = 2'000, kMostByToken = 100'000, kMostIds = 100;

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(',', from), text.size());
    if (const std::string one = trimmed(std::string_view(text).substr(from, end - from)); !one.empty()) out.push_back(one);
    from = end + 1;
  }
  return out;
}

std::int64_t number_param(const Request& request, const char* name, std::int64_t otherwise, std::int64_t most) {
  const auto text = request.query_value(name);
  if (!text) return otherwise;
  const std::int64_t number = to_int(Value(*text));
  if (number < 1 || std::to_string(number) != *text) refuse_call(400, "INVALID_DATA", "invalid data", {{"param_name", name}});
  if (number > most) refuse_call(400, "INVALID_DATA", "invalid data", {{"param_name", name}, {"maximum_length", most}});
  return number;
}

std::vector<std::string> fields_of(Service& service, const Request& request, const Object& module, bool mandatory) {
  const std::string text = request.query_value("fields").value_or("");
  if (text.empty() && mandatory) refuse_call(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {{"param_name", "fields"}});
  std::vector<std::string> fields = listed(text);
  const auto most = static_cast<std::size_t>(std::stoi(service.world.setting("most_fields")));
  if (fields.size() > most) refuse_call(400, "LIMIT_EXCEEDED", "fields are more than allowed", {{"limit", most}, {"param_name", "fields"}});
  for (const std::string& field : fields)
    if (module.field(field) == nullptr && service.world.setting("unknown_fields") == "refuse")
      refuse_call(400, "INVALID_DATA", "invalid data", {{"param_name", "fields"}, {"api_name", field}});
  return fields;
}

// Where a page begins: after the last record of the one before.
struct PageToken {
  std::string bound, last_value, last_id;
  std::int64_t rows_before = 0, page = 1, until_ms = 0;
};

// The token is signed by its own digest: a spoilt one is told from one of another query.
std::string write_token(const PageToken& token) {
  const std::string text = Json::array({token.bound, token.last_value, token.last_id, token.rows_before, token.page, token.until_ms}).dump();
  return base64_url(md5_hex(text) + text);
}

std::optional<PageToken> read_token(const std::string& word) {
  const auto bytes = unbase64(word);
  if (!bytes || bytes->size() < 32 || md5_hex(bytes->substr(32)) != bytes->substr(0, 32)) return std::nullopt;
  const Json in = Json::parse(bytes->substr(32));
  return PageToken{in[0], in[1], in[2], in[3], in[4], in[5]};
}

// Everything that a token is bound to.
std::string bound_of(const Request& request, const std::string& user) {
  std::string text = request.path + "|" + user + "|" + std::string(request.header("if-modified-since"));
  for (const char* name : {"fields", "per_page", "sort_by", "sort_order", "ids", "cvid", "territory_id", "converted"}) text += "|" + request.query_value(name).value_or("");
  return md5_hex(text);
}

struct Listing {
  std::string where = "t.sandbox_deleted_ms is null and t.sandbox_visible_ms <= ?";
  std::vector<Value> values;
  void also(const std::string& sql, std::vector<Value> more) {
    where += " and " + sql;
    for (Value& value : more) values.push_back(std::move(value));
  }
};

Json records_json(Service& service, const Object& module, const std::vector<Row>& rows, std::size_t most, const std::vector<std::string>* fields) {
  Json data = Json::array();
  for (std::size_t i = 0; i < std::min(rows.size(), most); ++i)
    data.push_back(service.org.record_json(module, *service.org.store().get(module, to_text(rows[i][0])), fields));
  return data;
}

Answer page_problem(const char* code, const char* message, Json details) { return error_answer(400, {code, message, std::move(details)}); }

}  // namespace

Answer list_records(Service& service, const Request& request, const Object& module, const std::string& user, const std::string& extra_where, const std::vector<Value>& extra) {
  const std::vector<std::string> fields = fields_of(service, request, module, true);
  const std::int64_t per_page = number_param(request, "per_page", kMostPerPage, kMostPerPage);
  const auto token_word = request.query_value("page_token");
  if (token_word && request.query_value("page")) return page_problem("AMBIGUITY_DURING_PROCESSING", "page and page_token cannot be given together", {{"param_name", "page_token"}});
  std::int64_t page = number_param(request, "page", 1, 1'000'000);
  if (!token_word && page * per_page > kMostByPage)
    return page_problem("DISCRETE_PAGINATION_LIMIT_EXCEEDED", "use page_token to go on beyond 2000 records", {{"limit", kMostByPage}, {"param_name", "page"}});
  const std::string sort_by = request.query_value("sort_by").value_or("id"), order = request.query_value("sort_order").value_or("desc");
  if (sort_by != "id" && sort_by != "Created_Time" && sort_by != "Modified_Time") return page_problem("INVALID_DATA", "invalid data", {{"param_name", "sort_by"}});
  if (order != "asc" && order != "desc") return page_problem("INVALID_DATA", "invalid data", {{"param_name", "sort_order"}});

  Listing list;
  list.values.emplace_back(request.now_ms);
  if (!extra_where.empty()) list.also(extra_where, extra);
  const std::string_view since = request.header("if-modified-since");
  if (!since.empty()) {
    const auto ms = parse_iso_time(since);
    if (!ms) return page_problem("INVALID_DATA", "invalid header", {{"header", "If-Modified-Since"}});
    list.also("t.Modified_Time > ?", {service.org.stored_time(*ms)});
  }
  if (const auto ids = request.query_value("ids")) {
    const std::vector<std::string> wanted = listed(*ids);
    if (wanted.size() > static_cast<std::size_t>(kMostIds)) return page_problem("LIMIT_EXCEEDED", "ids are more than allowed", {{"limit", kMostIds}, {"param_name", "ids"}});
    std::string marks;
    for (std::size_t i = 0; i < wanted.size(); ++i) marks += i == 0 ? "?" : ", ?";
    list.also("t.\"id\" in (" + marks + ")", std::vector<Value>(wanted.begin(), wanted.end()));
  }
  if (module.field("$converted") != nullptr) {
    const std::string converted = request.query_value("converted").value_or("false");
    if (converted != "both") list.also("coalesce(t.\"$converted\", 0) = ?", {std::int64_t{converted == "true"}});
  }
  const std::string bound = bound_of(request, user);
  std::int64_t rows_before = (page - 1) * per_page, offset = rows_before;
  if (token_word) {
    const auto token = read_token(*token_word);
    if (!token) return page_problem("INVALID_DATA", "invalid data", {{"param_name", "page_token"}});
    if (token->bound != bound) return page_problem("TOKEN_BOUND_DATA_MISMATCH", "the page token belongs to another query", {{"param_name", "page_token"}});
    if (token->until_ms <= request.now_ms) return page_problem("EXPIRED_VALUE", "the page token has expired", {{"param_name", "page_token"}});
    if (token->rows_before >= kMostByToken) return page_problem("PAGINATION_LIMIT_EXCEEDED", "no more records can be reached", {{"limit", kMostByToken}});
    page = token->page, rows_before = token->rows_before, offset = 0;
    const char* beyond = order == "asc" ? " > " : " < ";
    if (sort_by == "id") list.also(std::string("t.\"id\"") + beyond + "?", {token->last_id});
    else list.also("(t." + sort_by + ", t.\"id\")" + beyond + "(?, ?)", {token->last_value, token->last_id});
  }
  const std::string sorted = sort_by == "id" ? "t.\"id\" " + order : "t." + sort_by + " " + order + ", t.\"id\" " + order;
  list.values.emplace_back(per_page + 1), list.values.emplace_back(offset);
  const std::vector<Row> rows = service.org.database().rows(
      "select t.\"id\", " + (sort_by == "id" ? std::string("''") : "t." + sort_by) + " from " + quote_name(module.name) + " t where " + list.where + " order by " + sorted + " limit ? offset ?", list.values);
  if (rows.empty()) return empty_answer(!since.empty() && service.world.setting("not_modified") == "304" ? 304 : 204);
  const bool more = rows.size() > static_cast<std::size_t>(per_page);
  const std::size_t count = std::min<std::size_t>(rows.size(), static_cast<std::size_t>(per_page));
  Json info = {{"per_page", per_page}, {"count", count}, {"page", page}, {"sort_by", sort_by}, {"sort_order", order}, {"more_records", more}, {"next_page_token", nullptr}, {"previous_page_token", nullptr}, {"page_token_expiry", nullptr}};
  if (more) {
    const Row& last = rows[count - 1];
    const std::int64_t until = request.now_ms + std::stoll(service.world.setting("page_token_hours")) * 3'600'000;
    info["next_page_token"] = write_token({bound, to_text(last[1]), to_text(last[0]), rows_before + static_cast<std::int64_t>(count), page + 1, until});
    info["page_token_expiry"] = service.org.time_text(until);
  }
  return json_answer(200, {{"data", records_json(service, module, rows, count, &fields)}, {"info", std::move(info)}});
}

Answer get_record(Service& service, const Request& request, const Object& module) {
  const External external = service.org.external(request, module);
  const auto id = service.org.id_of(module, external.own, request.param("id"));
  if (!id) {
    if (service.world.setting("missing_record") == "204") return empty_answer(204);
    return error_answer(400, {"INVALID_DATA", "the id given seems to be invalid", {{"resource_path_index", 1}}});
  }
  const std::vector<std::string> fields = fields_of(service, request, module, false);
  return json_answer(200, {{"data", Json::array({service.org.record_json(module, *service.org.store().get(module, *id), fields.empty() ? nullptr : &fields)})}});
}

Answer search_records(Service& service, const Request& request, const Object& module) {
  const int zone = std::stoi(service.world.setting("zone_minutes"));
  Listing list;
  // The index of searches lags behind.
  list.values.emplace_back(request.now_ms - std::stoll(service.world.setting("search_delay_seconds")) * 1000);
  std::string error;
  if (const auto criteria = request.query_value("criteria")) {
    const auto condition = parse_criteria(service.org.model(), module, *criteria, service.world.setting("search_escape") == "backslash", zone, error);
    if (!condition) return error_answer(400, {"INVALID_QUERY", "invalid query formed", {{"reason", error}}});
    list.also(condition->sql, condition->values);
  } else {
    const auto email = request.query_value("email"), phone = request.query_value("phone"), word = request.query_value("word");
    const auto& text = email ? email : phone ? phone : word;
    if (!text || text->empty()) return error_answer(400, {"REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", {{"param_name", "criteria"}}});
    std::string any;
    std::vector<Value> values;
    for (const Field& field : module.fields) {
      const bool fits = email ? field.kind == Kind::email : phone ? field.kind == Kind::phone : field.kind == Kind::text || field.kind == Kind::email || field.kind == Kind::phone || field.kind == Kind::long_text;
      const auto expression = fits ? expression_of(service.org.model(), module, field.name) : std::nullopt;
      if (!expression) continue;
      const auto condition = compare(*expression, word && !email && !phone ? "contains" : "equal", {*text}, zone);
      any += (any.empty() ? "" : " or ") + condition->sql;
      values.insert(values.end(), condition->values.begin(), condition->values.end());
    }
    if (any.empty()) return empty_answer(204);
    list.also("(" + any + ")", values);
  }
  const std::vector<std::string> fields = fields_of(service, request, module, false);
  const std::int64_t per_page = number_param(request, "per_page", kMostPerPage, kMostPerPage), page = number_param(request, "page", 1, 1'000'000);
  if (page * per_page > kMostByPage) return page_problem("LIMIT_EXCEEDED", "a search reaches 2000 records", {{"limit", kMostByPage}, {"param_name", "page"}});
  list.values.emplace_back(per_page + 1), list.values.emplace_back((page - 1) * per_page);
  const std::vector<Row> rows = service.org.database().rows("select t.\"id\" from " + quote_name(module.name) + " t where " + list.where + " order by t.\"id\" desc limit ? offset ?", list.values);
  if (rows.empty()) return empty_answer(204);
  const auto count = std::min<std::size_t>(rows.size(), static_cast<std::size_t>(per_page));
  return json_answer(200, {{"data", records_json(service, module, rows, count, fields.empty() ? nullptr : &fields)},
                           {"info", {{"per_page", per_page}, {"count", count}, {"page", page}, {"more_records", rows.size() > count}}}});
}

Answer count_records(Service& service, const Request& request, const Object& module) {
  Listing list;
  list.values.emplace_back(request.now_ms);
  if (const auto criteria = request.query_value("criteria")) {
    std::string error;
    const auto condition = parse_criteria(service.org.model(), module, *criteria, service.world.setting("search_escape") == "backslash", std::stoi(service.world.setting("zone_minutes")), error);
    if (!condition) return error_answer(400, {"INVALID_QUERY", "invalid query formed", {{"reason", error}}});
    list.also(condition->sql, condition->values);
  }
  const auto row = service.org.database().row("select count(*) from " + quote_name(module.name) + " t where " + list.where, list.values);
  return json_answer(200, {{"count", to_int((*row)[0])}});
}

Answer deleted_records(Service& service, const Request& request, const Object& module) {
  const std::string type = request.query_value("type").value_or("all");
  if (type != "all" && type != "recycle" && type != "permanent") return error_answer(400, {"INVALID_DATA", "invalid data", {{"param_name", "type"}}});
  const std::int64_t per_page = number_param(request, "per_page", kMostPerPage, kMostPerPage), page = number_param(request, "page", 1, 1'000'000);
  std::string where = "module = ? and at_ms > ?";
  std::vector<Value> values{module.name, request.now_ms - std::stoll(service.world.setting("deleted_listed_days")) * 86'400'000};
  // Records leave the bin after a while, and are then deleted for good.
  const std::int64_t in_bin_since = request.now_ms - std::stoll(service.world.setting("bin_days")) * 86'400'000;
  if (type == "recycle") where += " and type = 'recycle' and at_ms > ?", values.emplace_back(in_bin_since);
  if (type == "permanent") where += " and (type = 'permanent' or at_ms <= ?)", values.emplace_back(in_bin_since);
  const std::string_view since = request.header("if-modified-since");
  if (const auto ms = parse_iso_time(since); ms) where += " and at_ms > ?", values.emplace_back(*ms);
  else if (!since.empty()) return error_answer(400, {"INVALID_DATA", "invalid header", {{"header", "If-Modified-Since"}}});
  values.emplace_back(per_page + 1), values.emplace_back((page - 1) * per_page);
  const std::vector<Row> rows = service.org.database().rows("select id, display_name, deleted_by, created_by, at_ms, type from sandbox_bin where " + where + " order by at_ms desc, id desc limit ? offset ?", values);
  if (rows.empty()) return empty_answer(!since.empty() && service.world.setting("not_modified") == "304" ? 304 : 204);
  Json data = Json::array();
  for (const Row& row : rows) {
    if (data.size() == static_cast<std::size_t>(per_page)) break;
    const bool gone = to_text(row[5]) == "permanent" || to_int(row[4]) <= in_bin_since;
    data.push_back({{"deleted_by", service.org.user_json(to_text(row[2]))}, {"id", to_text(row[0])}, {"display_name", to_text(row[1])}, {"type", gone ? "permanent" : "recycle"},
                    {"created_by", service.org.user_json(to_text(row[3]))}, {"deleted_time", service.org.time_text(to_int(row[4]))}});
  }
  const std::size_t count = data.size();
  return json_answer(200, {{"data", std::move(data)}, {"info", {{"per_page", per_page}, {"count", count}, {"page", page}, {"more_records", rows.size() > count}}}});
}

}  // namespace godwit::sandbox::zoho
