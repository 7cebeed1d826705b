#include "connectors/postgres/reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/postgres/copy_rows.hpp"
#include "connectors/postgres/decode.hpp"
#include "connectors/postgres/place.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/sql/identifier.hpp"

namespace godwit::postgres {
namespace {

using sql::quote_identifier;
using sql::quote_text;

constexpr std::size_t kLongestRaw = 64 << 10;

class TableReader final : public Reader {
 public:
  TableReader(std::unique_ptr<Session> session, TableInfo table, const ReadRequest& request)
      : session_(std::move(session)), table_(std::move(table)), order_(order_of(table_)), request_(request) {}

  // The transaction is open already.
  Result<> open() {
    GW_TRY(choose_columns());
    GW_TRY(find_bounds());
    choose_places();
    return rows_.start(*session_, "copy (" + select() + ") to stdout (format binary)");
  }

  const Schema& schema() const override { return schema_; }
  Type place_type() const override { return place_type_; }

  Result<ReadBatch> read() override {
    if (session_->host().cancelled()) return sdk::fail(3018, ErrorKind::cancelled, {{"place", session_->place()}});
    std::vector<ColumnBuilder> builders;
    for (const int c : selected_) builders.emplace_back(table_.column(c).type.type);
    for (std::size_t c = 0; c < builders.size(); ++c)
      builders[c].reserve(std::min<std::int64_t>(request_.batch_rows, 8192), text_bytes_[c] + text_bytes_[c] / 8);
    ColumnBuilder places(place_type_);
    ReadBatch out;
    std::vector<std::int32_t> good;  // rows to keep, once one was bad
    std::int64_t visited = 0, bytes = 0;
    while (visited < request_.batch_rows && bytes < request_.batch_bytes) {
      GW_ASSIGN(const bool more, rows_.next(*session_));
      if (!more) {
        out.end = true;
        break;
      }
      bytes += static_cast<std::int64_t>(rows_.size());
      const int misfit = append_row(&builders);
      if (misfit >= 0) {
        if (out.unreadable.empty())
          for (std::int32_t i = 0; i < static_cast<std::int32_t>(visited); ++i) good.push_back(i);
        out.unreadable.push_back(unreadable(static_cast<std::size_t>(misfit)));
      } else if (!out.unreadable.empty()) {
        good.push_back(static_cast<std::int32_t>(visited));
      }
      if (order_ == Order::physical) places.append_int64(last_.number);
      if (order_ == Order::counted) places.append_int64(++last_.number);
      ++visited;
    }
    std::vector<Column> columns;
    for (std::size_t c = 0; c < builders.size(); ++c) {
      columns.push_back(builders[c].finish());
      text_bytes_[c] = columns.back().bytes.size();
    }
    if (order_ == Order::key && visited > 0) {
      remember(columns, visited - 1);
      out.batch.places = key_places(columns, visited);
    } else {
      out.batch.places = places.finish();
    }
    columns.resize(schema_.size());
    out.batch.schema = schema_, out.batch.rows = visited, out.batch.columns = std::move(columns);
    if (!out.unreadable.empty()) keep(good, &out.batch);
    bytes_read_ += bytes, started_ = started_ || visited > 0;
    out.bytes_read = bytes_read_;
    out.position = started_ ? to_text(order_, last_) : request_.position;
    if (out.end) session_.reset();  // the snapshot is not needed any more
    return out;
  }

 private:
  Result<> choose_columns() {
    if (request_.columns.empty())
      for (std::size_t i = 0; i < table_.columns.size(); ++i) selected_.push_back(static_cast<int>(i));
    for (const std::string& name : request_.columns) {
      const int at = table_.find(name);
      if (at < 0) {
        std::vector<std::string_view> names;
        for (const ColumnInfo& c : table_.columns) names.push_back(c.name);
        return sdk::fail(3031, ErrorKind::bad_config,
                         {{"place", session_->place()},
                          {"object", table_.name},
                          {"seen", name},
                          {"nearest", std::string(nearest(name, names))}});
      }
      selected_.push_back(at);
    }
    for (std::size_t i = 0; i < selected_.size(); ++i) {
      const ColumnInfo& c = table_.column(selected_[i]);
      schema_.push_back({request_.columns.empty() ? c.name : request_.columns[i], c.type.type});
    }
    return {};
  }

  Result<> find_bounds() {
    const auto wrong = [&](const std::string& seen) {
      return sdk::fail(3032, ErrorKind::broken,
                       {{"place", session_->place()}, {"object", table_.name}, {"seen", seen}});
    };
    if (!request_.split.empty()) {
      split_ = parse_split(request_.split);
      if (!split_) return wrong(request_.split);
      const bool heap = table_.kind == TableInfo::Kind::table || table_.kind == TableInfo::Kind::materialized_view;
      if (split_->by_block ? !heap : order_ != Order::key) return wrong(request_.split);
      if (split_->by_block) order_ = Order::physical;
    }
    if (order_ == Order::key) key_ = reading_key(table_);
    for (auto [text, position] : {std::pair{&request_.position, &from_}, std::pair{&request_.until, &until_}}) {
      if (text->empty()) continue;
      *position = parse_position(order_, key_.size(), *text);
      if (!*position) return wrong(*text);
    }
    if (from_) last_ = *from_;
    return {};
  }

