#pragma once
// Modules with very many records: by bulk read jobs of up to 200,000 records, 50 credits each.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/zoho/org.hpp"
#include "plugins/kits/rest/pages.hpp"

namespace godwit::zoho {

// Pages of the named fields. Cursors name a job and the rows of it that were read; they are good as long as Zoho keeps the job's result, a day. `org` outlives the pages.
// GW-3711 for a job that failed, GW-3712 when there is no room for its result.
std::unique_ptr<rest::PageSource> bulk_pages(Org& org, std::shared_ptr<const ModuleInfo> module, std::vector<std::string> fields);
// Whether a reader's position is one of such pages.
bool is_bulk_position(std::string_view position);

}  // namespace godwit::zoho
