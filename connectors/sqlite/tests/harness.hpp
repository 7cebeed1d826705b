#pragma once
// Tests go through the boundary, as the core does: host -> C tables -> connector. What should be in a file is asked of
// the sqlite3 program, which shares no code with the connector.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/host/connection.hpp"
#include "core/model/catalogue.hpp"

extern "C" const gw_connector_api* godwit_connector_sqlite(void);

namespace godwit::sqlite_test {

inline std::string printed(const Error& e) { return describe(e, Language::en); }

// The value, or a failed test.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(printed(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The number of the error, or 0.
template <typename T>
int number_of(const Result<T>& result) {
  return result ? 0 : result.error().number;
}

inline Host& host() {
  static const std::unique_ptr<Host> only = [] {
    register_static_connector(godwit_connector_sqlite());
    return make_host();
  }();
  return *only;
}

// A value as text: "#" stands for null.
inline Column column(Type type, const std::vector<std::string>& values) {
  ColumnBuilder out(type);
  for (const std::string& v : values) {
    if (v == "#")
      out.null();
    else if (type.is_variable())
      out.append_text(v);
    else if (type.id == TypeId::boolean)
      out.append_bool(v == "true");
    else if (type.id == TypeId::float64)
      out.append_float64(std::strtod(v.c_str(), nullptr));
    else if (type.id == TypeId::date32)
      out.append_date32(std::stoi(v));
    else if (type.id == TypeId::decimal128) {
      int128 digits = 0;
      const bool negative = v[0] == '-';
      for (char c : v)
        if (c >= '0' && c <= '9') digits = digits * 10 + (c - '0');
      out.append_decimal(negative ? -digits : digits);
    } else
      out.append_int64(std::stoll(v));
  }
  return out.finish();
}

// A folder with one database, which goes away with the test.
class SqliteTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("godwit_sqlite_" + std::to_string(getpid()) + "_" + info->test_suite_name() + "_" + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "crm.db";
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // Runs a script with the sqlite3 program and gives what it prints.
  std::string sql(const std::string& script, const std::filesystem::path& file = {}) const {
    const auto input = folder_ / "script.sql", output = folder_ / "script.out";
    std::ofstream(input) << script << "\n";
    const std::string command = "sqlite3 -batch '" + (file.empty() ? file_ : file).string() + "' < '" + input.string() +
                                "' > '" + output.string() + "' 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << script;
    std::ifstream in(output);
    std::string out((std::istreambuf_iterator<char>(in)), {});
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
  }

  std::unique_ptr<Connection> connect(nlohmann::json settings = nlohmann::json::object()) const {
    settings["path"] = settings.value("path", file_.string());
    return must(host().open("sqlite", settings));
  }

  static WriteRequest request(std::string object, Schema columns, std::vector<std::string> key = {},
                              std::string id = "") {
    WriteRequest out;
    out.object = std::move(object), out.columns = std::move(columns), out.key = std::move(key), out.id = std::move(id);
    out.run = "r1", out.flow = "f1";
    return out;
  }

  static Unit unit(const WriteRequest& r, std::int64_t number, Operation operation, std::vector<Column> columns) {
    Unit out;
    out.run = r.run, out.flow = r.flow, out.number = number, out.end_position = "row:" + std::to_string(number),
    out.note = "{}";
    Chunk& chunk = out.chunks.emplace_back();
    chunk.batch.schema = r.columns, chunk.batch.rows = columns.front().length, chunk.batch.columns = std::move(columns);
    chunk.operation = operation;
    return out;
  }

  // "created created refused:4102(email) ..."
  static std::string told(const Outcomes& o) {
    static constexpr const char* kNames[] = {"?",       "created", "updated", "unchanged",
                                             "deleted", "refused", "unknown", "missing"};
    std::string out;
    std::size_t refusal = 0;
    for (std::int64_t i = 0; i < o.rows; ++i) {
      out += (i == 0 ? "" : " ") + std::string(kNames[static_cast<int>(o.at(i))]);
      if (o.at(i) != OutcomeKind::refused) continue;
      if (refusal >= o.refusals.size() || o.refusals[refusal].row != i) return out + ":no refusal";
      const Refusal& r = o.refusals[refusal++];
      out += ":" + std::to_string(r.error.number) + "(" + r.field + ")";
    }
    return refusal == o.refusals.size() ? out : out + " and refusals of no row";
  }

  // All rows that a reader gives, one line each: place|value|value; "#" for null.
  static std::string drain(Connection& connection, const ReadRequest& request, std::string* unreadable = nullptr,
                           std::vector<std::string>* positions = nullptr) {
    auto reader = must(connection.open_reader(request));
    std::string out;
    while (true) {
      const ReadBatch read = must(reader->read());
      for (std::int64_t i = 0; i < read.batch.rows; ++i) {
        out += value_text(read.batch.places, i);
        for (const Column& c : read.batch.columns) out += "|" + (c.is_null(i) ? "#" : value_text(c, i));
        out += "\n";
      }
      for (const Unreadable& u : read.unreadable)
        if (unreadable != nullptr)
          *unreadable += std::to_string(u.locator) + " GW-" + std::to_string(u.error.number) + " " +
                         std::string(u.error.argument("field")) + " " + std::string(u.error.argument("seen")) + "\n";
      if (positions != nullptr) positions->push_back(read.position);
      if (read.end) return out;
    }
  }

  std::filesystem::path folder_, file_;
};

// With a writer.
class SqliteWriteTest : public SqliteTest {
 protected:
  std::unique_ptr<Writer> writer(const WriteRequest& r, nlohmann::json settings = nlohmann::json::object()) {
    connection_ = connect(std::move(settings));
    auto out = must(connection_->open_writer(r));
    must(out->prepare());
    return out;
  }
  // Columns of text, all rows with one operation.
  std::string write(Writer& w, const WriteRequest& r, Operation operation,
                    const std::vector<std::vector<std::string>>& columns) {
    std::vector<Column> made;
    for (std::size_t c = 0; c < columns.size(); ++c) made.push_back(column(r.columns[c].type, columns[c]));
    return told(must(w.submit(unit(r, ++number_, operation, std::move(made)))));
  }
  std::unique_ptr<Connection> connection_;
  std::int64_t number_ = 0;
};

// A table with most kinds of rules.
inline constexpr const char* kAccounts =
    "create table owners (code text primary key); insert into owners values ('E1'), ('E2');"
    "create table accounts (id integer primary key, legacy_id text not null unique, name text not null, status text "
    "default 'A' check (status in ('A','B')), "
    "revenue decimal(12,2), owner text references owners(code), seen int default 7);";

}  // namespace godwit::sqlite_test
