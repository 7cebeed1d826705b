#include "connectors/sqlite/place.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "plugins/kits/sql/clean_text.hpp"

namespace godwit::sqlite {
namespace {

constexpr std::string_view kRowid = "rowid:", kRow = "row:", kKey = "key:";

std::string hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (char c : bytes) out += kHex[static_cast<unsigned char>(c) >> 4], out += kHex[c & 15];
  return out;
}

std::optional<std::string> unhex(std::string_view text) {
  std::string out;
  if (text.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    const auto parsed = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + i + 2) return std::nullopt;
    out += static_cast<char>(byte);
  }
  return out;
}

nlohmann::json to_json(const KeyValue& v) {
  if (v.storage_class == SQLITE_INTEGER) return v.integer;
  if (v.storage_class == SQLITE_FLOAT) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, v.real, std::chars_format::hex);
    return {{"r", std::string(text, end.ptr)}};
  }
  if (v.storage_class == SQLITE_BLOB) return {{"b", hex(v.bytes)}};
  if (v.storage_class == SQLITE_TEXT)
    return sql::check_text(v.bytes).fault == sql::TextFault::not_utf8 ? nlohmann::json{{"t", hex(v.bytes)}}
                                                                      : nlohmann::json(v.bytes);
  return nullptr;
}

std::optional<KeyValue> from_json(const nlohmann::json& json) {
  KeyValue out;
  if (json.is_number_integer()) {
    out.storage_class = SQLITE_INTEGER, out.integer = json.get<std::int64_t>();
    return out;
  }
  if (json.is_string()) {
    out.storage_class = SQLITE_TEXT, out.bytes = json.get<std::string>();
    return out;
  }
  if (!json.is_object() || json.size() != 1 || !json.begin()->is_string()) return std::nullopt;
  const std::string name = json.begin().key(), text = json.begin()->get<std::string>();
  if (name == "r") {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out.real, std::chars_format::hex);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    out.storage_class = SQLITE_FLOAT;
    return out;
  }
  const auto bytes = unhex(text);
  if (!bytes || (name != "b" && name != "t")) return std::nullopt;
  out.storage_class = name == "b" ? SQLITE_BLOB : SQLITE_TEXT, out.bytes = *bytes;
  return out;
}

}  // namespace

Order order_of(const TableInfo& table) {
  if (!table.rowid_name.empty()) return Order::rowid;
  return table.kind == TableInfo::Kind::table && !table.has_rowid ? Order::key : Order::counted;
}

std::string to_text(Order order, const Position& position) {
  if (order == Order::rowid) return std::string(kRowid) + std::to_string(position.number);
  if (order == Order::counted) return std::string(kRow) + std::to_string(position.number);
  auto key = nlohmann::json::array();
  for (const KeyValue& v : position.key) key.push_back(to_json(v));
  return std::string(kKey) + key.dump();
}

std::optional<Position> parse_position(Order order, std::size_t key_columns, std::string_view text) {
  Position out;
  if (order != Order::key) {
    const std::string_view prefix = order == Order::rowid ? kRowid : kRow;
    if (!text.starts_with(prefix)) return std::nullopt;
    const auto number = sql::parse_integer(text.substr(prefix.size()));
    if (!number || (order == Order::counted && *number < 0)) return std::nullopt;
    out.number = *number;
    return out;
  }
  if (!text.starts_with(kKey)) return std::nullopt;
  const auto json = nlohmann::json::parse(text.substr(kKey.size()), nullptr, false);
  if (!json.is_array() || json.size() != key_columns) return std::nullopt;
  for (const auto& value : json) {
    auto v = from_json(value);
    if (!v) return std::nullopt;
    out.key.push_back(std::move(*v));
  }
  return out;
}

std::string to_text(const RowidRange& range) { return sql::range_text(kRowid, range); }

std::optional<RowidRange> parse_range(std::string_view text) { return sql::parse_range(kRowid, text); }

void bind(Statement* s, int parameter, const KeyValue& v) {
  if (v.storage_class == SQLITE_INTEGER)
    s->bind(parameter, v.integer);
  else if (v.storage_class == SQLITE_FLOAT)
    sqlite3_bind_double(s->get(), parameter, v.real);
  else if (v.storage_class == SQLITE_BLOB)
    s->bind_blob(parameter, v.bytes);
  else if (v.storage_class == SQLITE_TEXT)
    s->bind(parameter, std::string_view(v.bytes));
  else
    s->bind_null(parameter);
}

KeyValue read_key_value(sqlite3_stmt* row, int cell) {
  KeyValue out;
  out.storage_class = sqlite3_column_type(row, cell);
  if (out.storage_class == SQLITE_INTEGER) out.integer = sqlite3_column_int64(row, cell);
  if (out.storage_class == SQLITE_FLOAT) out.real = sqlite3_column_double(row, cell);
  if (out.storage_class == SQLITE_TEXT || out.storage_class == SQLITE_BLOB) {
    // As text first: of a UTF-16 file, sqlite3_column_blob() would give the bytes before conversion.
    const void* bytes = out.storage_class == SQLITE_TEXT ? static_cast<const void*>(sqlite3_column_text(row, cell))
                                                         : sqlite3_column_blob(row, cell);
    if (bytes != nullptr)
      out.bytes.assign(static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(row, cell)));
  }
  return out;
}

}  // namespace godwit::sqlite
