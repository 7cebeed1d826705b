#include "core/cli/json.hpp"
#include "core/cli/json_rows.hpp"

#include <algorithm>
#include <istream>
#include <charconv>
#include <map>
#include <string_view>

namespace godwit::cli {
namespace {

enum class Kind : std::uint8_t { null, text, boolean, number, json };

struct Cell {
  Kind kind = Kind::null;
  std::string text;  // of a text its value, otherwise the JSON as written
};

struct Gathered {
  std::string name;
  std::vector<Cell> cells;  // shorter than the rows where the last ones lack the key
  Kind kind = Kind::null;
  std::int64_t decided_at = 0;  // line
};

// Walks over one line that is known to be valid JSON, without changing what numbers look like.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) { skip_space(); }
  bool is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  void take(char) { ++at_, skip_space(); }
  // The value that begins here, as written.
  std::string_view value() {
    const std::size_t from = at_;
    if (is('"')) string();
    else if (is('{') || is('[')) nested();
    else
      while (at_ < text_.size() && std::string_view(",}] \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
    const std::string_view out = text_.substr(from, at_ - from);
    skip_space();
    return out;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  void string() {
    for (++at_; !is('"'); ++at_)
      if (is('\\')) ++at_;
    ++at_;
  }
  void nested() {
    int depth = 0;
    do {
      if (is('"')) {
        string();
        continue;
      }
      depth += is('{') || is('[') ? 1 : is('}') || is(']') ? -1 : 0;
      ++at_;
    } while (depth > 0);
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

Cell cell_of(std::string_view raw) {
  switch (raw.front()) {
    case '"': return {Kind::text, Json::parse(raw)->text()};
    case 't': case 'f': return {Kind::boolean, std::string(raw)};
    case 'n': return {};
    case '{': case '[': return {Kind::json, std::string(raw)};
    default: return {Kind::number, std::string(raw)};
  }
}

// Digits before and after the point, sign and leading zeros of the whole part not counted.
struct Shape {
  int whole = 0, places = 0;
  bool plain = true;  // no exponent
};
Shape shape_of(std::string_view number) {
  Shape out;
  if (number.find_first_of("eE") != std::string_view::npos) out.plain = false;
  if (number.front() == '-') number.remove_prefix(1);
  const std::size_t point = std::min(number.find('.'), number.size());
  out.whole = number.starts_with('0') ? 0 : static_cast<int>(point);
  out.places = point == number.size() ? 0 : static_cast<int>(number.size() - point - 1);
  return out;
}

// The narrowest type that holds every number exactly.
Type number_type(const std::vector<Cell>& cells) {
  int whole = 0, places = 0;
  bool plain = true, integer = true;
  for (const Cell& cell : cells) {
    if (cell.kind == Kind::null) continue;
    const Shape s = shape_of(cell.text);
    whole = std::max(whole, s.whole), places = std::max(places, s.places), plain = plain && s.plain;
    std::int64_t v = 0;
    const auto parsed = std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), v);
    integer = integer && parsed.ec == std::errc() && parsed.ptr == cell.text.data() + cell.text.size();
  }
  if (integer) return TypeId::int64;
  if (plain && whole + places <= 38) return Type::decimal(std::max(1, whole + places), places);
  return TypeId::number_text;
}

int128 scaled(std::string_view number, int scale) {
  int128 v = 0;
  int places = -1;
  for (const char c : number) {
    if (c == '.') places = 0;
    if (c < '0' || c > '9') continue;
    v = v * 10 + (c - '0');
    if (places >= 0) ++places;
  }
  for (int i = std::max(places, 0); i < scale; ++i) v *= 10;
  return number.front() == '-' ? -v : v;
}

Column column_of(const Gathered& gathered, std::int64_t rows, Type type) {
  ColumnBuilder out(type);
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (at >= gathered.cells.size() || gathered.cells[at].kind == Kind::null) {
      out.null();
      continue;
    }
    const std::string& text = gathered.cells[at].text;
    switch (type.id) {
      case TypeId::boolean: out.append_bool(text == "true"); break;
      case TypeId::int64: {
        std::int64_t v = 0;
        std::from_chars(text.data(), text.data() + text.size(), v);
        out.append_int64(v);
        break;
      }
      case TypeId::decimal128: out.append_decimal(scaled(text, type.scale)); break;
      default: out.append_text(text);
    }
  }
  return out.finish();
}

}  // namespace

Result<Batch> read_json_rows(std::istream& in, const std::string& file) {
  std::vector<Gathered> columns;
  std::map<std::string, std::size_t> by_name;
  Batch out;
  std::string line;
  for (std::int64_t number = 1; std::getline(in, line); ++number) {
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string place = file + ":" + std::to_string(number);
    Walker walker(line);
    if (!walker.is('{') || !Json::accepts(line)) return fail(2320, {{"place", place}, {"seen", line.substr(0, 60)}});
    walker.take('{');
    const auto row = static_cast<std::size_t>(out.rows);
    while (!walker.is('}')) {
      if (walker.is(',')) walker.take(',');
      const std::string name = Json::parse(walker.value())->text();
      walker.take(':');
      Cell cell = cell_of(walker.value());
      const auto [at, fresh] = by_name.emplace(name, columns.size());
      if (fresh) columns.push_back({name, {}, Kind::null, 0});
      Gathered& column = columns[at->second];
      if (column.cells.size() > row) return fail(2320, {{"place", place}, {"seen", "\"" + name + "\" … \"" + name + "\""}});
      if (column.kind == Kind::null && cell.kind != Kind::null) column.kind = cell.kind, column.decided_at = number;
      if (cell.kind != Kind::null && cell.kind != column.kind)
        return fail(2321, {{"place", place}, {"field", name}, {"first", std::to_string(column.decided_at)}});
      column.cells.resize(row);
      column.cells.push_back(std::move(cell));
    }
    ++out.rows;
    out.lines.push_back(number);
  }
  for (const Gathered& column : columns) {
    const Type type = column.kind == Kind::boolean ? Type(TypeId::boolean) : column.kind == Kind::number ? number_type(column.cells)
                      : column.kind == Kind::json  ? Type(TypeId::json) : Type(TypeId::utf8);
    out.schema.push_back({column.name, type});
    out.columns.push_back(column_of(column, out.rows, type));
  }
  return out;
}

}  // namespace godwit::cli
