#include "core/host/observer.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>

namespace godwit {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

class Observer : public BoundaryObserver {
 public:
  Observer(std::ostream* trace, std::ofstream record) : trace_(trace), record_(std::move(record)), began_(Clock::now()) {}

  bool records() const override { return record_.is_open(); }
  int next_connection() override { return ++connections_; }

  void ended(const Call& c, const json& request, const json& answer) override {
    const std::lock_guard lock(mutex_);
    if (trace_ != nullptr) {
      *trace_ << "boundary " << c.connector << '#' << c.connection << ' ' << c.name;
      if (!c.object.empty()) *trace_ << ' ' << c.object;
      *trace_ << ": " << c.summary << (c.summary.empty() ? "" : ", ") << c.us / 1000 << '.' << std::to_string(1000 + c.us % 1000).substr(1) << " ms";
      // The number says what went wrong without saying in whose record.
      if (c.error != nullptr) *trace_ << ", GW-" << c.error->number;
      *trace_ << std::endl;
    }
    if (!record_.is_open()) return;
    json line{{"at_us", std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began_).count()}, {"connection", c.connection}, {"connector", c.connector}, {"call", c.name},
              {"us", c.us}, {"request", request}, {"answer", answer}};
    if (!c.object.empty()) line["object"] = c.object;
    if (c.error != nullptr) line["error"] = {{"number", c.error->number}, {"kind", static_cast<int>(c.error->kind)}};
    record_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }

  void called(const http::LogEntry& e) override {
    const std::lock_guard lock(mutex_);
    if (trace_ != nullptr) {
      *trace_ << "http " << e.client << ' ' << e.method << ' ' << e.url;
      if (!e.endpoint.empty()) *trace_ << " (" << e.endpoint << ')';
      *trace_ << ": " << e.status << ' ' << e.outcome << (e.code.empty() ? "" : " " + e.code);
      if (e.attempt > 1) *trace_ << ", attempt " << e.attempt;
      *trace_ << ", " << e.sent_bytes << " bytes out, " << e.received_bytes << " in, " << e.us / 1000 << '.' << std::to_string(1000 + e.us % 1000).substr(1) << " ms" << std::endl;
    }
    if (!record_.is_open()) return;
    const json line{{"at_us", std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began_).count()}, {"call", "http"}, {"client", e.client}, {"method", e.method},
                    {"url", e.url}, {"endpoint", e.endpoint}, {"attempt", e.attempt}, {"status", e.status}, {"outcome", e.outcome}, {"code", e.code},
                    {"answer", masked(e.answer)}, {"sent_bytes", e.sent_bytes}, {"received_bytes", e.received_bytes}, {"us", e.us}};
    record_ << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }

 private:
  std::ostream* trace_;
  std::ofstream record_;
  const Clock::time_point began_;
  std::mutex mutex_;
  std::atomic<int> connections_{0};
};

// A value of a column as --record writes it: null stays null, all else is its masked text.
json masked_value(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return nullptr;
  if (column.type.id == TypeId::binary) return std::to_string(column.text(row).size()) + " bytes";
  return column.type.id == TypeId::boolean ? json(true) : json(masked(value_text(column, row)));
}

json names_of(const Schema& schema) {
  json out = json::array();
  for (const Field& f : schema) out.push_back({{"name", f.name}, {"type", to_string(f.type)}});
  return out;
}

json rows_of(const std::vector<Column>& columns, std::int64_t rows) {
  json out = json::array();
  for (std::int64_t r = 0; r < rows; ++r) {
    json row = json::array();
    for (const Column& c : columns) row.push_back(masked_value(c, r));
    out.push_back(std::move(row));
  }
  return out;
}

