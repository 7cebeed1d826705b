#include "core/journal/crosswalk.hpp"

#include <gmock/gmock.h>

#include <map>

#include "core/journal/journal.hpp"
#include "core/journal/tests/scratch.hpp"

namespace godwit {
namespace {

Column texts(const std::vector<std::string>& values) {
  ColumnBuilder b((Type(TypeId::utf8)));
  for (const std::string& v : values) b.append_text(v);
  return b.finish();
}
Column integers(const std::vector<std::int64_t>& values) {
  ColumnBuilder b((Type(TypeId::int64)));
  for (const std::int64_t v : values) b.append_int64(v);
  return b.finish();
}
std::vector<Hash128> hashes(const std::vector<std::string>& keys) { return hash_keys(std::vector{texts(keys)}); }

class CrosswalkTest : public testing::Test {
 protected:
  void SetUp() override {
    reopen();
    scope_ = journal_->find_or_add_scope("trial", "crm", "CRM")->id;
  }
  void reopen(Journal::Mode mode = Journal::Mode::write) {
    journal_.reset();
    auto journal = Journal::open(scratch_ / ".godwit", mode);
    ASSERT_GOOD(journal);
    journal_ = std::move(*journal);
  }
  std::int64_t begin_run() {
    RunRecord run;
    run.scope = scope_;
    const auto begun = journal_->begin_run(run);
    FlowRunRecord flow;
    flow.run = begun->number, flow.flow = "accounts";
    EXPECT_GOOD(journal_->put_flow_run(flow));
    number_ = 0;
    return begun->number;
  }
  // One unit with these keys; ids are `id` and up; each field's hash is made of key, field and `version`.
  void settle(std::int64_t run, const std::vector<std::string>& keys, std::uint64_t version, std::int64_t id, std::vector<std::string> fields = {"Name", "Phone"},
              CrosswalkState state = CrosswalkState::present) {
    CrosswalkBuilder builder(fields, {{"no", TypeId::utf8}}, TypeId::int64);
    std::vector<std::uint64_t> rows;
    std::vector<std::int64_t> ids;
    for (const std::string& key : keys) rows.push_back(std::hash<std::string>()(key) + version), ids.push_back(id + static_cast<std::int64_t>(ids.size()));
    builder.append(std::vector{texts(keys)}, rows, state);
    builder.set_ids(0, integers(ids));
    for (std::size_t f = 0; f < fields.size(); ++f) {
      std::vector<std::uint64_t> values;
      for (const std::string& key : keys) values.push_back(hash_of(key, fields[f], version));
      builder.set_mapped(static_cast<int>(f), 0, values);
    }
    SettledUnit unit;
    unit.id = {run, "accounts", 0, ++number_};
    unit.rows_read = static_cast<std::int64_t>(keys.size());
    unit.segments.push_back(builder.encode());
    ASSERT_GOOD(journal_->settle(unit));
  }
  static std::uint64_t hash_of(const std::string& key, const std::string& field, std::uint64_t version) {
    return std::hash<std::string>()(key + "|" + field) * 31 + version;
  }
  std::unique_ptr<Crosswalk> open(std::size_t memory = 1 << 20) {
    auto crosswalk = Crosswalk::open(*journal_, scope_, "accounts", TypeId::int64, memory);
    EXPECT_GOOD(crosswalk);
    return crosswalk ? std::move(*crosswalk) : nullptr;
  }
  CrosswalkRows look(Crosswalk& crosswalk, const std::vector<std::string>& keys, const std::vector<std::string>& fields = {}) {
    CrosswalkRows rows;
    EXPECT_GOOD(crosswalk.lookup(hashes(keys), fields, &rows));
    return rows;
  }

