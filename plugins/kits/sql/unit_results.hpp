#pragma once
// What a writer knows of a unit's rows while it writes them, and the outcomes that the core is told in the end.

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/exchange.hpp"

namespace godwit::sql {

// Rows count from 0 within the unit; OutcomeKind::unknown: still open.
struct UnitResults {
  explicit UnitResults(std::int64_t rows) : kinds(static_cast<std::size_t>(rows), OutcomeKind::unknown) {}
  std::vector<OutcomeKind> kinds;
  std::vector<Refusal> refusals;
  // Ids, for requests that name one: integers or texts, as the id's column is.
  std::vector<std::uint8_t> has_id;
  std::vector<std::int64_t> ids;
  std::vector<std::string> text_ids;

  // Makes room for an id per row.
  void expect_ids(bool integers) {
    has_id.resize(kinds.size());
    integers ? ids.resize(kinds.size()) : text_ids.resize(kinds.size());
  }
  bool is_open(std::int64_t row) const { return kinds[static_cast<std::size_t>(row)] == OutcomeKind::unknown; }
  void settle(std::int64_t row, OutcomeKind kind) { kinds[static_cast<std::size_t>(row)] = kind; }
  void refuse(Refusal refusal) {
    settle(refusal.row, OutcomeKind::refused);
    refusals.push_back(std::move(refusal));
  }
};

// The outcomes, refusals in the order of their rows; ids where expect_ids() was called, none of refused rows.
Outcomes make_outcomes(UnitResults results, bool integer_ids);

}  // namespace godwit::sql
