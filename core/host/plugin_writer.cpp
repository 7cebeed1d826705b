#include <algorithm>

#include "core/host/session.hpp"
#include "core/host/wire.hpp"
#include "core/model/arrow.hpp"

namespace godwit {
namespace {

// A unit in the boundary's form; lives for the length of the call.
class CrossingUnit {
 public:
  explicit CrossingUnit(const Unit& unit) : chunks_(unit.chunks.size()), sets_(unit.chunks.size()) {
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      const Chunk& from = unit.chunks[i];
      gw_chunk& to = chunks_[i];
      to.struct_size = sizeof to;
      export_columns(from.batch.columns, from.batch.rows, &to.columns);
      to.operation = static_cast<std::uint8_t>(from.operation);
      to.operations = from.operations.empty() ? nullptr : reinterpret_cast<const std::uint8_t*>(from.operations.data());
      for (const Buffer& set : from.set) sets_[i].push_back(set.data());
      to.set = from.set.empty() ? nullptr : sets_[i].data();
    }
    raw_.struct_size = sizeof raw_;
    raw_.run = wire::str(unit.run), raw_.flow = wire::str(unit.flow);
    raw_.shard = unit.shard, raw_.number = unit.number;
    raw_.end_position = wire::str(unit.end_position), raw_.note_json = wire::str(unit.note);
    raw_.chunks = chunks_.data(), raw_.chunk_count = chunks_.size();
    if (unit.memory == nullptr) return;
    memory_.of = unit.memory, memory_.entries = unit.memory->entries();
    raw_memory_ = {sizeof raw_memory_, &memory_, &put, &entry};
    raw_.memory = &raw_memory_;
  }
  CrossingUnit(const CrossingUnit&) = delete;
  CrossingUnit& operator=(const CrossingUnit&) = delete;
  ~CrossingUnit() {
    for (gw_chunk& chunk : chunks_)
      if (chunk.columns.release != nullptr) chunk.columns.release(&chunk.columns);
  }
  const gw_unit* get() const { return &raw_; }

 private:
  struct Memory {
    UnitMemory* of = nullptr;
    std::vector<std::pair<std::string, std::string>> entries;  // what entry() hands out
  };
  static std::int32_t put(void* ctx, gw_str name, gw_str text, gw_error* error) {
    auto& memory = *static_cast<Memory*>(ctx);
    const Result<> done = memory.of->put(wire::view(name), wire::view(text));
    if (!done) return wire::give_error(done.error(), error);
    memory.entries = memory.of->entries();
    return GW_OK;
  }
  static std::int32_t entry(void* ctx, std::size_t n, gw_str* name, gw_str* text) {
    const auto& entries = static_cast<Memory*>(ctx)->entries;
    if (n >= entries.size()) return 0;
    *name = wire::str(entries[n].first), *text = wire::str(entries[n].second);
    return 1;
  }

  std::vector<gw_chunk> chunks_;
  std::vector<std::vector<const std::uint8_t*>> sets_;
  Memory memory_;
  gw_memory raw_memory_{};
  gw_unit raw_{};
};

// int64 or utf8, as the array's own buffers tell: no schema crosses with ids.
Type id_type(const ArrowArray& array) { return array.n_buffers == 3 ? TypeId::utf8 : TypeId::int64; }

class PluginWriter : public Writer {
 public:
  PluginWriter(std::shared_ptr<Session> session, gw_writer* handle, const WriteRequest& request)
      : session_(std::move(session)), handle_(handle), request_(request) {}
  ~PluginWriter() override { api().close(handle_); }

  Result<> prepare() override { return named(wire::call("prepare", api().prepare, handle_)); }

