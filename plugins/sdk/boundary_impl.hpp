#pragma once
// What boundary.hpp declares. Of no interest to a connector's author.

#include <exception>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/arrow.hpp"
#include "plugins/sdk/boundary.hpp"
#include "plugins/sdk/connector.hpp"
#include "plugins/sdk/host_call.hpp"
#include "plugins/sdk/json.hpp"
#include "plugins/sdk/manifest.hpp"

namespace godwit::sdk::boundary {

inline std::string_view view(gw_str s) { return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size); }
inline gw_str str(std::string_view s) { return gw_str{s.data(), s.size()}; }

// A text that lives until the core releases it.
inline void give(std::string text, gw_text* out) {
  auto* held = new std::string(std::move(text));
  *out = gw_text{held->data(), held->size(), held, [](gw_text* t) {
                   delete static_cast<std::string*>(t->private_data);
                   t->release = nullptr;
                 }};
}

inline std::int32_t refuse(const Error& error, gw_error* out) {
  out->kind = static_cast<std::int32_t>(error.kind), out->number = error.number;
  try {
    give(dump(error_json(error)), &out->json);
  } catch (...) {  // no memory left to say why: kind and number must do
    out->json = gw_text{};
  }
  return out->kind;
}

inline Error thrown(std::string_view what) { return Error{3010, ErrorKind::broken, {{"seen", std::string(what)}}, {}}; }

// Runs `work` (giving a Result<>), and turns errors and exceptions into `error`.
template <typename Work>
std::int32_t guard(gw_error* error, Work&& work) {
  try {
    const Result<> done = work();
    return done ? GW_OK : refuse(done.error(), error);
  } catch (const nlohmann::json::exception& e) {
    return refuse(Error{3027, ErrorKind::broken, {{"seen", e.what()}}, {}}, error);
  } catch (const std::bad_alloc&) {
    return refuse(thrown("out of memory"), error);
  } catch (const std::exception& e) {
    return refuse(thrown(e.what()), error);
  } catch (...) {
    return refuse(thrown("unknown exception"), error);
  }
}

struct OpenConnection {
  std::unique_ptr<ConnectionImpl> impl;
};
struct OpenReader {
  std::unique_ptr<Reader> impl;
};
struct OpenWriter {
  std::unique_ptr<Writer> impl;
  WriteRequest request;
  Schema key_schema;
};
inline OpenConnection& connection(gw_connection* c) { return *reinterpret_cast<OpenConnection*>(c); }
inline OpenReader& reader(gw_reader* r) { return *reinterpret_cast<OpenReader*>(r); }
inline OpenWriter& writer(gw_writer* w) { return *reinterpret_cast<OpenWriter*>(w); }

// ---- batches out ----

struct HeldBatch {
  std::string position;
  std::vector<std::int32_t> lines;
  std::vector<Unreadable> rows;
  std::vector<std::string> arguments;
  std::vector<gw_unreadable> unreadable;
};

inline Result<> give_batch(ReadBatch&& read, gw_batch* out) {
  Batch& batch = read.batch;
  if (batch.places.length != batch.rows) return fail(3013, ErrorKind::broken, {{"seen", "rows without their places"}});
  std::vector<Column> columns = std::move(batch.columns);
  columns.push_back(std::move(batch.places));
  auto held = std::make_unique<HeldBatch>();
  held->position = std::move(read.position), held->rows = std::move(read.unreadable);
  if (!batch.lines.empty()) {
    out->first_line = batch.lines.front();
    held->lines.reserve(batch.lines.size());
    for (std::int64_t line : batch.lines) held->lines.push_back(static_cast<std::int32_t>(line - out->first_line));
    out->lines = held->lines.data();
  }
  held->arguments.reserve(held->rows.size()), held->unreadable.reserve(held->rows.size());
  for (const Unreadable& u : held->rows) {
    held->arguments.push_back(dump(error_json(u.error)));
    held->unreadable.push_back({u.locator, u.line, u.error.number, str(held->arguments.back()), str(u.raw)});
  }
  out->unreadable = held->unreadable.data(), out->unreadable_count = held->unreadable.size();
  out->position = str(held->position), out->bytes_read = read.bytes_read, out->end = read.end ? 1 : 0;
  export_columns(columns, batch.rows, &out->columns);
  out->private_data = held.release();
  out->release = [](gw_batch* b) {
    delete static_cast<HeldBatch*>(b->private_data);
    b->release = nullptr;
  };
  return {};
}

