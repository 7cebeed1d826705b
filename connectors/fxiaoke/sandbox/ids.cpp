#include <cstdio>
#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/sandbox/columns.hpp"
#include "connectors/fxiaoke/sandbox/records.hpp"

namespace godwit::sandbox::fxiaoke {

std::string first_of(const Value& list) {
  if (is_null(list)) return {};
  const Json ids = Json::parse(to_text(list));
  return ids.empty() ? std::string() : ids.front().get<std::string>();
}

std::string new_id(Database& database, std::int64_t now_ms) {
  char out[32];
  std::snprintf(out, sizeof out, "%08llx5a17%012llx", static_cast<unsigned long long>(now_ms / 1000) & 0xffffffffULL,
                static_cast<unsigned long long>(database.next("record_id")));
  std::string id = out;
  // A clock that was put back must not make an id smaller than those that clients have paged past.
  const std::string last = database.fact("last_id").value_or("");
  if (id < last) id = last.substr(0, 12) + id.substr(12);
  database.set_fact("last_id", id);
  return id;
}

std::string next_number(Database& database, const Object& object, const Field& field) {
  const std::string number = std::to_string(database.next(object.name + "." + field.name));
  const std::string format = raw_text(field, "format");
  const std::size_t open = format.find('{'), close = format.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return format + number;
  const std::size_t width = close - open - 1;
  return format.substr(0, open) + (number.size() < width ? std::string(width - number.size(), '0') : "") + number + format.substr(close + 1);
}

void note_event(Database& database, std::string_view kind, std::string_view object, std::string_view id, std::int64_t now_ms) {
  database.run("insert into sandbox_event values (?, ?, ?, ?)", {std::string(kind), std::string(object), std::string(id), now_ms});
}

void make_own_tables(Database& database) {
  database.script(
      "create table if not exists sandbox_event(kind text, object text, id text, at_ms integer);"
      "create table if not exists sandbox_purged(object text, id text, at_ms integer, primary key(object, id)) without rowid;"
      "create table if not exists sandbox_file(npath text primary key, name text, size integer, bytes blob) without rowid;"
      "create table if not exists sandbox_upload(credential text primary key, until_ms integer) without rowid;"
      "create table if not exists sandbox_token(token text primary key, kind text, user text, from_ms integer, until_ms integer) without rowid;");
}

}  // namespace godwit::sandbox::fxiaoke
