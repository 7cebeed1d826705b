#include "connectors/sqlite/read_back.hpp"

#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::sqlite {
namespace {

using sql::quote_identifier;

// Keys per statement: bounds what converted keys take.
constexpr std::int64_t kBlock = 8192;

}  // namespace

Result<std::unique_ptr<ReadBack>> ReadBack::make(const Database* db, const TableInfo& table,
                                                 const WriteRequest& request) {
  std::unique_ptr<ReadBack> out(new ReadBack(db, table, request));
  GW_TRY(out->prepare());
  return out;
}

Result<> ReadBack::prepare() {
  for (const Field& f : request_.columns) {
    const int at = table_.find(f.name);
    if (at < 0) return {};  // RowWriter says so, with the nearest name
    decoders_.emplace_back(f.type, table_.columns[static_cast<std::size_t>(at)], db_->options());
  }
  for (const std::string& name : request_.key) {
    const int field = find_field(request_.columns, name), at = table_.find(name);
    if (field < 0 || at < 0) return {};
    auto encoder = Encoder::plan(request_.columns[static_cast<std::size_t>(field)].type,
                                 table_.columns[static_cast<std::size_t>(at)], db_->options());
    if (!encoder) return {};
    encoders_.push_back(std::move(*encoder));
  }
  if (!request_.id.empty()) {
    id_column_ = table_.find(request_.id);
    if (id_column_ < 0) return {};
    const ColumnInfo& c = table_.columns[static_cast<std::size_t>(id_column_)];
    id_type_ = c.rowid || c.type.id == TypeId::int64 ? TypeId::int64 : TypeId::utf8;
  }
  for (Encoder& e : encoders_) source_.columns.push_back(&e);
  if (!register_rows(db_->get(), "godwit_keys", &source_)) return Failure(db_->error());
  return {};
}

Result<Writer::Rows> ReadBack::read(std::span<const Column> keys) {
  Writer::Rows out;
  const std::int64_t rows = keys.empty() ? 0 : keys.front().length;
  std::vector<ColumnBuilder> builders;
  for (const Field& f : request_.columns) builders.emplace_back(f.type), builders.back().reserve(rows);
  ColumnBuilder ids(id_type_);
  out.found.resize(static_cast<std::size_t>(rows));
  for (std::int64_t from = 0; from < rows; from += kBlock) {
    const std::int64_t length = std::min(kBlock, rows - from);
    // A key with a fault is bound as null, which equals nothing.
    for (std::size_t k = 0; k < encoders_.size(); ++k)
      encoders_[k].load(keys[k], from, length, [](std::int64_t, const Fault&) {});
    GW_TRY(read_block(from, from + length, &builders, &ids, &out));
  }
  out.batch.schema = request_.columns, out.batch.rows = rows;
  for (ColumnBuilder& b : builders) out.batch.columns.push_back(b.finish());
  if (id_column_ >= 0) out.ids = ids.finish();
  return out;
}

Result<> ReadBack::read_block(std::int64_t from, std::int64_t to, std::vector<ColumnBuilder>* builders,
                              ColumnBuilder* ids, Writer::Rows* out) {
  if (!statement_) {
    // The cross join fixes the order: one pass over the keys, a search of the table for each. The plus takes the
    // affinity off the key, so that the table's column says how the two compare (and its index can be used).
    std::string columns, on;
    for (const Field& f : request_.columns) columns += ", t." + quote_identifier(f.name);
    if (id_column_ >= 0)
      columns += ", t." + quote_identifier(table_.columns[static_cast<std::size_t>(id_column_)].name);
    for (std::size_t k = 0; k < request_.key.size(); ++k)
      on += (k == 0 ? " where " : " and ") + std::string("t.") + quote_identifier(request_.key[k]) + " = +r.c" +
            std::to_string(k);
    GW_ASSIGN(statement_, db_->prepare("select r.rowid" + columns + " from godwit_keys r cross join " +
                                           quote_identifier(table_.name) + " t" + on,
                                       true));
  }
  const auto blank = [&](std::int64_t until, std::int64_t* next) {
    for (; *next < until; ++*next) {
      for (ColumnBuilder& b : *builders) b.null();
      if (id_column_ >= 0) ids->null();
    }
  };
  source_.from = 0, source_.to = to - from;
  std::int64_t next = from;
  Result<> result{};
  while (result) {
    const Result<bool> more = db_->step(statement_);
    if (!more) result = Failure(more.error());
    if (!more || !*more) break;
    const std::int64_t row = from + statement_.integer(0);
    if (row < next) {
      result =
          sdk::fail(3241, ErrorKind::bad_config,
                    {{"place", db_->options().path.string()}, {"object", table_.name}, {"key", key_text(row - from)}});
      break;
    }
    blank(row, &next);
    out->found[static_cast<std::size_t>(row)] = true;
    for (std::size_t c = 0; c < decoders_.size(); ++c) {
      const int cell = static_cast<int>(c) + 1;
      if (decoders_[c].append(statement_.get(), cell, &(*builders)[c])) continue;
      result = sdk::fail(3240, ErrorKind::bad_config,
                         {{"place", db_->options().path.string() + ":" + table_.name},
                          {"key", key_text(row - from)},
                          {"field", request_.columns[c].name},
                          {"seen", cell_excerpt(statement_.get(), cell)},
                          {"expected", to_string(request_.columns[c].type)}});
      break;
    }
    if (id_column_ >= 0) {
      const int cell = static_cast<int>(decoders_.size()) + 1;
      if (statement_.is_null(cell))
        ids->null();
      else if (id_type_.id == TypeId::int64)
        ids->append_int64(statement_.integer(cell));
      else
        ids->append_text(statement_.text(cell));
    }
    ++next;
  }
  statement_.reset();
  if (result) blank(to, &next);
  return result;
}

std::string ReadBack::key_text(std::int64_t i) const {
  std::string out;
  for (const Encoder& e : encoders_)
    out += (out.empty() ? "" : " / ") + (e.is_null(i) ? "null" : sql::excerpt(e.value_text(i)));
  return out;
}

}  // namespace godwit::sqlite
