#include <algorithm>

#include "core/host/session.hpp"
#include "core/host/wire.hpp"
#include "core/model/arrow.hpp"

namespace godwit {
namespace {

class PluginReader : public Reader {
 public:
  PluginReader(std::shared_ptr<Session> session, gw_reader* handle) : session_(std::move(session)), handle_(handle) {}
  ~PluginReader() override { api().close(handle_); }

  // Asks the plugin for its columns; "@place" is the last of them.
  Result<> start(const ReadRequest& request) {
    ArrowSchema schema{};
    const Result<> asked = wire::call("schema", api().schema, handle_, &schema);
    const bool understood = asked && schema.release != nullptr && import_schema(schema, &crossing_);
    if (schema.release != nullptr) schema.release(&schema);
    if (!asked) return Failure(with_connector(asked.error(), session_->connector));
    if (!understood) return wrong("a schema that batches cannot have");
    if (crossing_.empty() || crossing_.back().name != "@place" ||
        (crossing_.back().type != Type(TypeId::int64) && crossing_.back().type != Type(TypeId::utf8)))
      return wrong("a schema without @place (integer or text) as its last column");
    schema_.assign(crossing_.begin(), crossing_.end() - 1);
    if (request.columns.empty()) return {};
    const bool same = std::equal(schema_.begin(), schema_.end(), request.columns.begin(), request.columns.end(),
                                 [](const Field& f, const std::string& name) { return f.name == name; });
    if (!same) return wrong("other columns than were asked for");
    return {};
  }

  const Schema& schema() const override { return schema_; }
  Type place_type() const override { return crossing_.back().type; }

  Result<ReadBatch> read() override {
    gw_batch raw{};
    raw.struct_size = sizeof raw;
    if (const Result<> done = wire::call("read", api().read, handle_, &raw); !done) {
      release(raw);
      return Failure(with_connector(done.error(), session_->connector));
    }
    Result<ReadBatch> out = unwrap(raw);
    release(raw);
    return out;
  }

 private:
  const gw_reader_api& api() const { return *session_->api->reader; }
  Failure wrong(std::string seen) const { return fail(3013, {{"connector", session_->connector}, {"seen", std::move(seen)}}); }

  // unwrap() has taken the columns by then, unless they were unusable.
  static void release(gw_batch& raw) {
    if (raw.columns.release != nullptr) raw.columns.release(&raw.columns);
    if (raw.release != nullptr) raw.release(&raw);
  }

  Result<ReadBatch> unwrap(gw_batch& raw) {
    if (!wire::plausible(raw.columns, static_cast<std::int64_t>(crossing_.size()))) return wrong("columns that are no struct of the schema's columns");
    const std::int64_t rows = raw.columns.length;
    if (raw.unreadable_count != 0 && raw.unreadable == nullptr) return wrong("unreadable rows that are not there");
    ReadBatch out;
    if (!import_columns(&raw.columns, crossing_, &out.batch.columns)) return wrong("columns that do not fit the schema");
    out.batch.places = std::move(out.batch.columns.back());
    out.batch.columns.pop_back();
    if (out.batch.places.has_nulls()) return wrong("rows without a place");
    out.batch.schema = schema_, out.batch.rows = rows;
    if (raw.first_line > 0) {
      out.batch.lines.reserve(static_cast<std::size_t>(rows));
      for (std::int64_t i = 0; i < rows; ++i) out.batch.lines.push_back(raw.first_line + (raw.lines == nullptr ? i : raw.lines[i]));
    }
    for (std::size_t i = 0; i < raw.unreadable_count; ++i) {
      const gw_unreadable& u = raw.unreadable[i];
      out.unreadable.push_back({u.locator, u.line, with_connector(wire::row_error(u.number, wire::view(u.args_json), "read"), session_->connector),
                                std::string(wire::view(u.raw).substr(0, 64 << 10))});
    }
    out.position = wire::view(raw.position), out.bytes_read = raw.bytes_read, out.end = raw.end != 0;
    return out;
  }

  std::shared_ptr<Session> session_;
  gw_reader* handle_;
  Schema crossing_, schema_;  // with and without "@place"
};

}  // namespace

Result<std::unique_ptr<Reader>> wrap_reader(std::shared_ptr<Session> session, gw_reader* handle, const ReadRequest& request) {
  auto reader = std::make_unique<PluginReader>(std::move(session), handle);
  GW_TRY(reader->start(request));
  return reader;
}

}  // namespace godwit
