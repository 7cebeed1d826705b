// How fast rows reach and leave a file, beside a bare prepared insert and beside the sqlite3 program. Not run by ctest:
//   ninja bench_sqlite && connectors/sqlite/bench_sqlite customers.csv [folder for the databases]
// Every figure is the median of three, the ways taken in turn; the CSV is parsed beforehand and not timed, except by
// sqlite3 itself, whose ".import" cannot do without.

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "core/host/connection.hpp"
#include "core/model/catalogue.hpp"

extern "C" const gw_connector_api* godwit_connector_sqlite(void);

namespace {

using namespace godwit;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kChunkRows = 8192;

double seconds_since(Clock::time_point from) { return std::chrono::duration<double>(Clock::now() - from).count(); }

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Csv {
  std::vector<std::string> header;
  std::vector<Batch> chunks;
  std::int64_t rows = 0;
};

// RFC 4180, which is what the generator writes.
Csv load(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  Csv out;
  std::size_t at = 0;
  const auto read_row = [&](const std::function<void(std::string_view)>& field) {
    std::string unquoted;
    for (bool more = true; more;) {
      std::size_t end = at;
      if (at < text.size() && text[at] == '"') {
        unquoted.clear();
        for (++at;; ++at) {
          const std::size_t quote = text.find('"', at);
          unquoted.append(text, at, quote - at);
          at = quote + 1;
          if (at >= text.size() || text[at] != '"') break;
          unquoted += '"';
        }
        field(unquoted);
        end = at;
      } else {
        while (end < text.size() && text[end] != ',' && text[end] != '\n' && text[end] != '\r') ++end;
        field({text.data() + at, end - at});
      }
      more = end < text.size() && text[end] == ',';
      at = end + 1;
      if (!more && end < text.size() && text[end] == '\r') ++at;
    }
  };
  read_row([&](std::string_view name) { out.header.emplace_back(name); });
  while (at < text.size()) {
    std::vector<ColumnBuilder> builders;
    for (std::size_t c = 0; c < out.header.size(); ++c) builders.emplace_back(Type(TypeId::utf8));
    Batch& batch = out.chunks.emplace_back();
    for (; batch.rows < kChunkRows && at < text.size(); ++batch.rows) {
      std::size_t c = 0;
      read_row([&](std::string_view value) { builders[c++].append_text(value); });
    }
    for (std::size_t c = 0; c < builders.size(); ++c) {
      batch.schema.push_back({out.header[c], TypeId::utf8});
      batch.columns.push_back(builders[c].finish());
    }
    out.rows += batch.rows;
  }
  return out;
}

struct Target {
  std::filesystem::path file;
  explicit Target(std::filesystem::path path, const Csv& csv, bool keyed) : file(std::move(path)) {
    remove();
    std::string sql = "create table t (";
    for (std::size_t c = 0; c < csv.header.size(); ++c)
      sql += (c == 0 ? "" : ", ") + csv.header[c] + " text" + (keyed && c == 0 ? " not null unique" : "");
    sqlite3* db = nullptr;
    sqlite3_open(file.c_str(), &db);
    sqlite3_exec(db, (sql + ")").c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(db);
  }
  ~Target() { remove(); }
  void remove() const {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  }
};

double bare_insert(const Csv& csv, const Target& target, std::int64_t unit_rows) {
  sqlite3* db = nullptr;
  sqlite3_open_v2(target.file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::string sql = "insert into t values (?";
  for (std::size_t c = 1; c < csv.header.size(); ++c) sql += ", ?";
  sqlite3_stmt* s = nullptr;
  sqlite3_prepare_v2(db, (sql + ")").c_str(), -1, &s, nullptr);
  const auto from = Clock::now();
  std::int64_t in_unit = 0;
  sqlite3_exec(db, "begin", nullptr, nullptr, nullptr);
  for (const Batch& batch : csv.chunks) {
    for (std::int64_t i = 0; i < batch.rows; ++i) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        const std::string_view v = batch.columns[c].text(i);
        sqlite3_bind_text(s, static_cast<int>(c) + 1, v.data(), static_cast<int>(v.size()), SQLITE_STATIC);
      }
      sqlite3_step(s);
      sqlite3_reset(s);
    }
    if ((in_unit += batch.rows) >= unit_rows) sqlite3_exec(db, "commit; begin", nullptr, nullptr, nullptr), in_unit = 0;
  }
  sqlite3_exec(db, "commit", nullptr, nullptr, nullptr);
  const double seconds = seconds_since(from);
  sqlite3_finalize(s);
  sqlite3_close(db);
  return seconds;
}

double submit(Host& host, const Csv& csv, const Target& target, std::int64_t unit_rows, Operation operation,
              bool keyed) {
  auto connection = must(host.open("sqlite", {{"path", target.file.string()}}));
  WriteRequest request;
  request.object = "t", request.run = "r", request.flow = "f", request.columns = csv.chunks.front().schema;
  if (keyed) request.key = {csv.header[0]};
  auto writer = must(connection->open_writer(request));
  must(writer->prepare());
  const auto from = Clock::now();
  Unit unit;
  unit.run = "r", unit.flow = "f";
  std::int64_t written = 0;
  const auto send = [&] {
    ++unit.number;
    const Outcomes o = must(writer->submit(unit));
    for (std::int64_t i = 0; o.kinds.empty() ? false : i < o.rows; ++i) written += o.at(i) != OutcomeKind::refused;
    if (o.kinds.empty()) written += o.rows;
    unit.chunks.clear();
  };
  for (const Batch& batch : csv.chunks) {
    Chunk& chunk = unit.chunks.emplace_back();
    chunk.batch = batch, chunk.operation = operation;
    if (unit.rows() >= unit_rows) send();
  }
  if (!unit.chunks.empty()) send();
  const double seconds = seconds_since(from);
  if (written != csv.rows)
    std::fprintf(stderr, "only %lld rows were written\n", static_cast<long long>(written)), std::exit(1);
  return seconds;
}

double read_all(Host& host, const Csv& csv, const Target& target, std::vector<std::string> columns) {
  auto connection = must(host.open("sqlite", {{"path", target.file.string()}}));
  const auto from = Clock::now();
  ReadRequest request;
  request.object = "t", request.columns = std::move(columns);
  auto reader = must(connection->open_reader(request));
  std::int64_t rows = 0;
  for (bool end = false; !end;) {
    const ReadBatch read = must(reader->read());
    rows += read.batch.rows, end = read.end;
  }
  if (rows != csv.rows) std::fprintf(stderr, "only %lld rows were read\n", static_cast<long long>(rows)), std::exit(1);
  return seconds_since(from);
}

double read_back_all(Host& host, const Csv& csv, const Target& target) {
  auto connection = must(host.open("sqlite", {{"path", target.file.string()}}));
  WriteRequest request;
  request.object = "t", request.run = "r", request.flow = "f", request.columns = csv.chunks.front().schema,
  request.key = {csv.header[0]};
  auto writer = must(connection->open_writer(request));
  const auto from = Clock::now();
  std::int64_t found = 0;
  for (const Batch& batch : csv.chunks) {
    const Writer::Rows rows = must(writer->read_back(std::span(&batch.columns[0], 1)));
    for (const bool f : rows.found) found += f;
  }
  if (found != csv.rows)
    std::fprintf(stderr, "only %lld rows were found\n", static_cast<long long>(found)), std::exit(1);
  return seconds_since(from);
}

double import(const std::string& csv_path, const Target& target) {
  const std::string command = "sqlite3 '" + target.file.string() + "' '.import --csv --skip 1 \"" + csv_path + "\" t'";
  const auto from = Clock::now();
  if (std::system(command.c_str()) != 0) std::exit(1);
  return seconds_since(from);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_sqlite customers.csv [folder]\n");
    return 2;
  }
  const std::filesystem::path folder = argc > 2 ? argv[2] : std::filesystem::temp_directory_path();
  const Csv csv = load(argv[1]);
  std::printf("%lld rows, %zu columns\n", static_cast<long long>(csv.rows), csv.header.size());
  register_static_connector(godwit_connector_sqlite());
  auto host = make_host();
  const auto file = folder / "godwit_bench.db";