  Scratch scratch_;
  std::unique_ptr<Journal> journal_;
  std::int64_t scope_ = 0, number_ = 0;
};

TEST_F(CrosswalkTest, ALaterRunSupersedesAnEarlierOne) {
  const std::int64_t first = begin_run();
  settle(first, {"a", "b", "c"}, 1, 100);
  auto crosswalk = open();
  auto rows = look(*crosswalk, {"c", "x", "a"}, {"Phone", "Unknown"});
  EXPECT_THAT(rows.found, testing::ElementsAre(1, 0, 1));
  EXPECT_EQ(rows.ids.int64(0), 102);
  EXPECT_TRUE(rows.ids.is_null(1));
  EXPECT_EQ(rows.mapped[0][0], field_hash(hash_of("c", "Phone", 1)));
  EXPECT_EQ(rows.mapped[1][0], kNoFieldHash);
  EXPECT_EQ(rows.runs[2], first);

  const std::int64_t second = begin_run();
  settle(second, {"b", "d"}, 2, 200, {"Phone", "City"});  // the mapping changed, too
  ASSERT_GOOD(crosswalk->refresh());
  rows = look(*crosswalk, {"a", "b", "d"}, {"Name", "Phone", "City"});
  EXPECT_THAT(rows.runs, testing::ElementsAre(first, second, second));
  EXPECT_EQ(rows.ids.int64(1), 200);
  EXPECT_EQ(rows.mapped[0][1], kNoFieldHash);
  EXPECT_EQ(rows.mapped[1][1], field_hash(hash_of("b", "Phone", 2)));
  EXPECT_EQ(rows.mapped[2][1], field_hash(hash_of("b", "City", 2)));
  EXPECT_EQ(*crosswalk->count(), 4);
}

TEST_F(CrosswalkTest, ForgottenRowsAreGoneUntilTheyComeAgain) {
  const std::int64_t first = begin_run();
  settle(first, {"a", "b"}, 1, 100);
  const std::int64_t undo = begin_run();
  settle(undo, {"a"}, 1, 0, {"Name", "Phone"}, CrosswalkState::forgotten);
  auto crosswalk = open();
  EXPECT_THAT(look(*crosswalk, {"a", "b"}).found, testing::ElementsAre(0, 1));
  ASSERT_GOOD(crosswalk->forget(hashes({"b"})));
  EXPECT_THAT(look(*crosswalk, {"a", "b"}).found, testing::ElementsAre(0, 0));
  const std::int64_t again = begin_run();
  settle(again, {"a"}, 3, 300);
  ASSERT_GOOD(crosswalk->refresh());
  EXPECT_EQ(look(*crosswalk, {"a"}).ids.int64(0), 300);
}

TEST_F(CrosswalkTest, TheIndexIsKeptAndBroughtUpToDate) {
  const std::int64_t run = begin_run();
  settle(run, {"a", "b"}, 1, 100);
  { open(); }
  const std::filesystem::path segment = scratch_ / ".godwit/segments/run-000001.gws";
  const std::string bytes = read_file(segment);
  write_file(segment, std::string(bytes.size(), 'x'));  // what the index covers is not read again
  { EXPECT_THAT(look(*open(), {"a"}).found, testing::ElementsAre(1)); }
  reopen();
  { EXPECT_THAT(look(*open(), {"a"}).found, testing::ElementsAre(1)); }
  write_file(segment, bytes);
  settle(run, {"c"}, 1, 300);
  EXPECT_THAT(look(*open(), {"a", "c"}).found, testing::ElementsAre(1, 1));
}

TEST_F(CrosswalkTest, ADamagedIndexIsMadeAgainFromTheSegments) {
  const std::int64_t run = begin_run();
  settle(run, {"a", "b"}, 1, 100);
  { open(); }
  const std::filesystem::path folder = journal_->state_folder(scope_, "crosswalk-accounts");
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().extension() == ".run") write_file(file.path(), "damaged");
  EXPECT_THAT(look(*open(), {"a", "b"}).found, testing::ElementsAre(1, 1));
  std::filesystem::remove(folder / "LAYOUTS");
  std::filesystem::remove_all(folder);
  EXPECT_THAT(look(*open(), {"a", "b"}).found, testing::ElementsAre(1, 1));
}

TEST_F(CrosswalkTest, ReadersBesideARunSeeTheSameWithoutTouchingTheProject) {
  const std::int64_t run = begin_run();
  settle(run, {"a", "b"}, 1, 100);
  { open(); }
  settle(run, {"c"}, 1, 300);  // the index is behind
  auto reader = Journal::open(scratch_ / ".godwit", Journal::Mode::read_only);
  ASSERT_GOOD(reader);
  const std::string before = read_file(journal_->state_folder(scope_, "crosswalk-accounts") / "MANIFEST");
  for (int i = 0; i < 2; ++i) {
    auto crosswalk = Crosswalk::open(**reader, scope_, "accounts", TypeId::int64, 1 << 20);
    ASSERT_GOOD(crosswalk);
    EXPECT_THAT(look(**crosswalk, {"a", "c"}).found, testing::ElementsAre(1, 1));
    if (i == 1) break;
    EXPECT_EQ(read_file(journal_->state_folder(scope_, "crosswalk-accounts") / "MANIFEST"), before);
    open();  // brings the index up to date: the second reader uses it as it is
  }
}

TEST_F(CrosswalkTest, EqualsAMapOverManyRuns) {
  std::mt19937_64 random(2);
  struct Row {
    std::int64_t run, id;
    std::uint64_t version;
  };
  std::map<std::string, Row> model;
  auto crosswalk = open(256 << 10);
  for (std::uint64_t version = 1; version <= 6; ++version) {
    const std::int64_t run = begin_run();
    for (int u = 0; u < 5; ++u) {
      std::vector<std::string> keys;
      std::map<std::string, bool> once;
      for (int i = 0; i < 700; ++i)
        if (std::string key = "K" + std::to_string(random() % 5'000); once.emplace(key, true).second) keys.push_back(std::move(key));
      const bool forget = u == 4;
      const auto id = static_cast<std::int64_t>(random() % 1'000'000);
      settle(run, keys, version, id, {"Name", "Phone"}, forget ? CrosswalkState::forgotten : CrosswalkState::present);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (forget)
          model.erase(keys[i]);
        else
          model[keys[i]] = {run, id + static_cast<std::int64_t>(i), version};
      }
    }
    ASSERT_GOOD(crosswalk->refresh());
    if (version == 3) crosswalk = open(256 << 10);
    if (version == 5) {
      ASSERT_GOOD(crosswalk->compact());
    }
    std::vector<std::string> keys;
    for (int i = 0; i < 5'000; ++i) keys.push_back("K" + std::to_string(i));
    const CrosswalkRows rows = look(*crosswalk, keys, {"Name"});
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto expected = model.find(keys[i]);
      ASSERT_EQ(rows.found[i] != 0, expected != model.end()) << keys[i];
      if (expected == model.end()) continue;
      ASSERT_EQ(rows.ids.int64(static_cast<std::int64_t>(i)), expected->second.id);
      ASSERT_EQ(rows.runs[i], expected->second.run);
      ASSERT_EQ(rows.mapped[0][i], field_hash(hash_of(keys[i], "Name", expected->second.version)));
    }
  }
  std::size_t n = 0;
  Hash128 last;
  ASSERT_GOOD(crosswalk->each([&](const CrosswalkEntry& entry) -> Result<> {
    EXPECT_TRUE(n == 0 || last < entry.key);
    last = entry.key, ++n;
    const auto expected = model.find(entry.source_key);
    EXPECT_TRUE(expected != model.end() && entry.id == std::to_string(expected->second.id)) << entry.source_key;
    EXPECT_EQ(entry.fields.size(), 2u);
    return {};
  }));
  EXPECT_EQ(n, model.size());
}

}  // namespace
}  // namespace godwit
