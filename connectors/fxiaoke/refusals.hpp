#pragma once
// What the tenant's words about a record mean.

#include "connectors/fxiaoke/write_plan.hpp"
#include "plugins/sdk/http.hpp"

namespace godwit::fxiaoke {

// The refusal of a row, with the vendor's own words, code and trace id. Only the code and names of fields are looked at: wording and language
// of the messages vary.
Refusal refuse_row(const WritePlan& plan, const rest::RowAt& row, std::int64_t number, const sdk::HttpAnswer& answer);

}  // namespace godwit::fxiaoke
