#pragma once
// The table godwit_ledger of this database (plugins/kits/sql/ledger.hpp says what it holds).

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/postgres/session.hpp"
#include "core/model/exchange.hpp"

namespace godwit::postgres {

// Whether a ledger can be kept: the table is there and may be read and added to, or may be made.
Result<bool> ledger_is_possible(Session& session);

class Ledger {
 public:
  explicit Ledger(std::string schema) : schema_(std::move(schema)) {}

  // Makes the table when it is not there; GW-3319 when one of that name has another shape.
  Result<> prepare(Session& session);
  // Adds the unit's line within the open transaction. GW-3318 when it is there already: then nothing may be written.
  Result<> record(Session& session, const Unit& unit, const Outcomes& outcomes);
  Result<Resolved> resolve(Session& session, const Unit& unit);
  Result<std::int64_t> last_unit(Session& session, std::string_view run, std::string_view flow, int shard);

 private:
  Result<bool> exists(Session& session);
  // The name with its schema; empty schema: the connection's own.
  Result<std::string> name(Session& session);

  std::string schema_, name_;
};

}  // namespace godwit::postgres
