#include "reader.hpp"

#include <charconv>
#include <limits>

#include "core/model/nearest.hpp"
#include "plugins/kits/sql/identifier.hpp"

namespace acme {
namespace {

using namespace godwit;
using sdk::fail;
namespace sql = godwit::sql;

constexpr std::string_view kPosition = "id:", kSplit = "ids:";

bool parse_number(std::string_view text, std::int64_t* out) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

class TableReader : public Reader {
 public:
  TableReader(std::unique_ptr<Database> database, Schema schema, const sdk::HostServices& host, const ReadRequest& request)
      : database_(std::move(database)), schema_(std::move(schema)), host_(host), request_(request) {}

  Result<> start() {
    const auto not_ours = [&](const std::string& seen) { return fail(3032, ErrorKind::broken, {{"object", request_.object}, {"seen", seen}}); };
    std::int64_t low = std::numeric_limits<std::int64_t>::min(), high = std::numeric_limits<std::int64_t>::max();
    if (!request_.split.empty()) {
      const std::size_t to = request_.split.find("..");
      if (!request_.split.starts_with(kSplit) || to == std::string::npos || !parse_number(std::string_view(request_.split).substr(kSplit.size(), to - kSplit.size()), &low) ||
          !parse_number(std::string_view(request_.split).substr(to + 2), &high))
        return not_ours(request_.split);
    }
    if (!request_.position.empty()) {
      if (!request_.position.starts_with(kPosition) || !parse_number(std::string_view(request_.position).substr(kPosition.size()), &last_)) return not_ours(request_.position);
      if (last_ == std::numeric_limits<std::int64_t>::max()) high = low = 0, done_ = true;
      else low = std::max(low, last_ + 1);
    } else {
      last_ = low == std::numeric_limits<std::int64_t>::min() ? low : low - 1;
    }
    if (!request_.until.empty()) {
      std::int64_t until = 0;
      if (!request_.until.starts_with(kPosition) || !parse_number(std::string_view(request_.until).substr(kPosition.size()), &until)) return not_ours(request_.until);
      high = std::min(high, until);
    }
    // One transaction: the reader sees one state of the table, whatever others write meanwhile.
    GW_TRY(database_->execute("begin"));
    std::string columns = "rowid";
    for (const Field& f : schema_) columns += ", " + sql::quote_identifier(f.name);
    GW_ASSIGN(rows_, database_->prepare("select " + columns + " from " + sql::quote_identifier(request_.object) + " where rowid between ? and ? order by rowid"));
    rows_.bind(0, low), rows_.bind(1, high);
    return {};
  }

  const Schema& schema() const override { return schema_; }

  Result<ReadBatch> read() override {
    ReadBatch out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : schema_) columns.emplace_back(f.type);
    ColumnBuilder places{Type(TypeId::int64)};
    std::vector<std::int32_t> good;
    std::int32_t seen = 0;
    for (std::int64_t bytes = 0; seen < request_.batch_rows && bytes < request_.batch_bytes; ++seen) {
      if (host_.cancelled()) return fail(3018, ErrorKind::cancelled);
      if (!done_) {
        GW_ASSIGN(const bool more, rows_.step());
        done_ = !more;
      }
      if (done_) {
        out.end = true;
        break;
      }
      last_ = rows_.int64(0);
      places.append_int64(last_);
      std::size_t wrong = schema_.size();
      for (std::size_t c = 0; c < schema_.size(); ++c) {
        if (!rows_.append(static_cast<int>(c) + 1, &columns[c])) wrong = c;
        bytes += static_cast<std::int64_t>(rows_.text(static_cast<int>(c) + 1).size()) + 8;
      }
      // SQLite stores any value in any column: one that is not of the column's type is set aside, never guessed.
      if (wrong == schema_.size()) good.push_back(seen);
      else out.unreadable.push_back({last_, 0, Error{3903, ErrorKind::row_rejected, {{"field", schema_[wrong].name}, {"seen", std::string(rows_.text(static_cast<int>(wrong) + 1).substr(0, 40))}, {"expected", to_string(schema_[wrong].type)}}, {}}, ""});
    }
    out.batch.schema = schema_, out.batch.rows = seen;
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    out.batch.places = places.finish();
    if (!out.unreadable.empty()) out.batch = take(out.batch, good);
    out.position = std::string(kPosition) + std::to_string(last_);
    return out;
  }

 private:
  std::unique_ptr<Database> database_;
  Schema schema_;
  sdk::HostServices host_;
  ReadRequest request_;
  Statement rows_;
  std::int64_t last_ = 0;
  bool done_ = false;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(const Options& options, const sdk::HostServices& host, const ReadRequest& request) {
  GW_ASSIGN(auto database, Database::open(options));
  GW_ASSIGN(const ObjectDescription described, database->describe(request.object));
  Schema schema;
  for (const std::string& name : request.columns) {
    const ObjectField* field = described.find(name);
    if (field == nullptr) {
      std::vector<std::string_view> names;
      for (const ObjectField& f : described.fields) names.push_back(f.name);
      return fail(3031, ErrorKind::bad_config, {{"place", options.path.string()}, {"object", request.object}, {"seen", name}, {"nearest", std::string(nearest(name, names))}});
    }
    schema.push_back({field->name, field->type});
  }
  if (request.columns.empty()) schema = described.schema();
  auto reader = std::make_unique<TableReader>(std::move(database), std::move(schema), host, request);
  GW_TRY(reader->start());
  return reader;
}

Result<std::vector<std::string>> split_table(const Database& database, std::string_view table, int wanted) {
  GW_TRY(database.describe(table));
  GW_ASSIGN(Statement ends, database.prepare("select min(rowid), max(rowid), count(*) from " + sql::quote_identifier(table)));
  GW_ASSIGN(const bool any, ends.step());
  const std::int64_t low = ends.int64(0), high = ends.int64(1);
  if (!any || wanted < 2 || ends.int64(2) < wanted || high - low < wanted) return std::vector<std::string>{""};
  std::vector<std::string> out;
  // Equal ranges; the outer ones are open, so that rows which are added meanwhile belong to one of them.
  for (int i = 0; i < wanted; ++i) {
    const std::int64_t from = i == 0 ? std::numeric_limits<std::int64_t>::min() : low + (high - low) / wanted * i;
    const std::int64_t to = i == wanted - 1 ? std::numeric_limits<std::int64_t>::max() : low + (high - low) / wanted * (i + 1) - 1;
    out.push_back(std::string(kSplit) + std::to_string(from) + ".." + std::to_string(to));
  }
  return out;
}

}  // namespace acme
