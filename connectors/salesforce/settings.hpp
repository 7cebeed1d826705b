#pragma once
// Every setting of a Salesforce connection, once, and the values that they become.

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "plugins/kits/rest/values.hpp"
#include "plugins/sdk/setting.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::salesforce {

using sdk::Kind;
using sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "url", .help = "Where to sign in: the org's own host (https://acme.my.salesforce.com), https://login.salesforce.com or https://test.salesforce.com. Calls go to the host that the sign-in names."},
    Setting{.name = "sign_in", .help = "The OAuth flow: client_credentials (an app with a user to run as), jwt (an app with a certificate), refresh_token, code (an authorization code, good for one sign-in), or token (an access token that is given; url is then the org's host).", .kind = Kind::choice, .initial = "client_credentials", .choices = "client_credentials|jwt|refresh_token|code|token"},
    Setting{.name = "client_id", .help = "Consumer key of the app.", .optional = true},
    Setting{.name = "client_secret", .help = "Consumer secret of the app; flows without one leave it out.", .optional = true, .secret = true},
    Setting{.name = "refresh_token", .help = "Refresh token, for sign_in: refresh_token.", .optional = true, .secret = true},
    Setting{.name = "access_token", .help = "Access token, for sign_in: token.", .optional = true, .secret = true},
    Setting{.name = "username", .help = "User that the app signs in as, for sign_in: jwt.", .optional = true},
    Setting{.name = "key", .help = "File with the private key (PEM) whose certificate the app has, for sign_in: jwt.", .kind = Kind::path, .optional = true},
    Setting{.name = "audience", .help = "Audience of the signed claim, for sign_in: jwt. Left out: url where that is a Salesforce login host, else https://login.salesforce.com.", .optional = true},
    Setting{.name = "code", .help = "Authorization code, for sign_in: code.", .optional = true, .secret = true},
    Setting{.name = "redirect_uri", .help = "The redirect address that the code was asked for with.", .optional = true},
    Setting{.name = "code_verifier", .help = "Verifier of a code that was asked for with PKCE.", .optional = true, .secret = true},
    Setting{.name = "version", .help = "Version of the API, 46.0 or later.", .initial = "60.0"},
    Setting{.name = "filter", .help = "SOQL condition that the records read must meet, of every object of the connection: IsActive = true.", .optional = true},
    Setting{.name = "changed_since", .help = "Read only records whose SystemModstamp is at or after this moment: 2026-01-31T00:00:00Z.", .optional = true},
    Setting{.name = "deleted", .help = "Records in the recycle bin and archived ones: leave them out, read them too (field IsDeleted tells), or read only the deleted.", .kind = Kind::choice, .initial = "exclude", .choices = "exclude|include|only"},
    Setting{.name = "page_rows", .help = "Records asked for in one query.", .kind = Kind::integer, .unit = "records", .initial = "2000", .min = 200, .max = 2000},
    Setting{.name = "bulk_query_from", .help = "Objects with so many records are read by a Bulk query; 0: never.", .kind = Kind::integer, .unit = "records", .initial = "100000", .min = 0},
    Setting{.name = "batch_rows", .help = "Records of one collections call.", .kind = Kind::integer, .unit = "records", .initial = "200", .min = 1, .max = 200},
    Setting{.name = "bulk_from", .help = "Units with so many rows of one operation are written by a Bulk 2.0 job; 0: never.", .kind = Kind::integer, .unit = "rows", .initial = "20000", .min = 0},
    Setting{.name = "bulk_bytes", .help = "Most bytes of one job's CSV: Salesforce takes 150 MB after its own encoding.", .kind = Kind::integer, .unit = "bytes", .initial = "100000000", .min = 100000, .max = 150000000},
    Setting{.name = "bulk_poll_ms", .help = "Shortest time between two questions after a job; it doubles up to bulk_poll_most_ms.", .kind = Kind::integer, .unit = "ms", .initial = "500", .min = 10, .max = 60000},
    Setting{.name = "bulk_poll_most_ms", .help = "Longest time between two questions after a job.", .kind = Kind::integer, .unit = "ms", .initial = "10000", .min = 10, .max = 600000},
    Setting{.name = "bulk_patience", .help = "How long a job may take before the run stops; the job stays known, and a resumed run asks after it.", .kind = Kind::integer, .unit = "min", .initial = "1440", .min = 1, .max = 10080},
    Setting{.name = "concurrent", .help = "Calls under way at once, of all flows together.", .kind = Kind::integer, .unit = "calls", .initial = "10", .min = 1, .max = 50},
    Setting{.name = "daily_calls", .help = "Calls that the org allows in 24 hours; 0: as its answers say.", .kind = Kind::integer, .unit = "calls", .initial = "0", .min = 0},
    Setting{.name = "reserve", .help = "Share of the daily calls that is left to the org's users.", .kind = Kind::integer, .unit = "%", .initial = "10", .min = 0, .max = 90},
    Setting{.name = "plan_call_ms", .help = "How long a call takes by what plan foretells, most of it the org's own automation: a rehearsal tells.", .kind = Kind::integer, .unit = "ms", .initial = "1500", .min = 1, .max = 600000},
    Setting{.name = "plan_bulk_rows", .help = "Records a second that jobs take by what plan foretells.", .kind = Kind::integer, .unit = "records", .initial = "1000", .min = 1, .max = 1000000},
    Setting{.name = "lock_retries", .help = "How often a record that another transaction has locked is tried again.", .kind = Kind::integer, .unit = "times", .initial = "8", .min = 0, .max = 50},
    Setting{.name = "cascades", .help = "Records whose deletion would take others with it (the contacts of an account): refuse keeps them and says what hangs on them, follow deletes all of it.", .kind = Kind::choice, .initial = "refuse", .choices = "refuse|follow"},
    Setting{.name = "duplicate_rules", .help = "Duplicate rules whose action is an alert: set the row aside, or save it all the same. Rules that block always set aside. Bulk jobs cannot say it.", .kind = Kind::choice, .initial = "set_aside", .choices = "set_aside|save"},
    Setting{.name = "assignment_rules", .help = "Let assignment rules choose owners of leads and cases.", .kind = Kind::boolean, .initial = "no"},
    Setting{.name = "blanks", .help = "Salesforce stores texts without the blanks at their ends, and empty texts as null. refuse: such a row is set aside, trim it in the mapping. trim: written as Salesforce would store it.", .kind = Kind::choice, .initial = "refuse", .choices = "refuse|trim"},
    Setting{.name = "second_digits", .help = "Digits of a second's fraction that date-times keep; finer ones are refused.", .kind = Kind::integer, .unit = "digits", .initial = "3", .min = 0, .max = 3},
    Setting{.name = "null_marker", .help = "What stands for null in a Bulk job's CSV, where an empty cell leaves the field alone.", .initial = "#N/A"},
    Setting{.name = "uri_bytes", .help = "Longest address of a query, in bytes: look-ups by key are cut to it.", .kind = Kind::integer, .unit = "bytes", .initial = "12000", .min = 1000, .max = 16000},
    Setting{.name = "timeout", .help = "Longest time for one call.", .kind = Kind::integer, .unit = "s", .initial = "180", .min = 1, .max = 3600},
    Setting{.name = "ca", .help = "File with the certificates (PEM) of a private authority that signs the host's certificate.", .kind = Kind::path, .optional = true},
    Setting{.name = "proxy", .help = "Proxy for calls: http://proxy:3128. Left out: as the environment says.", .optional = true},
};
static_assert(sdk::well_described(kSettings));

// The settings as values.
struct Options {
  std::string url, version, filter, changed_since, null_marker, rules;  // rules: of the HTTP client, JSON text
  enum class Deleted { exclude, include, only } deleted = Deleted::exclude;
  std::size_t page_rows = 2000, batch_rows = 200, bulk_from = 0, bulk_bytes = 0, uri_bytes = 12000, window = 16;
  std::int64_t bulk_query_from = 0, concurrent = 10, daily_calls = 0, plan_bulk_rows = 1000;
  int poll_ms = 500, poll_most_ms = 10000, patience_min = 1440, lock_retries = 8, reserve = 10, plan_call_ms = 1500;
  bool signs_in = true;  // false: a token is given
  bool follows_cascades = false;
  rest::ValueForm form;  // of JSON; of CSV too

  std::string root() const { return "/services/data/v" + version; }
  // The host, for messages.
  std::string place() const;
};

// GW-3501: a setting that the flow of sign_in needs is missing. GW-3502: a value that is none of its kind.
Result<Options> read_options(const sdk::Settings& settings);

}  // namespace godwit::salesforce
