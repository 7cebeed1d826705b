#include "connectors/postgres/read_back.hpp"

#include <algorithm>

#include "connectors/postgres/decode.hpp"
#include "plugins/kits/sql/clean_text.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::postgres {
namespace {

using sql::quote_identifier;

// Keys per statement: bounds what one answer takes.
constexpr std::int64_t kKeysAtOnce = 4096;

// {"a",NULL} of the rows [from, to). A text that no column holds equals nothing, like null.
std::string array_literal(const Encoder& encoder, const Column& keys, std::int64_t from, std::int64_t to) {
  std::string out = "{";
  for (std::int64_t i = from; i < to; ++i) {
    if (i > from) out += ',';
    const std::string value = keys.is_null(i) ? std::string() : encoder.literal(keys, i);
    if (keys.is_null(i) || sql::check_text(value).fault != sql::TextFault::none) {
      out += "NULL";
      continue;
    }
    out += '"';
    for (char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "}";
}

std::string key_text(std::span<const Column> keys, std::int64_t row) {
  std::string out;
  for (const Column& k : keys)
    out += (out.empty() ? "" : " / ") + (k.is_null(row) ? "null" : sql::excerpt(value_text(k, row)));
  return out;
}

class Blocks {
 public:
  Blocks(Session& session, const WritePlan& plan, std::span<const Column> keys)
      : session_(session), plan_(plan), keys_(keys) {
    std::string list, arrays, names, on;
    for (std::size_t c = 0; c < plan.columns.size(); ++c) list += ", " + select_item(plan.target(c), "t.");
    if (plan.id_column >= 0) list += ", " + select_item(plan.table.column(plan.id_column), "t.");
    for (std::size_t k = 0; k < plan.key.size(); ++k) {
      const ColumnInfo& column = plan.target(plan.key[k]);
      const std::string name = "k" + std::to_string(k);
      arrays += (k == 0 ? "$" : ", $") + std::to_string(k + 1) + "::text[]";
      names += name + ", ";
      on += (k == 0 ? "t." : " and t.") + quote_identifier(column.name) + " = k." + name + column.type.cast;
    }
    sql_ = "select k.n" + list + " from unnest(" + arrays + ") with ordinality k(" + names + "n) join " +
           plan.table.source + " t on " + on + " order by k.n";
    for (std::size_t c = 0; c < plan.columns.size(); ++c)
      decoders_.emplace_back(plan.request.columns[c].type, plan.target(c));
    if (plan.id_column >= 0) decoders_.emplace_back(id_type(), plan.table.column(plan.id_column));
  }

  Type id_type() const { return plan_.integer_ids ? TypeId::int64 : TypeId::utf8; }

  Result<> read(std::int64_t from, std::int64_t to, std::vector<ColumnBuilder>* builders, std::vector<bool>* found) {
    std::vector<Parameter> parameters;
    for (std::size_t k = 0; k < keys_.size(); ++k)
      parameters.emplace_back(array_literal(plan_.encoders[plan_.key[k]], keys_[k], from, to));
    GW_ASSIGN(const Answer a, session_.run(sql_, parameters, true));
    std::int64_t next = from;
    const auto blank = [&](std::int64_t until) {
      for (; next < until; ++next)
        for (ColumnBuilder& b : *builders) b.null();
    };
    for (int i = 0; i < a.rows(); ++i) {
      const std::int64_t row = from + static_cast<std::int64_t>(read_u64(a.text(i, 0).data())) - 1;
      if (row < next)
        return sdk::fail(3341, ErrorKind::bad_config,
                         {{"place", session_.place()}, {"object", plan_.table.name}, {"key", key_text(keys_, row)}});
      blank(row);
      (*found)[static_cast<std::size_t>(row)] = true;
      for (std::size_t c = 0; c < decoders_.size(); ++c) GW_TRY(take(a, i, c, row, &(*builders)[c]));
      ++next;
    }
    blank(to);
    return {};
  }

 private:
  Result<> take(const Answer& a, int i, std::size_t c, std::int64_t row, ColumnBuilder* out) {
    const int cell = static_cast<int>(c) + 1;
    if (a.is_null(i, cell)) {
      out->null();
      return {};
    }
    if (decoders_[c].append(a.text(i, cell), out)) return {};
    const ColumnInfo& column = c < plan_.columns.size() ? plan_.target(c) : plan_.table.column(plan_.id_column);
    return sdk::fail(3340, ErrorKind::bad_config,
                     {{"place", session_.place() + ":" + plan_.table.name},
                      {"key", key_text(keys_, row)},
                      {"field", column.name},
                      {"seen", Decoder::excerpt(a.text(i, cell), column.type.wire)},
                      {"expected", to_string(column.type.type)}});
  }

  Session& session_;
  const WritePlan& plan_;
  std::span<const Column> keys_;
  std::string sql_;
  std::vector<Decoder> decoders_;
};

}  // namespace

Result<Writer::Rows> read_back_rows(Session& session, const WritePlan& plan, std::span<const Column> keys) {
  Writer::Rows out;
  const std::int64_t rows = keys.empty() ? 0 : keys.front().length;
  std::vector<ColumnBuilder> builders;
  Blocks blocks(session, plan, keys);
  for (const Field& f : plan.request.columns) builders.emplace_back(f.type), builders.back().reserve(rows);
  if (plan.id_column >= 0) builders.emplace_back(blocks.id_type());
  out.found.resize(static_cast<std::size_t>(rows));
  for (std::int64_t from = 0; from < rows; from += kKeysAtOnce)
    GW_TRY(blocks.read(from, std::min(rows, from + kKeysAtOnce), &builders, &out.found));
  if (plan.id_column >= 0) {
    out.ids = builders.back().finish();
    builders.pop_back();
  }
  out.batch.schema = plan.request.columns, out.batch.rows = rows;
  for (ColumnBuilder& b : builders) out.batch.columns.push_back(b.finish());
  return out;
}

}  // namespace godwit::postgres
