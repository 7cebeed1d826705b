#pragma once
// Every setting of a Zoho CRM connection, once, and the values that they become.

#include <array>
#include <cstdint>
#include <string>

#include "plugins/sdk/setting.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::zoho {

using sdk::Kind;
using sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "dc", .help = "Data centre that the organisation lives in; it decides where to sign in.", .kind = Kind::choice, .initial = "us", .choices = "us|eu|in|au|jp|cn|ca|sa"},
    Setting{.name = "accounts_url", .help = "Where to sign in, where it is not the data centre's own: https://accounts.zoho.eu.", .optional = true},
    Setting{.name = "api_url", .help = "Where calls go when the sign-in names no api_domain: https://www.zohoapis.eu. Left out: the data centre's own.", .optional = true},
    Setting{.name = "content_url", .help = "Where archives of bulk write are uploaded: https://content.zohoapis.eu. Left out: the data centre's own, or api_url where that is given.", .optional = true},
    Setting{.name = "client_id", .help = "Id of the client (1000....) that is registered in the API console.", .optional = true},
    Setting{.name = "client_secret", .help = "Secret of the client.", .optional = true, .secret = true},
    Setting{.name = "refresh_token", .help = "Refresh token with the scopes ZohoCRM.modules.ALL, settings.ALL, users.READ, org.READ and coql.READ. It gives ten sign-ins in ten minutes.", .optional = true, .secret = true},
    Setting{.name = "access_token", .help = "Access token that was got elsewhere, instead of client and refresh token; it lives for an hour.", .optional = true, .secret = true},
    Setting{.name = "version", .help = "Version of the API.", .initial = "v8"},
    Setting{.name = "triggers", .help = "What may run for what is written: none, or workflow, approval, blueprint, pathfinder, orchestration, several joined by a comma; all: whatever the organisation has.", .initial = "none"},
    Setting{.name = "related_module", .help = "Module whose records What_Id of activities and Parent_Id of notes name.", .initial = "Accounts"},
    Setting{.name = "blanks", .help = "Empty texts are stored as no value at all. refuse: such a row is set aside, say empty_to_null() in the mapping. clear: written as Zoho would store it.", .kind = Kind::choice, .initial = "refuse", .choices = "refuse|clear"},
    Setting{.name = "changed_since", .help = "Read only records that were changed at or after this moment: 2026-01-31T00:00:00Z. Two minutes before it are read again.", .optional = true},
    Setting{.name = "page_rows", .help = "Records asked for in one query (1 credit to 200, 2 to 1000, 3 beyond).", .kind = Kind::integer, .unit = "records", .initial = "2000", .min = 1, .max = 2000},
    Setting{.name = "batch_rows", .help = "Records written in one call.", .kind = Kind::integer, .unit = "records", .initial = "100", .min = 1, .max = 100},
    Setting{.name = "bulk_read_from", .help = "Modules with so many records are read by bulk read jobs (50 credits for up to 200000 records, in the background); 0: never.", .kind = Kind::integer, .unit = "records", .initial = "200000", .min = 0},
    Setting{.name = "bulk_from", .help = "Units with so many new rows are written by bulk write jobs (500 credits for up to 25000 rows, in the background), found by a unique key; 0: never.", .kind = Kind::integer, .unit = "rows", .initial = "5000", .min = 0},
    Setting{.name = "bulk_rows", .help = "Most rows of one job.", .kind = Kind::integer, .unit = "rows", .initial = "25000", .min = 1, .max = 25000},
    Setting{.name = "bulk_poll_ms", .help = "Shortest time between two questions after a job; it grows up to bulk_poll_most_ms.", .kind = Kind::integer, .unit = "ms", .initial = "1000", .min = 10, .max = 60000},
    Setting{.name = "bulk_poll_most_ms", .help = "Longest time between two questions after a job.", .kind = Kind::integer, .unit = "ms", .initial = "15000", .min = 10, .max = 600000},
    Setting{.name = "bulk_patience", .help = "How long a job may take before the run stops; the job stays known, and a resumed run asks after it.", .kind = Kind::integer, .unit = "min", .initial = "720", .min = 1, .max = 10080},
    Setting{.name = "rows_per_credit", .help = "Records that are written for one credit.", .kind = Kind::integer, .unit = "records", .initial = "10", .min = 1, .max = 100},
    Setting{.name = "credits", .help = "Credits of a rolling day: 5000 free, 50000 and more by edition and users. What answers say of them goes before it.", .kind = Kind::integer, .unit = "credits", .initial = "50000", .min = 1},
    Setting{.name = "reserve", .help = "Share of the day's credits that is left to the organisation's other programs.", .kind = Kind::integer, .unit = "%", .initial = "10", .min = 0, .max = 99},
    Setting{.name = "concurrent", .help = "Calls under way at once: 5 free, 10 Standard, 15 Professional, 20 Enterprise, 25 Ultimate.", .kind = Kind::integer, .unit = "calls", .initial = "10", .min = 1, .max = 64},
    Setting{.name = "concurrent_heavy", .help = "Of these, queries and calls that write more than ten records.", .kind = Kind::integer, .unit = "calls", .initial = "10", .min = 1, .max = 64},
    Setting{.name = "lock_retries", .help = "How often a record that is locked is tried again.", .kind = Kind::integer, .initial = "6", .min = 0, .max = 20},
    Setting{.name = "visible_after_ms", .help = "How long a record that was written may stay unseen by queries.", .kind = Kind::integer, .unit = "ms", .initial = "2000", .min = 0, .max = 600000},
    Setting{.name = "timeout", .help = "Longest time for one call.", .kind = Kind::integer, .unit = "s", .initial = "120", .min = 1, .max = 3600},
    Setting{.name = "ca", .help = "File with the certificates (PEM) that the servers' are signed by, where the system's do not know it.", .kind = Kind::path, .optional = true},
    Setting{.name = "proxy", .help = "Proxy for all calls: http://proxy:3128.", .optional = true},
};

struct Options {
  std::string accounts_url, api_url, version;
  std::string rules;           // of the HTTP client
  std::string trigger;         // JSON of the member "trigger", or "" to leave it out
  std::string related_module;
  std::string changed_since;   // as COQL writes it, or ""
  bool clears_blanks = false, runs_workflows = false;
  std::string upload_url;      // of archives for bulk write
  std::size_t page_rows = 2000, batch_rows = 100, window = 20;
  std::size_t bulk_from = 0, bulk_rows = 25000;
  std::int64_t bulk_read_from = 0;
  int bulk_poll_ms = 1000, bulk_poll_most_ms = 15000, bulk_patience_min = 720;
  std::int64_t rows_per_credit = 10, credits = 0;  // credits: the reserve taken off
  int lock_retries = 6;
  std::int64_t visible_after_ms = 2000;
  // The data centre's API host, as errors name it.
  std::string place() const;
};

// GW-3701 for a setting whose value means nothing, GW-3702 where nothing is given to sign in with.
Result<Options> read_options(const sdk::Settings& settings);

// What a query for so many records takes of the credits.
double query_credits(std::size_t rows);

}  // namespace godwit::zoho