json outcomes_of(const Outcomes& outcomes) {
  json kinds = json::object(), refusals = json::array();
  static constexpr const char* kNames[] = {"?", "created", "updated", "unchanged", "deleted", "refused", "unknown", "missing"};
  for (std::int64_t r = 0; r < outcomes.rows; ++r) {
    json& count = kinds[kNames[std::min<std::size_t>(static_cast<std::size_t>(outcomes.at(r)), 7)]];
    count = count.is_null() ? 1 : count.get<std::int64_t>() + 1;
  }
  for (const Refusal& r : outcomes.refusals) refusals.push_back({{"row", r.row}, {"number", r.error.number}, {"class", r.error_class}, {"field", r.field}, {"words", masked(r.words)}});
  return {{"rows", outcomes.rows}, {"kinds", kinds}, {"refusals", refusals}};
}

// Who makes the call: the connection, and the object of its reader or writer.
struct Watch {
  std::shared_ptr<BoundaryObserver> observer;
  int connection = 0;
  std::string connector, object;

  // Calls `work` and reports it. `summary` and `answer` see the result when there is one.
  template <typename Work, typename Summary, typename Answer>
  auto call(const char* name, const json& request, Work&& work, Summary&& summary, Answer&& answer) const -> decltype(work()) {
    const auto began = Clock::now();
    auto result = work();
    BoundaryObserver::Call c{connection, connector, name, object, std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count(), "", nullptr};
    if (result) c.summary = summary(result);
    else c.error = &result.error();
    observer->ended(c, request, result && observer->records() ? answer(result) : json());
    return result;
  }
  template <typename Work>
  auto call(const char* name, const json& request, Work&& work) const -> decltype(work()) {
    return call(name, request, work, [](const auto&) { return std::string(); }, [](const auto&) { return json(); });
  }
};

class WatchedReader : public Reader {
 public:
  WatchedReader(std::unique_ptr<Reader> inner, Watch watch) : inner_(std::move(inner)), watch_(std::move(watch)) {}
  const Schema& schema() const override { return inner_->schema(); }
  Type place_type() const override { return inner_->place_type(); }
  Result<ReadBatch> read() override {
    return watch_.call("read", json(), [&] { return inner_->read(); },
      [](const Result<ReadBatch>& r) {
        return std::to_string(r->batch.rows) + " rows" + (r->unreadable.empty() ? "" : ", " + std::to_string(r->unreadable.size()) + " unreadable") + ", " + std::to_string(r->batch.size_bytes()) + " bytes" + (r->end ? ", end" : "");
      },
      [](const Result<ReadBatch>& r) {
        json unreadable = json::array();
        for (const Unreadable& u : r->unreadable) unreadable.push_back({{"line", u.line}, {"number", u.error.number}, {"raw", masked(u.raw)}});
        return json{{"columns", names_of(r->batch.schema)}, {"rows", rows_of(r->batch.columns, r->batch.rows)}, {"unreadable", unreadable}, {"position", masked(r->position)}, {"end", r->end}};
      });
  }

 private:
  std::unique_ptr<Reader> inner_;
  Watch watch_;
};

