#include "connectors/sqlite/reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/sqlite/decode.hpp"
#include "connectors/sqlite/place.hpp"
#include "connectors/sqlite/table.hpp"
#include "core/model/nearest.hpp"
#include "plugins/kits/sql/identifier.hpp"

namespace godwit::sqlite {
namespace {

using sql::quote_identifier;

constexpr std::size_t kLongestRaw = 64 << 10;

// What the statement reads beside the asked-for columns, which come first: the rowid, or the key.
std::string select_list(const TableInfo& t, Order order, const std::vector<int>& columns) {
  std::string out;
  const auto add = [&](std::string_view name) { out += (out.empty() ? "" : ", ") + quote_identifier(name); };
  for (int c : columns) add(t.columns[static_cast<std::size_t>(c)].name);
  if (order == Order::rowid) out += (out.empty() ? "" : ", ") + t.rowid_name;
  if (order == Order::key)
    for (const std::string& k : t.key) add(k);
  return out.empty() ? "1" : out;
}

std::string key_list(const TableInfo& t, std::string_view separator = ", ") {
  std::string out;
  for (const std::string& k : t.key)
    out += (out.empty() ? std::string() : std::string(separator)) + quote_identifier(k);
  return out;
}

std::string marks(std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

class TableReader final : public Reader {
 public:
  TableReader(Database database, TableInfo table, const ReadRequest& request)
      : db_(std::move(database)), table_(std::move(table)), order_(order_of(table_)), request_(request) {}

  Result<> open() {
    GW_TRY(choose_columns());
    GW_TRY(find_bounds());
    // The snapshot begins with the first read of the transaction, not with "begin".
    GW_TRY(db_.execute("begin; select 1 from sqlite_schema limit 1"));
    GW_TRY(prepare());
    return {};
  }

  const Schema& schema() const override { return schema_; }
  Type place_type() const override { return order_ == Order::key ? TypeId::utf8 : TypeId::int64; }

  Result<ReadBatch> read() override {
    std::vector<ColumnBuilder> builders;
    for (const Field& f : schema_) builders.emplace_back(f.type);
    for (ColumnBuilder& b : builders) b.reserve(std::min<std::int64_t>(request_.batch_rows, 8192));
    ColumnBuilder places(place_type());
    ReadBatch out;
    std::vector<std::int32_t> good;  // rows to keep, once one was bad
    std::int64_t visited = 0, bytes = 0;
    while (visited < request_.batch_rows && bytes < request_.batch_bytes) {
      GW_ASSIGN(const bool more, step());
      if (!more) {
        out.end = true;
        break;
      }
      note_position();
      const int misfit = append_row(&builders, &bytes);
      append_place(&places);
      if (misfit >= 0) {
        if (out.unreadable.empty())
          for (std::int32_t i = 0; i < static_cast<std::int32_t>(visited); ++i) good.push_back(i);
        out.unreadable.push_back(unreadable(static_cast<std::size_t>(misfit)));
      } else if (!out.unreadable.empty()) {
        good.push_back(static_cast<std::int32_t>(visited));
      }
      ++visited;
    }
    out.batch.schema = schema_, out.batch.rows = visited;
    for (ColumnBuilder& b : builders) out.batch.columns.push_back(b.finish());
    out.batch.places = places.finish();
    if (!out.unreadable.empty()) keep(good, &out.batch);
    bytes_read_ += bytes;
    out.bytes_read = bytes_read_;
    if (out.end) {
      statement_ = Statement();
      db_.roll_back();  // the snapshot is not needed any more
    }
    out.position = started_ ? to_text(order_, last_) : request_.position;
    return out;
  }

 private:
  Result<> choose_columns() {
    if (request_.columns.empty()) {
      for (std::size_t i = 0; i < table_.columns.size(); ++i) columns_.push_back(static_cast<int>(i));
    }
    for (const std::string& name : request_.columns) {
      const int at = table_.find(name);
      if (at < 0) {
        std::vector<std::string_view> names;
        for (const ColumnInfo& c : table_.columns) names.push_back(c.name);
        return sdk::fail(3031, ErrorKind::bad_config,
                         {{"place", db_.options().path.string()},
                          {"object", table_.name},
                          {"seen", name},
                          {"nearest", std::string(nearest(name, names))}});
      }
      columns_.push_back(at);
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const ColumnInfo& c = table_.columns[static_cast<std::size_t>(columns_[i])];
      schema_.push_back({request_.columns.empty() ? c.name : request_.columns[i], c.type});
      decoders_.emplace_back(c.type, c, db_.options());
    }
    return {};
  }

  Result<> find_bounds() {
    const auto wrong = [&](const std::string& seen) {
      return sdk::fail(3032, ErrorKind::broken,
                       {{"place", db_.options().path.string()}, {"object", table_.name}, {"seen", seen}});
    };
    if (!request_.split.empty()) {
      const auto range = parse_range(request_.split);
      if (order_ != Order::rowid || !range) return wrong(request_.split);
      range_ = *range;
    }
    if (!request_.position.empty()) {
      from_ = parse_position(order_, table_.key.size(), request_.position);
      if (!from_) return wrong(request_.position);
      last_ = *from_;
    }
    if (!request_.until.empty()) {
      until_ = parse_position(order_, table_.key.size(), request_.until);
      if (!until_) return wrong(request_.until);
    }
    return {};
  }

  Result<> prepare() {
    std::string sql = "select " + select_list(table_, order_, columns_) + " from " + quote_identifier(table_.name);
    if (order_ == Order::rowid) {
      // Bounds that hold for every rowid cost nothing and keep one statement for all cases.
      std::int64_t low = range_.low.value_or(INT64_MIN), high = range_.high.value_or(INT64_MAX);
      if (from_) {
        if (from_->number == INT64_MAX)
          done_ = true;
        else
          low = std::max(low, from_->number + 1);
      }
      if (until_) high = std::min(high, until_->number);
      sql += " where " + table_.rowid_name + " between ? and ? order by " + table_.rowid_name;
      GW_ASSIGN(statement_, db_.prepare(sql, true));
      statement_.bind(1, low), statement_.bind(2, high);
    } else if (order_ == Order::key) {
      const std::string key = "(" + key_list(table_) + ")";
      if (from_) sql += " where " + key + " > (" + marks(table_.key.size()) + ")";
      if (until_) sql += (from_ ? " and " : " where ") + key + " <= (" + marks(table_.key.size()) + ")";
      sql += " order by " + key_list(table_);
      GW_ASSIGN(statement_, db_.prepare(sql, true));
      int parameter = 0;
      for (const std::optional<Position>* bound : {&from_, &until_})
        if (*bound)
          for (const KeyValue& v : (*bound)->key) bind(&statement_, ++parameter, v);
    } else {
      const std::int64_t skip = from_ ? from_->number : 0;
      sql += " limit ? offset ?";
      GW_ASSIGN(statement_, db_.prepare(sql, true));
      statement_.bind(1, until_ ? std::max<std::int64_t>(0, until_->number - skip) : std::int64_t{-1});
      statement_.bind(2, skip);
      last_.number = skip;
    }
    return {};
  }

  Result<bool> step() {
    if (done_ || !statement_) return false;
    return db_.step(statement_);
  }

  void note_position() {
    started_ = true;
    const int extra = static_cast<int>(columns_.size());
    if (order_ == Order::rowid) last_.number = sqlite3_column_int64(statement_.get(), extra);
    if (order_ == Order::counted) ++last_.number;
    if (order_ != Order::key) return;
    last_.key.clear();
    for (std::size_t k = 0; k < table_.key.size(); ++k)
      last_.key.push_back(read_key_value(statement_.get(), extra + static_cast<int>(k)));
    ++rows_;
  }

  // Index of the first column whose cell does not fit, or -1. Every builder grows by one row in any case.
  int append_row(std::vector<ColumnBuilder>* builders, std::int64_t* bytes) {
    int misfit = -1;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const int cell = static_cast<int>(i);
      ColumnBuilder& builder = (*builders)[i];
      if (misfit >= 0)
        builder.null();
      else if (!decoders_[i].append(statement_.get(), cell, &builder))
        misfit = cell, builder.null();
      *bytes += schema_[i].type.is_variable() ? 4 + (misfit < 0 ? sqlite3_column_bytes(statement_.get(), cell) : 0) : 8;
    }
    return misfit;
  }

  void append_place(ColumnBuilder* places) const {
    if (order_ != Order::key) return places->append_int64(last_.number);
    places->append_text(key_text());
  }

  std::string key_text() const {
    std::string out;
    const int extra = static_cast<int>(columns_.size());
    for (std::size_t k = 0; k < table_.key.size(); ++k) {
      const int cell = extra + static_cast<int>(k);
      const bool plain =
          sqlite3_column_type(statement_.get(), cell) == SQLITE_TEXT && Decoder::bad_byte(statement_.get(), cell) < 0;
      out += (k == 0 ? "" : " / ") + (plain ? last_.key[k].bytes : cell_excerpt(statement_.get(), cell));
    }
    return out;
  }

  Unreadable unreadable(std::size_t column) const {
    Unreadable out;
    out.locator = order_ == Order::key ? rows_ : last_.number;
    const int cell = static_cast<int>(column);
    const std::int64_t bad = Decoder::bad_byte(statement_.get(), cell);
    std::vector<Argument> arguments{{"field", schema_[column].name}};
    if (order_ == Order::key) arguments.emplace_back("key", key_text());
    if (bad >= 0) {
      arguments.emplace_back("seen", std::to_string(bad + 1));
    } else {
      arguments.emplace_back("seen", cell_excerpt(statement_.get(), cell));
      arguments.emplace_back("expected", to_string(schema_[column].type));
    }
    out.error = Error{bad >= 0 ? 3231 : 3230, ErrorKind::row_rejected, std::move(arguments), {}};
    // SQLite has no bytes of a row to show; the values as JSON say the same.
    auto row = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const int c = static_cast<int>(i);
      if (sqlite3_column_type(statement_.get(), c) == SQLITE_NULL)
        row[schema_[i].name] = nullptr;
      else if (sqlite3_column_type(statement_.get(), c) == SQLITE_TEXT)
        row[schema_[i].name] = read_key_value(statement_.get(), c).bytes;
      else
        row[schema_[i].name] = cell_excerpt(statement_.get(), c);
    }
    out.raw = row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).substr(0, kLongestRaw);
    return out;
  }

