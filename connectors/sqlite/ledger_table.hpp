#pragma once
// The table godwit_ledger of this file (plugins/kits/sql/ledger.hpp says what it holds).

#include <cstdint>
#include <string_view>

#include "connectors/sqlite/database.hpp"
#include "core/model/exchange.hpp"

namespace godwit::sqlite {

class Ledger {
 public:
  // The database must outlive the ledger.
  explicit Ledger(const Database* database) : db_(database) {}

  // Makes the table when it is not there; GW-3216 when one of that name has another shape.
  Result<> prepare();
  // Adds the unit's line within the open transaction. GW-3215 when it is there already: then nothing may be written.
  Result<> record(const Unit& unit, const Outcomes& outcomes);
  Result<Resolved> resolve(const Unit& unit);
  Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard);

 private:
  Result<bool> exists();

  const Database* db_;
  Statement insert_;
};

}  // namespace godwit::sqlite
