// The files of this folder say what the code says.
#include "plugins/sdk/testing.hpp"

extern "C" const gw_connector_api* godwit_connector_rest(void);

namespace godwit {

TEST(RestFolder, SaysWhatTheCodeSays) { sdk::check_folder(*godwit_connector_rest(), GODWIT_SOURCE_DIR "/connectors/rest"); }

TEST(RestFolder, TheReadmeShowsTheSample) {
  const std::string folder = GODWIT_SOURCE_DIR "/connectors/rest/", sample = sdk::file_text(folder + "sample.yaml");
  ASSERT_FALSE(sample.empty());
  EXPECT_NE(sdk::file_text(folder + "README.md").find("```yaml\n" + sample + "```"), std::string::npos);
}

}  // namespace godwit
