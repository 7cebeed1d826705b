#include "core/journal/journal.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <thread>

#include "core/journal/folder_lock.hpp"
#include "core/journal/tests/scratch.hpp"

namespace godwit {
namespace {

using testing::ElementsAre;

std::unique_ptr<Journal> open(const std::filesystem::path& folder, Journal::Mode mode = Journal::Mode::write) {
  std::int64_t now = 1'700'000'000'000'000;
  auto journal = Journal::open(folder, mode, {"harbour", [now]() mutable { return now += 1'000'001; }});
  EXPECT_GOOD(journal);
  return journal ? std::move(*journal) : nullptr;
}

std::int64_t begin(Journal& journal, RunKind kind = RunKind::run) {
  const auto scope = journal.find_or_add_scope("trial", "crm.db", "CRM");
  EXPECT_GOOD(scope);
  RunRecord run;
  run.scope = scope->id, run.kind = kind, run.mapping_hash = "m", run.extract_hash = "x";
  const auto begun = journal.begin_run(run);
  EXPECT_GOOD(begun);
  FlowRunRecord flow;
  flow.run = begun->number, flow.flow = "accounts", flow.source = "legacy.customers", flow.target = "crm.Account", flow.delivery = "transactional";
  EXPECT_GOOD(journal.put_flow_run(flow));
  return begun->number;
}

SettledUnit unit(std::int64_t run, std::int64_t number, std::int64_t rows = 10) {
  SettledUnit u;
  u.id = {run, "accounts", 0, number};
  u.start_position = "p" + std::to_string(number - 1), u.end_position = "p" + std::to_string(number);
  u.rows_read = rows, u.rows_written = rows - 2;
  u.counts.read = rows, u.counts.created = rows - 2, u.counts.set_aside = 1, u.counts.filtered = 1;
  std::vector<std::uint8_t> kinds(static_cast<std::size_t>(rows - 2), 1);
  u.outcomes = encode_outcomes(kinds);
  const std::vector<Hash128> filtered = {key_of(static_cast<std::uint64_t>(number))};
  u.segments.push_back(encode_filtered(filtered, {}));
  SetAsideRow row;
  row.source = "legacy.customers", row.source_key = "C" + std::to_string(number), row.key = key_of(1000 + static_cast<std::uint64_t>(number));
  row.locator = "4711", row.line = 12, row.number = 1413, row.field = "Name", row.arguments = {{"field", "Name"}, {"seen", "王\"\n"}};
  row.cause = "1413:Name", row.original = R"({"no":"C1"})", row.original_hash = "h";
  u.set_aside.push_back(row);
  return u;
}

// What a resumed run must find equal: everything but times.
std::string contents(Journal& journal, std::int64_t run) {
  std::string all;
  for (const char* sql : {"select run, flow, position, read, created, set_aside, filtered, bytes_read from flow_run", "select run, flow, shard, number, state, counts, outcomes from unit",
                          "select run, flow, shard, number, position from shard", "select run, unit, kind, rows, offset, bytes, checksum from segment",
                          "select run, unit, source_key, number, arguments from set_aside", "select run, source_key from merged", "select run, source_key from warning"}) {
    auto s = journal.database().prepare(sql);
    EXPECT_GOOD(s);
    while (*s->step()) {
      for (int c = 0; c < s->columns(); ++c) all += s->string(c) + "|";
      all += "\n";
    }
  }
  (void)run;
  return all;
}

TEST(Journal, IsMadePrivateAndKnowsItsVersion) {
  const Scratch scratch;
  auto journal = open(scratch / "p/.godwit");
  struct stat status {};
  ::stat((scratch / "p/.godwit").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777u, 0700u);
  ::stat((scratch / "p/.godwit/journal.db").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0077u, 0u);
  EXPECT_EQ(**journal->database().query_text("select value from meta where key = 'project'"), "harbour");
  EXPECT_EQ(**journal->database().query_text("pragma journal_mode"), "wal");
}

TEST(Journal, ANewerOneIsRefusedAndLeftAsItIs) {
  const Scratch scratch;
  open(scratch / ".godwit");
  {
    auto db = Database::open(scratch / ".godwit/journal.db", Database::Mode::read_write);
    ASSERT_GOOD(db->execute("update meta set value = '99' where key = 'schema_version'; pragma wal_checkpoint(truncate)"));
  }
  const std::string before = read_file(scratch / ".godwit/journal.db");
  EXPECT_EQ(number_of(Journal::open(scratch / ".godwit", Journal::Mode::write)), 5001);
  EXPECT_EQ(number_of(Journal::open(scratch / ".godwit", Journal::Mode::read_only)), 5001);
  EXPECT_EQ(read_file(scratch / ".godwit/journal.db"), before);
}

TEST(Journal, WhatIsNoJournalIsRefused) {
  const Scratch scratch;
  EXPECT_EQ(number_of(Journal::open(scratch / "none", Journal::Mode::read_only)), 5004);
  std::filesystem::create_directories(scratch / "text");
  write_file(scratch / "text/journal.db", "This is a text that was put where the journal should be, long enough for a header of SQLite.\n");
  EXPECT_EQ(number_of(Journal::open(scratch / "text", Journal::Mode::write)), 5008);
  std::filesystem::create_directories(scratch / "other");
  { ASSERT_GOOD(Database::open(scratch / "other/journal.db", Database::Mode::create)->execute("create table t (a)")); }
  EXPECT_EQ(number_of(Journal::open(scratch / "other", Journal::Mode::write)), 5008);
  write_file(scratch / "file", "");
  EXPECT_EQ(number_of(Journal::open(scratch / "file", Journal::Mode::write)), 5009);
}

TEST(Journal, AReadOnlyFolderCanBeReadButNotWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const Scratch scratch;
  open(scratch / ".godwit");
  ::chmod((scratch / ".godwit").c_str(), 0500);
  EXPECT_EQ(number_of(Journal::open(scratch / ".godwit/deeper", Journal::Mode::write)), 5009);
  EXPECT_GOOD(Journal::open(scratch / ".godwit", Journal::Mode::read_only));
  ::chmod((scratch / ".godwit").c_str(), 0700);
}

TEST(Journal, NetworkFileSystemsAreKnown) {
  using journal_detail::network_file_system;
  EXPECT_EQ(network_file_system(0x6969, ""), "nfs");
  EXPECT_EQ(network_file_system(static_cast<std::int32_t>(0xFF534D42), ""), "cifs");  // as a 32-bit statfs gives it
  EXPECT_EQ(network_file_system(0x65735546, "fuse.sshfs"), "fuse.sshfs");
  EXPECT_EQ(network_file_system(0x65735546, "fuseblk"), "");
  EXPECT_EQ(network_file_system(0xEF53, "ext4"), "");
  EXPECT_EQ(network_file_system("/proc"), "");
}

// ---- one writer ----

// Runs `work` in a process of its own and answers its pid; it holds the journal until it is killed.
pid_t holding_process(const std::filesystem::path& folder) {
  int ready[2];
  if (::pipe(ready) != 0) std::abort();
  const pid_t pid = ::fork();
  if (pid == 0) {
    auto journal = Journal::open(folder, Journal::Mode::write);
    if (journal) begin(**journal);
    (void)!::write(ready[1], journal ? "y" : "n", 1);
    for (;;) ::pause();
  }
  char answer = 0;
  (void)!::read(ready[0], &answer, 1);
  EXPECT_EQ(answer, 'y');
  ::close(ready[0]), ::close(ready[1]);
  return pid;
}

TEST(Journal, ASecondWriterIsRefusedByNameAndAKilledOneLeavesTheLockFree) {
  const Scratch scratch;
  const pid_t pid = holding_process(scratch / ".godwit");
  const auto refused = Journal::open(scratch / ".godwit", Journal::Mode::write);
  ASSERT_EQ(number_of(refused), 5002);
  EXPECT_EQ(refused.error().argument("pid"), std::to_string(pid));
  EXPECT_EQ(Journal::writer_of(scratch / ".godwit"), pid);
  {
    // Readers work beside it.
    auto reader = Journal::open(scratch / ".godwit", Journal::Mode::read_only);
    ASSERT_GOOD(reader);
    EXPECT_EQ((*reader)->runs()->front().state, RunState::running);
    EXPECT_EQ((*reader)->runs()->front().pid, pid);
    EXPECT_EQ(number_of((*reader)->add_event(std::nullopt, "x", "y")), 5009);
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  EXPECT_EQ(Journal::writer_of(scratch / ".godwit"), 0);
  {
    auto reader = Journal::open(scratch / ".godwit", Journal::Mode::read_only);
    ASSERT_GOOD(reader);
    EXPECT_EQ((*reader)->runs()->front().state, RunState::interrupted) << "nobody is there to run it";
  }
  auto journal = open(scratch / ".godwit");
  ASSERT_NE(journal, nullptr);
  EXPECT_EQ(Journal::writer_of(scratch / ".godwit"), ::getpid());
  // What the dead process was running can be resumed.
  const auto left = journal->latest_interrupted(1);
  ASSERT_GOOD(left);
  ASSERT_TRUE(left->has_value());
  EXPECT_EQ((*left)->state, RunState::interrupted);
}

TEST(Journal, AskingWhoWritesNeverGetsInAWritersWay) {
  const Scratch scratch;
  open(scratch / ".godwit");
  EXPECT_EQ(Journal::writer_of(scratch / ".godwit"), 0);
  EXPECT_EQ(Journal::writer_of(scratch / "nothing"), 0);
}

// ---- runs ----

TEST(Journal, RunsAreNumberedAndResumedWithAGrowingFence) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t first = begin(*journal), second = begin(*journal);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  const auto a = **journal->run(first), b = **journal->run(second);
  EXPECT_THAT(a.id, testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-7[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(a.id.size(), 36u);
  EXPECT_LT(a.id.substr(0, 13), b.id.substr(0, 13));  // a UUIDv7 begins with its time
  EXPECT_EQ(a.started_at.substr(0, 11), "2023-11-14T");
  EXPECT_EQ(a.pid, ::getpid());
  EXPECT_EQ(number_of(journal->resume_run(first)), 5014);  // it is running
  EXPECT_EQ(number_of(journal->resume_run(99)), 5007);
  ASSERT_GOOD(journal->end_run(second, RunState::finished, 0));
  ASSERT_GOOD(journal->end_run(first, RunState::interrupted, 4));
  EXPECT_EQ((*journal->latest_finished(1))->number, second);
  EXPECT_EQ(*journal->latest_interrupted(1), std::nullopt) << "a later run of its kind came after it";
  const auto resumed = journal->resume_run(first);
  ASSERT_GOOD(resumed);
  EXPECT_EQ(resumed->fence, 2);
  EXPECT_EQ(resumed->ended_at, "");
  EXPECT_EQ(number_of(journal->end_run(99, RunState::finished, 0)), 5007);
  ASSERT_GOOD(journal->set_undone_by(second, first));
  EXPECT_EQ(*journal->latest_finished(1), std::nullopt);
  EXPECT_EQ(journal->runs(1)->size(), 2u);
  EXPECT_EQ(journal->runs(2)->size(), 0u);
}
}  // namespace

bool operator==(const RunRecord& a, const RunRecord& b) { return a.number == b.number; }

namespace {

TEST(Journal, ScopesArePerEnvironmentAndTarget) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const auto a = *journal->find_or_add_scope("trial", "x", "X"), b = *journal->find_or_add_scope("production", "x", "X");
  EXPECT_NE(a.id, b.id);
  EXPECT_EQ(journal->find_or_add_scope("trial", "x", "other words")->id, a.id);
  EXPECT_FALSE(journal->find_scope("trial", "y")->has_value());
  EXPECT_EQ(journal->scopes()->size(), 2u);
  PlanRecord plan;
  plan.scope = a.id, plan.json = "{}", plan.sampled = 500;
  EXPECT_EQ(*journal->add_plan(plan), 1);
  EXPECT_EQ((*journal->plan(1))->sampled, 500);
  EXPECT_FALSE(journal->plan(2)->has_value());
  EXPECT_EQ(journal->plans(b.id)->size(), 0u);
  EXPECT_EQ(*journal->since(a.id, "accounts"), "");
  ASSERT_GOOD(journal->set_since(a.id, "accounts", "2024-01-01", 1));
  EXPECT_EQ(*journal->since(a.id, "accounts"), "2024-01-01");
  EXPECT_NE(journal->state_folder(1, "a/b"), journal->state_folder(1, "a b"));
  EXPECT_EQ(journal->state_folder(1, "../../x").parent_path(), journal->state_folder(1, "x").parent_path());
}

// ---- units ----

TEST(Journal, AUnitSettlesWithAllThatBelongsToIt) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  SettledUnit u = unit(run, 1);
  u.warnings.push_back({"C7", "12", std::nullopt, 1300, "Phone", {}, "1300:Phone"});
  u.merged.push_back({"C8", key_of(8), "C1", key_of(1), "99", 4});
  u.failed_obligations.push_back({"C9", key_of(9), "ParentId", 1420, {{"parent", "C0"}}});
  u.counts.merged = 1, u.counts.created -= 1, u.counts.obligations_open = 3, u.bytes_read = 512, u.seconds = 0.5;
  ASSERT_GOOD(journal->settle(u));
  const auto flow = **journal->flow_run(run, "accounts");
  EXPECT_EQ(flow.counts, u.counts);
  EXPECT_EQ(flow.counts.difference(), 0);
  EXPECT_EQ(flow.position, "p1");
  EXPECT_EQ(flow.bytes_read, 512);
  EXPECT_DOUBLE_EQ(flow.seconds, 0.5);
  const auto units = *journal->units(run, "accounts");
  ASSERT_EQ(units.size(), 1u);
  EXPECT_TRUE(units[0].settled);
  EXPECT_EQ(units[0].counts, u.counts);
  EXPECT_EQ(decode_outcomes(units[0].outcomes, 100)->size(), 8u);
  EXPECT_EQ(**journal->database().query_int64("select count(*) from warning"), 1);
  EXPECT_EQ(**journal->database().query_int64("select count(*) from merged"), 1);
  EXPECT_EQ(**journal->database().query_int64("select count(*) from failed_obligation"), 1);
  const auto rows = *journal->set_aside({});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].arguments, u.set_aside[0].arguments);
  EXPECT_EQ(rows[0].line, 12);
  EXPECT_EQ(rows[0].key, u.set_aside[0].key);
  Journal::SegmentQuery query;
  query.kind = SegmentKind::filtered;
  const auto segments = *journal->segments(query);
  ASSERT_EQ(segments.size(), 1u);
  const auto bytes = journal->read_segment(segments[0]);
  ASSERT_GOOD(bytes);
  EXPECT_THAT(decode_filtered(*bytes)->keys, ElementsAre(key_of(1)));
  EXPECT_TRUE(journal->is_settled({run, "accounts", 0, 1}));
  EXPECT_FALSE(journal->is_settled({run, "accounts", 0, 2}));
  EXPECT_GT(journal->seconds(), 0);
}

