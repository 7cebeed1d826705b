#pragma once
// Every setting of a PostgreSQL connection, once, and the same as values.

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sdk/setting.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::postgres {

using sdk::Kind;
using sdk::Setting;

inline constexpr std::array kSettings{
    Setting{
        .name = "url",
        .help =
            "Connection URI or key=value string as libpq takes it (postgresql://user@host:5432/crm?sslmode=require). "
            "The other settings override its parts.",
        .optional = true,
        .secret = true},
    Setting{.name = "service",
            .help = "Name of an entry of the connection service file (~/.pg_service.conf or PGSERVICEFILE).",
            .optional = true},
    Setting{.name = "host", .help = "Name or address of the server.", .optional = true},
    Setting{.name = "socket",
            .help = "Folder of the server's Unix-domain socket, instead of host.",
            .kind = Kind::path,
            .optional = true},
    Setting{
        .name = "port", .help = "Port of the server.", .kind = Kind::integer, .optional = true, .min = 1, .max = 65535},
    Setting{.name = "dbname", .help = "Database to connect to.", .optional = true},
    Setting{.name = "user", .help = "Role to sign in as.", .optional = true},
    Setting{.name = "password",
            .help = "Password of the role. Without it libpq looks into PGPASSWORD and the password file.",
            .optional = true,
            .secret = true},
    Setting{.name = "passfile", .help = "Password file, instead of ~/.pgpass.", .kind = Kind::path, .optional = true},
    Setting{.name = "sslmode",
            .help = "How much of TLS is asked for. verify-full also checks that the certificate names the host.",
            .kind = Kind::choice,
            .optional = true,
            .choices = "disable|allow|prefer|require|verify-ca|verify-full"},
    Setting{.name = "sslrootcert",
            .help = "File of the authorities whose server certificates are trusted.",
            .kind = Kind::path,
            .optional = true},
    Setting{.name = "sslcert", .help = "File of the client's certificate.", .kind = Kind::path, .optional = true},
    Setting{.name = "sslkey", .help = "File of the client's private key.", .kind = Kind::path, .optional = true},
    Setting{.name = "schema",
            .help = "Schema that names without one are looked for in; otherwise the first of the role's search_path.",
            .optional = true},
    Setting{.name = "role", .help = "Role to take on after signing in (SET ROLE).", .optional = true},
    Setting{.name = "connect_timeout",
            .help = "How long to wait for the server to answer a connection.",
            .kind = Kind::integer,
            .unit = "s",
            .initial = "10",
            .min = 1,
            .max = 3600},
    Setting{.name = "lock_timeout",
            .help = "How long a statement waits for a lock that another session holds before the step is tried again "
                    "later; 0: for ever.",
            .kind = Kind::integer,
            .unit = "ms",
            .initial = "30000",
            .min = 0,
            .max = 86400000},
    Setting{.name = "statement_timeout",
            .help = "How long one statement may take; 0: as long as it needs.",
            .kind = Kind::integer,
            .unit = "ms",
            .initial = "0",
            .min = 0,
            .max = 86400000},
    Setting{.name = "read_only",
            .help = "Never write: a writer is refused, whatever a flow says.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "ledger_schema",
            .help = "Schema of the table godwit_ledger; otherwise that of the connection.",
            .optional = true},
};
static_assert(sdk::well_described(kSettings));

// The settings as values.
struct Options {
  std::vector<std::pair<std::string, std::string>> parameters;  // of libpq, the given ones only
  bool has_url = false;                                         // the first parameter is a whole connection string
  std::string schema, role, ledger_schema;
  std::int64_t lock_timeout_ms = 30000, statement_timeout_ms = 0;
  bool read_only = false;
  std::string place;  // for messages: host, port and database without user and password
};

Options read_options(const sdk::Settings& settings);

}  // namespace godwit::postgres
