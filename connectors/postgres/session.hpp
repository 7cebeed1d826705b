#pragma once
// One session of a server and its answers, with errors as Result.

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/settings.hpp"
#include "core/model/result.hpp"
#include "plugins/sdk/connector.hpp"

namespace godwit::postgres {

// What the server said of a failure (https://www.postgresql.org/docs/current/protocol-error-fields.html).
struct ServerError {
  std::string state;  // SQLSTATE, "" when the server could not be asked
  std::string message, detail, context, table, column, constraint;
  // Message and detail in one line, as the server words them.
  std::string words() const { return detail.empty() ? message : message + " (" + detail + ")"; }
};

// The classes of SQLSTATE that are PostgreSQL's own and about no row's values; separated by '|', so that they are a
// regular expression, too (https://www.postgresql.org/docs/current/errcodes-appendix.html). All others are data,
// constraints, routines, and what triggers raise, which may be of any class that they like.
inline constexpr std::string_view kNotAboutRows =
    "00|01|02|03|08|0A|0B|0F|0L|0P|0Z|20|24|25|26|28|2B|2D|34|3B|3D|3F|40|42|53|54|55|57|58|72|F0|HV|XX";

// Whether a failure is about the values of a row: data, constraints, triggers. Anything else is about the statement,
// the session or the server.
bool is_about_a_row(std::string_view state);

// The rows of one statement.
class Answer {
 public:
  Answer() = default;
  explicit Answer(PGresult* result) : result_(result) {}

  PGresult* get() const { return result_.get(); }
  int rows() const { return PQntuples(get()); }
  bool is_null(int row, int column) const { return PQgetisnull(get(), row, column) != 0; }
  // A null reads as "" and 0.
  std::string_view text(int row, int column) const {
    return {PQgetvalue(get(), row, column), static_cast<std::size_t>(PQgetlength(get(), row, column))};
  }
  std::string string(int row, int column) const { return std::string(text(row, column)); }
  std::int64_t integer(int row, int column) const;
  bool boolean(int row, int column) const { return text(row, column) == "t"; }
  // Rows that an INSERT, UPDATE, DELETE or COPY touched.
  std::int64_t touched() const;

 private:
  struct Clear {
    void operator()(PGresult* r) const { PQclear(r); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

using Parameter = std::optional<std::string>;  // nullopt: null

// One thread at a time. Texts are UTF-8, dates and times ISO, the zone is UTC.
class Session {
 public:
  // Signs in. Errors: 3301 wrong settings, 3303 password, 3304 refused, 3305 no such database, 3306 TLS, 3307 not
  // reachable, 3313 no such schema or role.
  static Result<std::unique_ptr<Session>> open(const Options& options, const sdk::HostServices& host);

  PGconn* get() const { return connection_.get(); }
  const Options& options() const { return options_; }
  const sdk::HostServices& host() const { return host_; }
  const std::string& place() const { return options_.place; }
  // Of the server, as a number: 150004 is 15.4.
  int version() const { return PQserverVersion(get()); }
  bool is_lost() const { return PQstatus(get()) != CONNECTION_OK; }
  bool in_transaction() const { return PQtransactionStatus(get()) != PQTRANS_IDLE; }

  // One statement or several; the answer is that of the last.
  Result<Answer> run(const std::string& sql);
  // One statement with parameters $1, $2 ... given as text. `binary`: values come in PostgreSQL's binary form.
  Result<Answer> run(const std::string& sql, std::span<const Parameter> parameters, bool binary = false);
  Result<Answer> run(const std::string& sql, std::initializer_list<Parameter> parameters) {
    return run(sql, std::span<const Parameter>(parameters.begin(), parameters.size()));
  }
  // Takes the answers of a statement that was sent by other means (COPY) to its end; the first failure wins.
  Result<Answer> finish();
  // Starts COPY; the caller goes on with PQputCopyData or PQgetCopyData.
  Result<> start_copy(const std::string& sql);

  // The last failure as the server told it.
  const ServerError& last() const { return last_; }
  // The last failure as a numbered error, the kind chosen by what the caller can do.
  Error error() const;
  // Ends the open transaction without its changes; a session that is lost stays lost.
  void roll_back();

 private:
  Session(const Options& options, const sdk::HostServices& host) : options_(options), host_(host) {}
  Result<> sign_in();
  Result<> prepare();
  Error connection_error() const;
  Result<Answer> take(PGresult* result);

  struct Finish {
    void operator()(PGconn* c) const { PQfinish(c); }
  };
  Options options_;
  sdk::HostServices host_;
  std::unique_ptr<PGconn, Finish> connection_;
  ServerError last_;
};

}  // namespace godwit::postgres
