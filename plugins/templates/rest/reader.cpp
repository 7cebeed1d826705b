#include "reader.hpp"

#include <algorithm>

#include "core/model/nearest.hpp"
#include "values.hpp"

namespace acme {
namespace {

using namespace godwit;
using nlohmann::json;
using sdk::fail;

constexpr std::string_view kAfter = "after:";

class PageReader : public Reader {
 public:
  PageReader(const Client::Options& options, const sdk::HostServices& host, Schema schema, const ReadRequest& request)
      : client_(options, host), schema_(std::move(schema)), request_(request), host_(host) {}

  Result<> start() {
    for (const auto& [text, id] : {std::pair(&request_.position, &after_), std::pair(&request_.until, &until_)}) {
      if (text->empty()) continue;
      if (!text->starts_with(kAfter)) return not_ours(*text);
      *id = text->substr(kAfter.size());
    }
    if (!request_.split.empty()) return not_ours(request_.split);  // this connector makes no splits
    return {};
  }

  const Schema& schema() const override { return schema_; }
  Type place_type() const override { return TypeId::utf8; }

  Result<ReadBatch> read() override {
    if (host_.cancelled()) return fail(3018, ErrorKind::cancelled);
    const std::int64_t limit = std::clamp<std::int64_t>(client_.options().page_size, 1, std::max<std::int64_t>(request_.batch_rows, 1));
    GW_ASSIGN(const json page, client_.call("/objects/" + Client::escape(request_.object) + "?after=" + Client::escape(after_) + "&limit=" + std::to_string(limit)));
    const auto rows = page.find("rows");
    if (rows == page.end() || !rows->is_array()) return fail(3903, ErrorKind::broken, {{"place", request_.object}, {"seen", "no rows"}});
    ReadBatch out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : schema_) columns.emplace_back(f.type);
    ColumnBuilder places{Type(TypeId::utf8)};
    out.end = static_cast<std::int64_t>(rows->size()) < limit;
    for (const json& row : *rows) {
      const std::string id = row.at("id").get<std::string>();
      // Stops exactly there, whatever was added behind it since.
      if (!request_.until.empty() && id > until_) {
        out.end = true;
        break;
      }
      for (std::size_t c = 0; c < columns.size(); ++c) append(columns[c], row, schema_[c].name);
      places.append_text(id);
      after_ = id, ++out.batch.rows;
    }
    out.batch.schema = schema_;
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    out.batch.places = places.finish();
    out.position = std::string(kAfter) + after_;
    return out;
  }

 private:
  Failure not_ours(const std::string& seen) const { return fail(3032, ErrorKind::broken, {{"place", client_.options().url}, {"object", request_.object}, {"seen", seen}}); }

  Client client_;
  Schema schema_;
  ReadRequest request_;
  sdk::HostServices host_;
  std::string after_, until_;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(const Client::Options& options, const sdk::HostServices& host, const ReadRequest& request) {
  Client client(options, host);
  GW_ASSIGN(const ObjectDescription described, client.describe(request.object));
  Schema schema;
  for (const std::string& name : request.columns) {
    const ObjectField* field = described.find(name);
    if (field == nullptr) {
      std::vector<std::string_view> names;
      for (const ObjectField& f : described.fields) names.push_back(f.name);
      return fail(3031, ErrorKind::bad_config, {{"place", options.url}, {"object", request.object}, {"seen", name}, {"nearest", std::string(nearest(name, names))}});
    }
    schema.push_back({field->name, field->type});
  }
  if (request.columns.empty()) schema = described.schema();
  auto reader = std::make_unique<PageReader>(options, host, std::move(schema), request);
  GW_TRY(reader->start());
  return reader;
}

}  // namespace acme
