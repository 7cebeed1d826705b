#include "plugins/kits/sql/unit_results.hpp"

#include <algorithm>

namespace godwit::sql {

Outcomes make_outcomes(UnitResults results, bool integer_ids) {
  Outcomes out;
  out.rows = static_cast<std::int64_t>(results.kinds.size());
  std::sort(results.refusals.begin(), results.refusals.end(),
            [](const Refusal& a, const Refusal& b) { return a.row < b.row; });
  out.refusals = std::move(results.refusals);
  if (!results.has_id.empty()) {
    ColumnBuilder ids{Type(integer_ids ? TypeId::int64 : TypeId::utf8)};
    ids.reserve(out.rows);
    for (std::size_t i = 0; i < results.kinds.size(); ++i) {
      if (results.has_id[i] == 0 || results.kinds[i] == OutcomeKind::refused)
        ids.null();
      else if (integer_ids)
        ids.append_int64(results.ids[i]);
      else
        ids.append_text(results.text_ids[i]);
    }
    out.ids = ids.finish();
  }
  const auto first = results.kinds.empty() ? OutcomeKind::created : results.kinds.front();
  if (std::all_of(results.kinds.begin(), results.kinds.end(), [&](OutcomeKind k) { return k == first; }))
    out.kind = first;
  else
    out.kinds = std::move(results.kinds);
  return out;
}

}  // namespace godwit::sql
