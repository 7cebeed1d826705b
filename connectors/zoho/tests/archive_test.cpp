#include "connectors/zoho/archive.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/model/temporary_folder.hpp"

namespace godwit::zoho {
namespace {

TEST(Archive, GivesBackWhatWasPutIn) {
  for (const std::string& content : {std::string(), std::string("Ext_Id,Last_Name\nK-1,林\n"), std::string(3'000'000, 'x')}) {
    const auto archive = make_archive("data.csv", content);
    ASSERT_TRUE(archive);
    EXPECT_EQ(first_file(*archive, 4'000'000), content);
  }
}

TEST(Archive, DamageIsNoContent) {
  const std::string content = "Ext_Id,STATUS,RECORD_ID,ERRORS\nK-1,ADDED,4150868000000000001,\n";
  const std::string whole = *make_archive("data.csv", content);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_FALSE(first_file(whole.substr(0, cut), 1000)) << "cut at " << cut;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 0x55);
    // A name or a time may be altered; the content never is.
    const auto read = first_file(other, 1000);
    EXPECT_TRUE(!read || *read == content) << "byte " << at;
  }
  EXPECT_FALSE(first_file("<html>please sign in</html>", 1000));
}

TEST(Archive, WhatIsLargerThanExpectedIsNotUnpacked) {
  const auto archive = make_archive("data.csv", std::string(1'000'000, '0'));
  ASSERT_TRUE(archive);
  EXPECT_LT(archive->size(), 5000u);
  EXPECT_FALSE(first_file(*archive, 999'999));
}

TEST(Archive, FilesAreUnpackedPieceByPieceOrNotAtAll) {
  const auto folder = TemporaryFolder::make("archive");
  ASSERT_TRUE(folder);
  const std::string from = (folder->path() / "a.zip").string(), to = (folder->path() / "a.csv").string(), content(1'000'000, 'y');
  std::string archive = *make_archive("data.csv", content);
  std::ofstream(from, std::ios::binary) << archive;
  EXPECT_TRUE(unpack_first(from, to));
  std::ifstream read(to, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(read), {}), content);
  EXPECT_FALSE(unpack_first(from, (folder->path() / "no" / "a.csv").string()));
  archive[60] = static_cast<char>(archive[60] ^ 0x55);
  std::ofstream(from, std::ios::binary | std::ios::trunc) << archive;
  EXPECT_FALSE(unpack_first(from, to));
}

}  // namespace
}  // namespace godwit::zoho
