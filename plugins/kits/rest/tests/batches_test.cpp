#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "plugins/kits/rest/batches.hpp"
#include "plugins/kits/rest/pages.hpp"

namespace godwit::rest {
namespace {

using testing::ElementsAre;

std::vector<Sending> sending(const std::vector<std::uint64_t>& locks, std::size_t bytes = 10) {
  std::vector<Sending> out;
  for (std::size_t i = 0; i < locks.size(); ++i) out.push_back({static_cast<std::int64_t>(i), bytes, locks[i]});
  return out;
}

TEST(Batches, AreBoundedByRowsAndBytesAndHoldEveryRowOnce) {
  const auto by_rows = make_batches(sending(std::vector<std::uint64_t>(450, 0)), {.rows = 200, .bytes = 1 << 20});
  ASSERT_EQ(by_rows.size(), 3u);
  EXPECT_EQ(by_rows[2].rows.size(), 50u);
  const auto by_bytes = make_batches(sending(std::vector<std::uint64_t>(10, 0), 400), {.rows = 200, .bytes = 1000});
  EXPECT_EQ(by_bytes.size(), 5u);
  EXPECT_EQ(make_batches(sending({0}, 5000), {.rows = 200, .bytes = 1000}).size(), 1u);
  std::set<std::int64_t> rows;
  for (const CallBatch& b : by_rows)
    for (const std::int64_t r : b.rows) EXPECT_TRUE(rows.insert(r).second);
  EXPECT_EQ(rows.size(), 450u);
}

TEST(Batches, RowsOfOneParentStandTogetherAndHotOnesComeFirst) {
  std::vector<std::uint64_t> locks;
  for (std::uint64_t i = 0; i < 300; ++i) locks.push_back(i % 60 + 1);  // five rows of each parent, scattered
  for (int i = 0; i < 250; ++i) locks.push_back(999);                   // a hot one
  const auto batches = make_batches(sending(locks), {.rows = 100, .bytes = 1 << 20});
  std::map<std::uint64_t, std::size_t> batches_of;
  for (const CallBatch& b : batches)
    for (const std::uint64_t lock : b.locks) ++batches_of[lock];
  EXPECT_EQ(batches_of[999], 3u);
  EXPECT_THAT(batches.front().locks, ElementsAre(999));
  for (std::uint64_t p = 1; p <= 60; ++p) EXPECT_EQ(batches_of[p], 1u) << p;
}

TEST(BatchQueue, NeverGivesTwoBatchesThatLockOneParent) {
  BatchQueue queue;
  queue.add({{0}, {7}, 0});
  queue.add({{1}, {7}, 0});
  queue.add({{2}, {8}, 0});
  const auto first = queue.next(0), second = queue.next(0);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->rows[0], 0);
  EXPECT_EQ(second->rows[0], 2);
  EXPECT_FALSE(queue.next(0));
  queue.finished(*first);
  EXPECT_EQ(queue.next(0)->rows[0], 1);
  queue.add_later({{3}, {}, 1}, 500);
  EXPECT_FALSE(queue.next(499));
  EXPECT_EQ(queue.earliest(), 500);
  EXPECT_TRUE(queue.next(500));
  EXPECT_TRUE(queue.empty());
}

TEST(BatchQueue, QueuesOfOneConnectionDoNotLockTheSameParents) {
  LockTable locks;
  BatchQueue one(&locks), other(&locks);
  one.add({{0}, {7, 8}, 0});
  other.add({{0}, {8, 9}, 0});
  other.add({{1}, {9}, 0});
  const auto first = one.next(0);
  ASSERT_TRUE(first);
  const auto free = other.next(0);
  ASSERT_TRUE(free);
  EXPECT_EQ(free->rows[0], 1);
  one.finished(*first);
  EXPECT_FALSE(other.next(0)) << "9 is locked, and 8 was not taken in vain";
  one.add({{2}, {8}, 0});
  EXPECT_TRUE(one.next(0));
  other.finished(*free);
  EXPECT_FALSE(other.next(0));
}

// ---- pages: rows 1 ... n in pages of a few, by three kinds of cursors ----
enum class Kind { keyset, number, token };

class Numbers final : public PageSource {
 public:
  Numbers(Kind kind, int n, int page) : kind_(kind), n_(n), page_(page) {}
  Result<Page> page(const std::string& cursor) override {
    Page out;
    int from = 1;
    if (kind_ == Kind::keyset && !cursor.empty()) from = std::stoi(cursor) + 1;
    if (kind_ == Kind::number && !cursor.empty()) from = (std::stoi(cursor) - 1) * page_ + 1;
    if (kind_ == Kind::token && !cursor.empty()) from = std::stoi(cursor.substr(1));
    const int last = end_ > 0 ? std::min(end_, n_) : n_;
    for (int i = from; i < from + page_ && i <= last; ++i) out.rows.push_back({{"id", i}, {"v", i % 5 == 0 ? nlohmann::json("bad") : nlohmann::json(i * 10)}});
    const int next = from + page_;
    if (next <= last)
      out.next = kind_ == Kind::keyset ? std::to_string(next - 1) : kind_ == Kind::number ? std::to_string((next - 1) / page_ + 1) : "t" + std::to_string(next);
    return out;
  }
  std::optional<std::string> behind(const nlohmann::json& row) const override {
    return kind_ == Kind::keyset ? std::optional(std::to_string(row["id"].get<int>())) : std::nullopt;
  }
  bool is_cursor(std::string_view text) const override {
    if (kind_ == Kind::token) return text.size() > 1 && text[0] == 't' && text.find_first_not_of("0123456789", 1) == std::string_view::npos;
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos && text != "0";
  }
  void end_at(const std::string& cursor) override { end_ = std::stoi(cursor); }