TEST(Journal, SettlingAgainChangesNothing) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  EXPECT_TRUE(*journal->settle(unit(run, 1)));
  const std::string before = contents(*journal, run);
  EXPECT_FALSE(*journal->settle(unit(run, 1)));
  EXPECT_EQ(contents(*journal, run), before);
  SettledUnit other = unit(run, 1);
  other.end_position = "elsewhere";
  EXPECT_EQ(number_of(journal->settle(other)), 5006);
  EXPECT_EQ(contents(*journal, run), before);
}

TEST(Journal, IntentsAreKeptUntilTheySettle) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  const SettledUnit u = unit(run, 1);
  ASSERT_GOOD(journal->intend(u, Journal::Durability::full));
  ASSERT_GOOD(journal->intend(u));
  UnitIntent other = u;
  other.rows_read = 11;
  EXPECT_EQ(number_of(journal->intend(other)), 5006);
  ASSERT_EQ(journal->unsettled(run, "accounts")->size(), 1u);
  EXPECT_EQ(journal->unsettled(run, "accounts")->front().end_position, "p1");
  EXPECT_EQ((*journal->flow_run(run, "accounts"))->counts.read, 0);
  EXPECT_TRUE(*journal->settle(u, Journal::Durability::full));
  EXPECT_TRUE(journal->unsettled(run, "accounts")->empty());
  ASSERT_GOOD(journal->intend(u));  // settled already: nothing to do
  EXPECT_TRUE(journal->unsettled(run, "accounts")->empty());
}

