#pragma once
// Control totals, computed from the cells as they stand in the file.

#include <string_view>
#include <vector>

#include "connectors/sqlite/database.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

// sum, count, min, max of `field`, per value of `group_by`, over the rows for which `where` (SQL) holds; groups in
// order of their values. SQLite's own sum() is a float as soon as one value is; here numbers are added as decimals: a
// float counts as its shortest digits, a text of a text column as the digits that it spells (3219 when it spells none).
// min and max compare numbers by value, and other columns as SQLite orders them. Nulls do not count.
Result<std::vector<GroupValue>> aggregate_table(const Database& database, std::string_view object,
                                                std::string_view aggregate, std::string_view field,
                                                std::string_view where, std::string_view group_by);

}  // namespace godwit::sqlite