  Result<Outcomes> submit(const Unit& unit) override {
    for (const Chunk& chunk : unit.chunks) {
      const bool whole = chunk.batch.columns.size() == request_.columns.size() &&
                         (chunk.set.empty() || chunk.set.size() == request_.columns.size()) &&
                         (chunk.operations.empty() || static_cast<std::int64_t>(chunk.operations.size()) == chunk.batch.rows);
      if (!whole) return fail(3027, {{"connector", session_->connector}, {"seen", "a unit whose columns are not those of the request"}});
    }
    const CrossingUnit crossing(unit);
    gw_outcomes raw{};
    raw.struct_size = sizeof raw;
    const Result<> done = named(wire::call("submit", api().submit, handle_, crossing.get(), &raw));
    Result<Outcomes> out = done ? unwrap(raw, unit.rows()) : Result<Outcomes>(Failure(done.error()));
    release(raw);
    return out;
  }

  Result<Resolved> resolve(const Unit& unit) override {
    Unit named_only;
    named_only.run = unit.run, named_only.flow = unit.flow, named_only.shard = unit.shard, named_only.number = unit.number;
    const CrossingUnit crossing(named_only);
    gw_outcomes raw{};
    raw.struct_size = sizeof raw;
    std::int32_t resolution = -1;
    gw_text end_position{}, note{};
    const Result<> done = named(wire::call("resolve", api().resolve, handle_, crossing.get(), &resolution, &raw, &end_position, &note));
    Resolved out;
    out.end_position = wire::take(&end_position), out.note = wire::take(&note);
    Result<> understood = done;
    if (done && resolution == GW_DONE) {
      Result<Outcomes> outcomes = unwrap(raw, raw.rows);
      if (outcomes) out.outcomes = std::move(*outcomes);
      else understood = Failure(std::move(outcomes).error());
    }
    release(raw);
    GW_TRY(understood);
    switch (resolution) {
      case GW_ABSENT: out.resolution = Resolution::absent; break;
      case GW_DONE: out.resolution = Resolution::done; break;
      case GW_RESOLUTION_UNKNOWN: out.resolution = Resolution::unknown; break;
      default: return fail(3012, {{"connector", session_->connector}, {"call", "resolve"}, {"seen", std::to_string(resolution)}});
    }
    return out;
  }

  Result<Rows> read_back(std::span<const Column> keys) override {
    const std::int64_t wanted = keys.empty() ? 0 : keys.front().length;
    ArrowArray asked{}, raw{};
    export_columns({keys.begin(), keys.end()}, wanted, &asked);
    const Result<> done = named(wire::call("read_back", api().read_back, handle_, static_cast<const ArrowArray*>(&asked), &raw));
    if (asked.release != nullptr) asked.release(&asked);
    Result<Rows> out = done ? unwrap_rows(raw, wanted) : Result<Rows>(Failure(done.error()));
    if (raw.release != nullptr) raw.release(&raw);
    return out;
  }

  Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard) override {
    std::int64_t number = 0;
    GW_TRY(named(wire::call("last_unit", api().last_unit, handle_, wire::str(run), wire::str(flow), std::int32_t{shard}, &number)));
    return number;
  }

 private:
  const gw_writer_api& api() const { return *session_->api->writer; }
  Failure wrong(std::string seen) const { return fail(3014, {{"connector", session_->connector}, {"seen", std::move(seen)}}); }
  Result<> named(Result<> result) const {
    if (!result) return Failure(with_connector(std::move(result).error(), session_->connector));
    return result;
  }

  static void release(gw_outcomes& raw) {
    if (raw.ids.release != nullptr) raw.ids.release(&raw.ids);
    if (raw.release != nullptr) raw.release(&raw);
  }

