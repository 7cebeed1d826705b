#pragma once
// A connector for the program's tests: object "people" in memory; files *.people.

#include "plugins/abi/godwit_abi.h"

const gw_connector_api* fake_connector();
