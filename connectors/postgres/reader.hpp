#pragma once
// Reads a table, view or query by COPY in binary form.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/session.hpp"
#include "connectors/postgres/snapshot.hpp"
#include "core/model/exchange.hpp"

namespace godwit::postgres {

// Opens a session of its own, at the shared snapshot where the request asks for it. Errors: those of Session::open,
// 3030 no such object, 3031 no such column, 3032 a position or split of another object.
Result<std::unique_ptr<Reader>> open_reader(const Options& options, const sdk::HostServices& host, Snapshot& snapshot,
                                            const ReadRequest& request);

// Parts of the object: ranges of an integer key, else ranges of blocks; "" where there is no such cut.
Result<std::vector<std::string>> split_object(Session& session, std::string_view object, int wanted);

}  // namespace godwit::postgres
