#include "connectors/zoho/writer.hpp"

#include <nlohmann/json.hpp>

#include "connectors/zoho/bulk_write.hpp"
#include "connectors/zoho/record_calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

class ModuleWriter final : public Writer {
 public:
  ModuleWriter(Org& org, WritePlan plan) : org_(org), plan_(std::move(plan)) {}

  Result<> prepare() override { return {}; }

  Result<Outcomes> submit(const Unit& unit) override {
    UnitState state(plan_, unit);
    const std::string name = unit.run + '\n' + unit.flow + '\n' + std::to_string(unit.shard) + '\n' + std::to_string(unit.number);
    // The same unit once more, after a call of it failed: what was answered then still holds.
    if (kept_ && kept_name_ == name && kept_->kinds.size() == state.results.kinds.size()) state.results = std::move(*kept_), state.in_doubt = kept_doubts_, state.again = true;
    kept_.reset();
    const Result<> written = write(unit, state);
    if (!written) {
      kept_ = std::move(state.results), kept_doubts_ = std::move(state.in_doubt), kept_name_ = name;
      return Failure(written.error());
    }
    return sql::make_outcomes(std::move(state.results), false);
  }

  // Zoho keeps no record of units; what became of one is seen in its rows.
  Result<Resolved> resolve(const Unit&) override {
    Resolved out;
    out.resolution = Resolution::unknown;
    return out;
  }
  Result<std::int64_t> last_unit(std::string_view, std::string_view, int) override { return 0; }

  Result<Rows> read_back(std::span<const Column> keys) override {
    const std::int64_t wanted = keys.empty() ? 0 : keys.front().length;
    std::vector<const Column*> columns;
    for (const Column& k : keys) columns.push_back(&k);
    std::vector<std::string> firsts, fields;
    for (std::int64_t i = 0; i < wanted; ++i)
      if (const auto first = plan_.key.first_literal(keys.front(), i)) firsts.push_back(*first);
    for (const FieldInfo* f : plan_.fields) fields.push_back(f->name);
    GW_ASSIGN(const Found found, find_records(org_, *plan_.module, plan_.key, std::move(firsts), std::move(fields)));
    Rows out;
    std::vector<ColumnBuilder> values;
    for (const Field& f : plan_.request.columns) values.emplace_back(f.type);
    ColumnBuilder ids{Type(TypeId::utf8)};
    for (std::int64_t i = 0; i < wanted; ++i) {
      const auto key = plan_.key.of_row(columns, i);
      const auto records = key ? found.find(*key) : found.end();
      // A key that names several records names none: a row that is sent to it is refused, and says so.
      const bool there = records != found.end() && records->second.size() == 1;
      out.found.push_back(there);
      for (std::size_t c = 0; c < values.size(); ++c) {
        if (!there) values[c].null();
        else GW_TRY(append(records->second.front(), c, &values[c]));
      }
      there ? ids.append_text(records->second.front().at("id").get<std::string>()) : ids.null();
    }
    out.batch.schema = plan_.request.columns, out.batch.rows = wanted;
    for (ColumnBuilder& c : values) out.batch.columns.push_back(c.finish());
    if (plan_.wants_ids) out.ids = ids.finish();
    return out;
  }

 private:
  Result<> append(const json& record, std::size_t c, ColumnBuilder* out) const {
    const FieldInfo& field = *plan_.fields[c];
    const auto held = record.find(field.name);
    if (held == record.end()) return out->null(), Result<>();
    if (const auto fault = rest::read_json(*held, form_of(field), out))
      return sdk::fail(3707, ErrorKind::bad_config,
                       {{"place", org_.options().place() + " " + plan_.module->name}, {"key", record.at("id").get<std::string>()}, {"field", field.name}, {"seen", fault->seen}, {"expected", to_string(field.type)}});
    return {};
  }

  Result<> write(const Unit& unit, UnitState& state) {
    rest::CallMemory memory(unit.memory);
    const auto is_row = [&](std::int64_t row) { return row >= 0 && row < static_cast<std::int64_t>(state.rows.size()); };
    for (const auto& [row, id] : memory.created())
      if (is_row(row) && state.is_open(row)) state.settle(row, OutcomeKind::created, id);
    for (const std::int64_t row : memory.in_doubt())
      if (is_row(row) && state.is_open(row)) state.in_doubt[static_cast<std::size_t>(row)] = true;
    GW_TRY(adopt_jobs(org_, plan_, state, unit.memory));
    GW_TRY(write_bulk(org_, plan_, state, unit.memory));
    GW_TRY(find_targets(org_, plan_, state));
    for (const Action action : {Action::remove, Action::update, Action::upsert, Action::create}) GW_TRY(RecordCalls(org_, plan_, state, memory, action).run());
    return {};
  }

  Org& org_;
  const WritePlan plan_;
  std::optional<sql::UnitResults> kept_;
  std::vector<bool> kept_doubts_;
  std::string kept_name_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(Org& org, const WriteRequest& request) {
  GW_ASSIGN(WritePlan plan, WritePlan::make(org, request));
  return std::unique_ptr<Writer>(std::make_unique<ModuleWriter>(org, std::move(plan)));
}

}  // namespace godwit::zoho
