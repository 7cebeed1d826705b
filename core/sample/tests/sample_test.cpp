// The practice extract: the same bytes everywhere, and true in what it says of itself.
#include "core/sample/sample.hpp"

#include <gtest/gtest.h>
#include <unicode/ucnv.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "core/model/catalogue.hpp"

namespace godwit {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "godwit-sample-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }
  std::string bytes(const std::string& file) const {
    std::ifstream stream(path_ / file, std::ios::binary);
    EXPECT_TRUE(stream) << file;
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  fs::path path_;
};

SampleSummary written(const Folder& folder, SampleOptions options) {
  options.folder = folder.path();
  auto summary = write_sample(options);
  EXPECT_TRUE(summary) << describe(summary.error());
  return summary ? *summary : SampleSummary{};
}

std::uint64_t fnv(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

const std::vector<std::string> kFiles{"users.csv",
                                      "customers.csv",
                                      "branches.csv",
                                      "contacts.csv",
                                      "activities.csv",
                                      "expected_totals.csv",
                                      "truth/truth_defects.csv",
                                      "truth/truth_duplicates.csv",
                                      "truth/truth_changes.csv",
                                      "truth/expected_books.csv"};

// Rows of a file that has no line feeds in its fields, without the header.
std::vector<std::string> lines(const std::string& bytes) {
  std::vector<std::string> out;
  std::istringstream stream(bytes);
  for (std::string line; std::getline(stream, line);) out.push_back(line);
  out.erase(out.begin());
  return out;
}

TEST(Sample, HasTheSameBytesEverywhere) {
  const Folder folder;
  written(folder, {.rows = 2000, .seed = 7});
  std::uint64_t all = 0;
  for (const auto& file : kFiles) all = all * 31 + fnv(folder.bytes(file));
  EXPECT_EQ(all, 9099756615036536487u)
      << "the sample changed: regenerate pipelines/harbour-trading/expected_books.csv as well";
}

TEST(Sample, ChangesWithTheSeedOnly) {
  const Folder one, two, other;
  const auto first = written(one, {.rows = 500, .seed = 1});
  written(two, {.rows = 500, .seed = 1});
  written(other, {.rows = 500, .seed = 2});
  for (const auto& file : kFiles) EXPECT_EQ(one.bytes(file), two.bytes(file)) << file;
  EXPECT_NE(one.bytes("customers.csv"), other.bytes("customers.csv"));
  std::int64_t rows = 0;
  for (const SampleFile& file : first.files) {
    rows += file.rows;
    EXPECT_EQ(static_cast<std::size_t>(file.bytes), one.bytes(file.name).size());
  }
  EXPECT_EQ(rows, 500);
}

TEST(Sample, EveryDefectOccursInTwentyThousandRows) {
  const Folder folder;
  const auto summary = written(folder, {});
  for (const char* defect : {"deleted_status",
                             "no_status",
                             "wrong_status",
                             "empty_name",
                             "long_name",
                             "negative_revenue",
                             "garbled_revenue",
                             "bad_date",
                             "owner_unknown",
                             "owner_left",
                             "wrong_branch",
                             "bad_email",
                             "ragged",
                             "nul_byte",
                             "parent_missing",
                             "broken_bytes",
                             "orphan",
                             "bad_birthday",
                             "long_job",
                             "wrong_language",
                             "cancelled",
                             "wrong_kind",
                             "empty_subject",
                             "stray_quote",
                             "double_key",
                             "user_left",
                             "account_set_aside",
                             "account_filtered",
                             "contact_set_aside",
                             "contact_filtered"}) {
    EXPECT_GT(summary.defects.count(defect), 0u) << defect;
  }
  const std::string duplicates = folder.bytes("truth/truth_duplicates.csv");
  for (const char* kind : {",double_key,", ",exact,", ",similar,"})
    EXPECT_NE(duplicates.find(kind), std::string::npos) << kind;
  const SampleBooks& accounts = summary.books.at("accounts");
  EXPECT_GT(accounts.obligations_set, 500);
  EXPECT_GT(accounts.obligations_failed, 0);
  EXPECT_GT(accounts.warned, 0);
  EXPECT_GT(summary.books.at("contacts").merged, 20);
  EXPECT_GT(summary.books.at("contacts").filtered_unknown, 0);
  for (const auto& [flow, b] : summary.books) {
    EXPECT_EQ(b.read, b.created + b.merged + b.filtered + b.filtered_unknown + b.set_aside) << flow;
  }
}

TEST(Sample, OfTheHarbourPipelineComesToItsExpectedBooks) {
  const Folder folder;
  written(folder, {});
  std::ifstream stream(fs::path(GODWIT_SOURCE_DIR) / "pipelines/harbour-trading/expected_books.csv", std::ios::binary);
  const std::string kept{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(kept, folder.bytes("truth/expected_books.csv"));
}

TEST(Sample, CleanOneHasNothingWrong) {
  const Folder folder;
  const auto summary = written(folder, {.rows = 3000, .dirty_rate = 0, .duplicate_rate = 0});
  EXPECT_EQ(summary.duplicates, 0);
  for (const char* flow : {"accounts", "contacts", "activities"}) {
    EXPECT_EQ(summary.books.at(flow).created, summary.books.at(flow).read) << flow;
  }
  for (const auto& [defect, count] : summary.defects)
    EXPECT_TRUE(defect == "user_left" || defect == "no_status") << defect;
}

// Python's codecs, csv, dates and decimals find the same books, buckets and sums.
TEST(Sample, IsTrueAccordingToPython) {
  if (std::system("python3 -c 'import csv' 2>/dev/null") != 0) GTEST_SKIP() << "python3 is not here";
  const std::string oracle = std::string("python3 ") + GODWIT_SOURCE_DIR + "/core/sample/tests/oracle.py ";
  for (const auto& options :
       {SampleOptions{}, SampleOptions{.rows = 4000, .seed = 42, .dirty_rate = 0.4, .duplicate_rate = 0.3},
        SampleOptions{.rows = 3000, .seed = 9, .revision = 2}, SampleOptions{.rows = 200, .seed = 3}}) {
    const Folder folder;
    written(folder, options);
    EXPECT_EQ(std::system((oracle + folder.path().string()).c_str()), 0) << options.seed;
  }
  const Folder folder;
  written(folder, {.rows = 2000,
                   .formats = {{"customers", {.encoding = "utf-8", .byte_order_mark = true}},
                               {"branches", {.encoding = "utf-8"}}}});
  EXPECT_EQ(std::system((oracle + folder.path().string() + " utf-8 utf-8").c_str()), 0);
}

TEST(Sample, LaterRevisionTellsWhatChanged) {
  const Folder before, after;
  written(before, {.rows = 5000});
  written(after, {.rows = 5000, .revision = 1});
  std::map<std::string, std::string> told;  // key -> change
  for (const std::string& line : lines(after.bytes("truth/truth_changes.csv"))) {
    if (!line.starts_with("customers.csv,")) continue;
    const std::size_t comma = line.rfind(',');
    told[line.substr(14, comma - 14)] = line.substr(comma + 1);
  }
  // Line by line: rows keep their order, new ones stand at the end.
  const auto old_rows = lines(before.bytes("customers.csv")), new_rows = lines(after.bytes("customers.csv"));
  ASSERT_GT(new_rows.size(), old_rows.size());
  std::size_t changed = 0, added = 0;
  for (std::size_t i = 0; i < new_rows.size(); ++i) {
    const std::string key = new_rows[i].substr(0, new_rows[i].find(','));
    if (i >= old_rows.size()) {
      ++added;
      if (told.contains(key)) {  // a repeat has the key of an older row
        EXPECT_EQ(told[key], "new");
      }
    } else if (old_rows[i] != new_rows[i]) {
      ++changed;
      EXPECT_EQ(told[key], "tel revenue") << new_rows[i];
    }
  }
  EXPECT_EQ(added, 14u);
  EXPECT_GT(changed, 20u);
  EXPECT_EQ(before.bytes("truth/truth_changes.csv"), "file,key,change\n");
}

TEST(Sample, FormatsCanBeChosen) {
  const Folder folder;
  written(folder, {.rows = 400, .formats = {{"users", {.encoding = "utf-16le", .delimiter = '\t', .crlf = true}}}});
  const std::string users = folder.bytes("users.csv");
  EXPECT_EQ(users.substr(0, 20), std::string("u\0s\0e\0r\0_\0c\0o\0d\0e\0\t\0", 20));
  EXPECT_NE(users.find(std::string("\r\0\n\0", 4)), std::string::npos);
}

TEST(Sample, GbkHasNoPlaceForEveryName) {
  // The four-byte part of GB18030 is in use: 㛃.
  const Folder folder;
  written(folder, {.rows = 20'000});
  const std::string contacts = folder.bytes("contacts.csv");
  EXPECT_NE(contacts.find("㛃"), std::string::npos);
}

TEST(Sample, WrongOptionsAreRefused) {
  const Folder folder;
  const auto refused = [&](SampleOptions options) {
    options.folder = folder.path();
    const auto summary = write_sample(options);
    EXPECT_FALSE(summary);
    return summary ? std::string()
                   : std::to_string(summary.error().number) + " " + std::string(summary.error().argument("seen"));
  };
  EXPECT_EQ(refused({.kind = "bakery"}), "2090 kind bakery");
  EXPECT_EQ(refused({.rows = 10}), "2090 rows 10");
  EXPECT_EQ(refused({.dirty_rate = 0.6}), "2090 dirty_rate 0.600000");
  EXPECT_EQ(refused({.duplicate_rate = -1}), "2090 duplicate_rate -1.000000");
  EXPECT_EQ(refused({.revision = -1}), "2090 revision -1");
  EXPECT_EQ(refused({.formats = {{"clients", {}}}}), "2090 file clients");
  EXPECT_EQ(refused({.formats = {{"users", {.encoding = "klingon"}}}}), "2090 encoding klingon");
  EXPECT_EQ(refused({.formats = {{"customers", {.encoding = "windows-1252"}}}}).substr(0, 4), "2092");
}

TEST(Sample, UnwritableFolderIsAnError) {
  const Folder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto summary = write_sample({.folder = folder.path() / "file" / "inside"});
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().number, 2091);
  EXPECT_EQ(summary.error().argument("place"), (folder.path() / "file" / "inside").string());
}

}  // namespace
}  // namespace godwit
