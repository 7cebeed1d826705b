#include "plugins/kits/rest/pages.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::rest {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestRaw = 64 << 10;
constexpr std::string_view kAt = "at:", kPage = "page:";

// Where a reader stands: `skip` rows of the page at `cursor` were read. `count`: rows read before, for places that are counted.
struct Stand {
  std::string cursor;
  std::size_t skip = 0;
  std::int64_t count = 0;
};

class PageReader final : public Reader {
 public:
  PageReader(std::unique_ptr<PageSource> source, RowShape shape, const ReadRequest& request, const sdk::HostServices& host)
      : source_(std::move(source)), shape_(std::move(shape)), request_(request), host_(host) {
    for (const RowShape::Column& c : shape_.columns) schema_.push_back(c.field);
  }

  Result<> open() {
    if (!request_.split.empty()) return not_ours(request_.split);
    if (!request_.position.empty()) {
      const auto stand = parse(request_.position);
      if (!stand) return not_ours(request_.position);
      at_ = *stand;
      if (request_.position.starts_with(kAt)) behind_ = at_.cursor;
    }
    if (request_.until.empty()) return {};
    until_ = parse(request_.until);
    if (!until_) return not_ours(request_.until);
    if (request_.until.starts_with(kAt)) source_->end_at(until_->cursor);
    return {};
  }

  const Schema& schema() const override { return schema_; }
  Type place_type() const override { return shape_.place.empty() ? TypeId::int64 : TypeId::utf8; }

  Result<ReadBatch> read() override {
    if (host_.cancelled()) return sdk::fail(3018, ErrorKind::cancelled);
    ReadBatch out;
    std::vector<ColumnBuilder> builders;
    for (const Field& f : schema_) builders.emplace_back(f.type);
    ColumnBuilder places(place_type());
    std::int64_t rows = 0, bytes = 0;
    while (rows < request_.batch_rows && bytes < request_.batch_bytes && !out.end) {
      if (ended() || last_) {
        out.end = true;
        break;
      }
      if (!page_) {
        if (rows > 0) break;  // what there is goes on before the next page is waited for
        GW_ASSIGN(page_, source_->page(at_.cursor));
        if (page_->self) at_.cursor = *page_->self;
        if (at_.skip > page_->rows.size()) return not_ours(request_.position);
      }
      for (; at_.skip < page_->rows.size() && rows < request_.batch_rows && bytes < request_.batch_bytes; ++rows) {
        if (ended()) break;
        const json& row = page_->rows[at_.skip];
        ++at_.skip, ++at_.count;
        append(row, &builders, &places, &out, &bytes);
        if (const auto behind = source_->behind(row)) behind_ = *behind;
      }
      if (at_.skip < page_->rows.size() || ended()) continue;
      if (page_->next) at_.cursor = *page_->next, at_.skip = 0;
      else last_ = true;
      page_.reset();
    }
    if (last_ || ended()) out.end = true;
    out.batch.schema = schema_, out.batch.rows = places.length();
    for (ColumnBuilder& b : builders) out.batch.columns.push_back(b.finish());
    out.batch.places = places.finish();
    bytes_read_ += bytes;
    out.bytes_read = bytes_read_, out.position = position();
    return out;
  }

 private:
  Failure not_ours(const std::string& seen) const {
    return sdk::fail(3032, ErrorKind::broken, {{"object", request_.object}, {"seen", seen}});
  }