// ---- units in, outcomes out ----

// Columns that see the core's memory for the length of the call; nobody keeps them longer.
inline Result<std::vector<Column>> borrow(const ArrowArray& array, const Schema& schema) {
  ArrowArray seen = array;
  seen.release = [](ArrowArray* a) { a->release = nullptr; };
  std::vector<Column> columns;
  if (!import_columns(&seen, schema, &columns))
    return fail(3027, ErrorKind::broken, {{"seen", "columns that are not those of the request"}});
  return columns;
}

// The host's memory of a unit.
class HostMemory : public UnitMemory {
 public:
  explicit HostMemory(const gw_memory& memory) : memory_(memory) {}
  Result<> put(std::string_view name, std::string_view text) override { return host_call(memory_.put, memory_.ctx, str(name), str(text)); }
  std::vector<std::pair<std::string, std::string>> entries() override {
    std::vector<std::pair<std::string, std::string>> all;
    gw_str name{}, text{};
    while (memory_.entry(memory_.ctx, all.size(), &name, &text) != 0) all.emplace_back(view(name), view(text));
    return all;
  }

 private:
  const gw_memory& memory_;
};

inline Result<Unit> take_unit(const gw_unit& unit, const Schema& schema) {
  Unit out;
  out.run = view(unit.run), out.flow = view(unit.flow), out.shard = unit.shard, out.number = unit.number;
  out.end_position = view(unit.end_position), out.note = view(unit.note_json);
  for (std::size_t i = 0; i < unit.chunk_count; ++i) {
    const gw_chunk& chunk = unit.chunks[i];
    Chunk& c = out.chunks.emplace_back();
    c.batch.schema = schema, c.batch.rows = chunk.columns.length;
    GW_ASSIGN(c.batch.columns, borrow(chunk.columns, schema));
    c.operation = static_cast<Operation>(chunk.operation);
    if (chunk.operations != nullptr) {
      c.operations.resize(static_cast<std::size_t>(c.batch.rows));
      for (std::size_t row = 0; row < c.operations.size(); ++row) c.operations[row] = static_cast<Operation>(chunk.operations[row]);
    }
    if (chunk.set == nullptr) continue;
    for (std::size_t column = 0; column < schema.size(); ++column)
      c.set.push_back(chunk.set[column] == nullptr ? Buffer() : Buffer(nullptr, chunk.set[column], bitmap_bytes(c.batch.rows)));
  }
  return out;
}

struct HeldOutcomes {
  Outcomes outcomes;
  std::vector<std::string> arguments;
  std::vector<gw_refusal> refusals;
};

inline Result<> give_outcomes(Outcomes&& outcomes, gw_outcomes* out) {
  auto held = std::make_unique<HeldOutcomes>();
  held->outcomes = std::move(outcomes);
  const Outcomes& o = held->outcomes;
  if (!o.kinds.empty() && static_cast<std::int64_t>(o.kinds.size()) != o.rows)
    return fail(3014, ErrorKind::broken, {{"seen", std::to_string(o.kinds.size()) + " outcomes for " + std::to_string(o.rows) + " rows"}});
  out->rows = o.rows, out->kind = static_cast<std::uint8_t>(o.kind);
  out->kinds = o.kinds.empty() ? nullptr : reinterpret_cast<const std::uint8_t*>(o.kinds.data());
  held->arguments.reserve(o.refusals.size()), held->refusals.reserve(o.refusals.size());
  for (const Refusal& r : o.refusals) {
    held->arguments.push_back(dump(error_json(r.error)));
    held->refusals.push_back({r.row, r.error.number, str(r.error_class), str(r.field), str(r.words), str(held->arguments.back())});
  }
  out->refusals = held->refusals.data(), out->refusal_count = held->refusals.size();
  out->ids.release = nullptr;
  if (o.ids.length != 0) {
    out->ids_are_text = o.ids.type.is_variable() ? 1 : 0;
    export_columns({o.ids}, o.ids.length, &out->ids);
  }
  out->private_data = held.release();
  out->release = [](gw_outcomes* done) {
    delete static_cast<HeldOutcomes*>(done->private_data);
    done->release = nullptr;
  };
  return {};
}

