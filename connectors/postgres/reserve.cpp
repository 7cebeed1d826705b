#include "connectors/postgres/reserve.hpp"

#include <algorithm>

#include "plugins/kits/sql/identifier.hpp"

namespace godwit::postgres {

Result<std::vector<std::string>> reserve_ids(Session& session, const ColumnInfo& id, std::int64_t n) {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(n));
  if (n == 0) return out;
  const std::string rows = " from generate_series(1, " + std::to_string(n) + ")";
  if (!id.sequence.empty()) {
    const std::string next = "nextval(" + sql::quote_text(id.sequence) + "::regclass)";
    GW_ASSIGN(
        const Answer step,
        session.run("select seqincrement from pg_catalog.pg_sequence where seqrelid = $1::regclass", {id.sequence}));
    const std::int64_t by = step.rows() == 1 ? step.integer(0, 0) : 0;
    // Usually nobody draws in between, and two numbers say all.
    GW_ASSIGN(const Answer ends, session.run("select min(v), max(v) from (select " + next + " as v" + rows + ") x"));
    const std::int64_t least = ends.integer(0, 0), most = ends.integer(0, 1);
    if (by != 0 && most - least == (n - 1) * std::abs(by)) {
      std::int64_t v = by > 0 ? least : most;
      for (std::int64_t i = 0; i < n; ++i, v += by) out.push_back(std::to_string(v));
      return out;
    }
  }
  const std::string value =
      id.sequence.empty() ? "(" + id.default_text + ")" : "nextval(" + sql::quote_text(id.sequence) + "::regclass)";
  GW_ASSIGN(const Answer all, session.run("select " + value + "::text" + rows));
  for (int i = 0; i < all.rows(); ++i) out.push_back(all.string(i, 0));
  return out;
}

}  // namespace godwit::postgres