  // Key columns that the request does not name are read behind the asked-for ones, the ctid behind all.
  void choose_places() {
    for (const std::string& name : key_) {
      const int at = table_.find(name);
      const auto found = std::find(selected_.begin(), selected_.end(), at);
      key_at_.push_back(static_cast<std::size_t>(found - selected_.begin()));
      if (found == selected_.end()) selected_.push_back(at);
    }
    place_type_ = TypeId::int64;
    if (order_ == Order::key &&
        (key_at_.size() > 1 || table_.column(selected_[key_at_[0]]).type.type.id != TypeId::int64))
      place_type_ = TypeId::utf8;
    for (const int c : selected_) decoders_.emplace_back(table_.column(c).type.type, table_.column(c));
    text_bytes_.assign(selected_.size(), 0);
  }

  std::string select() const {
    std::string list, where;
    for (const int c : selected_) list += (list.empty() ? "" : ", ") + select_item(table_.column(c));
    if (order_ == Order::physical) list += (list.empty() ? "" : ", ") + std::string("ctid");
    const auto limit = [&](const std::string& condition) {
      where += (where.empty() ? " where " : " and ") + condition;
    };
    std::string tail;
    if (order_ == Order::key) {
      const std::string names = column_list(key_);
      if (from_) limit("(" + names + ") > (" + key_values(*from_) + ")");
      if (until_) limit("(" + names + ") <= (" + key_values(*until_) + ")");
      if (split_ && split_->range.low) limit(names + " >= " + std::to_string(*split_->range.low));
      if (split_ && split_->range.high) limit(names + " <= " + std::to_string(*split_->range.high));
      tail = " order by " + names;
    } else if (order_ == Order::physical) {
      // Without an order of its own a table comes as it lies: synchronized scans and workers are switched off.
      if (from_) limit("ctid > '" + ctid_text(from_->number) + "'");
      if (until_) limit("ctid <= '" + ctid_text(until_->number) + "'");
      if (split_ && split_->range.low) limit("ctid >= '(" + std::to_string(*split_->range.low) + ",0)'");
      if (split_ && split_->range.high) limit("ctid < '(" + std::to_string(*split_->range.high + 1) + ",0)'");
    } else {
      // Sorted by all that is read, so that another session meets the same order; equal rows may change places.
      for (std::size_t c = 0; c < table_.columns.size(); ++c)
        tail += (c == 0 ? " order by " : ", ") + quote_identifier(table_.column(static_cast<int>(c)).name) +
                (table_.column(static_cast<int>(c)).type.ordered ? "" : "::text");
      const std::int64_t skip = from_ ? from_->number : 0;
      if (skip > 0) tail += " offset " + std::to_string(skip);
      if (until_) tail += " limit " + std::to_string(std::max<std::int64_t>(0, until_->number - skip));
    }
    return "select " + list + " from " + table_.source + " as godwit_source" + where + tail;
  }

  std::string key_values(const Position& position) const {
    std::string out;
    for (std::size_t k = 0; k < key_.size(); ++k)
      out += (k == 0 ? "" : ", ") + quote_text(position.key[k]) + "::" + table_.column(table_.find(key_[k])).type.base;
    return out;
  }

  // Index of the first column whose value does not fit, or -1. Every builder grows by one row in any case.
  int append_row(std::vector<ColumnBuilder>* builders) {
    int misfit = -1;
    for (std::size_t i = 0; i < selected_.size(); ++i) {
      const auto value = rows_.field();
      ColumnBuilder& builder = (*builders)[i];
      if (!value || misfit >= 0)
        builder.null();
      else if (!decoders_[i].append(*value, &builder))
        misfit = static_cast<int>(i), builder.null();
    }
    if (order_ == Order::physical) {
      const auto ctid = rows_.field();
      if (ctid && ctid->size() == 6)
        last_.number = static_cast<std::int64_t>(read_u32(ctid->data())) << 16 | read_u16(ctid->data() + 4);
    }
    return misfit;
  }

  void remember(const std::vector<Column>& columns, std::int64_t row) {
    last_.key.clear();
    for (const std::size_t at : key_at_) {
      const Column& c = columns[at];
      last_.key.push_back((c.type.id == TypeId::binary ? "\\x" : "") + value_text(c, row));
    }
  }