inline Result<> give_rows(Writer::Rows&& rows, bool with_ids, ArrowArray* out) {
  std::vector<Column> columns = std::move(rows.batch.columns);
  if (with_ids) columns.push_back(std::move(rows.ids));
  ColumnBuilder found{Type(TypeId::boolean)};
  for (const bool f : rows.found) found.append_bool(f);
  columns.push_back(found.finish());
  export_columns(columns, static_cast<std::int64_t>(rows.found.size()), out);
  return {};
}

// ---- the tables ----

inline const gw_reader_api kReader{
    .struct_size = sizeof(gw_reader_api),
    .schema = [](gw_reader* r, ArrowSchema* out, gw_error* error) -> std::int32_t {
      return guard(error, [&]() -> Result<> {
        Schema schema = reader(r).impl->schema();
        schema.push_back({"@place", reader(r).impl->place_type()});
        export_schema(schema, out);
        return {};
      });
    },
    .read = [](gw_reader* r, gw_batch* out, gw_error* error) -> std::int32_t {
      return guard(error, [&]() -> Result<> {
        GW_ASSIGN(ReadBatch batch, reader(r).impl->read());
        return give_batch(std::move(batch), out);
      });
    },
    .close = [](gw_reader* r) { delete reinterpret_cast<OpenReader*>(r); },
};

inline const gw_writer_api kWriter{
    .struct_size = sizeof(gw_writer_api),
    .prepare = [](gw_writer* w, gw_error* error) -> std::int32_t { return guard(error, [&] { return writer(w).impl->prepare(); }); },
    .submit = [](gw_writer* w, const gw_unit* unit, gw_outcomes* out, gw_error* error) -> std::int32_t {
      return guard(error, [&]() -> Result<> {
        GW_ASSIGN(Unit in, take_unit(*unit, writer(w).request.columns));
        std::optional<HostMemory> memory;
        if (unit->struct_size >= offsetof(gw_unit, memory) + sizeof(void*) && unit->memory != nullptr) in.memory = &memory.emplace(*unit->memory);
        GW_ASSIGN(Outcomes outcomes, writer(w).impl->submit(in));
        return give_outcomes(std::move(outcomes), out);
      });
    },
    .resolve = [](gw_writer* w, const gw_unit* unit, std::int32_t* resolution, gw_outcomes* out, gw_text* end_position,
                  gw_text* note, gw_error* error) -> std::int32_t {
      return guard(error, [&]() -> Result<> {
        Unit in;
        in.run = view(unit->run), in.flow = view(unit->flow), in.shard = unit->shard, in.number = unit->number;
        GW_ASSIGN(Resolved resolved, writer(w).impl->resolve(in));
        *resolution = static_cast<std::int32_t>(resolved.resolution);
        if (resolved.resolution != Resolution::done) return {};
        GW_TRY(give_outcomes(std::move(resolved.outcomes), out));
        give(std::move(resolved.end_position), end_position);
        give(std::move(resolved.note), note);
        return {};
      });
    },
    .read_back = [](gw_writer* w, const ArrowArray* keys, ArrowArray* out, gw_error* error) -> std::int32_t {
      return guard(error, [&]() -> Result<> {
        GW_ASSIGN(const std::vector<Column> columns, borrow(*keys, writer(w).key_schema));
        GW_ASSIGN(Writer::Rows rows, writer(w).impl->read_back(columns));
        return give_rows(std::move(rows), !writer(w).request.id.empty(), out);
      });
    },
    .last_unit = [](gw_writer* w, gw_str run, gw_str flow, std::int32_t shard, std::int64_t* number, gw_error* error) -> std::int32_t {
      return guard(error, [&]() -> Result<> {
        GW_ASSIGN(*number, writer(w).impl->last_unit(view(run), view(flow), shard));
        return {};
      });
    },
    .close = [](gw_writer* w) { delete reinterpret_cast<OpenWriter*>(w); },
};

