#pragma once
// Every setting of an SQLite connection, once, and the same as values.

#include <array>
#include <chrono>
#include <filesystem>
#include <string>

#include "plugins/sdk/setting.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::sqlite {

using sdk::Kind;
using sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "path", .help = "The database file.", .kind = Kind::path},
    Setting{.name = "create",
            .help = "Make an empty database when the file is not there yet. Tables are never made.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "read_only",
            .help = "Never write: a writer is refused, whatever a flow says.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "immutable",
            .help =
                "The file cannot change while it is read (a copy on read-only storage): read it without locks. Implies "
                "read_only.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "busy_timeout",
            .help = "How long to wait for a lock that another program holds before the step is tried again later.",
            .kind = Kind::integer,
            .unit = "ms",
            .initial = "10000",
            .min = 0,
            .max = 3600000},
    Setting{.name = "foreign_keys",
            .help = "Enforce the foreign keys that the tables declare.",
            .kind = Kind::boolean,
            .initial = "yes"},
    Setting{.name = "declared_lengths",
            .help = "Refuse texts that are longer than a declared VARCHAR(n), which SQLite itself would store.",
            .kind = Kind::choice,
            .initial = "enforce",
            .choices = "enforce|ignore"},
    Setting{
        .name = "synchronous",
        .help =
            "full: a committed unit survives a power cut. normal: it may be lost with one, but the file stays whole.",
        .kind = Kind::choice,
        .initial = "full",
        .choices = "full|normal"},
    Setting{.name = "page_cache",
            .help = "Memory that each reader and each writer may use for pages of the file.",
            .kind = Kind::integer,
            .unit = "MB",
            .initial = "8",
            .min = 1,
            .max = 1024},
    Setting{.name = "dates",
            .help =
                "How columns declared DATE hold their values: as text (2024-01-31), or as whole days or seconds since "
                "1970-01-01.",
            .kind = Kind::choice,
            .initial = "iso",
            .choices = "iso|days|unix"},
    Setting{.name = "timestamps",
            .help =
                "How columns declared DATETIME or TIMESTAMP hold their values: as text (2024-01-31 08:00:00), or as "
                "seconds or milliseconds since 1970-01-01T00:00Z.",
            .kind = Kind::choice,
            .initial = "iso",
            .choices = "iso|unix|unix_ms"},
};
static_assert(sdk::well_described(kSettings));

enum class DateForm { iso, days, unix_seconds };
enum class TimestampForm { iso, unix_seconds, unix_milliseconds };

// The settings as values.
struct Options {
  std::filesystem::path path;  // absolute
  bool create = false, read_only = false, immutable = false, foreign_keys = true, full_sync = true,
       enforce_lengths = true;
  std::chrono::milliseconds busy_timeout{10000};
  std::int64_t page_cache_mb = 8;
  DateForm dates = DateForm::iso;
  TimestampForm timestamps = TimestampForm::iso;
};

Options read_options(const sdk::Settings& settings);

}  // namespace godwit::sqlite