  // Checks that every row of `rows` has an outcome, and every refused one its reason.
  Result<Outcomes> unwrap(gw_outcomes& raw, std::int64_t rows) {
    const auto is_kind = [](std::uint8_t k) { return k >= GW_CREATED && k <= GW_MISSING; };
    if (raw.rows != rows || rows < 0) return wrong(std::to_string(raw.rows) + " outcomes for " + std::to_string(rows) + " rows");
    Outcomes out;
    out.rows = rows;
    std::int64_t refused = 0;
    if (raw.kinds == nullptr) {
      if (rows > 0 && !is_kind(raw.kind)) return wrong("outcome " + std::to_string(raw.kind));
      out.kind = static_cast<OutcomeKind>(raw.kind);
      refused = raw.kind == GW_REFUSED ? rows : 0;
    } else {
      out.kinds.reserve(static_cast<std::size_t>(rows));
      for (std::int64_t i = 0; i < rows; ++i) {
        if (!is_kind(raw.kinds[i])) return wrong("outcome " + std::to_string(raw.kinds[i]) + " of row " + std::to_string(i));
        out.kinds.push_back(static_cast<OutcomeKind>(raw.kinds[i]));
        refused += raw.kinds[i] == GW_REFUSED;
      }
    }
    if (raw.refusal_count != 0 && raw.refusals == nullptr) return wrong("reasons that are not there");
    if (static_cast<std::int64_t>(raw.refusal_count) != refused)
      return wrong(std::to_string(refused) + " refused rows with " + std::to_string(raw.refusal_count) + " reasons");
    for (std::size_t i = 0; i < raw.refusal_count; ++i) {
      const gw_refusal& r = raw.refusals[i];
      if (r.row < 0 || r.row >= rows || out.at(r.row) != OutcomeKind::refused) return wrong("a reason for row " + std::to_string(r.row) + ", which was not refused");
      out.refusals.push_back(refusal_of(r));
    }
    std::sort(out.refusals.begin(), out.refusals.end(), [](const Refusal& a, const Refusal& b) { return a.row < b.row; });
    const auto twice = std::adjacent_find(out.refusals.begin(), out.refusals.end(), [](const Refusal& a, const Refusal& b) { return a.row == b.row; });
    if (twice != out.refusals.end()) return wrong("two reasons for row " + std::to_string(twice->row));
    if (raw.ids.release == nullptr) return out;
    std::vector<Column> ids;
    if (!wire::plausible(raw.ids, 1) || raw.ids.length != rows || !import_columns(&raw.ids, {{"@id", id_type(*raw.ids.children[0])}}, &ids))
      return wrong("ids that are not one integer or text per row");
    out.ids = std::move(ids.front());
    return out;
  }

  Refusal refusal_of(const gw_refusal& r) {
    Refusal out;
    out.row = r.row, out.error_class = wire::view(r.error_class), out.field = wire::view(r.field), out.words = wire::view(r.words);
    if (out.error_class.empty()) out.error_class = "data";
    out.error = with_connector(wire::row_error(r.number, wire::view(r.args_json), "submit"), session_->connector);
    if (!out.field.empty() && out.error.argument("field").empty()) out.error.arguments.emplace_back("field", out.field);
    if (!out.words.empty() && out.error.argument("words").empty()) out.error.arguments.emplace_back("words", out.words);
    return out;
  }

  Result<Rows> unwrap_rows(ArrowArray& raw, std::int64_t wanted) {
    Schema schema = request_.columns;
    const bool ids = !request_.id.empty();
    const auto children = static_cast<std::int64_t>(schema.size()) + (ids ? 2 : 1);
    if (!wire::plausible(raw, children) || raw.length != wanted) return wrong("read_back gave other rows than were asked for");
    if (ids) schema.push_back({"@id", id_type(*raw.children[schema.size()])});
    schema.push_back({"@found", TypeId::boolean});
    std::vector<Column> columns;
    if (!import_columns(&raw, schema, &columns)) return wrong("read_back gave columns of other types");
    Rows out;
    const Column found = std::move(columns.back());
    columns.pop_back();
    if (found.has_nulls()) return wrong("read_back left open whether a row was found");
    for (std::int64_t i = 0; i < wanted; ++i) out.found.push_back(found.boolean(i));
    if (ids) out.ids = std::move(columns.back()), columns.pop_back();
    out.batch.schema = request_.columns, out.batch.columns = std::move(columns), out.batch.rows = wanted;
    return out;
  }

  std::shared_ptr<Session> session_;
  gw_writer* handle_;
  WriteRequest request_;
};

}  // namespace

std::unique_ptr<Writer> wrap_writer(std::shared_ptr<Session> session, gw_writer* handle, const WriteRequest& request) {
  return std::make_unique<PluginWriter>(std::move(session), handle, request);
}

}  // namespace godwit