// Settings as the host sends them: an object of texts; "@folder" is what relative paths start at.
inline Result<Settings> take_settings(std::span<const Setting> described, std::string_view text) {
  const auto json = nlohmann::ordered_json::parse(text);
  std::vector<std::pair<std::string, std::string>> given;
  std::filesystem::path folder;
  for (const auto& [name, value] : json.items()) {
    if (name == "@folder") folder = value.get<std::string>();
    else given.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return Settings::parse(described, given, std::move(folder));
}

inline std::int32_t open_writer(gw_connection* c, gw_str request_json, gw_writer** out, gw_error* error) {
  return guard(error, [&]() -> Result<> {
    auto open = std::make_unique<OpenWriter>();
    open->request = write_request(view(request_json));
    for (const std::string& key : open->request.key)
      open->key_schema.push_back(open->request.columns[static_cast<std::size_t>(find_field(open->request.columns, key))]);
    GW_ASSIGN(open->impl, connection(c).impl->open_writer(open->request));
    *out = reinterpret_cast<gw_writer*>(open.release());
    return {};
  });
}

GODWIT_SDK_INLINE std::int32_t open_connection(const Connector& connector, const gw_host* host, gw_str settings_json, gw_connection** out, gw_error* error) {
  return guard(error, [&]() -> Result<> {
    GW_ASSIGN(const Settings settings, take_settings(connector.settings, view(settings_json)));
    GW_ASSIGN(auto impl, connector.open(settings, HostServices(host)));
    *out = reinterpret_cast<gw_connection*>(new OpenConnection{std::move(impl)});
    return {};
  });
}

GODWIT_SDK_INLINE Table::Table(const Connector& connector, decltype(gw_connector_api::open) open)
    : manifest(sdk::manifest(connector)),
      api{.struct_size = sizeof(gw_connector_api),
      .name = str(connector.name),
      .manifest_json = str(manifest),
      .open = open,
      .close = [](gw_connection* c) { delete reinterpret_cast<OpenConnection*>(c); },
      .check = [](gw_connection* c, gw_text* out, gw_error* error) -> std::int32_t {
        return guard(error, [&]() -> Result<> {
          GW_ASSIGN(const ConnectionFacts facts, connection(c).impl->check());
          give(dump(to_json(facts)), out);
          return {};
        });
      },
      .describe = [](gw_connection* c, gw_str object, gw_text* out, gw_error* error) -> std::int32_t {
        return guard(error, [&]() -> Result<> {
          GW_ASSIGN(const ObjectDescription description, connection(c).impl->describe(view(object)));
          give(dump(to_json(description)), out);
          return {};
        });
      },
      .splits = [](gw_connection* c, gw_str object, std::int32_t wanted, gw_text* out, gw_error* error) -> std::int32_t {
        return guard(error, [&]() -> Result<> {
          GW_ASSIGN(const std::vector<std::string> splits, connection(c).impl->splits(view(object), wanted));
          give(dump(nlohmann::ordered_json(splits)), out);
          return {};
        });
      },
      .open_reader = [](gw_connection* c, gw_str request, gw_reader** out, gw_error* error) -> std::int32_t {
        return guard(error, [&]() -> Result<> {
          GW_ASSIGN(auto impl, connection(c).impl->open_reader(read_request(view(request))));
          *out = reinterpret_cast<gw_reader*>(new OpenReader{std::move(impl)});
          return {};
        });
      },
      .open_writer = open_writer,
      .reader = connector.reads ? &kReader : nullptr,
      .writer = connector.delivery != Delivery::none ? &kWriter : nullptr,
      .aggregate = !connector.aggregates ? nullptr : +[](gw_connection* c, gw_str request, gw_text* out, gw_error* error) -> std::int32_t {
        return guard(error, [&]() -> Result<> {
          const auto json = nlohmann::json::parse(view(request));
          GW_ASSIGN(const std::vector<GroupValue> groups,
                    connection(c).impl->aggregate(text_member(json, "object"), text_member(json, "aggregate"),
                                                  text_member(json, "field"), text_member(json, "where"),
                                                  text_member(json, "group_by")));
          give(dump(to_json(groups)), out);
          return {};
        });
      },
      .estimate = [](gw_connection* c, gw_str request, gw_text* out, gw_error* error) -> std::int32_t {
        return guard(error, [&]() -> Result<> {
          GW_ASSIGN(const std::optional<Estimate> estimate, connection(c).impl->estimate(work(view(request))));
          give(estimate ? dump(to_json(*estimate)) : std::string("null"), out);
          return {};
        });
      }} {}

}  // namespace godwit::sdk::boundary