  std::optional<Stand> parse(std::string_view text) const {
    Stand out;
    if (text.starts_with(kAt)) {
      // "at:<rows before>:<cursor>"
      text.remove_prefix(kAt.size());
      if (!number(&text, &out.count) || !source_->is_cursor(text)) return std::nullopt;
      out.cursor = text;
      return out;
    }
    if (!text.starts_with(kPage)) return std::nullopt;
    text.remove_prefix(kPage.size());
    std::int64_t skip = 0;
    if (!number(&text, &out.count) || !number(&text, &skip)) return std::nullopt;
    if (!text.empty() && !source_->is_cursor(text)) return std::nullopt;
    out.skip = static_cast<std::size_t>(skip), out.cursor = text;
    return out;
  }
  // Digits and the colon behind them, taken off the front.
  static bool number(std::string_view* text, std::int64_t* out) {
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), *out);
    const char* end = text->data() + text->size();
    if (parsed.ec != std::errc() || *out < 0 || parsed.ptr == end || *parsed.ptr != ':') return false;
    text->remove_prefix(static_cast<std::size_t>(parsed.ptr - text->data()) + 1);
    return true;
  }

  std::string position() const {
    if (!behind_.empty()) return std::string(kAt) + std::to_string(at_.count) + ':' + behind_;
    if (at_.cursor.empty() && at_.count == 0) return request_.position;
    return std::string(kPage) + std::to_string(at_.count) + ':' + std::to_string(at_.skip) + ':' + at_.cursor;
  }

  bool ended() const {
    // With keyset cursors the source itself ends there, whatever was added or deleted since.
    if (!until_ || request_.until.starts_with(kAt)) return false;
    return at_.count >= until_->count || (until_->cursor == at_.cursor && at_.skip >= until_->skip);
  }

  void append(const json& row, std::vector<ColumnBuilder>* builders, ColumnBuilder* places, ReadBatch* out, std::int64_t* bytes) {
    // Written apart first: a row with a value that does not fit leaves the columns as they were.
    std::vector<ColumnBuilder> one;
    for (std::size_t c = 0; c < shape_.columns.size(); ++c) {
      const RowShape::Column& column = shape_.columns[c];
      const json* value = find_at(row, column.path);
      ColumnBuilder& cell = one.emplace_back(column.field.type);
      if (value == nullptr) {
        cell.null();
        continue;
      }
      const auto fault = read_json(*value, column.form, &cell);
      if (!fault) continue;
      Unreadable bad;
      bad.locator = at_.count;
      bad.error = Error{3407, ErrorKind::row_rejected, {{"field", column.field.name}, {"seen", fault->seen}, {"expected", fault->expected}}, {}};
      if (!shape_.place.empty()) bad.error.arguments.emplace_back("key", place_of(row));
      bad.raw = exact_text(row).substr(0, kLongestRaw);
      out->unreadable.push_back(std::move(bad));
      return;
    }
    for (std::size_t c = 0; c < one.size(); ++c) {
      const Column value = one[c].finish();
      *bytes += static_cast<std::int64_t>(value.size_bytes());
      (*builders)[c].append_from(value, 0);
    }
    shape_.place.empty() ? places->append_int64(at_.count) : places->append_text(place_of(row));
  }

  std::string place_of(const json& row) const {
    const json* value = find_at(row, shape_.place);
    return value == nullptr ? std::string() : scalar_text(*value).value_or("");
  }

  const std::unique_ptr<PageSource> source_;
  const RowShape shape_;
  const ReadRequest request_;
  const sdk::HostServices host_;
  Schema schema_;
  Stand at_;
  std::optional<Stand> until_;
  std::optional<Page> page_;
  std::string behind_;  // cursor behind the last row, where rows are cursors
  bool last_ = false;
  std::int64_t bytes_read_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> read_pages(std::unique_ptr<PageSource> source, RowShape shape, const ReadRequest& request, const sdk::HostServices& host) {
  auto reader = std::make_unique<PageReader>(std::move(source), std::move(shape), request, host);
  GW_TRY(reader->open());
  return std::unique_ptr<Reader>(std::move(reader));
}

Result<std::vector<const ObjectField*>> asked_fields(const ObjectDescription& described, const std::vector<std::string>& columns, std::string_view place) {
  std::vector<const ObjectField*> out;
  if (columns.empty())
    for (const ObjectField& f : described.fields) out.push_back(&f);
  for (const std::string& name : columns) {
    const ObjectField* field = described.find(name);
    if (field == nullptr) {
      std::vector<std::string_view> names;
      for (const ObjectField& f : described.fields) names.push_back(f.name);
      return sdk::fail(3031, ErrorKind::bad_config, {{"place", std::string(place)}, {"object", described.object}, {"seen", name}, {"nearest", std::string(nearest(name, names))}});
    }
    out.push_back(field);
  }
  return out;
}

}  // namespace godwit::rest
