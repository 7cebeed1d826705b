#include "connectors/postgres/settings.hpp"

#include <libpq-fe.h>

#include <memory>

namespace godwit::postgres {
namespace {

using Parameters = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// What the connection string says of `keyword`, or "".
std::string part(const Parameters& parsed, std::string_view keyword) {
  for (const PQconninfoOption* o = parsed.get(); o != nullptr && o->keyword != nullptr; ++o)
    if (keyword == o->keyword && o->val != nullptr) return o->val;
  return {};
}

}  // namespace

Options read_options(const sdk::Settings& settings) {
  Options out;
  const std::string url(settings.text("url"));
  Parameters parsed(nullptr, &PQconninfoFree);
  if (!url.empty()) {
    out.parameters.emplace_back("dbname", url);
    out.has_url = true;
    parsed.reset(PQconninfoParse(url.c_str(), nullptr));
  }
  for (const char* name : {"service", "host", "port", "dbname", "user", "password", "sslmode"})
    if (settings.has(name)) out.parameters.emplace_back(name, settings.text(name));
  for (const char* name : {"passfile", "sslrootcert", "sslcert", "sslkey"})
    if (settings.has(name)) out.parameters.emplace_back(name, settings.path(name).string());
  if (settings.has("socket")) out.parameters.emplace_back("host", settings.path("socket").string());
  out.parameters.emplace_back("connect_timeout", settings.text("connect_timeout"));
  out.schema = settings.text("schema"), out.role = settings.text("role");
  out.ledger_schema = settings.text("ledger_schema");
  out.lock_timeout_ms = settings.integer("lock_timeout");
  out.statement_timeout_ms = settings.integer("statement_timeout");
  out.read_only = settings.boolean("read_only");

  // Never the string as it was given: it may hold a password.
  std::string host, port, database;
  for (const auto& [name, value] : out.parameters) {
    if (name == "host") host = value;
    if (name == "port") port = value;
    if (name == "dbname" && value != url) database = value;
  }
  if (host.empty()) host = part(parsed, "host");
  if (port.empty()) port = part(parsed, "port");
  if (database.empty()) database = part(parsed, "dbname");
  out.place = "postgres";
  if (!host.empty()) out.place += " " + host;
  if (!port.empty()) out.place += ":" + port;
  if (!database.empty()) out.place += "/" + database;
  if (settings.has("service")) out.place += " service " + std::string(settings.text("service"));
  return out;
}

}  // namespace godwit::postgres
