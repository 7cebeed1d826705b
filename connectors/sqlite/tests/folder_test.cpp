// The files of this folder say what the code says.
#include "plugins/sdk/testing.hpp"

extern "C" const gw_connector_api* godwit_connector_sqlite(void);

namespace godwit {

TEST(SqliteFolder, SaysWhatTheCodeSays) {
  sdk::check_folder(*godwit_connector_sqlite(), GODWIT_SOURCE_DIR "/connectors/sqlite");
}

TEST(SqliteFolder, TheReadmeShowsTheSample) {
  const std::string folder = GODWIT_SOURCE_DIR "/connectors/sqlite/", sample = sdk::file_text(folder + "sample.yaml");
  ASSERT_FALSE(sample.empty());
  EXPECT_NE(sdk::file_text(folder + "README.md").find("```yaml\n" + sample + "```"), std::string::npos);
}

}  // namespace godwit
