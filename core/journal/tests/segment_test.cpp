#include "core/journal/segment.hpp"

#include <gmock/gmock.h>

#include "core/journal/block.hpp"
#include "core/journal/tests/scratch.hpp"

namespace godwit {
namespace {

using testing::ElementsAre;

Column texts(const std::vector<std::string>& values) {
  ColumnBuilder b((Type(TypeId::utf8)));
  for (const std::string& v : values) v == "\1" ? b.null() : b.append_text(v);
  return b.finish();
}
Column integers(const std::vector<std::int64_t>& values) {
  ColumnBuilder b((Type(TypeId::int64)));
  for (const std::int64_t v : values) b.append_int64(v);
  return b.finish();
}

struct Sample {
  std::vector<std::string> keys;
  std::vector<std::int64_t> numbers;
  std::vector<std::uint64_t> rows, constant, few, any;
};
Sample sample(std::int64_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Sample s;
  for (std::int64_t i = 0; i < n; ++i) {
    s.keys.push_back("K" + std::to_string(random() % 1'000'000) + (i % 10 == 0 ? std::string(300, 'x') : ""));
    s.numbers.push_back(static_cast<std::int64_t>(random()));
    s.rows.push_back(random()), s.constant.push_back(42), s.few.push_back((random() % 9) * 0x9E3779B97F4A7C15u), s.any.push_back(random());
  }
  return s;
}

// Two batches of rows with composite keys, fields that repeat and fields that do not, ids of each kind.
void fill(CrosswalkBuilder& builder, const Sample& s, std::int64_t from, std::int64_t to) {
  const auto part = [&](const auto& values) { return std::vector(values.begin() + from, values.begin() + to); };
  const std::vector<Column> keys = {texts(part(s.keys)), integers(part(s.numbers))};
  const std::int64_t first = builder.append(keys, part(s.rows));
  builder.set_mapped(0, first, part(s.constant)), builder.set_mapped(1, first, part(s.few)), builder.set_mapped(2, first, part(s.any));
  builder.set_held(2, first, part(s.any));
  builder.set_ids(first, integers(part(s.numbers)));
}
CrosswalkBuilder make_builder() {
  return CrosswalkBuilder({"Name", "Country", "Phone", "Unsent"}, {{"no", TypeId::utf8}, {"branch", TypeId::int64}}, TypeId::int64, true);
}

TEST(Segment, CrosswalkComesBackAsItWas) {
  for (const std::int64_t n : {0, 1, 7, 600, 5'000}) {
    const Sample s = sample(n, 3);
    CrosswalkBuilder builder = make_builder();
    for (int again = 0; again < 2; ++again) {  // a builder is used for unit after unit
      builder.clear();
      fill(builder, s, 0, n / 2), fill(builder, s, n / 2, n);
      const EncodedSegment encoded = builder.encode();
      EXPECT_EQ(encoded.rows, n);
      const std::vector<std::uint8_t> bytes = encoded.bytes();
      EXPECT_EQ(bytes.size(), encoded.size_bytes());
      const auto decoded = decode_crosswalk(bytes);
      ASSERT_GOOD(decoded);
      EXPECT_EQ(decoded->rows, n);
      EXPECT_THAT(decoded->fields, ElementsAre("Name", "Country", "Phone", "Unsent"));
      EXPECT_EQ(decoded->key_schema[1].name, "branch");
      const std::vector<Column> keys = {texts(s.keys), integers(s.numbers)};
      EXPECT_EQ(decoded->key_hashes, hash_keys(keys));
      EXPECT_EQ(decoded->row_hashes, s.rows);
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        ASSERT_EQ(decoded->key_text(static_cast<std::int64_t>(i)), s.keys[i] + " / " + std::to_string(s.numbers[i]));
        ASSERT_EQ(decoded->mapped[0][i], field_hash(42));
        ASSERT_EQ(decoded->mapped[1][i], field_hash(s.few[i]));
        ASSERT_EQ(decoded->mapped[2][i], field_hash(s.any[i]));
        ASSERT_EQ(decoded->mapped[3][i], kNoFieldHash);
        ASSERT_EQ(decoded->held[2][i], field_hash(s.any[i]));
        ASSERT_EQ(decoded->ids.int64(static_cast<std::int64_t>(i)), s.numbers[i]);
      }
    }
  }
}

TEST(Segment, ConstantFieldsTakeNoBytesAndRepeatedOnesTakeOne) {
  const Sample s = sample(10'000, 5);
  const auto size_with = [&](const std::vector<std::uint64_t>& hashes) {
    CrosswalkBuilder builder({"F"}, {{"no", TypeId::int64}});
    builder.append(std::vector{integers(s.numbers)}, s.rows);
    builder.set_mapped(0, 0, hashes);
    return static_cast<std::int64_t>(builder.encode().size_bytes());
  };
  const std::int64_t constant = size_with(s.constant);
  EXPECT_LT(constant, 10'000 * 16 + 200);
  EXPECT_NEAR(static_cast<double>(size_with(s.few) - constant), 10'000, 100);
  EXPECT_NEAR(static_cast<double>(size_with(s.any) - constant), 40'000, 100);
}

TEST(Segment, RowsThatTheTargetRefusedLeaveTheCrosswalk) {
  const Sample s = sample(1'000, 9);
  CrosswalkBuilder builder = make_builder();
  fill(builder, s, 0, 400), fill(builder, s, 400, 1'000);
  std::vector<std::uint8_t> keep(1'000);
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = i % 3 != 0;
  builder.retain(keep);
  const auto decoded = decode_crosswalk(builder.encode().bytes());
  ASSERT_GOOD(decoded);
  std::int64_t row = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i] == 0) continue;
    ASSERT_EQ(decoded->row_hashes[static_cast<std::size_t>(row)], s.rows[i]);
    ASSERT_EQ(decoded->key_text(row), s.keys[i] + " / " + std::to_string(s.numbers[i]));
    ASSERT_EQ(decoded->mapped[2][static_cast<std::size_t>(row)], field_hash(s.any[i]));
    ASSERT_EQ(decoded->ids.int64(row), s.numbers[i]);
    ++row;
  }
  EXPECT_EQ(row, decoded->rows);
}

TEST(Segment, IdentityCrosswalksHaveNoIdsAndTextIdsMayBeMissing) {
  CrosswalkBuilder identity({"F"}, {{"no", TypeId::utf8}});
  identity.append(std::vector{texts({"a", "b"})}, std::vector<std::uint64_t>{1, 2});
  auto decoded = decode_crosswalk(identity.encode().bytes());
  ASSERT_GOOD(decoded);
  EXPECT_EQ(decoded->ids.length, 0);
  EXPECT_TRUE(decoded->held.empty());

  CrosswalkBuilder with_ids({}, {{"no", TypeId::utf8}}, TypeId::utf8);
  with_ids.append(std::vector{texts({"a", "b"})}, std::vector<std::uint64_t>{1, 2});
  with_ids.set_ids(0, texts({"003x", "\1"}));
  with_ids.append(std::vector{texts({"c"})}, std::vector<std::uint64_t>{3}, CrosswalkState::forgotten);
  decoded = decode_crosswalk(with_ids.encode().bytes());
  ASSERT_GOOD(decoded);
  EXPECT_EQ(decoded->ids.text(0), "003x");
  EXPECT_TRUE(decoded->ids.is_null(1));
  EXPECT_THAT(decoded->states, ElementsAre(0, 0, 1));
}

TEST(Segment, AFieldHashIsNeverTheSignForNone) {
  EXPECT_NE(field_hash(0), kNoFieldHash);
  EXPECT_NE(field_hash(0x1234567812345678u), kNoFieldHash);  // its halves cancel out
}

TEST(Segment, FilteredRows) {
  std::vector<Hash128> keys;
  std::vector<std::uint8_t> unknown;
  for (std::uint64_t i = 0; i < 1'000; ++i) keys.push_back(key_of(i)), unknown.push_back(i % 50 == 0);
  auto decoded = decode_filtered(encode_filtered(keys, unknown).bytes());
  ASSERT_GOOD(decoded);
  EXPECT_EQ(decoded->keys, keys);
  EXPECT_EQ(decoded->unknown, unknown);
  decoded = decode_filtered(encode_filtered({}, {}).bytes());
  ASSERT_GOOD(decoded);
  EXPECT_TRUE(decoded->keys.empty());
  decoded = decode_filtered(encode_filtered(keys, {}).bytes());
  ASSERT_GOOD(decoded);
  EXPECT_EQ(decoded->unknown, std::vector<std::uint8_t>(1'000, 0));
}

// A batch with a column of every type, nulls in each.
Batch every_type(std::int64_t rows) {
  Batch batch;
  batch.rows = rows;
  const std::vector<Type> types = {TypeId::boolean, TypeId::int64, TypeId::float64, Type::decimal(38, 4), TypeId::utf8, TypeId::binary, TypeId::date32,
                                   TypeId::time64, TypeId::timestamp, TypeId::timestamp_tz, TypeId::json, TypeId::number_text};
  for (std::size_t c = 0; c < types.size(); ++c) {
    ColumnBuilder b(types[c]);
    for (std::int64_t i = 0; i < rows; ++i) {
      const bool null = (static_cast<std::size_t>(i) + c) % 5 == 0 && c % 2 == 0;
      if (null) {
        b.null();
        continue;
      }
      switch (types[c].id) {
        case TypeId::boolean: b.append_bool(i % 3 == 0); break;
        case TypeId::float64: b.append_float64(static_cast<double>(i) / 7); break;
        case TypeId::decimal128: b.append_decimal(static_cast<int128>(i) * -1'000'000'007 * 1'000'000'007); break;
        case TypeId::date32: b.append_date32(static_cast<std::int32_t>(i - 20)); break;
        case TypeId::int64: case TypeId::time64: case TypeId::timestamp: case TypeId::timestamp_tz: b.append_int64(i * 1'000'003); break;
        default: b.append_text(types[c].id == TypeId::number_text ? std::to_string(i) + ".5" : "客户 " + std::string(static_cast<std::size_t>(i % 40), 'z') + std::string(1, '\0'));
      }
    }
    batch.schema.push_back({"column " + std::to_string(c), types[c]});
    batch.columns.push_back(b.finish());
  }
  return batch;
}

TEST(Segment, BeforeImagesKeepEveryType) {
  for (const std::int64_t rows : {0, 1, 900}) {
    Batch batch = every_type(rows);
    std::vector<Hash128> keys;
    ColumnBuilder places((Type(TypeId::int64)));
    for (std::int64_t i = 0; i < rows; ++i)
      keys.push_back(key_of(static_cast<std::uint64_t>(i))), batch.lines.push_back(i + 2), places.append_int64(i * 100);
    batch.places = places.finish();
    const EncodedSegment encoded = encode_rows(SegmentKind::before, keys, batch);
    EXPECT_EQ(encoded.kind, SegmentKind::before);
    const auto decoded = decode_rows(encoded.bytes());
    ASSERT_GOOD(decoded);
    EXPECT_EQ(decoded->keys, keys);
    EXPECT_EQ(decoded->batch.schema, batch.schema);
    EXPECT_EQ(decoded->batch.lines, batch.lines);
    for (std::size_t c = 0; c < batch.columns.size(); ++c)
      for (std::int64_t i = 0; i < rows; ++i) {
        const Column &was = batch.columns[c], &is = decoded->batch.columns[c];
        ASSERT_EQ(was.is_null(i), is.is_null(i));
        if (was.is_null(i)) continue;
        ASSERT_EQ(value_text(was, i), value_text(is, i)) << batch.schema[c].name << " row " << i;
      }
    for (std::int64_t i = 0; i < rows; ++i) ASSERT_EQ(decoded->batch.places.int64(i), i * 100);
  }
}

TEST(Segment, OutcomesAreRunLength) {
  std::vector<std::uint8_t> kinds(100'000, 1);
  kinds[500] = 5, kinds[99'999] = 2;
  const auto bytes = encode_outcomes(kinds);
  EXPECT_LT(bytes.size(), 16u);
  auto decoded = decode_outcomes(bytes, 100'000);
  ASSERT_GOOD(decoded);
  EXPECT_EQ(*decoded, kinds);
  EXPECT_EQ(number_of(decode_outcomes(bytes, 99'999)), 5020);
  EXPECT_EQ(number_of(decode_outcomes(std::span(bytes).first(bytes.size() - 1), 100'000)), 5020);
  EXPECT_TRUE(decode_outcomes({}, 0)->empty());
}

// ---- damage ----

// Seals changed bytes with a right checksum, so that the decoders behind it are reached.
void reseal(std::vector<std::uint8_t>& bytes) {
  const std::size_t body = bytes.size() - 8;
  const std::uint64_t checksum = journal_detail::checksum_of_bytes(std::span(bytes).first(body));
  std::memcpy(bytes.data() + body, &checksum, 8);
}

template <typename Decode>
void every_cut_and_change(const std::vector<std::uint8_t>& bytes, Decode decode) {
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) ASSERT_EQ(number_of(decode(std::span(bytes).first(cut))), 5020) << cut;
  std::vector<std::uint8_t> longer = bytes;
  longer.push_back(0);
  ASSERT_EQ(number_of(decode(longer)), 5020);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::vector<std::uint8_t> changed = bytes;
    changed[at] ^= 0x10;
    ASSERT_EQ(number_of(decode(changed)), 5020) << at;
  }
  // With a right checksum nothing but the bounds stand between the decoder and the bytes: any answer, no crash.
  std::mt19937_64 random(11);
  for (int i = 0; i < 6'000; ++i) {
    std::vector<std::uint8_t> changed = bytes;
    for (int k = 0; k < 1 + i % 4; ++k) changed[random() % (changed.size() - 8)] = static_cast<std::uint8_t>(random());
    if (i % 3 == 0 && changed.size() > 48) {  // cut off, with a length that says so
      changed.resize(40 + random() % (changed.size() - 40));
      const std::uint64_t body = changed.size() - 32;
      std::memcpy(changed.data() + 16, &body, 8);
    }
    reseal(changed);
    const auto decoded = decode(changed);
    ASSERT_TRUE(decoded || decoded.error().number == 5020);
  }
}

TEST(Segment, DamagedCrosswalksAreNamed) {
  const Sample s = sample(40, 3);
  CrosswalkBuilder builder = make_builder();
  fill(builder, s, 0, 40);
  every_cut_and_change(builder.encode().bytes(), [](std::span<const std::uint8_t> b) { return decode_crosswalk(b); });
}
TEST(Segment, DamagedBeforeImagesAreNamed) {
  std::vector<Hash128> keys(30);
  every_cut_and_change(encode_rows(SegmentKind::obligation, keys, every_type(30)).bytes(), [](std::span<const std::uint8_t> b) { return decode_rows(b); });
}
TEST(Segment, DamagedFilteredRowsAreNamed) {
  const std::vector<Hash128> keys = {key_of(1), key_of(2), key_of(3)};
  every_cut_and_change(encode_filtered(keys, std::vector<std::uint8_t>{0, 1, 0}).bytes(), [](std::span<const std::uint8_t> b) { return decode_filtered(b); });
}

TEST(Segment, OneKindIsNotReadAsAnother) {
  const std::vector<Hash128> keys = {key_of(1)};
  const auto bytes = encode_filtered(keys, {}).bytes();
  EXPECT_EQ(number_of(decode_crosswalk(bytes)), 5020);
  EXPECT_EQ(number_of(decode_rows(bytes)), 5020);
}

}  // namespace
}  // namespace godwit
