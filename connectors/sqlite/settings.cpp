#include "connectors/sqlite/settings.hpp"

namespace godwit::sqlite {

Options read_options(const sdk::Settings& settings) {
  Options out;
  // Absolute, so that names which mean something else to SQLite (":memory:", "") never reach it.
  out.path = std::filesystem::absolute(settings.path("path")).lexically_normal();
  out.create = settings.boolean("create");
  out.immutable = settings.boolean("immutable");
  out.read_only = settings.boolean("read_only") || out.immutable;
  out.foreign_keys = settings.boolean("foreign_keys");
  out.full_sync = settings.text("synchronous") == "full";
  out.enforce_lengths = settings.text("declared_lengths") == "enforce";
  out.busy_timeout = std::chrono::milliseconds(settings.integer("busy_timeout"));
  out.page_cache_mb = settings.integer("page_cache");
  const std::string_view dates = settings.text("dates"), timestamps = settings.text("timestamps");
  out.dates = dates == "days" ? DateForm::days : dates == "unix" ? DateForm::unix_seconds : DateForm::iso;
  out.timestamps = timestamps == "unix"      ? TimestampForm::unix_seconds
                   : timestamps == "unix_ms" ? TimestampForm::unix_milliseconds
                                             : TimestampForm::iso;
  return out;
}

}  // namespace godwit::sqlite
