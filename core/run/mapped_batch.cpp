// How large a batch of mapped rows is, and what its rows are called.

#include "core/model/json_text.hpp"
#include "core/run/mapper.hpp"

namespace godwit {

std::size_t MappedBatch::size_bytes() const {
  std::size_t n = read.batch.size_bytes() + fates.size() + source_keys.size() * 32 + source_hashes.size() * 16;
  for (const auto& f : field_hashes) n += f.size() * 4;
  for (const Column& c : columns) {
    bool shared = false;  // a column handed on unchanged costs nothing more
    for (const Column& s : read.batch.columns) shared |= s.values.data() == c.values.data();
    if (!shared) n += c.size_bytes();
  }
  return n;
}

std::string row_place(const CompiledFlow& flow, const MappedBatch& batch, std::int64_t row) {
  const Batch& b = batch.read.batch;
  const ObjectRef& from = flow.flow->from[static_cast<std::size_t>(batch.source)];
  std::string out = from.connection + "." + from.object;
  if (!b.lines.empty() && b.lines[static_cast<std::size_t>(row)] > 0) return out + ":" + std::to_string(b.lines[static_cast<std::size_t>(row)]);
  return b.places.length == 0 ? out : out + "#" + value_text(b.places, row);
}

std::string row_key(const CompiledFlow& flow, const MappedBatch& batch, std::int64_t row) {
  const Batch& b = batch.read.batch;
  if (flow.source_key.empty()) return b.places.length == 0 ? std::string() : value_text(b.places, row);
  std::string out;
  for (int c : flow.source_key) {
    if (!out.empty()) out += " / ";
    out += value_text(b.column(c), row);
  }
  return out;
}

std::string row_json(const MappedBatch& batch, std::int64_t row) {
  std::string out = "{";
  const Batch& b = batch.read.batch;
  for (std::size_t c = 0; c < b.columns.size(); ++c) {
    if (c > 0) out += ',';
    append_json_text(b.schema[c].name, &out);
    out += ':';
    const Column& column = b.columns[c];
    if (column.is_null(row)) out += "null";
    else if (column.type.id == TypeId::utf8) append_json_text(column.text(row), &out);
    else append_json_text(value_text(column, row), &out);
  }
  return out += '}';
}

}  // namespace godwit