  Column key_places(const std::vector<Column>& columns, std::int64_t rows) const {
    const Column& first = columns[key_at_[0]];
    if (key_at_.size() == 1 && !first.has_nulls() && first.type == place_type_) return first;  // the key itself, shared
    ColumnBuilder out(place_type_);
    std::string text;
    for (std::int64_t i = 0; i < rows; ++i) {
      text.clear();
      for (const std::size_t at : key_at_) text += (text.empty() ? "" : " / ") + value_text(columns[at], i);
      if (place_type_.id == TypeId::int64)
        out.append_int64(first.is_null(i) ? 0 : first.int64(i));
      else
        out.append_text(text);
    }
    return out.finish();
  }

  // The row that was read last, whose `column` does not fit.
  Unreadable unreadable(std::size_t column) {
    const ColumnInfo& c = table_.column(selected_[column]);
    std::vector<std::optional<std::string_view>> fields;
    rows_.rewind();
    for (std::size_t i = 0; i < selected_.size(); ++i) fields.push_back(rows_.field());
    Unreadable out;
    out.locator = order_ == Order::physical ? last_.number : ++bad_rows_;
    out.error = Error{3330,
                      ErrorKind::row_rejected,
                      {{"field", c.name},
                       {"seen", Decoder::excerpt(*fields[column], c.type.wire)},
                       {"expected", to_string(c.type.type)}},
                      {}};
    auto row = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < schema_.size(); ++i) {
      const ColumnInfo& of = table_.column(selected_[i]);
      ColumnBuilder one(TypeId::utf8);
      if (!fields[i])
        row[schema_[i].name] = nullptr;
      else if (Decoder(TypeId::utf8, of).append(*fields[i], &one))
        row[schema_[i].name] = std::string(one.finish().text(0));
      else
        row[schema_[i].name] = Decoder::excerpt(*fields[i], of.type.wire);
    }
    out.raw = row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).substr(0, kLongestRaw);
    return out;
  }

  static void keep(const std::vector<std::int32_t>& rows, Batch* batch) {
    for (Column& c : batch->columns) c = take(c, rows);
    batch->places = take(batch->places, rows);
    batch->rows = static_cast<std::int64_t>(rows.size());
  }

  std::unique_ptr<Session> session_;
  TableInfo table_;
  Order order_;
  ReadRequest request_;
  std::vector<int> selected_;  // indices into table_.columns: those asked for, then the key's
  std::vector<std::string> key_;
  std::vector<std::size_t> key_at_;  // where the key's columns stand in selected_
  Schema schema_;
  Type place_type_;
  std::vector<Decoder> decoders_;
  std::vector<std::size_t> text_bytes_;  // of each column in the batch before: the next one needs about as much room
  std::optional<Split> split_;
  std::optional<Position> from_, until_;
  CopyRows rows_;
  Position last_;
  bool started_ = false;
  std::int64_t bytes_read_ = 0, bad_rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(const Options& options, const sdk::HostServices& host, Snapshot& snapshot,
                                            const ReadRequest& request) {
  std::string moment;
  if (request.snapshot) {
    GW_ASSIGN(moment, snapshot.name(options, host));
  }
  GW_ASSIGN(auto session, Session::open(options, host));
  GW_TRY(
      session->run("set synchronize_seqscans = off; set max_parallel_workers_per_gather = 0; set jit = off; "
                   "begin isolation level repeatable read read only"));
  if (!moment.empty()) GW_TRY(session->run("set transaction snapshot " + quote_text(moment)));
  GW_ASSIGN(TableInfo table, load_table(*session, request.object));
  auto reader = std::make_unique<TableReader>(std::move(session), std::move(table), request);
  GW_TRY(reader->open());
  return std::unique_ptr<Reader>(std::move(reader));
}

Result<std::vector<std::string>> split_object(Session& session, std::string_view object, int wanted) {
  GW_ASSIGN(const TableInfo table, load_table(session, object));
  const std::vector<std::string> key = reading_key(table);
  std::vector<std::string> out;
  if (wanted <= 1) return std::vector<std::string>{""};
  if (key.size() == 1 && table.column(table.find(key[0])).type.type.id == TypeId::int64) {
    GW_ASSIGN(const Answer a, session.run("select min(" + quote_identifier(key[0]) + "), max(" +
                                          quote_identifier(key[0]) + ") from " + table.source));
    if (!a.is_null(0, 0))
      for (const sql::KeyRange& range : sql::cut_range(a.integer(0, 0), a.integer(0, 1), wanted))
        out.push_back(to_text(Split{false, range}));
  } else if (table.kind == TableInfo::Kind::table || table.kind == TableInfo::Kind::materialized_view) {
    GW_ASSIGN(const Answer a,
              session.run("select pg_catalog.pg_relation_size($1::oid) / current_setting('block_size')::int8",
                          {std::to_string(table.oid)}));
    if (a.integer(0, 0) > 1)
      for (const sql::KeyRange& range : sql::cut_range(0, a.integer(0, 0) - 1, wanted))
        out.push_back(to_text(Split{true, range}));
  }
  if (out.size() < 2) return std::vector<std::string>{""};
  return out;
}

}  // namespace godwit::postgres
