// Ranges, batches and positions: however a text is cut, the same records come out once each and in order.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "plugins/kits/delimited/tests/support.hpp"

namespace godwit::delimited {
namespace {

std::string random_text(std::mt19937& random, std::size_t size, bool regular) {
  static constexpr std::string_view kChars = "abc,\n";
  std::string out = "h1,h2,h3\n";
  while (out.size() < size) {
    const auto kind = random() % 12;
    if (kind < 6) {
      out += std::to_string(random() % 1000) + ",\"q\"\"\n,uo" + (random() % 2 ? "\r\n" : "\n") + "te\"," + std::to_string(random() % 9) + (random() % 5 ? "\n" : "\r\n");
    } else if (kind < 11 || regular) {
      out += "plain,5,\xe4\xb8\xad\xe6\x96\x87" + std::string(random() % 90, 'x') + (random() % 4 ? "\n" : "\r");
    } else {
      for (auto n = random() % 12; n > 0; --n) out += random() % 4 ? kChars[random() % kChars.size()] : "\"\"\"\r\xff#"[random() % 6];
    }
  }
  return out;
}

ReadTable whole(std::string_view text, const TableOptions& options) { return read_table(text, options, 1 << 20, 1 << 28); }

void expect_same(const ReadTable& a, const ReadTable& b) {
  ASSERT_EQ(a.failed, 0);
  ASSERT_EQ(first_difference(a, b), "");
}

// Keeps the text that made a test fail, to look at.
std::string kept(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / "godwit-failing.csv";
  std::ofstream(path, std::ios::binary) << text;
  return path.string();
}

class Ranges : public testing::TestWithParam<int> {
 protected:
  TableOptions options() const {
    TableOptions o = options_for();
    switch (GetParam() / 2) {
      case 1: o.dialect.max_field_bytes = 40; break;
      case 2: o.dialect.malformed = Malformed::keep; break;
      case 3: o.dialect.comment = "#"; break;
      case 4: o.dialect.escape = '\\'; break;
      case 5: o.dialect.quote = 0; break;
      case 6: o.dialect.ragged = Ragged::pad; break;
      default: break;
    }
    return o;
  }
  bool regular() const { return GetParam() % 2 == 0; }
};

TEST_P(Ranges, TogetherAreTheWhole) {
  std::mt19937 random(static_cast<unsigned>(GetParam()) + 77);
  for (int round = 0; round < 40; ++round) {
    const std::string text = random_text(random, 200 + random() % 6000, regular());
    MemorySource bytes(text);
    const TableOptions o = options();
    const auto head = read_head(bytes, o);
    ASSERT_TRUE(head);
    const ReadTable expected = whole(text, o);
    for (const int wanted : {1, 2, 3, 7, 50}) {
      const auto ranges = split_table(bytes, o, *head, wanted, 1 + static_cast<int>(random() % 5));
      ASSERT_TRUE(ranges);
      EXPECT_LE(ranges->size(), static_cast<std::size_t>(wanted));
      EXPECT_EQ(ranges->front().from, head->records.from);
      EXPECT_EQ(ranges->back().to, text.size());
      ReadTable seen;
      for (std::size_t i = 0; i < ranges->size(); ++i) {
        if (i != 0) {
          EXPECT_EQ((*ranges)[i].from, (*ranges)[i - 1].to);
        }
        read_range(bytes, o, *head, (*ranges)[i], &seen);
      }
      expect_same(expected, seen);
      if (HasFailure()) {
        ADD_FAILURE() << "wanted " << wanted << " of " << kept(text);
        return;
      }
    }
  }
}

TEST_P(Ranges, WindowsAndBatchesMakeNoDifference) {
  std::mt19937 random(static_cast<unsigned>(GetParam()) + 7);
  for (int round = 0; round < 40; ++round) {
    const std::string text = random_text(random, 200 + random() % 3000, regular());
    TableOptions o = options();
    const ReadTable expected = whole(text, o);
    for (const std::uint32_t window : {256u, 300u, 1024u}) {
      o.window = window;
      expect_same(expected, read_table(text, o, 1 + random() % 20, 1 + random() % 500));
      if (HasFailure()) {
        ADD_FAILURE() << "window " << window << " of " << kept(text);
        return;
      }
    }
  }
}

TEST_P(Ranges, EveryPositionGivesExactlyTheRest) {
  std::mt19937 random(static_cast<unsigned>(GetParam()) + 17);
  for (int round = 0; round < 10; ++round) {
    const std::string text = random_text(random, 200 + random() % 1500, regular());
    const TableOptions o = options();
    MemorySource bytes(text);
    const auto head = read_head(bytes, o);
    const ReadTable all = read_table(text, o, 3, 1 << 20);
    for (std::size_t i = 0; i < all.positions.size(); ++i) {
      const auto position = parse_position(all.positions[i]);
      ASSERT_TRUE(position);
      ReadTable rest;
      read_range(bytes, o, *head, head->records, &rest, position);
      EXPECT_TRUE(std::equal(rest.rows.begin(), rest.rows.end(), all.rows.begin() + static_cast<std::ptrdiff_t>(all.rows_before[i]), all.rows.end()));
      EXPECT_TRUE(std::equal(rest.bad.begin(), rest.bad.end(), all.bad.begin() + static_cast<std::ptrdiff_t>(all.bad_before[i]), all.bad.end()));
      // And up to it gives exactly what came before.
      Range until = head->records;
      until.to = static_cast<std::uint64_t>(position->offset);
      ReadTable before;
      read_range(bytes, o, *head, until, &before);
      EXPECT_EQ(before.rows.size(), all.rows_before[i]);
      EXPECT_EQ(before.bad.size(), all.bad_before[i]);
      if (HasFailure()) {
        ADD_FAILURE() << "position " << all.positions[i] << " of " << kept(text);
        return;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Dialects, Ranges, testing::Range(0, 14));

TEST(Columns, OnlyThoseAskedForInTheOrderAskedFor) {
  const std::string text = "a,b,c\n1,2,3\n4,\"5\",6\n7,8\n";
  MemorySource bytes(text);
  const TableOptions o = options_for();
  const auto head = read_head(bytes, o);
  ReadTable t;
  read_range(bytes, o, *head, head->records, &t, std::nullopt, 100, 1000, {2, 1});
  EXPECT_EQ(t.values(), (std::vector<std::vector<Value>>{{"3", "2"}, {"6", "5"}}));
  EXPECT_EQ(t.bad.size(), 1u) << "a record is judged by all its fields, whichever are asked for";
}

TEST(Position, OnlyWhatWasWritten) {
  EXPECT_EQ(parse_position("12:3")->offset, 12);
  for (const char* wrong : {"", ":", "12", "12:", "12:0", "-1:2", "1:2x", "x", "99999999999999999999:1"}) EXPECT_FALSE(parse_position(wrong)) << wrong;
}

}  // namespace
}  // namespace godwit::delimited
