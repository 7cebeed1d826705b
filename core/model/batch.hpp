#pragma once
// Rows on their way: columns of equal length, and where each row stood.

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/column.hpp"
#include "core/model/type.hpp"

namespace godwit {

struct Batch {
  Schema schema;                // one field per column
  std::vector<Column> columns;
  std::int64_t rows = 0;
  Column places;                // int64 or utf8 locator per row; empty column (length 0) when there is none
  std::vector<std::int64_t> lines;  // 1-based line per row, or empty when the source has no lines

  const Column& column(int i) const { return columns[static_cast<std::size_t>(i)]; }
  std::size_t size_bytes() const {
    std::size_t n = places.size_bytes() + lines.size() * sizeof(std::int64_t);
    for (const Column& c : columns) n += c.size_bytes();
    return n;
  }
};

// Rows `indices` of `batch`, in that order.
inline Batch take(const Batch& batch, std::span<const std::int32_t> indices) {
  Batch out;
  out.schema = batch.schema, out.rows = static_cast<std::int64_t>(indices.size());
  out.columns.reserve(batch.columns.size());
  for (const Column& c : batch.columns) out.columns.push_back(take(c, indices));
  if (batch.places.length != 0) out.places = take(batch.places, indices);
  if (!batch.lines.empty())
    for (std::int32_t i : indices) out.lines.push_back(i < 0 ? 0 : batch.lines[static_cast<std::size_t>(i)]);
  return out;
}

}  // namespace godwit