TEST(Journal, LowWaterWaitsForTheGapToClose) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  for (const std::int64_t number : {3, 1, 5}) ASSERT_GOOD(journal->settle(unit(run, number)));
  auto shards = *journal->shards(run, "accounts");
  ASSERT_EQ(shards.size(), 1u);
  EXPECT_EQ(shards[0].number, 1);
  EXPECT_EQ(shards[0].position, "p1");
  EXPECT_THAT(shards[0].above, ElementsAre(3, 5));
  EXPECT_TRUE(shards[0].is_settled(5));
  EXPECT_FALSE(shards[0].is_settled(2));
  ASSERT_GOOD(journal->settle(unit(run, 2)));
  shards = *journal->shards(run, "accounts");
  EXPECT_EQ(shards[0].number, 3);
  EXPECT_EQ((*journal->flow_run(run, "accounts"))->position, "p3");
  // A unit of the second pass counts on, but it has no place in the source.
  ASSERT_GOOD(journal->settle(unit(run, 4)));
  SettledUnit linking = unit(run, 6);
  linking.pass = 2, linking.end_position = "obligations";
  ASSERT_GOOD(journal->settle(linking));
  shards = *journal->shards(run, "accounts");
  EXPECT_EQ(shards[0].number, 6);
  EXPECT_EQ(shards[0].position, "p5");
}

