// Totals, gates, verification, reports.

#include "core/journal/journal_parts.hpp"

namespace godwit {

Result<> Journal::put_total(const TotalRecord& t) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("insert or replace into total (run, name, flow, currency, bucket, value, rows) values (?, ?, ?, ?, ?, ?, ?)"));
  s.bind(1, t.run).bind(2, t.name).bind(3, t.flow).bind(4, t.currency).bind(5, t.bucket).bind(6, t.value).bind(7, t.rows);
  return s.run();
}

Result<std::vector<TotalRecord>> Journal::totals(std::int64_t run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select run, name, flow, currency, bucket, value, rows from total where run = ? order by name, currency, bucket"));
  s.bind(1, run);
  std::vector<TotalRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back({s.int64(0), s.string(1), s.string(2), s.string(3), s.string(4), s.string(5), s.int64(6)});
  }
}

Result<> Journal::put_gate(const GateRecord& g) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("insert or replace into gate (run, name, flow, verdict, seen, allowed, action, approver) values (?, ?, ?, ?, ?, ?, ?, ?)"));
  s.bind(1, g.run).bind(2, g.name).bind(3, g.flow).bind(4, g.verdict).bind(5, g.seen).bind(6, g.allowed).bind(7, g.action).bind(8, g.approver);
  return s.run();
}

Result<std::vector<GateRecord>> Journal::gates(std::int64_t run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select run, name, flow, verdict, seen, allowed, action, approver from gate where run = ? order by name, flow"));
  s.bind(1, run);
  std::vector<GateRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back({s.int64(0), s.string(1), s.string(2), s.string(3), s.string(4), s.string(5), s.string(6), s.string(7)});
  }
}

Result<> Journal::put_verification(const VerificationRecord& v) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Transaction transaction, Transaction::begin(parts_->db));
  GW_ASSIGN(Statement old, parts_->db.prepare("delete from difference where run = ? and flow = ?"));
  old.bind(1, v.run).bind(2, v.flow);
  GW_TRY(old.run());
  GW_ASSIGN(Statement s, parts_->db.prepare("insert or replace into verification (run, flow, verified_at, expected_rows, found_rows, missing, extra, fields_compared, "
                                            "fields_differing, fields_tolerated, orphans, detail) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  s.bind(1, v.run).bind(2, v.flow).bind(3, parts_->now()).bind(4, v.expected_rows).bind(5, v.found_rows).bind(6, v.missing).bind(7, v.extra);
  s.bind(8, v.fields_compared).bind(9, v.fields_differing).bind(10, v.fields_tolerated).bind(11, v.orphans).bind(12, v.detail);
  GW_TRY(s.run());
  return transaction.commit();
}

Result<> Journal::add_differences(std::int64_t run, std::string_view flow, std::span<const DifferenceRecord> differences) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Transaction transaction, Transaction::begin(parts_->db));
  GW_ASSIGN(Statement * s, parts_->statement("insert into difference (run, flow, source_key, field, class, expected, found) values (?, ?, ?, ?, ?, ?, ?)"));
  for (const DifferenceRecord& d : differences) {
    s->bind(1, run).bind(2, flow).bind(3, d.source_key).bind(4, d.field).bind(5, d.difference_class);
    const auto bind_text = [&](int i, const std::optional<std::string>& value) {
      if (value)
        s->bind(i, *value);
      else
        s->bind_null(i);
    };
    bind_text(6, d.expected), bind_text(7, d.found);
    GW_TRY(s->run());
  }
  return transaction.commit();
}

Result<std::vector<VerificationRecord>> Journal::verifications(std::int64_t run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select run, flow, verified_at, expected_rows, found_rows, missing, extra, fields_compared, fields_differing, fields_tolerated, "
                                            "orphans, detail from verification where run = ? order by flow"));
  s.bind(1, run);
  std::vector<VerificationRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back({s.int64(0), s.string(1), s.string(2), s.int64(3), s.int64(4), s.int64(5), s.int64(6), s.int64(7), s.int64(8), s.int64(9),
                   s.int64(10), s.string(11)});
  }
}

Result<std::vector<DifferenceRecord>> Journal::differences(std::int64_t run, std::string_view flow, std::int64_t limit) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select source_key, field, class, expected, found from difference where run = ? and flow = ? order by id limit ?"));
  s.bind(1, run).bind(2, flow).bind(3, limit);
  std::vector<DifferenceRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    DifferenceRecord d{s.string(0), s.string(1), s.string(2), std::nullopt, std::nullopt};
    if (!s.is_null(3)) d.expected = s.string(3);
    if (!s.is_null(4)) d.found = s.string(4);
    all.push_back(std::move(d));
  }
}

Result<> Journal::add_report(const ReportRecord& r) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("insert or replace into report (run, created_at, digest, signature, public_key, path) values (?, ?, ?, ?, ?, ?)"));
  s.bind(1, r.run).bind(2, r.created_at.empty() ? parts_->now() : r.created_at).bind(3, r.digest).bind(4, r.signature).bind(5, r.public_key).bind(6, r.path);
  return s.run();
}

Result<std::vector<ReportRecord>> Journal::reports(std::optional<std::int64_t> run) {
  const std::lock_guard lock(parts_->mutex);
  GW_ASSIGN(Statement s, parts_->db.prepare("select run, created_at, digest, signature, public_key, path from report where ?1 is null or run = ?1 order by created_at desc"));
  s.bind(1, run);
  std::vector<ReportRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    all.push_back({s.int64(0), s.string(1), s.string(2), s.string(3), s.string(4), s.string(5)});
  }
}

}  // namespace godwit
