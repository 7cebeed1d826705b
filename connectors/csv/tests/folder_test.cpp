#include <gtest/gtest.h>

#include "plugins/sdk/testing.hpp"

extern "C" const gw_connector_api* godwit_connector_csv(void);

TEST(CsvFolder, SaysWhatTheCodeSays) { godwit::sdk::check_folder(*godwit_connector_csv(), GODWIT_SOURCE_DIR "/connectors/csv"); }
