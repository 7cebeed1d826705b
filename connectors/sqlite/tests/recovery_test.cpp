// No fault and no kill loses or doubles a row: changing file operations of a few units have their turn.
#include <sqlite3.h>
#include <sys/wait.h>

#include <cstdlib>
#include <ctime>

#include "connectors/sqlite/tests/fault_vfs.hpp"
#include "connectors/sqlite/tests/harness.hpp"

namespace godwit::sqlite_test {
namespace {

constexpr int kUnits = 3, kRows = 60;

// Every operation has its turn within four days; with GODWIT_SLOW all of them today.
struct Turns {
  long step = std::getenv("GODWIT_SLOW") != nullptr && *std::getenv("GODWIT_SLOW") != '\0' ? 1 : 4;
  long first = 1 + static_cast<long>(std::time(nullptr) / 86400) % step;
};

class SqliteRecovery : public SqliteTest {
 protected:
  void SetUp() override {
    SqliteTest::SetUp();
    request_ = request("t", {{"k", TypeId::utf8}, {"v", TypeId::utf8}}, {"k"}, "id");
  }

  void make_target(const std::string& journal_mode) const {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) std::filesystem::remove(file_.string() + suffix);
    sql("pragma journal_mode=" + journal_mode +
        "; create table t (id integer primary key, k text not null unique, v text);");
  }

  // Units of inserts and updates with texts long enough that pages are split and the journal gets old pages.
  Unit nth(std::int64_t n) const {
    std::vector<std::string> keys, values;
    for (int i = 0; i < kRows; ++i) {
      keys.push_back("k" + std::to_string((n - 1) * kRows / 2 + (i * 37) % kRows));
      values.push_back(std::to_string(n) + std::string(static_cast<std::size_t>(80 + i), 'x'));
    }
    return unit(request_, n, Operation::upsert, {column(TypeId::utf8, keys), column(TypeId::utf8, values)});
  }

  // What a resumed run does: asks the ledger for each unit and writes those that are absent.
  void resume() const {
    auto c = connect();
    auto w = must(c->open_writer(request_));
    must(w->prepare());
    for (int n = 1; n <= kUnits; ++n) {
      const Resolution r = must(w->resolve(nth(n))).resolution;
      EXPECT_NE(r, Resolution::unknown);
      if (r == Resolution::absent) must(w->submit(nth(n)));
    }
  }

  std::string state() const {
    return sql(
        "pragma integrity_check; select k, v, id from t order by k; select unit, hex(outcomes), hex(ids) from "
        "godwit_ledger order by unit");
  }

  // The rows of the table are those of the units that the ledger names, no more and no less.
  void expect_whole_units() const {
    const std::string units = sql("select count(*) from sqlite_schema where name = 'godwit_ledger'") == "0"
                                  ? "0"
                                  : sql("select count(*) from godwit_ledger");
    const int done = std::stoi(units);
    EXPECT_EQ(sql("select count(*) from t"), std::to_string(done == 0 ? 0 : kRows + (done - 1) * kRows / 2));
    EXPECT_EQ(sql("select coalesce(max(substr(v, 1, 1)), '0') from t"), units);
    EXPECT_EQ(sql("pragma integrity_check"), "ok");
  }

  WriteRequest request_;
};

TEST_F(SqliteRecovery, KilledAtAnyFileOperationTheFileHoldsWholeUnits) {
  const Turns turns;
  for (const char* mode : {"delete", "wal"}) {
    make_target(mode);
    resume();
    const std::string expected = state();
    long kills = 0;
    for (long at = turns.first;; at += turns.step) {
      make_target(mode);
      const pid_t child = fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        fault_plan() = FaultPlan{true, at, 0, false, 0};
        resume();
        _exit(testing::Test::HasFailure() ? 1 : 0);
      }
      int status = 0;
      waitpid(child, &status, 0);
      if (WIFEXITED(status)) {
        EXPECT_EQ(WEXITSTATUS(status), 0);
        EXPECT_EQ(state(), expected);
        break;
      }
      ASSERT_EQ(WTERMSIG(status), SIGKILL);
      ++kills;
      // Whoever looks first finds whole units: here a reader, in the other half of the cases the sqlite3 program.
      if (kills % 2 == 0) {
        auto c = connect();
        EXPECT_EQ(std::to_string(*must(c->describe("t")).rows), sql("select count(*) from t"));
      }
      expect_whole_units();
      resume();
      ASSERT_EQ(state(), expected) << mode << ", killed at operation " << at;
    }
    EXPECT_GT(kills * turns.step, 20) << mode;
  }
}

TEST_F(SqliteRecovery, WhatAKilledProgramLeftIsUndoneOrNamed) {
  // A journal with a page of before: what SQLite leaves when it is killed between journal and commit.
  make_target("delete");
  resume();
  const std::string before = state();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    sqlite3* db = nullptr;
    sqlite3_open(file_.c_str(), &db);
    sqlite3_exec(
        db, "pragma cache_size=2; pragma cache_spill=1; begin; update t set v = 'half done' || hex(randomblob(300));",
        nullptr, nullptr, nullptr);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(std::filesystem::exists(file_.string() + "-journal"));
  const auto denied = connect({{"read_only", "yes"}})->check();
  ASSERT_EQ(number_of(denied), 3209);
  EXPECT_EQ(must(connect()->describe("t")).rows, kRows * 2);
  EXPECT_FALSE(std::filesystem::exists(file_.string() + "-journal"));
  EXPECT_EQ(state(), before);
}

TEST_F(SqliteRecovery, AFailingOperationIsNumberedAndTheUnitCanBeWrittenAgain) {
  const Turns turns;
  FaultPlan& plan = fault_plan();
  make_target("delete");
  resume();
  const std::string expected = state();
  for (const auto& [code, number, stays] :
       {std::tuple(SQLITE_FULL, 3205, true), std::tuple(SQLITE_IOERR_WRITE, 3207, false),
        std::tuple(SQLITE_IOERR_FSYNC, 3207, true)}) {
    for (long at = turns.first;; at += turns.step) {
      make_target("delete");
      auto c = connect();
      auto w = must(c->open_writer(request_));
      must(w->prepare());
      must(w->submit(nth(1)));
      plan = FaultPlan{true, at, code, stays, 0};
      const Result<Outcomes> tried = w->submit(nth(2));
      plan.armed = false;
      if (!tried) {
        // A full disk shows as what the operation is: a journal that cannot be made cannot be opened.
        EXPECT_TRUE(tried.error().number == number || tried.error().number == 3201 || tried.error().number == 3207)
            << printed(tried.error());
        EXPECT_NE(tried.error().kind, ErrorKind::row_rejected);
      } else {
        EXPECT_EQ(told(*tried).find("refused"), std::string::npos);
      }
      const Resolution resolution = must(w->resolve(nth(2))).resolution;
      EXPECT_EQ(resolution, tried ? Resolution::done : Resolution::absent) << "operation " << at;
      EXPECT_EQ(sql("select count(*) from t"), std::to_string(resolution == Resolution::done ? kRows * 3 / 2 : kRows))
          << "operation " << at;
      w.reset(), c.reset();
      resume();
      ASSERT_EQ(state(), expected) << code << " at operation " << at;
      if (!plan.reached()) break;
    }
    plan = FaultPlan();
  }
}

}  // namespace
}  // namespace godwit::sqlite_test
