#include "plugins/kits/delimited/columns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "plugins/kits/delimited/records.hpp"

namespace godwit::delimited {
namespace {

class Text : public ByteSource {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t room) override {
    const std::size_t from = std::min<std::size_t>(offset, text_.size()), count = std::min(room, text_.size() - from);
    std::memcpy(out, text_.data() + from, count);
    return count;
  }

 private:
  std::string text_;
};

// One long text in a row of hundreds of columns does not give each of the others room for it.
TEST(Columns, WideRowsTakeTheMemoryOfTheirValues) {
  constexpr std::uint32_t kWidth = 300, kRows = 256;
  std::string file;
  for (std::uint32_t r = 0; r < kRows; ++r) {
    for (std::uint32_t c = 0; c < kWidth; ++c) {
      if (c == 100) file += "\"" + std::string(4000, 'x') + "\n\"\"y\"\"\"";
      else if (c % 3 == 0) file += "value " + std::to_string(r);
      file += c + 1 == kWidth ? '\n' : ',';
    }
  }
  Text bytes(file);
  const Dialect dialect;
  std::vector<std::uint32_t> all;
  for (std::uint32_t c = 0; c < kWidth; ++c) all.push_back(c);
  RecordStream records(dialect, TextSource(bytes, nullptr, 0, bytes.size()), 1);
  records.expect_width(kWidth);
  ColumnSet columns(dialect, all);
  for (bool at_end = false; !at_end;) {
    const auto found = records.next();
    ASSERT_TRUE(found);
    if (*found == RecordStream::Found::run) columns.append(records.run());
    else if (*found == RecordStream::Found::record) columns.append(records.record(), 0, 1);
    else at_end = true;
  }
  ASSERT_EQ(columns.rows(), kRows);
  EXPECT_LT(columns.reserved_bytes(), 2 * columns.bytes() + kWidth * (1 << 10));
  const Batch batch = columns.finish();
  const std::string expected = std::string(4000, 'x') + "\n\"y\"";
  for (std::uint32_t r = 0; r < kRows; ++r) {
    EXPECT_EQ(batch.columns[99].text(r), "value " + std::to_string(r));
    EXPECT_EQ(batch.columns[100].text(r), expected);
    EXPECT_EQ(batch.columns[101].text(r), "");
  }
}

}  // namespace
}  // namespace godwit::delimited