 private:
  const Kind kind_;
  const int n_, page_;
  int end_ = 0;
};

RowShape shape() {
  RowShape out;
  out.columns = {{{"v", TypeId::int64}, "/v", {}}};
  out.place = "/id";
  return out;
}

struct Seen {
  std::vector<std::int64_t> rows;
  std::vector<std::pair<std::string, std::size_t>> stops;
  std::size_t unreadable = 0;
  std::optional<Error> error;
};

Seen drain(Kind kind, ReadRequest request, int n = 23, int page = 4) {
  Seen out;
  auto reader = read_pages(std::make_unique<Numbers>(kind, n, page), shape(), request, sdk::HostServices());
  if (!reader) return out.error = reader.error(), out;
  for (;;) {
    const auto read = (*reader)->read();
    if (!read) return out.error = read.error(), out;
    for (std::int64_t i = 0; i < read->batch.rows; ++i) out.rows.push_back(read->batch.columns[0].int64(i));
    out.unreadable += read->unreadable.size();
    out.stops.emplace_back(read->position, out.rows.size());
    if (read->end) return out;
  }
}

class Pages : public testing::TestWithParam<Kind> {};

TEST_P(Pages, ReadingOnFromAnyStopGivesExactlyTheRemainingRows) {
  for (const std::int64_t rows : {1, 3, 4, 5, 100}) {
    ReadRequest request;
    request.object = "numbers", request.batch_rows = rows;
    const Seen whole = drain(GetParam(), request);
    ASSERT_FALSE(whole.error);
    EXPECT_EQ(whole.rows.size() + whole.unreadable, 23u);
    EXPECT_EQ(whole.unreadable, 4u);
    for (const auto& [position, before] : whole.stops) {
      if (position.empty()) continue;
      ReadRequest rest = request;
      rest.position = position;
      const Seen after = drain(GetParam(), rest);
      EXPECT_EQ(after.rows, std::vector<std::int64_t>(whole.rows.begin() + static_cast<std::ptrdiff_t>(before), whole.rows.end())) << position;
      ReadRequest until = request;
      until.until = position;
      const Seen first = drain(GetParam(), until);
      EXPECT_EQ(first.rows, std::vector<std::int64_t>(whole.rows.begin(), whole.rows.begin() + static_cast<std::ptrdiff_t>(before))) << position;
    }
  }
}

TEST_P(Pages, APositionThatIsNotOursIsRefused) {
  for (const char* wrong : {"no position of ours", "-1", "{}", "at:1:", "at:x:5", "page:1:2", "page:-1:0:5", "page:1:9:1"}) {
    ReadRequest request;
    request.object = "numbers", request.position = wrong;
    const Seen seen = drain(GetParam(), request);
    if (seen.error) EXPECT_EQ(seen.error->number, 3032) << wrong;
    else EXPECT_LT(seen.rows.size(), 19u) << wrong;
  }
}

INSTANTIATE_TEST_SUITE_P(AllKinds, Pages, testing::Values(Kind::keyset, Kind::number, Kind::token));

}  // namespace
}  // namespace godwit::rest
