#include <gtest/gtest.h>

#include "plugins/sdk/testing.hpp"

extern "C" const gw_connector_api* godwit_connector_salesforce(void);

TEST(SalesforceFolder, SaysWhatTheCodeSays) { godwit::sdk::check_folder(*godwit_connector_salesforce(), GODWIT_SOURCE_DIR "/connectors/salesforce"); }