TEST(Journal, AProcessThatLostTheRunSettlesNothing) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  ASSERT_GOOD(journal->end_run(run, RunState::interrupted, 4));
  ASSERT_GOOD(journal->resume_run(run));
  const std::string before = contents(*journal, run);
  EXPECT_EQ(number_of(journal->settle(unit(run, 1))), 5005);
  EXPECT_EQ(number_of(journal->intend(unit(run, 1))), 5005);
  EXPECT_EQ(contents(*journal, run), before);
  SettledUnit u = unit(run, 1);
  u.fence = 2;
  EXPECT_TRUE(*journal->settle(u));
  SettledUnit unknown = unit(run, 1);
  unknown.id.run = 77;
  EXPECT_EQ(number_of(journal->settle(unknown)), 5007);
  SettledUnit no_flow = unit(run, 1);
  no_flow.fence = 2, no_flow.id.flow = "unheard of";
  EXPECT_EQ(number_of(journal->settle(no_flow)), 5013);
  EXPECT_FALSE(journal->is_settled(no_flow.id));
}

// Killed at any write, settled again from the start: the journal equals that of an undisturbed run.
TEST(Journal, KilledAtAnyMomentItIsCompletedToTheSameJournal) {
  const Scratch scratch;
  std::string expected;
  {
    auto journal = open(scratch / "whole");
    const std::int64_t run = begin(*journal);
    for (std::int64_t n = 1; n <= 6; ++n) ASSERT_GOOD(journal->settle(unit(run, n)));
    expected = contents(*journal, run);
  }
  std::mt19937_64 random(5);
  for (int attempt = 0; attempt < 25; ++attempt) {
    const std::filesystem::path folder = scratch / ("killed" + std::to_string(attempt));
    const pid_t pid = ::fork();
    if (pid == 0) {
      auto journal = open(folder);
      const std::int64_t run = begin(*journal);
      for (std::int64_t n = 1; n <= 6; ++n) (void)journal->settle(unit(run, n));
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random() % 60'000));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    auto journal = open(folder);
    ASSERT_NE(journal, nullptr);
    std::int64_t run = 1, fence = 1;
    if (const auto left = *journal->latest_interrupted(1)) {
      const auto resumed = journal->resume_run(left->number);
      ASSERT_GOOD(resumed);
      run = resumed->number, fence = resumed->fence;
      FlowRunRecord flow;  // planned before the kill or not: the same row
      flow.run = run, flow.flow = "accounts", flow.source = "legacy.customers", flow.target = "crm.Account", flow.delivery = "transactional";
      ASSERT_GOOD(journal->put_flow_run(flow));
    } else {
      run = begin(*journal);
    }
    for (std::int64_t n = 1; n <= 6; ++n) {
      SettledUnit u = unit(run, n);
      u.fence = fence;
      ASSERT_GOOD(journal->settle(u));
    }
    EXPECT_EQ(contents(*journal, run), expected) << "attempt " << attempt;
  }
}

// A file that is cut off anywhere, or not there, is named with its unit; the others stay readable.
TEST(Journal, ASegmentThatAPowerCutTookIsNamed) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  for (std::int64_t n = 1; n <= 2; ++n) ASSERT_GOOD(journal->settle(unit(run, n)));
  ASSERT_GOOD(journal->sync());
  const auto segments = *journal->segments({});
  ASSERT_EQ(segments.size(), 2u);
  const std::filesystem::path file = scratch / ".godwit/segments" / segments[0].file;
  const std::string whole = read_file(file);
  for (std::size_t cut = static_cast<std::size_t>(segments[1].offset); cut < whole.size(); ++cut) {
    write_file(file, whole.substr(0, cut));
    ASSERT_EQ(number_of(journal->read_segment(segments[1])), 5020) << cut;
    ASSERT_GOOD(journal->read_segment(segments[0]));
  }
  write_file(file, whole.substr(0, static_cast<std::size_t>(segments[1].offset)) + std::string(whole.size(), '\0'));
  const auto zeros = journal->read_segment(segments[1]);
  ASSERT_EQ(number_of(zeros), 5020);
  EXPECT_NE(std::string(zeros.error().argument("place")).find("unit 2"), std::string::npos);
  std::filesystem::remove(file);
  EXPECT_EQ(number_of(journal->read_segment(segments[0])), 5020);
}

