#include "core/journal/keyed_state.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include <map>
#include <set>
#include <cmath>
#include <csignal>
#include <unordered_map>

#include "core/journal/state_filter.hpp"
#include "core/journal/state_run.hpp"
#include "core/journal/tests/scratch.hpp"

namespace godwit {
namespace {

struct HashOfKey {
  std::size_t operator()(const Hash128& k) const { return static_cast<std::size_t>(k.low); }
};
template <typename T>
using Model = std::unordered_map<Hash128, T, HashOfKey>;

UnitId unit(std::int64_t number, std::int64_t run = 1) { return {run, "accounts", 0, number}; }

std::unique_ptr<KeyedState> open(const std::filesystem::path& folder, StateKind kind = StateKind::integer, std::size_t memory = 1 << 20) {
  KeyedState::Options options;
  options.folder = folder, options.kind = kind, options.memory_bytes = memory;
  auto state = KeyedState::open(options);
  EXPECT_GOOD(state);
  return state ? std::move(*state) : nullptr;
}
std::unique_ptr<KeyedState> open_with(const std::filesystem::path& folder, std::set<UnitId> settled) {
  KeyedState::Options options;
  options.folder = folder, options.memory_bytes = 1 << 20;
  options.is_settled = [settled](const UnitId& u) { return settled.contains(u); };
  auto state = KeyedState::open(options);
  EXPECT_GOOD(state);
  return state ? std::move(*state) : nullptr;
}

std::vector<Hash128> keys_of(std::uint64_t from, std::uint64_t to) {
  std::vector<Hash128> keys;
  for (; from < to; ++from) keys.push_back(key_of(from));
  return keys;
}
void put(KeyedState& state, std::uint64_t from, std::uint64_t to, std::int64_t add = 0) {
  std::vector<StateEntry> entries;
  for (std::uint64_t i = from; i < to; ++i) entries.push_back({static_cast<std::int64_t>(i) + add, static_cast<std::uint8_t>(i % 7)});
  ASSERT_GOOD(state.put(keys_of(from, to), entries));
}
std::vector<StateEntry> probe(KeyedState& state, const std::vector<Hash128>& keys) {
  std::vector<StateEntry> out(keys.size());
  EXPECT_GOOD(state.probe(keys, out));
  return out;
}
std::int64_t found_in(KeyedState& state, std::uint64_t from, std::uint64_t to) {
  std::int64_t n = 0;
  for (const StateEntry& e : probe(state, keys_of(from, to))) n += e.found;
  return n;
}

// Any mixture of operations answers what a hash map answers: in memory and on disk, within a share that is far too
// small, across merges and re-openings.
TEST(KeyedState, AnswersAsAHashMapDoes) {
  for (const std::uint32_t seed : {1u, 2u, 3u}) {
    const Scratch scratch;
    std::mt19937_64 random(seed);
    Model<StateEntry> model;
    auto state = open(scratch / "state");
    std::int64_t number = 0, merged = 0;
    for (int step = 0; step < 120; ++step) {
      const std::size_t n = 1 + random() % (step % 10 == 0 ? 20'000 : 900);
      std::vector<Hash128> keys;
      std::vector<StateEntry> entries;
      for (std::size_t i = 0; i < n; ++i) {
        keys.push_back(key_of(random() % 60'000));
        const std::int64_t value = static_cast<std::int64_t>(random()) >> (random() % 64);
        entries.push_back({value, static_cast<std::uint8_t>(random() % 255)});
      }
      switch (random() % 5) {
        case 0:
          ASSERT_GOOD(state->put(keys, entries));
          for (std::size_t i = 0; i < n; ++i) model[keys[i]] = entries[i];
          break;
        case 1:
        case 2: {
          std::vector<StateEntry> existing(n);
          ASSERT_GOOD(state->insert_new(keys, entries, existing));
          for (std::size_t i = 0; i < n; ++i) {
            const auto [at, fresh] = model.emplace(keys[i], entries[i]);
            ASSERT_EQ(existing[i].found, !fresh) << "step " << step << " row " << i;
            if (!fresh) {
              ASSERT_EQ(existing[i].value, at->second.value);
              ASSERT_EQ(existing[i].tag, at->second.tag);
            }
          }
          break;
        }
        case 3:
          keys.resize(1 + n / 10);
          ASSERT_GOOD(state->erase(keys));
          for (const Hash128& key : keys) model.erase(key);
          break;
        default: break;
      }
      const std::vector<StateEntry> seen = probe(*state, keys);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto expected = model.find(keys[i]);
        ASSERT_EQ(seen[i].found, expected != model.end()) << "step " << step;
        if (seen[i].found) {
          ASSERT_EQ(seen[i].value, expected->second.value);
          ASSERT_EQ(seen[i].tag, expected->second.tag);
        }
      }
      if (random() % 3 == 0) {
        ASSERT_GOOD(state->seal(unit(++number)));
        ASSERT_GOOD(state->settled(unit(number)));
        if (random() % 8 == 0) {
          ASSERT_GOOD(state->compact());
        }
        if (random() % 4 == 0) {
          merged += state->figures().merged_entries;
          state.reset(), state = open(scratch / "state");
        }
      }
    }
    std::map<Hash128, StateEntry> sorted(model.begin(), model.end());
    auto at = sorted.begin();
    ASSERT_GOOD(state->scan([&](const Hash128& key, const StateEntry& entry, std::string_view) -> Result<> {
      if (at == sorted.end() || key != at->first || entry.value != at->second.value || entry.tag != at->second.tag)
        ADD_FAILURE() << "scan differs";
      if (at != sorted.end()) ++at;
      return {};
    }));
    EXPECT_EQ(at, sorted.end());
    EXPECT_GT(merged, 0);
  }
}

TEST(KeyedState, TextsAnswerAsAHashMapDoes) {
  const Scratch scratch;
  std::mt19937_64 random(7);
  Model<std::string> model;
  auto state = open(scratch / "state", StateKind::bytes, 512 << 10);
  for (std::int64_t number = 1; number <= 60; ++number) {
    std::vector<Hash128> keys;
    std::vector<std::string> texts;
    for (int i = 0; i < 500; ++i) {
      keys.push_back(key_of(random() % 9'000));
      texts.push_back(std::string(random() % (i % 100 == 0 ? 5'000 : 40), static_cast<char>('a' + random() % 26)) + std::to_string(random()));
      if (i % 97 == 0) texts.back().clear();
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    ASSERT_GOOD(state->put_bytes(keys, std::vector<std::uint8_t>(keys.size(), 9), views));
    for (std::size_t i = 0; i < keys.size(); ++i) model[keys[i]] = texts[i];
    if (number % 5 == 0) {
      ASSERT_GOOD(state->erase(std::span(keys).first(20)));
      for (int i = 0; i < 20; ++i) model.erase(keys[static_cast<std::size_t>(i)]);
    }
    ASSERT_GOOD(state->seal(unit(number)));
    ASSERT_GOOD(state->settled(unit(number)));
    if (number % 20 == 0) state.reset(), state = open(scratch / "state", StateKind::bytes, 512 << 10);
  }
  const std::vector<Hash128> keys = keys_of(0, 9'000);
  StateTexts seen;
  ASSERT_GOOD(state->probe_bytes(keys, &seen));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto expected = model.find(keys[i]);
    ASSERT_EQ(seen.entries[i].found, expected != model.end());
    if (expected != model.end()) {
      ASSERT_EQ(seen.text(i), expected->second);
      ASSERT_EQ(seen.entries[i].tag, 9);
    }
  }
}

TEST(KeyedState, TheFirstInSourceOrderWins) {
  const Scratch scratch;
  auto state = open(scratch / "state");
  const std::vector<Hash128> keys = {key_of(1), key_of(2), key_of(1), key_of(3), key_of(2)};
  const std::vector<StateEntry> rows = {{10}, {11}, {12}, {13}, {14}};
  std::vector<StateEntry> existing(5);
  ASSERT_GOOD(state->insert_new(keys, rows, existing));
  EXPECT_THAT(existing, testing::ElementsAre(testing::Field(&StateEntry::found, false), testing::Field(&StateEntry::found, false),
                                             testing::AllOf(testing::Field(&StateEntry::found, true), testing::Field(&StateEntry::value, 10)),
                                             testing::Field(&StateEntry::found, false),
                                             testing::AllOf(testing::Field(&StateEntry::found, true), testing::Field(&StateEntry::value, 11))));
  ASSERT_GOOD(state->seal(unit(1)));
  ASSERT_GOOD(state->insert_new(keys, rows, existing));
  for (const StateEntry& e : existing) EXPECT_TRUE(e.found);
  EXPECT_EQ(existing[4].value, 11);
}

TEST(KeyedState, KeysThatAreNotUniformAreOnlySlower) {
  const Scratch scratch;
  auto state = open(scratch / "state");
  std::vector<Hash128> keys;
  std::vector<StateEntry> entries;
  for (std::uint64_t i = 0; i < 3'000; ++i) keys.push_back({5, (i * 7919) % 3'000}), entries.push_back({static_cast<std::int64_t>(keys.back().low)});
  for (std::int64_t number = 1; number <= 3; ++number) {
    ASSERT_GOOD(state->put(keys, entries));
    ASSERT_GOOD(state->seal(unit(number)));
  }
  const auto seen = probe(*state, keys);
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_TRUE(seen[i].found && seen[i].value == entries[i].value);
  EXPECT_EQ(found_in(*state, 0, 1'000), 0);
}

TEST(KeyedState, AfterAKillTheStateEqualsWhatTheJournalSettled) {
  const Scratch scratch;
  {
    auto state = open_with(scratch / "state", {});
    put(*state, 0, 1'000);
    ASSERT_GOOD(state->seal(unit(1)));
    ASSERT_GOOD(state->settled(unit(1)));
    put(*state, 1'000, 2'000);
    ASSERT_GOOD(state->seal(unit(2)));  // sealed, but killed before the journal settled it
    put(*state, 2'000, 3'000);          // never sealed
  }
  {
    auto state = open_with(scratch / "state", {unit(1)});
    EXPECT_EQ(found_in(*state, 0, 1'000), 1'000);
    EXPECT_EQ(found_in(*state, 1'000, 3'000), 0);
    EXPECT_TRUE(state->covers(unit(1)));
    EXPECT_FALSE(state->covers(unit(2)));
    // The unit is formed again: its keys are new, as they were the first time.
    std::vector<StateEntry> existing(1'000);
    ASSERT_GOOD(state->insert_new(keys_of(1'000, 2'000), std::vector<StateEntry>(1'000), existing));
    for (const StateEntry& e : existing) ASSERT_FALSE(e.found);
    ASSERT_GOOD(state->seal(unit(2)));
    ASSERT_GOOD(state->settled(unit(2)));
  }
  auto state = open_with(scratch / "state", {unit(1), unit(2)});
  EXPECT_EQ(found_in(*state, 0, 3'000), 2'000);
}

TEST(KeyedState, UnitsMaySettleInAnyOrder) {
  const Scratch scratch;
  std::set<UnitId> settled;
  auto state = open_with(scratch / "state", {});
  for (std::int64_t number = 1; number <= 40; ++number) {
    const auto n = static_cast<std::uint64_t>(number);
    put(*state, n * 100, n * 100 + 100);
    ASSERT_GOOD(state->seal(unit(number)));
    if (number % 7 == 3) continue;
    ASSERT_GOOD(state->settled(unit(number)));
    settled.insert(unit(number));
  }
  state.reset();
  state = open_with(scratch / "state", settled);
  for (std::int64_t number = 1; number <= 40; ++number) {
    const auto n = static_cast<std::uint64_t>(number);
    EXPECT_EQ(found_in(*state, n * 100, n * 100 + 100), number % 7 == 3 ? 0 : 100) << number;
    EXPECT_EQ(state->covers(unit(number)), number % 7 != 3);
  }
}

TEST(KeyedState, UnitsWithoutEntriesAreKnownToo) {
  const Scratch scratch;
  auto state = open(scratch / "state");
  for (std::int64_t number = 1; number <= 100; ++number) {
    EXPECT_FALSE(state->covers(unit(number)));
    ASSERT_GOOD(state->seal(unit(number)));
    ASSERT_GOOD(state->settled(unit(number)));
  }
  state.reset();
  state = open(scratch / "state");
  for (std::int64_t number = 1; number <= 100; ++number) EXPECT_TRUE(state->covers(unit(number)));
  EXPECT_EQ(state->figures().runs, 0);
}

// A power cut may take the journal's last transactions while the state has merged their units already.
TEST(KeyedState, AStateThatIsAheadOfTheJournalIsRefused) {
  const Scratch scratch;
  std::set<UnitId> settled;
  {
    auto state = open(scratch / "state");
    for (std::int64_t number = 1; number <= 16; ++number) {
      const auto n = static_cast<std::uint64_t>(number);
      put(*state, n * 10, n * 10 + 10);
      ASSERT_GOOD(state->seal(unit(number)));
      ASSERT_GOOD(state->settled(unit(number)));
      settled.insert(unit(number));
    }
    ASSERT_EQ(state->figures().runs, 2);  // units 1 to 15 merged, and 16
    ASSERT_TRUE(state->covers(unit(15)));
  }
  KeyedState::Options options;
  options.folder = scratch / "state";
  settled.erase(unit(15));
  options.is_settled = [&](const UnitId& u) { return settled.contains(u); };
  EXPECT_EQ(number_of(KeyedState::open(options)), 5030);
}

TEST(KeyedState, MemoryStaysWithinTheShare) {
  const Scratch scratch;
  constexpr std::size_t kShare = 2 << 20;
  auto state = open(scratch / "state", StateKind::integer, kShare);
  std::size_t most = 0;
  for (std::int64_t number = 1; number <= 64; ++number) {
    const auto n = static_cast<std::uint64_t>(number) * 20'000;
    put(*state, n, n + 20'000);
    ASSERT_GOOD(state->seal(unit(number)));
    ASSERT_GOOD(state->settled(unit(number)));
    most = std::max(most, state->figures().memory_bytes);
  }
  EXPECT_LE(most, kShare);
  EXPECT_EQ(found_in(*state, 20'000, 20'000 * 65), 64 * 20'000);
  EXPECT_EQ(found_in(*state, 10'000'000, 10'100'000), 0);
  EXPECT_LE(state->figures().runs, 25);
}

TEST(KeyedState, ALargerShareKeepsRunsInMemoryAndASmallerOneLetsThemGo) {
  const Scratch scratch;
  auto state = open(scratch / "state", StateKind::integer, 512 << 10);
  constexpr std::int64_t kKeys = 60'000;
  for (std::int64_t n = 1; n <= 3; ++n) {
    put(*state, static_cast<std::uint64_t>((n - 1) * kKeys / 3), static_cast<std::uint64_t>(n * kKeys / 3));
    ASSERT_GOOD(state->seal(unit(n)));
    ASSERT_GOOD(state->settled(unit(n)));
  }
  EXPECT_LE(state->figures().memory_bytes, 512u << 10);
  ASSERT_GOOD(state->set_share(16 << 20));
  EXPECT_GE(state->figures().memory_bytes, static_cast<std::size_t>(kKeys) * 17);
  for (int round = 0; round < 2; ++round) {  // a bucket in memory is checked at its first opening only
    EXPECT_EQ(found_in(*state, 0, kKeys), kKeys);
    EXPECT_EQ(found_in(*state, kKeys, 2 * kKeys), 0);
  }
  put(*state, kKeys, 2 * kKeys);  // more than a smaller share has room for
  ASSERT_GOOD(state->set_share(512 << 10));
  EXPECT_LE(state->figures().memory_bytes, 512u << 10);
  EXPECT_EQ(found_in(*state, 0, 3 * kKeys), 2 * kKeys);
}

TEST(KeyedState, MissesSeldomTouchTheDisk) {
  const Scratch scratch;
  auto state = open(scratch / "state", StateKind::integer, 1 << 20);
  for (std::int64_t number = 1; number <= 8; ++number) {
    const auto n = static_cast<std::uint64_t>(number) * 40'000;
    put(*state, n, n + 40'000);
    ASSERT_GOOD(state->seal(unit(number)));
  }
  const std::int64_t before = state->figures().blocks_read;
  EXPECT_EQ(found_in(*state, 1'000'000, 1'010'000), 0);
  // 10,000 misses in 320,000 keys of eight runs: a few per cent of false hits each, most of them read together.
  EXPECT_LT(state->figures().blocks_read - before, 4'000);
}

TEST(KeyedState, AFilterLosesPlanesButNeverAKey) {
  journal_detail::Filter filter(10'000, 6);
  for (std::uint64_t i = 0; i < 10'000; ++i) filter.add(key_of(i));
  for (int planes = 6; planes >= 1; --planes) {
    ASSERT_EQ(filter.planes(), planes);
    std::int64_t wrong = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i) ASSERT_TRUE(filter.may_contain(key_of(i)));
    for (std::uint64_t i = 10'000; i < 30'000; ++i) wrong += filter.may_contain(key_of(i));
    const double let_through = 20'000 * std::pow(0.4, planes);
    EXPECT_LT(static_cast<double>(wrong), let_through * 1.3 + 50) << planes;
    EXPECT_GT(static_cast<double>(wrong), let_through * 0.7 - 50) << planes;
    filter.drop_plane();
  }
  EXPECT_TRUE(filter.may_contain(key_of(1'000'000)));
  EXPECT_EQ(filter.size_bytes(), 0u);
}

TEST(KeyedState, IntegersTakeAsManyBytesAsTheyNeed) {
  using journal_detail::value_width;
  EXPECT_EQ(value_width(0), 0);
  EXPECT_EQ(value_width(127), 1);
  EXPECT_EQ(value_width(-128), 1);
  EXPECT_EQ(value_width(128), 2);
  EXPECT_EQ(value_width(-129), 2);
  EXPECT_EQ(value_width(INT64_MAX), 8);
  EXPECT_EQ(value_width(INT64_MIN), 8);
}

TEST(KeyedState, AnotherKindIsRefused) {
  const Scratch scratch;
  open(scratch / "state");
  KeyedState::Options options;
  options.folder = scratch / "state", options.kind = StateKind::bytes;
  EXPECT_EQ(number_of(KeyedState::open(options)), 5031);
  options.fresh = true;
  EXPECT_GOOD(KeyedState::open(options));
}

TEST(KeyedState, ValuesThatAreTooLongAreRefused) {
  const Scratch scratch;
  auto state = open(scratch / "state", StateKind::bytes);
  const std::string huge((16 << 20) + 1, 'x');
  const std::vector<std::string_view> values = {huge};
  EXPECT_EQ(number_of(state->put_bytes(keys_of(1, 2), std::vector<std::uint8_t>(1), values)), 5032);
}

TEST(KeyedState, ReadersDoNotWrite) {
  const Scratch scratch;
  auto writer = open(scratch / "state");
  put(*writer, 0, 500);
  ASSERT_GOOD(writer->seal(unit(1)));
  KeyedState::Options options;
  options.folder = scratch / "state", options.read_only = true;
  auto reader = KeyedState::open(options);
  ASSERT_GOOD(reader);
  EXPECT_EQ(found_in(**reader, 0, 1'000), 500);
  EXPECT_EQ(number_of((*reader)->put(keys_of(0, 1), std::vector<StateEntry>(1))), 5009);
  // The writer goes on, merges, and the reader still answers from the files it has open.
  for (std::int64_t number = 2; number <= 20; ++number) {
    const auto n = static_cast<std::uint64_t>(number) * 1'000;
    put(*writer, n, n + 10);
    ASSERT_GOOD(writer->seal(unit(number)));
    ASSERT_GOOD(writer->settled(unit(number)));
  }
  EXPECT_EQ(found_in(**reader, 0, 1'000), 500);
}

// ---- damage ----

// Every state of the files that a kill can leave: the newest file cut off at any byte. Either the state opens and has
// exactly the sealed units that are whole, or the damage is named; never a wrong answer.
TEST(KeyedState, AManifestCutOffAtAnyByteEndsAtItsLastWholeRecord) {
  const Scratch scratch;
  std::vector<std::size_t> sizes;
  {
    auto state = open(scratch / "state");
    sizes.push_back(std::filesystem::file_size(scratch / "state" / "MANIFEST"));
    for (std::int64_t number = 1; number <= 4; ++number) {
      const auto n = static_cast<std::uint64_t>(number) * 100;
      put(*state, n, n + 100);
      ASSERT_GOOD(state->seal(unit(number)));
      sizes.push_back(std::filesystem::file_size(scratch / "state" / "MANIFEST"));
    }
  }
  const std::string manifest = read_file(scratch / "state" / "MANIFEST");
  ASSERT_EQ(manifest.size(), sizes.back());
  for (std::size_t cut = 0; cut <= manifest.size(); ++cut) {
    copy_folder(scratch / "state", scratch / "cut");
    write_file(scratch / "cut" / "MANIFEST", manifest.substr(0, cut));
    KeyedState::Options options;
    options.folder = scratch / "cut";
    auto state = KeyedState::open(options);
    if (cut < sizes[0]) {
      ASSERT_EQ(number_of(state), 5030) << cut;
      continue;
    }
    ASSERT_GOOD(state);
    for (std::size_t number = 1; number <= 4; ++number)
      ASSERT_EQ(found_in(**state, number * 100, number * 100 + 100), cut >= sizes[number] ? 100 : 0) << cut;
  }
}

TEST(KeyedState, ARunCutOffOrChangedAnywhereIsNamed) {
  const Scratch scratch;
  {
    auto state = open(scratch / "state");
    put(*state, 0, 70);
    ASSERT_GOOD(state->seal(unit(1)));
  }
  std::filesystem::path file;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "state"))
    if (entry.path().extension() == ".run") file = entry.path();
  const std::string whole = read_file(file);
  KeyedState::Options options;
  options.folder = scratch / "state";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    write_file(file, whole.substr(0, cut));
    ASSERT_EQ(number_of(KeyedState::open(options)), 5030) << cut;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    write_file(file, changed);
    auto state = KeyedState::open(options);
    if (!state) {
      ASSERT_TRUE(number_of(state) == 5030 || number_of(state) == 5031) << at;
      continue;
    }
    // A bucket is checked when it is read: either the damage is named, or it was in the padding between buckets.
    std::vector<StateEntry> out(70);
    const std::vector<Hash128> keys = keys_of(0, 70);
    const Result<> seen = (*state)->probe(keys, out);
    if (!seen) {
      ASSERT_EQ(number_of(seen), 5030) << at;
      continue;
    }
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_TRUE(out[i].found && out[i].value == static_cast<std::int64_t>(i)) << at;
  }
  std::filesystem::remove(file);
  EXPECT_EQ(number_of(KeyedState::open(options)), 5030);
}

TEST(KeyedState, FilesThatNoManifestNamesAreCleanedUp) {
  const Scratch scratch;
  {
    auto state = open(scratch / "state");
    put(*state, 0, 100);
    ASSERT_GOOD(state->seal(unit(1)));
  }
  write_file(scratch / "state" / "000077.run", "left by a kill");
  write_file(scratch / "state" / "MANIFEST.new", "left by a kill");
  auto state = open(scratch / "state");
  EXPECT_EQ(found_in(*state, 0, 200), 100);
  EXPECT_FALSE(std::filesystem::exists(scratch / "state" / "000077.run"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "state" / "MANIFEST.new"));
  std::filesystem::remove(scratch / "state" / "MANIFEST");
  KeyedState::Options options;
  options.folder = scratch / "state";
  EXPECT_EQ(number_of(KeyedState::open(options)), 5030);
}

// A full disk while runs are merged or sealed loses nothing: the operation fails with GW-5011 and can be tried again.
TEST(KeyedState, AFullDiskLosesNothing) {
  const Scratch scratch;
  auto state = open(scratch / "state", StateKind::integer, 256 << 10);
  for (std::int64_t number = 1; number <= 7; ++number) {
    const auto n = static_cast<std::uint64_t>(number) * 2'000;
    put(*state, n, n + 2'000);
    ASSERT_GOOD(state->seal(unit(number)));
    ASSERT_GOOD(state->settled(unit(number)));
  }
  put(*state, 16'000, 18'000);
  ASSERT_GOOD(state->seal(unit(8)));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const Result<> merged = state->settled(unit(8));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(number_of(merged), 5011);
  EXPECT_EQ(found_in(*state, 2'000, 18'000), 16'000);
  EXPECT_GOOD(state->settled(unit(8)));
  EXPECT_EQ(state->figures().runs, 1);
  EXPECT_EQ(found_in(*state, 2'000, 18'000), 16'000);
  state.reset();
  state = open(scratch / "state");
  EXPECT_EQ(found_in(*state, 2'000, 18'000), 16'000);
}

}  // namespace
}  // namespace godwit
