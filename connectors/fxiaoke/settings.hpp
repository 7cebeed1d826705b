#pragma once
// Every setting of a 纷享销客 connection, once, and the values that they become.

#include <array>
#include <cstdint>
#include <string>

#include "plugins/sdk/setting.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::fxiaoke {

using sdk::Kind;
using sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "url", .help = "Gateway of the cloud that the tenant lives in: https://open.fxiaoke.com, https://open-hws.fxiaoke.com, https://open-ksc.sharecrm.com ... (as a rule open- and the domain of the sign-in page).", .initial = "https://open.fxiaoke.com"},
    Setting{.name = "generation", .help = "How calls are authorised: legacy (token in the body, people as FSUID_...) or oauth (token in a header, people as employee ids).", .kind = Kind::choice, .initial = "legacy", .choices = "legacy|oauth"},
    Setting{.name = "app_id", .help = "Id of the app (FSAID_...)."},
    Setting{.name = "app_secret", .help = "Secret of the app.", .secret = true},
    Setting{.name = "permanent_code", .help = "Permanent code that the tenant gave to the app.", .secret = true},
    Setting{.name = "user", .help = "Who the calls run as, with their data rights: FSUID_... for legacy, the employee id (1000) for oauth.", .optional = true},
    Setting{.name = "mobile", .help = "Mobile number of that person, instead of user; for legacy.", .optional = true},
    Setting{.name = "offset", .help = "The tenant's zone as a fixed offset: dates are midnights there, and the day of the quota begins there.", .initial = "+08:00"},
    Setting{.name = "approvals", .help = "Let approval flows start for what is written. A load with approvals on locks its records until somebody approves them.", .kind = Kind::boolean, .initial = "no"},
    Setting{.name = "workflows", .help = "Let workflows run for what is written.", .kind = Kind::boolean, .initial = "no"},
    Setting{.name = "validation_rules", .help = "Let the tenant's validation rules judge what is created.", .kind = Kind::boolean, .initial = "yes"},
    Setting{.name = "duplicate_rules", .help = "Let the tenant's duplicate rules judge what is created.", .kind = Kind::boolean, .initial = "yes"},
    Setting{.name = "fill_owner", .help = "Let the platform fill in the owner of a new record whose row names none (the person that the calls run as).", .kind = Kind::boolean, .initial = "yes"},
    Setting{.name = "keep_history", .help = "Write create_time, last_modified_time and created_by of the old system where the mapping gives them.", .kind = Kind::boolean, .initial = "yes"},
    Setting{.name = "deletes", .help = "What a deletion does: invalidate (作废, can be brought back) or erase (also takes it out of the recycle bin, for good).", .kind = Kind::choice, .initial = "invalidate", .choices = "invalidate|erase"},
    Setting{.name = "pools", .help = "A record of a pool (公海, 线索池) that is to get an owner: choose it first, or refuse the row.", .kind = Kind::choice, .initial = "choose", .choices = "choose|refuse"},
    Setting{.name = "blanks", .help = "Empty texts are stored as no value at all. refuse: such a row is set aside, say empty_to_null() in the mapping. clear: written as the platform would store it.", .kind = Kind::choice, .initial = "refuse", .choices = "refuse|clear"},
    Setting{.name = "changed_since", .help = "Read only records that were changed at or after this moment: 2026-01-31T00:00:00Z. Two minutes before it are read again.", .optional = true},
    Setting{.name = "page_rows", .help = "Records asked for in one query.", .kind = Kind::integer, .unit = "records", .initial = "100", .min = 1, .max = 100},
    Setting{.name = "calls_per_20s", .help = "Calls that one interface takes in 20 seconds.", .kind = Kind::integer, .unit = "calls", .initial = "100", .min = 1, .max = 100000},
    Setting{.name = "token_calls", .help = "Calls of the token interface in a minute.", .kind = Kind::integer, .unit = "calls", .initial = "10", .min = 1, .max = 100000},
    Setting{.name = "daily_calls", .help = "Calls of a day that one pack gives.", .kind = Kind::integer, .unit = "calls", .initial = "100000", .min = 1},
    Setting{.name = "packs", .help = "Packs that the tenant has bought.", .kind = Kind::integer, .initial = "1", .min = 1},
    Setting{.name = "reserve", .help = "Share of the day's calls that is left to the tenant's other programs.", .kind = Kind::integer, .unit = "%", .initial = "10", .min = 0, .max = 99},
    Setting{.name = "concurrent", .help = "Calls under way at once.", .kind = Kind::integer, .unit = "calls", .initial = "8", .min = 1, .max = 100},
    Setting{.name = "visible_after_ms", .help = "How long a record that was written may stay unseen by queries.", .kind = Kind::integer, .unit = "ms", .initial = "2000", .min = 0, .max = 600000},
    Setting{.name = "timeout", .help = "Longest time for one call.", .kind = Kind::integer, .unit = "s", .initial = "60", .min = 1, .max = 3600},
    Setting{.name = "ca", .help = "File with the certificates (PEM) that the gateway's is signed by, where the system's do not know it.", .kind = Kind::path, .optional = true},
    Setting{.name = "proxy", .help = "Proxy for all calls: http://proxy:3128.", .optional = true},
};

struct Options {
  std::string url;
  std::string rules;               // of the HTTP client
  std::int64_t offset_s = 0;       // of the tenant's midnight
  std::string changed_since_ms;    // or ""
  bool approvals = false, workflows = false, validation_rules = true, duplicate_rules = true, fill_owner = true, keep_history = true;
  bool erases = false, chooses = true, clears_blanks = false;
  std::size_t page_rows = 100, window = 16;
  std::int64_t visible_after_ms = 2000;
  double calls_per_s = 5;          // of one interface
  std::int64_t daily_calls = 0;    // packs together, the reserve taken off
  // The gateway, as errors name it.
  std::string place() const;
};

// GW-3601 for a setting whose value means nothing, GW-3602 where nobody is named to run as.
Result<Options> read_options(const sdk::Settings& settings);

}  // namespace godwit::fxiaoke