class WatchedWriter : public Writer {
 public:
  WatchedWriter(std::unique_ptr<Writer> inner, Watch watch) : inner_(std::move(inner)), watch_(std::move(watch)) {}
  Result<> prepare() override {
    return watch_.call("prepare", json(), [&] { return inner_->prepare(); });
  }
  Result<Outcomes> submit(const Unit& unit) override {
    return watch_.call("submit", watch_.observer->records() ? unit_of(unit, true) : json(), [&] { return inner_->submit(unit); },
      [&](const Result<Outcomes>& r) { return "unit " + std::to_string(unit.number) + ", " + std::to_string(r->rows) + " rows, " + std::to_string(r->refusals.size()) + " refused"; },
      [](const Result<Outcomes>& r) { return outcomes_of(*r); });
  }
  Result<Resolved> resolve(const Unit& unit) override {
    static constexpr const char* kNames[] = {"absent", "done", "unknown"};
    return watch_.call("resolve", unit_of(unit, false), [&] { return inner_->resolve(unit); },
      [&](const Result<Resolved>& r) { return "unit " + std::to_string(unit.number) + " " + kNames[static_cast<int>(r->resolution)]; },
      [](const Result<Resolved>& r) { return json{{"resolution", kNames[static_cast<int>(r->resolution)]}, {"outcomes", outcomes_of(r->outcomes)}}; });
  }
  Result<Rows> read_back(std::span<const Column> keys) override {
    const std::int64_t wanted = keys.empty() ? 0 : keys.front().length;
    return watch_.call("read_back", watch_.observer->records() ? json{{"keys", rows_of({keys.begin(), keys.end()}, wanted)}} : json(), [&] { return inner_->read_back(keys); },
      [&](const Result<Rows>& r) { return std::to_string(wanted) + " keys, " + std::to_string(std::count(r->found.begin(), r->found.end(), true)) + " found"; },
      [](const Result<Rows>& r) { return json{{"found", r->found}, {"rows", rows_of(r->batch.columns, r->batch.rows)}}; });
  }
  Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard) override {
    return watch_.call("last_unit", json{{"run", run}, {"flow", flow}, {"shard", shard}}, [&] { return inner_->last_unit(run, flow, shard); },
      [](const Result<std::int64_t>& r) { return "unit " + std::to_string(*r); }, [](const Result<std::int64_t>& r) { return json(*r); });
  }

 private:
  static json unit_of(const Unit& unit, bool rows) {
    json out{{"run", unit.run}, {"flow", unit.flow}, {"shard", unit.shard}, {"number", unit.number}};
    if (!rows) return out;
    out["end_position"] = masked(unit.end_position);
    for (const Chunk& chunk : unit.chunks) {
      json operations = json::array();
      for (std::int64_t r = 0; r < chunk.batch.rows; ++r) operations.push_back(static_cast<int>(chunk.operation_of(r)));
      out["chunks"].push_back({{"columns", names_of(chunk.batch.schema)}, {"operations", operations}, {"rows", rows_of(chunk.batch.columns, chunk.batch.rows)}});
    }
    return out;
  }
  std::unique_ptr<Writer> inner_;
  Watch watch_;
};

class WatchedConnection : public Connection {
 public:
  WatchedConnection(std::unique_ptr<Connection> inner, Watch watch) : inner_(std::move(inner)), watch_(std::move(watch)) {}
  const std::string& connector() const override { return inner_->connector(); }
  Delivery delivery() const override { return inner_->delivery(); }
  int writes_in_flight() const override { return inner_->writes_in_flight(); }
  bool can_read() const override { return inner_->can_read(); }
  bool can_write() const override { return inner_->can_write(); }
  bool can_aggregate() const override { return inner_->can_aggregate(); }