  std::map<std::string, std::vector<double>> figures;
  std::vector<std::string> order;
  const auto measure = [&](const std::string& what, const std::function<double()>& run) {
    if (!figures.contains(what)) order.push_back(what);
    figures[what].push_back(run());
  };
  for (int turn = 0; turn < 3; ++turn) {
    measure("sqlite3 .import", [&] {
      Target t(file, csv, false);
      return import(argv[1], t);
    });
    measure("bare insert, one transaction", [&] {
      Target t(file, csv, false);
      return bare_insert(csv, t, csv.rows);
    });
    measure("bare insert, units of 64k", [&] {
      Target t(file, csv, false);
      return bare_insert(csv, t, 65536);
    });
    for (const std::int64_t unit : {16384, 32768, 65536})
      measure("submit, units of " + std::to_string(unit / 1024) + "k", [&] {
        Target t(file, csv, false);
        return submit(*host, csv, t, unit, Operation::insert, false);
      });
    measure("bare insert, unique key, units of 64k", [&] {
      Target t(file, csv, true);
      return bare_insert(csv, t, 65536);
    });
    Target keyed(file, csv, true);
    measure("submit, unique key, units of 64k",
            [&] { return submit(*host, csv, keyed, 65536, Operation::insert, true); });
    measure("read all columns", [&] { return read_all(*host, csv, keyed, {}); });
    measure("read one column", [&] { return read_all(*host, csv, keyed, {csv.header[0]}); });
    measure("read back by key", [&] { return read_back_all(*host, csv, keyed); });
    Target upserted(folder / "godwit_bench_upsert.db", csv, true);
    measure("upsert into an empty table", [&] { return submit(*host, csv, upserted, 65536, Operation::upsert, true); });
  }
  const double anchor = [&] {
    auto v = figures["sqlite3 .import"];
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
  }();
  for (const std::string& what : order) {
    std::vector<double>& v = figures[what];
    std::sort(v.begin(), v.end());
    std::printf("%-42s %6.2f s (%.2f to %.2f) %9.0f rows/s  %.2f of .import\n", what.c_str(), v[v.size() / 2],
                v.front(), v.back(), static_cast<double>(csv.rows) / v[v.size() / 2], v[v.size() / 2] / anchor);
  }
  sqlite3_int64 now = 0, most = 0;
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &now, &most, 0);
  std::printf("SQLite's own memory at most %.1f MB\n", static_cast<double>(most) / 1e6);
}