TEST(Journal, AFullDiskSettlesNothingAndLosesNothing) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  ASSERT_GOOD(journal->settle(unit(run, 1)));
  const std::string before = contents(*journal, run);
  SettledUnit large = unit(run, 2);
  std::vector<Hash128> keys(100'000);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = key_of(i);
  large.segments.push_back(encode_filtered(keys, {}));
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1'000'000, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto settled = journal->settle(large);
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(number_of(settled), 5011);
  EXPECT_EQ(contents(*journal, run), before);
  EXPECT_TRUE(*journal->settle(large));
  const auto segments = *journal->segments({});
  for (const SegmentRecord& segment : segments) EXPECT_GOOD(journal->read_segment(segment));
  // No gap was left by the attempt that failed.
  EXPECT_EQ(segments[1].offset, segments[0].bytes);
}

TEST(Journal, DroppedSegmentsGiveTheirRoomBack) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  SettledUnit u = unit(run, 1);
  Batch batch;
  batch.rows = 60'000;
  std::vector<Hash128> keys;
  for (std::uint64_t i = 0; i < 60'000; ++i) keys.push_back(key_of(i));
  u.segments.push_back(encode_rows(SegmentKind::before, keys, batch));
  ASSERT_GOOD(journal->settle(u));
  ASSERT_GOOD(journal->settle(unit(run, 2)));
  ASSERT_GOOD(journal->sync());
  const auto room = [&] {
    struct stat status {};
    ::stat((scratch / ".godwit/segments/run-000001.gws").c_str(), &status);
    return status.st_blocks;
  };
  const auto before = room();
  ASSERT_GOOD(journal->drop_segments(run, SegmentKind::before));
  EXPECT_LT(room(), before / 4);
  const auto left = *journal->segments({});
  ASSERT_EQ(left.size(), 2u);
  for (const SegmentRecord& segment : left) EXPECT_GOOD(journal->read_segment(segment));
}

