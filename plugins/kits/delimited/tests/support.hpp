#pragma once
// What the kit's tests share: reading a text whole, and showing what was read.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kits/delimited/table.hpp"

namespace godwit::delimited {

using Value = std::optional<std::string>;
struct ReadRow {
  std::vector<Value> values;
  std::int64_t offset = 0, line = 0;
  friend bool operator==(const ReadRow&, const ReadRow&) = default;
};
struct ReadBad {
  int number = 0;
  std::int64_t offset = 0, line = 0;
  std::string raw;
  friend bool operator==(const ReadBad&, const ReadBad&) = default;
};
struct ReadTable {
  std::vector<std::string> columns;
  std::vector<ReadRow> rows;
  std::vector<ReadBad> bad;
  std::vector<std::string> positions;       // one per batch
  std::vector<std::size_t> rows_before;     // rows that came before each position
  std::vector<std::size_t> bad_before;
  int failed = 0;  // GW number when the table could not be read

  std::vector<std::vector<Value>> values() const {
    std::vector<std::vector<Value>> out;
    for (const ReadRow& r : rows) out.push_back(r.values);
    return out;
  }
};

// Reads one range to its end, onto `out`.
inline void read_range(ByteSource& bytes, const TableOptions& options, const TableHead& head, const Range& range, ReadTable* out,
                       std::optional<Position> position = std::nullopt, std::int64_t batch_rows = 1000,
                       std::int64_t batch_bytes = 1 << 20, std::vector<std::uint32_t> wanted = {}) {
  if (wanted.empty())
    for (std::uint32_t i = 0; i < head.columns.size(); ++i) wanted.push_back(i);
  auto reader = TableReader::open(bytes, options, head, wanted, range, position);
  if (!reader) {
    out->failed = reader.error().number;
    return;
  }
  while (true) {
    auto read = (*reader)->read(batch_rows, batch_bytes);
    if (!read) {
      out->failed = read.error().number;
      return;
    }
    const Batch& b = read->batch;
    for (std::int64_t r = 0; r < b.rows; ++r) {
      ReadRow row;
      row.offset = b.places.int64(r), row.line = b.lines[static_cast<std::size_t>(r)];
      for (const Column& c : b.columns) row.values.push_back(c.is_null(r) ? Value() : Value(std::string(c.text(r))));
      out->rows.push_back(std::move(row));
    }
    for (const Unreadable& u : read->unreadable) out->bad.push_back({u.error.number, u.locator, u.line, u.raw});
    out->positions.push_back(read->position);
    out->rows_before.push_back(out->rows.size());
    out->bad_before.push_back(out->bad.size());
    if (read->end) return;
  }
}

// The first place where two readings differ, or "".
inline std::string first_difference(const ReadTable& a, const ReadTable& b) {
  const auto show = [](const auto& list, std::size_t i) {
    if (i >= list.size()) return std::string("nothing");
    std::string out = "offset " + std::to_string(list[i].offset) + " line " + std::to_string(list[i].line) + ":";
    if constexpr (requires { list[i].values; }) {
      for (const Value& v : list[i].values) out += " [" + v.value_or("NULL").substr(0, 60) + "]";
    } else {
      out += " GW-" + std::to_string(list[i].number) + " [" + list[i].raw.substr(0, 100) + "]";
    }
    return out;
  };
  const auto compare = [&](const auto& x, const auto& y) -> std::string {
    for (std::size_t i = 0; i < std::max(x.size(), y.size()); ++i)
      if (i >= x.size() || i >= y.size() || !(x[i] == y[i])) return "#" + std::to_string(i) + " " + show(x, i) + " | " + show(y, i);
    return "";
  };
  if (a.failed != b.failed) return "GW-" + std::to_string(a.failed) + " | GW-" + std::to_string(b.failed);
  const std::string rows = compare(a.rows, b.rows);
  return rows.empty() ? compare(a.bad, b.bad) : rows;
}

inline TableOptions options_for(std::string_view encoding = "utf-8") {
  TableOptions options;
  options.encoding = *find_encoding(encoding);
  options.name = "t.csv";
  return options;
}

inline ReadTable read_table(std::string_view text, const TableOptions& options, std::int64_t batch_rows = 1000,
                            std::int64_t batch_bytes = 1 << 20) {
  MemorySource bytes(text);
  ReadTable out;
  const auto head = read_head(bytes, options);
  if (!head) {
    out.failed = head.error().number;
    return out;
  }
  out.columns = head->columns;
  read_range(bytes, options, *head, head->records, &out, std::nullopt, batch_rows, batch_bytes);
  return out;
}

}  // namespace godwit::delimited