  static void keep(const std::vector<std::int32_t>& rows, Batch* batch) {
    for (Column& c : batch->columns) c = take(c, rows);
    batch->places = take(batch->places, rows);
    batch->rows = static_cast<std::int64_t>(rows.size());
  }

  Database db_;
  TableInfo table_;
  Order order_;
  ReadRequest request_;
  std::vector<int> columns_;  // indices into table_.columns
  Schema schema_;
  std::vector<Decoder> decoders_;
  RowidRange range_;
  std::optional<Position> from_, until_;
  Statement statement_;  // after db_: finalized first
  Position last_;
  bool started_ = false, done_ = false;
  std::int64_t bytes_read_ = 0, rows_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(const Options& options, const sdk::HostServices& host,
                                            const ReadRequest& request) {
  GW_ASSIGN(Database db, Database::open(options, Access::read, host));
  GW_ASSIGN(TableInfo table, load_table(db, request.object));
  auto reader = std::make_unique<TableReader>(std::move(db), std::move(table), request);
  GW_TRY(reader->open());
  return std::unique_ptr<Reader>(std::move(reader));
}

Result<std::vector<std::string>> split_object(const Database& db, std::string_view object, int wanted) {
  GW_ASSIGN(const TableInfo table, load_table(db, object));
  if (order_of(table) != Order::rowid || wanted <= 1) return std::vector<std::string>{""};
  const std::string from = " from " + quote_identifier(table.name);
  // Two statements: min and max together would scan the table.
  GW_ASSIGN(Statement ends, db.prepare("select (select min(" + table.rowid_name + ")" + from + "), (select max(" +
                                       table.rowid_name + ")" + from + ")"));
  GW_ASSIGN(const bool any, db.step(ends));
  if (!any || ends.is_null(0)) return std::vector<std::string>{""};
  std::vector<std::string> out;
  for (const RowidRange& range : sql::cut_range(ends.integer(0), ends.integer(1), wanted)) out.push_back(to_text(range));
  return out;
}

}  // namespace godwit::sqlite