// ---- rows by exception, proofs ----

TEST(Journal, SetAsideRowsAreGroupedMarkedAndSuperseded) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t first = begin(*journal);
  SettledUnit u = unit(first, 1);
  SetAsideRow other = u.set_aside[0];
  other.number = 1410, other.cause = "1410", other.source_key = "C99", other.key = key_of(99);
  u.set_aside.push_back(u.set_aside[0]), u.set_aside.push_back(other);
  ASSERT_GOOD(journal->settle(u));
  const auto groups = *journal->set_aside_groups({});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].rows, 2);
  EXPECT_EQ(groups[0].cause, "1413:Name");
  EXPECT_EQ(groups[0].arguments, u.set_aside[0].arguments);
  EXPECT_EQ(groups[1].example_key, "C99");
  SetAsideQuery by_key;
  by_key.key = key_of(99);
  ASSERT_EQ(journal->set_aside(by_key)->size(), 1u);
  const std::int64_t id = journal->set_aside(by_key)->front().id;
  ASSERT_GOOD(journal->mark_set_aside(std::vector{id}, SetAsideState::replayed));
  SetAsideQuery open_rows;
  open_rows.state = SetAsideState::open, open_rows.flow = "accounts", open_rows.scope = 1;
  EXPECT_EQ(*journal->count_set_aside(open_rows), 2);
  const std::int64_t second = begin(*journal);
  EXPECT_EQ(*journal->supersede_set_aside(1, "accounts", second, std::vector{key_of(1001)}), 2);
  EXPECT_EQ(*journal->count_set_aside(open_rows), 0);
  EXPECT_EQ(*journal->supersede_set_aside(1, "accounts", second), 0);
  ASSERT_GOOD(journal->settle(unit(second, 1)));
  EXPECT_EQ(*journal->supersede_set_aside(1, "accounts", second), 0) << "a run does not supersede its own rows";
  EXPECT_EQ(*journal->count_set_aside(open_rows), 1);
  open_rows.limit = 0;
  EXPECT_EQ(journal->set_aside(open_rows)->size(), 0u);
}