  Result<ConnectionFacts> check() override {
    return watch_.call("check", json(), [&] { return inner_->check(); }, [](const Result<ConnectionFacts>& f) { return std::to_string(f->objects.size()) + " objects"; },
      [](const Result<ConnectionFacts>& f) { return json{{"identity", masked(f->identity)}, {"version", f->version}, {"writable", f->writable}, {"objects", f->objects}}; });
  }
  Result<ObjectDescription> describe(std::string_view object) override {
    return on(object).call("describe", json(), [&] { return inner_->describe(object); }, [](const Result<ObjectDescription>& d) { return std::to_string(d->fields.size()) + " fields"; },
      [](const Result<ObjectDescription>& d) { return json{{"fields", names_of(d->schema())}, {"key", d->key}, {"rows", d->rows ? json(*d->rows) : json()}}; });
  }
  Result<std::vector<std::string>> splits(std::string_view object, int wanted) override {
    return on(object).call("splits", json{{"wanted", wanted}}, [&] { return inner_->splits(object, wanted); }, [](const Result<std::vector<std::string>>& s) { return std::to_string(s->size()) + " splits"; },
      [](const Result<std::vector<std::string>>& all) {
        json out = json::array();
        for (const std::string& s : *all) out.push_back(masked(s));
        return out;
      });
  }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& r) override {
    const Watch watch = on(r.object);
    const json request{{"columns", r.columns}, {"split", masked(r.split)}, {"position", masked(r.position)}, {"until", masked(r.until)}, {"batch_rows", r.batch_rows}, {"batch_bytes", r.batch_bytes}};
    GW_ASSIGN(auto inner, watch.call("open_reader", request, [&] { return inner_->open_reader(r); }));
    return std::make_unique<WatchedReader>(std::move(inner), watch);
  }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& r) override {
    const Watch watch = on(r.object);
    const json request{{"columns", names_of(r.columns)}, {"key", r.key}, {"id", r.id}, {"run", r.run}, {"flow", r.flow}, {"ledger", r.ledger}};
    GW_ASSIGN(auto inner, watch.call("open_writer", request, [&] { return inner_->open_writer(r); }));
    return std::make_unique<WatchedWriter>(std::move(inner), watch);
  }
  Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate, std::string_view field, std::string_view where, std::string_view group_by) override {
    return on(object).call("aggregate", json{{"aggregate", aggregate}, {"field", field}, {"where", masked(where)}, {"group_by", group_by}}, [&] { return inner_->aggregate(object, aggregate, field, where, group_by); },
      [](const Result<std::vector<GroupValue>>& g) { return std::to_string(g->size()) + " groups"; }, [](const Result<std::vector<GroupValue>>& g) { return json(g->size()); });
  }
  Result<std::optional<Estimate>> estimate(const Work& work) override {
    return on(work.object).call("estimate", json{{"insert", work.inserts}, {"update", work.updates}, {"delete", work.deletes}, {"read", work.reads}}, [&] { return inner_->estimate(work); },
      [](const Result<std::optional<Estimate>>& e) { return *e ? std::to_string((*e)->calls) + " calls" : std::string("nothing is counted"); },
      [](const Result<std::optional<Estimate>>& e) { return *e ? json{{"calls", (*e)->calls}, {"jobs", (*e)->jobs}, {"seconds", (*e)->seconds}} : json(); });
  }

 private:
  Watch on(std::string_view object) const {
    Watch out = watch_;
    out.object = object;
    return out;
  }
  std::unique_ptr<Connection> inner_;
  Watch watch_;
};

}  // namespace

std::string masked(std::string_view text) {
  std::string out;
  int count = 0;
  for (std::size_t i = 0; i < text.size() && count < 200; ++count) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t size = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (c >= 0x80) out += "文";
    else if (std::isdigit(c) != 0) out += '9';
    else if (std::isupper(c) != 0) out += 'X';
    else if (std::islower(c) != 0) out += 'x';
    else out += static_cast<char>(c);
    i += size;
  }
  return out;
}

json masked_settings(const json& settings, std::string_view manifest) {
  json out = json::object();
  const json described = json::parse(manifest, nullptr, false);
  for (const auto& [name, value] : settings.items()) {
    if (!value.is_string()) continue;
    std::string kind = "text";
    bool secret = false;
    for (const json& s : described.is_object() ? described.value("settings", json::array()) : json::array())
      if (s.value("name", "") == name) kind = s.value("kind", "text"), secret = s.value("secret", false);
    const bool plain = kind == "integer" || kind == "boolean" || kind == "choice";
    out[name] = secret ? "***" : plain ? value.get<std::string>() : masked(value.get<std::string>());
  }
  return out;
}

Result<std::shared_ptr<BoundaryObserver>> make_observer(std::ostream* trace, const std::filesystem::path& record) {
  std::ofstream file;
  if (!record.empty()) {
    file.open(record, std::ios::binary | std::ios::trunc);
    if (!file) return fail(3038, {{"place", record.string()}, {"seen", std::generic_category().message(errno)}});
  }
  return std::make_shared<Observer>(trace, std::move(file));
}

std::unique_ptr<Connection> observe(std::unique_ptr<Connection> connection, std::shared_ptr<BoundaryObserver> observer, int number) {
  Watch watch{std::move(observer), number, connection->connector(), ""};
  return std::make_unique<WatchedConnection>(std::move(connection), std::move(watch));
}

}  // namespace godwit
