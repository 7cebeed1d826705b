#include "connectors/postgres/session.hpp"

#include <algorithm>
#include <charconv>

#include "plugins/kits/sql/identifier.hpp"

namespace godwit::postgres {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

// libpq ends its messages with a line feed and may give several lines.
std::string one_line(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\n' || c == '\t' ? ' ' : c;
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::int64_t to_integer(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool has(std::string_view text, std::initializer_list<std::string_view> any) {
  for (std::string_view word : any)
    if (text.find(word) != std::string_view::npos) return true;
  return false;
}

}  // namespace

bool is_about_a_row(std::string_view state) {
  if (state.size() != 5) return false;
  if (state == "54000" || state == "54023") return true;  // the row is too large
  std::string_view classes = kNotAboutRows;
  for (; !classes.empty(); classes.remove_prefix(std::min<std::size_t>(3, classes.size())))
    if (classes.substr(0, 2) == state.substr(0, 2)) return false;
  return true;
}

std::int64_t Answer::integer(int row, int column) const { return to_integer(text(row, column)); }

std::int64_t Answer::touched() const { return to_integer(PQcmdTuples(get())); }

Result<std::unique_ptr<Session>> Session::open(const Options& options, const sdk::HostServices& host) {
  std::unique_ptr<Session> out(new Session(options, host));
  GW_TRY(out->sign_in());
  GW_TRY(out->prepare());
  return out;
}

Result<> Session::sign_in() {
  std::vector<const char*> names, values;
  for (const auto& [name, value] : options_.parameters) names.push_back(name.c_str()), values.push_back(value.c_str());
  for (const auto& [name, value] : {std::pair{"client_encoding", "UTF8"}, std::pair{"application_name", "godwit"}})
    names.push_back(name), values.push_back(value);
  names.push_back(nullptr), values.push_back(nullptr);
  connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
  if (connection_ == nullptr)
    return sdk::fail(3325, ErrorKind::broken, {{"place", place()}, {"seen", "out of memory"}});
  if (PQstatus(get()) != CONNECTION_OK) return Failure(connection_error());
  // Notices go to nobody: triggers of the target may raise them per row.
  PQsetNoticeReceiver(
      get(), [](void*, const PGresult*) {}, nullptr);
  const char *host = PQhost(get()), *port = PQport(get()), *database = PQdb(get());
  options_.place = std::string("postgres ") + (host == nullptr ? "" : host) + ":" + (port == nullptr ? "" : port) +
                   "/" + (database == nullptr ? "" : database);
  return {};
}

Result<> Session::prepare() {
  std::string sql =
      "set datestyle = 'ISO, YMD'; set timezone = 'UTC'; set intervalstyle = 'iso_8601'; set extra_float_digits = 1; "
      "set bytea_output = 'hex'; set standard_conforming_strings = on; set xmloption = content; "
      "set idle_in_transaction_session_timeout = 0; set default_transaction_isolation = 'read committed'; "
      "set row_security = on; ";
  sql += "set lock_timeout = " + std::to_string(options_.lock_timeout_ms) + "; ";
  sql += "set statement_timeout = " + std::to_string(options_.statement_timeout_ms) + "; ";
  if (!options_.role.empty()) sql += "set role " + sql::quote_identifier(options_.role) + "; ";
  if (!options_.schema.empty())
    sql += "select set_config('search_path', " + sql::quote_text(sql::quote_identifier(options_.schema)) +
           " || ', ' || current_setting('search_path'), false); ";
  GW_TRY(run(sql));
  if (options_.schema.empty()) return {};
  GW_ASSIGN(const Answer known, run("select 1 from pg_catalog.pg_namespace where nspname = $1", {options_.schema}));
  if (known.rows() == 1) return {};
  return sdk::fail(3312, ErrorKind::bad_config, {{"place", place()}, {"seen", options_.schema}});
}

// The server's refusals carry no SQLSTATE here; libpq's own words are English, the server's as its lc_messages says.
Error Session::connection_error() const {
  std::string words = one_line(PQerrorMessage(get()));
  int number = 3304;
  ErrorKind kind = ErrorKind::denied;
  const auto is = [&](int n, ErrorKind k) { number = n, kind = k; };
  if (has(words, {"definition of service", "service file", "invalid connection option", "missing \"=\"", "invalid URI",
                  "invalid port number", "invalid sslmode", "invalid integer value", "missing key/value",
                  "forbidden value", "unterminated quoted string", "invalid percent-encoded"}))
    is(3301, ErrorKind::bad_config);
  else if (has(words, {"certificate", "does not support SSL", "SSL", "no encryption"}) && !has(words, {"SSL SYSCALL"}))
    is(3306, ErrorKind::denied);
  else if (has(words, {"Connection refused", "timeout expired", "could not translate host name", "No such file",
                       "No route to host", "Network is unreachable", "closed the connection", "Connection reset",
                       "SSL SYSCALL", "Connection timed out", "starting up", "shutting down", "recovery mode",
                       "too many clients", "connection slots", "too many connections"}))
    is(3307, ErrorKind::retry);
  else if (PQconnectionUsedPassword(get()) != 0 || PQconnectionNeedsPassword(get()) != 0 ||
           has(words, {"password", "authentication failed"}))
    is(3303, ErrorKind::denied);
  else if (has(words, {"database \""}) && has(words, {"does not exist"}))
    is(3305, ErrorKind::bad_config);
  // libpq quotes the part of a connection string that it cannot read, which may be the password.
  if (number == 3301 && options_.has_url) words = words.substr(0, words.find('"'));
  return Error{number, kind, {{"place", place()}, {"seen", words}}, {}};
}

Result<Answer> Session::take(PGresult* result) {
  Answer answer(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY ||
      status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
    return answer;
  last_ = ServerError();
  last_.state = field(result, PG_DIAG_SQLSTATE);
  last_.message = one_line(field(result, PG_DIAG_MESSAGE_PRIMARY));
  last_.detail = one_line(field(result, PG_DIAG_MESSAGE_DETAIL));
  last_.context = field(result, PG_DIAG_CONTEXT);
  last_.table = field(result, PG_DIAG_TABLE_NAME);
  last_.column = field(result, PG_DIAG_COLUMN_NAME);
  last_.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  if (last_.message.empty()) last_.message = one_line(PQerrorMessage(get()));
  return Failure(error());
}

Result<Answer> Session::run(const std::string& sql) { return take(PQexec(get(), sql.c_str())); }

Result<Answer> Session::run(const std::string& sql, std::span<const Parameter> parameters, bool binary) {
  std::vector<const char*> values;
  for (const Parameter& p : parameters) values.push_back(p ? p->c_str() : nullptr);
  return take(PQexecParams(get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                           nullptr, binary ? 1 : 0));
}

Result<Answer> Session::finish() {
  Result<Answer> out = Answer();
  while (PGresult* result = PQgetResult(get())) {
    Result<Answer> one = take(result);
    if (out) out = std::move(one);
    if (is_lost()) break;
  }
  if (out && is_lost()) {
    last_ = ServerError();
    last_.message = one_line(PQerrorMessage(get()));
    return Failure(error());
  }
  return out;
}

Result<> Session::start_copy(const std::string& sql) {
  GW_ASSIGN(const Answer answer, run(sql));
  (void)answer;
  return {};
}

Error Session::error() const {
  const std::string_view s = last_.state, kind = s.substr(0, 2);
  int number = 3325;
  ErrorKind what = ErrorKind::broken;
  const auto is = [&](int n, ErrorKind k) { number = n, what = k; };
  if (is_lost() || s.empty() || kind == "08" || kind == "57")
    is(s == "57014" ? 3308 : 3302, ErrorKind::retry);  // 57014: statement_timeout, or somebody cancelled it
  else if (s == "55P03" || kind == "40" || s == "55006")
    is(3308, ErrorKind::retry);
  else if (s == "53100")
    is(3309, ErrorKind::broken);
  else if (s == "53300")
    is(3307, ErrorKind::retry);
  else if (s == "42501")
    is(3310, ErrorKind::denied);
  else if (s == "25006")
    is(3311, ErrorKind::denied);
  else if (kind == "28")
    is(3304, ErrorKind::denied);
  else if (is_about_a_row(s) || kind == "42" || kind == "0A" || kind == "3D" || kind == "3F")
    is(3313, ErrorKind::bad_config);
  std::vector<Argument> arguments{{"place", place()}, {"seen", last_.words()}};
  if (!s.empty()) arguments.emplace_back("state", std::string(s));
  return Error{number, what, std::move(arguments), {}};
}

void Session::roll_back() {
  if (is_lost() || !in_transaction()) return;
  const ServerError kept = last_;  // what led here is what is to be told
  if (PQtransactionStatus(get()) == PQTRANS_ACTIVE) {
    if (PQputCopyEnd(get(), "given up") != 1) return;
    (void)finish();
  }
  PQclear(PQexec(get(), "rollback"));
  last_ = kept;
}

}  // namespace godwit::postgres
