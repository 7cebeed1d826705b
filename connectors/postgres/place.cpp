#include "connectors/postgres/place.hpp"

#include <nlohmann/json.hpp>

namespace godwit::postgres {
namespace {

constexpr std::string_view kKey = "key:", kCtid = "ctid:", kRow = "row:", kBlock = "block:";
constexpr int kLineBits = 16;

}  // namespace

std::vector<std::string> reading_key(const TableInfo& table) {
  if (!table.key.empty()) return table.key;
  for (const UniqueIndex& u : table.uniques)
    if (u.not_null) return u.columns;
  return {};
}

Order order_of(const TableInfo& table) {
  if (!reading_key(table).empty()) return Order::key;
  const bool heap = table.kind == TableInfo::Kind::table || table.kind == TableInfo::Kind::materialized_view;
  return heap ? Order::physical : Order::counted;
}

std::string ctid_text(std::int64_t number) {
  return "(" + std::to_string(number >> kLineBits) + "," + std::to_string(number & ((1 << kLineBits) - 1)) + ")";
}

std::string to_text(Order order, const Position& position) {
  if (order == Order::physical) return std::string(kCtid) + ctid_text(position.number);
  if (order == Order::counted) return std::string(kRow) + std::to_string(position.number);
  auto key = nlohmann::json::array();
  for (const std::string& v : position.key) key.push_back(v);
  return std::string(kKey) + key.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::optional<Position> parse_position(Order order, std::size_t key_columns, std::string_view text) {
  Position out;
  if (order == Order::counted) {
    const auto number = text.starts_with(kRow) ? sql::parse_integer(text.substr(kRow.size())) : std::nullopt;
    if (!number || *number < 0) return std::nullopt;
    out.number = *number;
    return out;
  }
  if (order == Order::physical) {
    if (!text.starts_with(kCtid)) return std::nullopt;
    text.remove_prefix(kCtid.size());
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos || !text.starts_with('(') || !text.ends_with(')')) return std::nullopt;
    const auto block = sql::parse_integer(text.substr(1, comma - 1));
    const auto line = sql::parse_integer(text.substr(comma + 1, text.size() - comma - 2));
    if (!block || !line || *block < 0 || *block > UINT32_MAX || *line < 0 || *line > UINT16_MAX) return std::nullopt;
    out.number = *block << kLineBits | *line;
    return out;
  }
  if (!text.starts_with(kKey)) return std::nullopt;
  const auto json = nlohmann::json::parse(text.substr(kKey.size()), nullptr, false);
  if (!json.is_array() || json.size() != key_columns) return std::nullopt;
  for (const auto& value : json) {
    if (!value.is_string()) return std::nullopt;
    out.key.push_back(value.get<std::string>());
  }
  return out;
}

std::string to_text(const Split& split) { return sql::range_text(split.by_block ? kBlock : kKey, split.range); }

std::optional<Split> parse_split(std::string_view text) {
  for (const bool by_block : {false, true})
    if (const auto range = sql::parse_range(by_block ? kBlock : kKey, text)) return Split{by_block, *range};
  return std::nullopt;
}

}  // namespace godwit::postgres
