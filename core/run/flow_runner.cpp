#include "core/run/flow_runner.hpp"

#include <algorithm>
#include <chrono>

#include "core/run/exact_sum.hpp"

namespace godwit {

Result<> FlowRunner::set_stage(FlowStage stage) {
  record_.stage = stage;
  return p_.context->journal->set_stage(record_.run, record_.flow, stage);
}

SeenKeys::Options FlowRunner::state_options(const std::string& name) const {
  Journal* journal = p_.context->journal;
  SeenKeys::Options o;
  o.folder = journal->state_folder(p_.context->run.scope, "run-" + std::to_string(p_.context->run.number) + "-" + name + "-" + p_.flow->flow->name);
  o.memory_bytes = p_.context->state_memory;
  o.is_settled = [journal](const UnitId& unit) { return journal->is_settled(unit); };
  return o;
}

Result<> FlowRunner::run() {
  const RunRecord& run = p_.context->run;
  Journal& journal = *p_.context->journal;
  const Flow& flow = *p_.flow->flow;
  GW_ASSIGN(auto known, journal.flow_run(run.number, flow.name));
  if (known) {
    record_ = std::move(*known);
  } else {
    record_.run = run.number, record_.flow = flow.name, record_.seq = p_.seq;
    record_.source = Workspace::source_names(flow), record_.target = flow.to.connection + "." + flow.to.object;
    record_.delivery = to_string(p_.workspace->connection(flow.to.connection).delivery());
    record_.crosswalk = p_.flow->insert_only() ? "none" : crosswalk_ids(*p_.flow) == TypeId::null_type ? "identity" : "ids";
    const auto hash = p_.workspace->project().flow_hashes.find(flow.name);
    record_.flow_hash = hash == p_.workspace->project().flow_hashes.end() ? "" : hash->second;
    record_.source_hash = p_.workspace->source_hash(*p_.flow);
    record_.started_at = journal.now();
    GW_TRY(journal.put_flow_run(record_));
  }
  if (record_.stage == FlowStage::finished) return {};
  p_.workspace->references().set_final(false);
  GW_TRY(p_.workspace->references().begin_flow(flow.name));
  GW_ASSIGN(writer_, p_.workspace->open_writer(*p_.flow, run.id));
  GW_TRY(writer_->prepare());
  GW_TRY(open_crosswalk());
  obligations_ = std::make_unique<SeenKeys>(state_options("obligations"));
  Result<> result;
  while (result && record_.stage != FlowStage::finished) {
    switch (record_.stage) {
      case FlowStage::planned: result = prepare(); break;
      case FlowStage::prepared: result = set_stage(FlowStage::loading); break;
      case FlowStage::loading: result = load(); break;
      case FlowStage::loaded: result = set_stage(FlowStage::linking); break;
      case FlowStage::linking: result = link(); break;
      case FlowStage::finished: case FlowStage::undoing: break;
    }
  }
  p_.workspace->references().end_flow();
  return result;
}

Result<std::int64_t> FlowRunner::count_target() {
  Connection& connection = p_.workspace->connection(p_.flow->flow->to.connection);
  const std::string& object = p_.flow->flow->to.object;
  if (connection.can_aggregate()) {
    GW_ASSIGN(const auto groups, connection.aggregate(object, "count", "", "", ""));
    return groups.empty() || groups.front().value.empty() ? 0 : std::stoll(groups.front().value);
  }
  GW_ASSIGN(const ObjectDescription description, connection.describe(object));
  return description.rows.value_or(-1);
}

Result<> FlowRunner::prepare() {
  GW_ASSIGN(record_.target_before, count_target());
  record_.stage = FlowStage::prepared;
  return p_.context->journal->put_flow_run(record_);
}

// What earlier runs of the scope loaded; none, when this is the first.
Result<> FlowRunner::open_crosswalk() {
  if (p_.flow->insert_only()) return {};
  Journal& journal = *p_.context->journal;
  Journal::SegmentQuery query;
  query.scope = p_.context->run.scope, query.flow = p_.flow->flow->name, query.kind = SegmentKind::crosswalk;
  GW_ASSIGN(const auto segments, journal.segments(query));
  if (std::ranges::all_of(segments, [&](const SegmentRecord& s) { return s.unit.run == p_.context->run.number; })) return {};
  GW_ASSIGN(crosswalk_, Crosswalk::open(journal, p_.context->run.scope, p_.flow->flow->name, crosswalk_ids(*p_.flow), p_.context->state_memory));
  return {};
}

// What a killed process left: units that are settled, units whose intent is on record, units that only the ledger knows.
Result<RecordedUnits> FlowRunner::recorded(Writer& writer, int pass, std::int64_t* ledger_last) {
  Journal& journal = *p_.context->journal;
  const std::string& flow = p_.flow->flow->name;
  RecordedUnits out;
  GW_ASSIGN(const auto shards, journal.shards(record_.run, flow));
  for (const ShardRecord& s : shards)
    if (s.shard == 0) out.settled = s.number, out.position = pass == 1 ? s.position : "";
  if (pass == 2) {
    GW_ASSIGN(const auto units, journal.units(record_.run, flow));
    for (const UnitRecord& u : units)
      if (u.pass == 2 && u.settled && u.id.number <= out.settled) out.position = u.end_position;
  }
  GW_ASSIGN(const auto open, journal.unsettled(record_.run, flow));
  for (const UnitRecord& u : open)
    if (u.pass == pass) out.ends[u.id.number] = u.end_position;
  *ledger_last = 0;
  if (p_.context->run.fence <= 1) return out;  // nobody was here before us
  GW_ASSIGN(*ledger_last, writer.last_unit(p_.context->run.id, flow, 0));
  for (std::int64_t n = out.settled + 1; n <= *ledger_last; ++n) {
    if (out.ends.contains(n)) continue;
    Unit unit;
    unit.run = p_.context->run.id, unit.flow = flow, unit.number = n;
    GW_ASSIGN(const Resolved resolved, writer.resolve(unit));
    if (resolved.resolution == Resolution::done) out.ends[n] = resolved.end_position;
  }
  return out;
}

Result<> FlowRunner::load() {
  UnitWriter::Parts parts;
  GW_ASSIGN(const RecordedUnits from, recorded(*writer_, 1, &parts.ledger_last));
  Comparer::Options options;
  options.folder = p_.context->journal->state_folder(p_.context->run.scope, "held-" + p_.flow->flow->name);
  options.memory_bytes = p_.context->state_memory;
  options.target_empty = record_.target_before == 0;
  std::unique_ptr<Writer> whole;
  if (p_.flow->delete_when && p_.flow->flow->keep_prior) {
    GW_ASSIGN(whole, p_.workspace->open_whole(*p_.flow, p_.context->run.id));
    options.whole = whole.get();
  }
  // Where units may be on their way side by side: rows that nothing ties together, or calls that wait for an answer from far away. Who
  // is asked what the target holds is then neither of the two that write.
  Connection& target = p_.workspace->connection(p_.flow->flow->to.connection);
  const bool from_afar = target.delivery() != Delivery::transactional && target.writes_in_flight() > 1;
  std::unique_ptr<Writer> second, asker;
  if ((p_.flow->insert_only() && p_.flow->target.independent) || from_afar) {
    GW_ASSIGN(second, p_.workspace->open_writer(*p_.flow, p_.context->run.id));
    GW_TRY(second->prepare());
    if (!p_.flow->insert_only()) {
      GW_ASSIGN(asker, p_.workspace->open_writer(*p_.flow, p_.context->run.id));
    }
  }
  parts.second_writer = second.get(), parts.asker = asker ? asker.get() : writer_.get();
  GW_ASSIGN(auto comparer, Comparer::open(*p_.flow, options,
                                          [&](const std::vector<std::string>& columns) { return p_.workspace->open_target(*p_.flow, columns); },
                                          parts.asker, crosswalk_.get()));
  parts.context = p_.context, parts.flow = p_.flow, parts.writer = writer_.get(), parts.comparer = comparer.get();
  parts.crosswalk = crosswalk_.get(), parts.parents = p_.parents, parts.seen = p_.seen;
  parts.obligations = p_.flow->has_deferred ? obligations_.get() : nullptr;
  parts.compares = !options.target_empty, parts.delivery = target.delivery();
  UnitWriter unit_writer(parts);
  FlowSource::Options wanted = p_.source;
  wanted.batch_rows = static_cast<std::int64_t>(p_.context->unit_rows);
  if (wanted.limit >= 0) wanted.limit = std::max<std::int64_t>(0, wanted.limit - record_.counts.read);  // of a resumed pilot
  FlowSource source(*p_.flow, p_.workspace->source_connections(*p_.flow), wanted);
  const auto name = std::ranges::find(p_.flow_names, p_.flow->flow->name);
  Sequencer sequencer(*p_.flow, p_.flow_names, static_cast<int>(name - p_.flow_names.begin()), *p_.seen);
  FlowLoader::Parts loader;
  loader.context = p_.context, loader.flow = p_.flow, loader.source = &source, loader.sequencer = &sequencer, loader.seen = p_.seen;
  const Counts before = record_.counts;
  const auto write = [&](FormedUnit& unit) -> Result<> {
    GW_TRY(unit_writer.write(unit));
    Counts now = before;
    now += unit_writer.counts();
    return p_.gates ? p_.gates(p_.flow->flow->name, now) : Result<>();
  };
  const Result<> loaded = FlowLoader(loader).run(from, write);
  GW_TRY(unit_writer.flush());  // also of a run that stops: what is on its way is worth knowing
  GW_TRY(loaded);
  for (const std::string& voided : source.voided())
    GW_TRY(p_.context->journal->add_event(record_.run, "correction_void", voided));
  if (source.corrected() > 0)
    GW_TRY(p_.context->journal->add_event(record_.run, "corrected", p_.flow->flow->name + ": " + std::to_string(source.corrected())));
  return set_stage(FlowStage::loaded);
}

Result<> FlowRunner::link() {
  GW_ASSIGN(auto now, p_.context->journal->flow_run(record_.run, record_.flow));
  if (now && now->counts.obligations_open > 0) {
    p_.workspace->references().set_final(true);
    Connection& connection = p_.workspace->connection(p_.flow->flow->to.connection);
    WriteRequest request = FlowLinker::request(*p_.flow, p_.context->run.id);
    request.ledger = connection.delivery() == Delivery::transactional;
    GW_ASSIGN(auto writer, connection.open_writer(request));
    GW_TRY(writer->prepare());
    SeenKeys linked(state_options("linked")), nothing(state_options("nothing"));
    FlowLinker::Parts parts;
    parts.context = p_.context, parts.flow = p_.flow, parts.writer = writer.get(), parts.crosswalk = crosswalk_.get();
    parts.obligations = obligations_.get(), parts.linked = &linked;
    parts.ledger = request.ledger;
    GW_ASSIGN(const RecordedUnits from, recorded(*writer, 2, &parts.ledger_last));
    FlowSource::Options wanted = p_.source;
    wanted.batch_rows = static_cast<std::int64_t>(p_.context->unit_rows);
    // Where linking goes on, the rows before are not counted; rows beyond the limit of a pilot have no obligation anyway.
    if (!from.position.empty()) wanted.limit = -1;
    FlowSource source(*p_.flow, p_.workspace->source_connections(*p_.flow), wanted);
    FlowLoader::Parts loader;
    loader.context = p_.context, loader.flow = p_.flow, loader.source = &source, loader.seen = &nothing, loader.pass = 2, loader.what = "linking";
    FlowLinker linker(parts);
    GW_TRY(FlowLoader(loader).run(from, [&](FormedUnit& unit) { return linker.link(unit); }));
    p_.workspace->references().set_final(false);
  }
  return finish();
}

Result<> FlowRunner::finish() {
  Journal& journal = *p_.context->journal;
  obligations_.reset();
  for (const char* name : {"obligations", "linked", "nothing"}) {
    std::error_code ignored;
    std::filesystem::remove_all(state_options(name).folder, ignored);
  }
  // The parts of the control totals that the units left, added up exactly.
  std::map<std::tuple<std::string, std::string, std::string>, ExactSum> sums;
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> rows;
  {
    GW_ASSIGN(Statement s, journal.database().prepare("select name, currency, bucket, value, rows from unit_total where run = ? and flow = ?"));
    s.bind(1, record_.run).bind(2, record_.flow);
    for (;;) {
      GW_ASSIGN(const bool more, s.step());
      if (!more) break;
      const std::tuple key(s.string(0), s.string(1), s.string(2));
      sums[key].add_text(s.text(3));
      rows[key] += s.int64(4);
    }
  }
  for (const auto& [key, sum] : sums)
    GW_TRY(journal.put_total({record_.run, std::get<0>(key), record_.flow, std::get<1>(key), std::get<2>(key), sum.text(), rows[key]}));
  if (p_.parents != nullptr) GW_TRY(p_.parents->state().sync());
  GW_TRY(journal.sync());
  GW_ASSIGN(auto now, journal.flow_run(record_.run, record_.flow));
  if (now) record_ = std::move(*now);
  record_.ended_at = journal.now();
  record_.stage = FlowStage::finished;
  return journal.put_flow_run(record_);
}

}  // namespace godwit
