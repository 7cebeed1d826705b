#pragma once
// What a transactional target keeps of every unit, in the unit's own transaction: the table godwit_ledger.
//
//   run, flow, shard, unit   which unit; together unique
//   end_position             where the source stood at its end
//   rows                     rows of the unit
//   outcomes                 blob: one outcome per row, run-length encoded
//   ids                      blob: generated ids, null when none were asked for
//   refusals                 text: JSON array of the refused rows, null when there are none
//   note                     text: what the core wants to find again
//   written_at               text: UTC, ISO 8601
//
// outcomes: repeated (u8 gw_outcome_kind, varint rows); the same bytes as in the journal.
// ids: u8 1 (integers) or 2 (texts), then repeated varint n: n rows without an id follow, varint m: m rows with one,
// then their m ids. Integers: repeated (zigzag varint step from the id before, varint times), so that ids given in
// order take a few bytes. Texts: varint size and bytes each.
// varint: seven bits per byte, lowest first, the high bit set on all but the last.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/exchange.hpp"

namespace godwit::sql {

inline constexpr std::string_view kLedgerTable = "godwit_ledger";

std::string encode_outcomes(const Outcomes& outcomes);
// Fills rows, kind and kinds. False when the bytes are no outcomes of `rows` rows.
bool decode_outcomes(std::string_view bytes, std::int64_t rows, Outcomes* out);

// `ids` is a column of int64 or utf8, with nulls where there is no id.
std::string encode_ids(const Column& ids);
// False when the bytes are no ids of `rows` rows.
bool decode_ids(std::string_view bytes, std::int64_t rows, Column* out);

// JSON text; vendors' words that are no UTF-8 are repaired visibly.
std::string encode_refusals(const std::vector<Refusal>& refusals);
// False when the text is no such array.
bool decode_refusals(std::string_view text, std::vector<Refusal>* out);

}  // namespace godwit::sql