TEST(Journal, ProofsComeBackAsTheyWere) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  ASSERT_GOOD(journal->put_total({run, "revenue", "accounts", "EUR", "read", "123.40", 5}));
  ASSERT_GOOD(journal->put_total({run, "revenue", "accounts", "EUR", "read", "124.40", 6}));
  ASSERT_EQ(journal->totals(run)->size(), 1u);
  EXPECT_EQ(journal->totals(run)->front().value, "124.40");
  ASSERT_GOOD(journal->put_gate({run, "set_aside", "accounts", "failed", "3%", "1%", "stop", ""}));
  EXPECT_EQ(journal->gates(run)->front().verdict, "failed");
  VerificationRecord v;
  v.run = run, v.flow = "accounts", v.expected_rows = 10, v.fields_differing = 1;
  ASSERT_GOOD(journal->put_verification(v));
  const std::vector<DifferenceRecord> differences = {{"C1", "Name", "value", "a", std::nullopt}};
  ASSERT_GOOD(journal->add_differences(run, "accounts", differences));
  ASSERT_EQ(journal->differences(run, "accounts")->size(), 1u);
  EXPECT_EQ(journal->differences(run, "accounts")->front().found, std::nullopt);
  ASSERT_GOOD(journal->put_verification(v));
  EXPECT_EQ(journal->differences(run, "accounts")->size(), 0u) << "a new verification replaces the old one's differences";
  EXPECT_EQ(journal->verifications(run)->front().expected_rows, 10);
  ASSERT_GOOD(journal->add_report({run, "", "d1", "", "", "report.html"}));
  EXPECT_EQ(journal->reports(run)->front().digest, "d1");
  EXPECT_EQ(journal->reports()->size(), 1u);
}

