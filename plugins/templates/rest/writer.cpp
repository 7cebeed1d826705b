#include "writer.hpp"

#include "core/model/nearest.hpp"
#include "values.hpp"

namespace acme {
namespace {

using namespace godwit;
using nlohmann::json;
using sdk::fail;

constexpr std::size_t kRowsPerCall = 200;  // what the service takes at once

class RowWriter : public Writer {
 public:
  RowWriter(const Client::Options& options, const sdk::HostServices& host, const WriteRequest& request) : client_(options, host), host_(host), request_(request) {}

  Result<> prepare() override { return {}; }

  Result<Outcomes> submit(const Unit& unit) override {
    Outcomes out;
    out.rows = unit.rows();
    out.kinds.assign(static_cast<std::size_t>(out.rows), OutcomeKind::refused);
    json operations = json::array();
    std::vector<std::int64_t> sent;  // rows of the unit, in the order of `operations`
    std::int64_t row = 0;
    for (const Chunk& chunk : unit.chunks)
      for (std::int64_t r = 0; r < chunk.batch.rows; ++r, ++row) {
        if (!add(chunk, r, row, &operations, &out)) continue;
        sent.push_back(row);
        if (sent.size() < kRowsPerCall) continue;
        GW_TRY(send(&operations, &sent, &out));
      }
    GW_TRY(send(&operations, &sent, &out));
    return out;
  }

  // The service keeps no record of units: the core sends the unit again, and the id says the rest.
  Result<Resolved> resolve(const Unit&) override {
    Resolved out;
    out.resolution = Resolution::unknown;
    return out;
  }
  Result<std::int64_t> last_unit(std::string_view, std::string_view, int) override { return 0; }

  Result<Rows> read_back(std::span<const Column> keys) override {
    json ids = json::array();
    for (std::int64_t i = 0; i < keys[0].length; ++i) ids.push_back(keys[0].text(i));
    GW_ASSIGN(const json answer, client_.call(path() + "/find", {{"ids", ids}}));
    const auto rows = answer.find("rows");
    if (rows == answer.end() || static_cast<std::int64_t>(rows->size()) != keys[0].length) return wrong("rows that were not asked for");
    Rows out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : request_.columns) columns.emplace_back(f.type);
    for (const json& found : *rows) {
      out.found.push_back(!found.is_null());
      for (std::size_t c = 0; c < columns.size(); ++c) append(columns[c], found.is_null() ? json::object() : found, request_.columns[c].name);
    }
    out.batch.schema = request_.columns, out.batch.rows = keys[0].length;
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    return out;
  }

 private:
  std::string path() const { return "/objects/" + Client::escape(request_.object); }
  Failure wrong(const std::string& seen) const { return fail(3903, ErrorKind::broken, {{"place", request_.object}, {"seen", seen}}); }

  static void refuse(Outcomes* out, std::int64_t row, int number, const std::string& field, const std::string& words) {
    Refusal r;
    r.row = row, r.error = {number, ErrorKind::row_rejected, {{"field", field}, {"words", words}}, {}};
    r.error_class = "data", r.field = field, r.words = words;
    out->refusals.push_back(std::move(r));
  }

  // False when the row cannot be said in JSON; it is refused then.
  bool add(const Chunk& chunk, std::int64_t r, std::int64_t row, json* operations, Outcomes* out) {
    static constexpr const char* kNames[] = {"", "insert", "update", "upsert", "delete", "upsert"};
    json values = json::object();
    for (std::size_t c = 0; c < request_.columns.size(); ++c) {
      if (!chunk.is_set(c, r)) continue;
      json value = to_json(chunk.batch.columns[c], r);
      try {
        (void)value.dump();  // throws for bytes that are no UTF-8
      } catch (const json::exception&) {
        refuse(out, row, 3905, request_.columns[c].name, "");
        return false;
      }
      values[request_.columns[c].name] = std::move(value);
    }
    operations->push_back({{"operation", kNames[static_cast<std::size_t>(chunk.operation_of(r))]}, {"row", std::move(values)}});
    return true;
  }

  Result<> send(json* operations, std::vector<std::int64_t>* sent, Outcomes* out) {
    if (sent->empty()) return {};
    if (host_.cancelled()) return fail(3018, ErrorKind::cancelled);
    GW_ASSIGN(const json answer, client_.call(path(), {{"operations", *operations}}));
    const auto results = answer.find("results");
    if (results == answer.end() || results->size() != sent->size()) return wrong("results of other rows than were sent");
    for (std::size_t i = 0; i < sent->size(); ++i) {
      const json& result = (*results)[i];
      const std::string kind = result.value("result", "");
      auto& outcome = out->kinds[static_cast<std::size_t>((*sent)[i])];
      if (kind == "created") outcome = OutcomeKind::created;
      else if (kind == "updated") outcome = OutcomeKind::updated;
      else if (kind == "deleted") outcome = OutcomeKind::deleted;
      else if (kind == "missing") outcome = OutcomeKind::missing;
      else refuse(out, (*sent)[i], 3904, result.value("field", ""), result.value("error", result.dump()));
    }
    operations->clear(), sent->clear();
    return {};
  }

  Client client_;
  sdk::HostServices host_;
  WriteRequest request_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const Client::Options& options, const sdk::HostServices& host, const WriteRequest& request) {
  Client client(options, host);
  GW_ASSIGN(const ObjectDescription described, client.describe(request.object));
  for (const Field& f : request.columns) {
    const ObjectField* field = described.find(f.name);
    if (field != nullptr && field->type == f.type) continue;
    std::vector<std::string_view> names;
    for (const ObjectField& known : described.fields) names.push_back(known.name);
    return fail(3031, ErrorKind::bad_config, {{"place", options.url}, {"object", request.object}, {"seen", f.name}, {"nearest", std::string(nearest(f.name, names))}});
  }
  if (request.key != std::vector<std::string>{"id"}) return fail(3906, ErrorKind::bad_config, {{"place", options.url}});
  return std::make_unique<RowWriter>(options, host, request);
}

}  // namespace acme
