#include "connectors/salesforce/writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/cascade.hpp"
#include "connectors/salesforce/collections.hpp"
#include "connectors/salesforce/ingest.hpp"
#include "connectors/salesforce/lookup.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/rest/kept_unit.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

class ObjectWriter final : public Writer {
 public:
  ObjectWriter(Org& org, WritePlan plan) : org_(org), plan_(std::move(plan)) {}

  Result<> prepare() override { return {}; }

  Result<Outcomes> submit(const Unit& unit) override {
    UnitState state(plan_, unit);
    state.again = kept_.bring_back(unit, &state.results, &state.in_doubt);
    if (state.again) state.was_absent = std::move(kept_absent_);
    if (const Result<> written = write(unit, state); !written) {
      kept_.keep(unit, std::move(state.results), std::move(state.in_doubt)), kept_absent_ = std::move(state.was_absent);
      return Failure(written.error());
    }
    return sql::make_outcomes(std::move(state.results), false);
  }

  // Salesforce keeps no record of units; what became of one is seen in its rows.
  Result<Resolved> resolve(const Unit&) override {
    Resolved out;
    out.resolution = Resolution::unknown;
    return out;
  }
  Result<std::int64_t> last_unit(std::string_view, std::string_view, int) override { return 0; }

  Result<Rows> read_back(std::span<const Column> keys) override {
    if (plan_.key < 0 || keys.empty()) return sdk::fail(3513, ErrorKind::bad_config, {{"place", org_.options().place()}, {"object", plan_.object->name}});
    const std::int64_t wanted = keys.front().length;
    std::vector<std::int64_t> rows(static_cast<std::size_t>(wanted));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
    GW_ASSIGN(Lookup lookup, Lookup::make(org_, plan_, true));
    GW_ASSIGN(const Lookup::Found found, lookup.find(std::vector<const Column*>(rows.size(), &keys.front()), rows));
    Rows out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : plan_.request.columns) columns.emplace_back(f.type);
    ColumnBuilder ids{Type(TypeId::utf8)};
    for (std::int64_t i = 0; i < wanted; ++i) {
      const auto key = plan_.key_of(keys.front(), i);
      const auto records = key ? found.find(*key) : found.end();
      // A key that names several records names none: a row that is sent to it is refused, and says so.
      const bool there = records != found.end() && records->second.size() == 1;
      out.found.push_back(there);
      if (!there) {
        for (ColumnBuilder& c : columns) c.null();
        ids.null();
        continue;
      }
      GW_TRY(lookup.read(records->second.front(), &columns));
      const json* id = rest::find_at(records->second.front(), "/Id");
      id != nullptr && id->is_string() ? ids.append_text(id->get_ref<const std::string&>()) : ids.null();
    }
    out.batch.schema = plan_.request.columns, out.batch.rows = wanted;
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    if (plan_.wants_ids) out.ids = ids.finish();
    return out;
  }

 private:
  Result<> write(const Unit& unit, UnitState& state) {
    rest::CallMemory memory(unit.memory);
    rest::recall(memory, &state);
    GW_TRY(adopt_jobs(org_, plan_, state, unit.memory));
    GW_TRY(find_targets(org_, plan_, state));
    GW_TRY(keep_parents(org_, plan_, state));
    GW_TRY(note_absent(org_, plan_, state));
    GW_TRY(write_bulk(org_, plan_, state, unit.memory));
    return write_collections(org_, plan_, state, memory);
  }

  Org& org_;
  const WritePlan plan_;
  rest::KeptUnit kept_;
  std::vector<bool> kept_absent_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(Org& org, const WriteRequest& request) {
  GW_ASSIGN(WritePlan plan, WritePlan::make(org, request));
  return std::unique_ptr<Writer>(std::make_unique<ObjectWriter>(org, std::move(plan)));
}

}  // namespace godwit::salesforce
