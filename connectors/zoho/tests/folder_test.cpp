#include <gtest/gtest.h>

#include "plugins/sdk/testing.hpp"

extern "C" const gw_connector_api* godwit_connector_zoho(void);

TEST(ZohoFolder, SaysWhatTheCodeSays) { godwit::sdk::check_folder(*godwit_connector_zoho(), GODWIT_SOURCE_DIR "/connectors/zoho"); }