TEST(Journal, FlowsKeepTheirCountsWhenTheyArePlannedAgain) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  ASSERT_GOOD(journal->settle(unit(run, 1)));
  auto flow = **journal->flow_run(run, "accounts");
  flow.counts = {}, flow.stage = FlowStage::loading, flow.target_before = 7;
  ASSERT_GOOD(journal->put_flow_run(flow));
  ASSERT_GOOD(journal->set_stage(run, "accounts", FlowStage::loaded));
  flow = **journal->flow_run(run, "accounts");
  EXPECT_EQ(flow.counts.read, 10);
  EXPECT_EQ(flow.stage, FlowStage::loaded);
  EXPECT_NE(flow.started_at, "");
  EXPECT_EQ(flow.ended_at, "");
  EXPECT_EQ(flow.target_before, 7);
  ASSERT_GOOD(journal->set_stage(run, "accounts", FlowStage::finished));
  EXPECT_NE((*journal->flow_run(run, "accounts"))->ended_at, "");
  EXPECT_EQ(number_of(journal->set_stage(run, "none", FlowStage::loaded)), 5013);
}

// People query the journal with SQLite's own program.
TEST(Journal, TheSqliteProgramReadsTheBooks) {
  if (std::system("command -v sqlite3 >/dev/null 2>&1") != 0) GTEST_SKIP() << "the sqlite3 program is not installed";
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  for (std::int64_t n = 1; n <= 3; ++n) ASSERT_GOOD(journal->settle(unit(run, n)));
  const auto ask = [&](const std::string& sql) {
    FILE* pipe = ::popen(("sqlite3 -readonly '" + (scratch / ".godwit/journal.db").string() + "' \"" + sql + "\" 2>&1").c_str(), "r");
    std::string answer;
    for (int c; (c = std::fgetc(pipe)) != EOF;) answer += static_cast<char>(c);
    ::pclose(pipe);
    return answer;
  };
  EXPECT_EQ(ask("select flow, read, created, filtered, set_aside, difference from books"), "accounts|30|24|3|3|0\n");
  EXPECT_EQ(ask("select run, kind, environment, flows, flows_open from run_books"), "1|run|trial|1|0\n");
  EXPECT_EQ(ask("select number, created, filtered from unit_books"), "1|8|1\n2|8|1\n3|8|1\n");
  EXPECT_EQ(ask("select cause, rows from set_aside_causes"), "1413:Name|3\n");
  EXPECT_EQ(ask("pragma integrity_check"), "ok\n");
}

TEST(Journal, ManyThreadsTakeTurns) {
  const Scratch scratch;
  auto journal = open(scratch / ".godwit");
  const std::int64_t run = begin(*journal);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::int64_t n = 1; n <= 20; ++n) {
        SettledUnit u = unit(run, n);
        u.id.shard = t;
        EXPECT_GOOD(journal->settle(u));
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ((*journal->flow_run(run, "accounts"))->counts.read, 800);
  const auto shards = *journal->shards(run, "accounts");
  ASSERT_EQ(shards.size(), 4u);
  for (const ShardRecord& shard : shards) EXPECT_EQ(shard.number, 20);
}

}  // namespace
}  // namespace godwit
