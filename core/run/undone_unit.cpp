#include "core/run/undone_unit.hpp"

#include <algorithm>

#include "core/run/unit_writer.hpp"

namespace godwit {
namespace {

constexpr int kEdited = 1432, kNoLongerThere = 1434, kThereAgain = 1435, kNothingKept = 1436;

// A deletion leaves no id in the crosswalk; the record comes back with the one that its before-image has.
void ids_of_deleted(UndoneUnit& unit) {
  const int at = find_field(unit.before.batch.schema, "@id");
  CrosswalkSegment& rows = unit.rows;
  if (at < 0 || unit.before.batch.column(at).type != rows.ids.type || !rows.ids.has_nulls()) return;
  ColumnBuilder ids(rows.ids.type);
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    const std::int32_t b = unit.prior(static_cast<std::int32_t>(i));
    rows.ids.is_null(i) && b >= 0 ? ids.append_from(unit.before.batch.column(at), b) : ids.append_from(rows.ids, i);
  }
  rows.ids = ids.finish();
}

std::vector<bool> edited_rows(const CompiledFlow& flow, const UndoneUnit& unit, const Writer::Rows& held, std::size_t skip) {
  const std::size_t n = unit.touched.size();
  std::vector<bool> edited(n, false);
  std::vector<std::uint64_t> now(n);
  for (std::size_t c = 0; c < flow.columns.size(); ++c) {
    const auto field = std::ranges::find(unit.rows.fields, flow.columns[c].name);
    if (field == unit.rows.fields.end()) continue;
    const auto& mapped = unit.rows.mapped[static_cast<std::size_t>(field - unit.rows.fields.begin())];
    const int in_before = find_field(unit.before.batch.schema, flow.columns[c].name);
    std::vector<std::uint64_t> old(static_cast<std::size_t>(unit.before.batch.rows));
    if (in_before >= 0) hash_values(unit.before.batch.column(in_before), old);
    hash_values(held.batch.columns[c + skip], now);
    for (std::size_t r = 0; r < n; ++r) {
      if (!held.found[r]) continue;
      const std::uint32_t then = mapped[static_cast<std::size_t>(unit.touched[r])];
      if (then == kNoFieldHash || then == field_hash(now[r])) continue;
      const std::int32_t b = unit.prior(unit.touched[r]);
      if (b >= 0 && in_before >= 0 && old[static_cast<std::size_t>(b)] == now[r]) continue;
      edited[r] = true;
    }
  }
  return edited;
}

}  // namespace

Result<UndoneUnit> read_undone(Journal& journal, const UnitRecord& unit, const CompiledFlow& flow, bool by_id) {
  UndoneUnit out;
  Journal::SegmentQuery query;
  query.run = unit.id.run, query.flow = unit.id.flow, query.unit = unit.id;
  GW_ASSIGN(const auto segments, journal.segments(query));
  for (const SegmentRecord& s : segments) {
    if (s.kind != SegmentKind::crosswalk && s.kind != SegmentKind::before) continue;
    GW_ASSIGN(const auto bytes, journal.read_segment(s));
    if (s.kind == SegmentKind::crosswalk) {
      GW_ASSIGN(out.rows, decode_crosswalk(bytes));
    } else {
      GW_ASSIGN(out.before, decode_rows(bytes));
    }
  }
  GW_ASSIGN(out.kinds, decode_outcomes(unit.outcomes, out.rows.rows));
  if (static_cast<std::int64_t>(out.kinds.size()) != out.rows.rows) return fail(5902, {{"place", flow.flow->name}, {"seen", std::to_string(out.kinds.size()) + " outcomes"}});
  for (std::size_t i = 0; i < out.kinds.size(); ++i)
    if (static_cast<OutcomeKind>(out.kinds[i]) != OutcomeKind::unchanged) out.touched.push_back(static_cast<std::int32_t>(i));
  for (std::size_t i = 0; i < out.before.keys.size(); ++i) out.before_row.emplace(out.before.keys[i].low ^ out.before.keys[i].high, static_cast<std::int32_t>(i));
  if (by_id) {
    ids_of_deleted(out);
    out.keys.push_back(take(out.rows.ids, out.touched));
  } else {
    for (const Column& k : out.rows.keys) out.keys.push_back(take(k, out.touched));
  }
  return out;
}

Result<std::unique_ptr<Writer>> open_undo_writer(Workspace& workspace, const CompiledFlow& flow, const std::string& run, bool by_id, Schema* schema) {
  WriteRequest request;
  request.object = flow.flow->to.object;
  if (by_id) {
    request.columns.push_back({flow.id_field, flow.id_type});
    request.key.push_back(flow.id_field);
  } else {
    for (std::size_t k = 0; k < flow.key_count; ++k) request.key.push_back(flow.columns[k].name);
  }
  request.columns.insert(request.columns.end(), flow.target_schema.begin(), flow.target_schema.end());
  request.columns.insert(request.columns.end(), flow.unmapped_schema.begin(), flow.unmapped_schema.end());
  *schema = request.columns;
  request.run = run, request.flow = flow.flow->name;
  Connection& connection = workspace.connection(flow.flow->to.connection);
  request.ledger = connection.delivery() == Delivery::transactional;
  return connection.open_writer(request);
}

int undo_obstacle(const CompiledFlow& flow) {
  if (flow.insert_only()) return 4082;
  return crosswalk_ids(flow) == TypeId::null_type && !flow.identity ? 4083 : 0;
}

UndoChoice choose_steps(const CompiledFlow& flow, const UndoneUnit& unit, const Writer::Rows& held, bool by_id) {
  const std::size_t n = unit.touched.size();
  UndoChoice out{std::vector<UndoStep>(n, UndoStep::nothing), std::vector<int>(n, 0)};
  const std::vector<bool> edited = edited_rows(flow, unit, held, by_id ? 1 : 0);
  const auto leave = [&](std::size_t r, int why) { out.steps[r] = UndoStep::leave, out.why[r] = why; };
  for (std::size_t r = 0; r < n; ++r) {
    const OutcomeKind kind = unit.kind(r);
    const bool has_prior = unit.prior(unit.touched[r]) >= 0;
    if (kind == OutcomeKind::deleted) {
      if (held.found[r]) leave(r, kThereAgain);
      else if (!has_prior) leave(r, kNothingKept);
      else out.steps[r] = UndoStep::insert;
    } else if (!held.found[r]) {
      if (kind != OutcomeKind::created) leave(r, kNoLongerThere);
    } else if (edited[r]) {
      leave(r, kEdited);
    } else if (kind == OutcomeKind::updated && !has_prior) {
      leave(r, kNothingKept);
    } else {
      out.steps[r] = kind == OutcomeKind::created ? UndoStep::remove : UndoStep::restore;
    }
  }
  return out;
}

}  // namespace godwit
