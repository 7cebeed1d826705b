#include "plugins/kits/sql/key_range.hpp"

#include <algorithm>
#include <charconv>

#include "core/model/column.hpp"

namespace godwit::sql {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string range_text(std::string_view prefix, const KeyRange& range) {
  return std::string(prefix) + (range.low ? std::to_string(*range.low) : "") + ".." +
         (range.high ? std::to_string(*range.high) : "");
}

std::optional<KeyRange> parse_range(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::string_view low = text.substr(0, dots), high = text.substr(dots + 2);
  KeyRange out;
  if (!low.empty() && !(out.low = parse_integer(low))) return std::nullopt;
  if (!high.empty() && !(out.high = parse_integer(high))) return std::nullopt;
  return out;
}

std::vector<KeyRange> cut_range(std::int64_t least, std::int64_t most, int wanted) {
  std::vector<KeyRange> out;
  const uint128 width = static_cast<uint128>(static_cast<int128>(most) - least) + 1;
  const auto parts = static_cast<int>(std::min<uint128>(static_cast<uint128>(wanted < 1 ? 1 : wanted), width));
  for (int i = 0; i < parts; ++i) {
    KeyRange range;
    const auto border = [&](int part) {
      return static_cast<std::int64_t>(
          least + static_cast<int128>(width * static_cast<uint128>(part) / static_cast<uint128>(parts)));
    };
    if (i > 0) range.low = border(i);
    if (i + 1 < parts) range.high = border(i + 1) - 1;
    out.push_back(range);
  }
  return out;
}

}  // namespace godwit::sql
