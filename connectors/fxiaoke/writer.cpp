#include "connectors/fxiaoke/writer.hpp"

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/row_calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/rest/kept_unit.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::fxiaoke {
namespace {

using nlohmann::json;

class ObjectWriter final : public Writer {
 public:
  ObjectWriter(Tenant& tenant, WritePlan plan) : tenant_(tenant), plan_(std::move(plan)) {}

  Result<> prepare() override { return {}; }

  Result<Outcomes> submit(const Unit& unit) override {
    UnitState state(plan_, unit);
    state.again = kept_.bring_back(unit, &state.results, &state.in_doubt);
    if (const Result<> written = write(unit, state); !written) {
      kept_.keep(unit, std::move(state.results), std::move(state.in_doubt));
      return Failure(written.error());
    }
    return sql::make_outcomes(std::move(state.results), false);
  }

  // The platform keeps no record of units; what became of one is seen in its rows.
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
      if (const auto text = plan_.key.first_text(keys.front(), i); text && !text->empty()) firsts.push_back(*text);
    for (const FieldInfo* f : plan_.fields) fields.push_back(f->name);
    GW_ASSIGN(const Found found, find_records(tenant_, *plan_.object, plan_.key, std::move(firsts), std::move(fields)));
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
      there ? ids.append_text(records->second.front().at("_id").get<std::string>()) : ids.null();
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
    if (const auto fault = read_value(field, held == record.end() ? nullptr : &*held, plan_.form, out))
      return sdk::fail(3607, ErrorKind::bad_config,
                       {{"place", tenant_.options().place() + " " + plan_.object->name}, {"key", record.at("_id").get<std::string>()}, {"field", field.name}, {"seen", fault->seen}, {"expected", to_string(field.type)}});
    return {};
  }

  Result<> write(const Unit& unit, UnitState& state) {
    rest::CallMemory memory(unit.memory);
    rest::recall(memory, &state);
    GW_TRY(find_targets(state));
    return RowCalls(tenant_, plan_, state, memory).run();
  }

  // Ids of the records that updates and deletions name; those that are not there are missing, those that are there several times are refused.
  Result<> find_targets(UnitState& state) {
    std::vector<std::int64_t> wanted;
    std::vector<std::string> firsts;
    for (std::int64_t row = 0; row < static_cast<std::int64_t>(state.rows.size()); ++row) {
      const rest::RowAt& at = state.rows[static_cast<std::size_t>(row)];
      if (!state.is_open(row) || at.operation() == Operation::insert || plan_.key_columns.empty()) continue;
      const auto key = plan_.key_of(at);
      if (!key) {
        state.results.refuse(sql::refuse(row, sql::kKeyIsNull, plan_.key.fields().front()->name, ""));
      } else if (plan_.key.is_id() && at.operation() == Operation::restore) {
        state.ids[row] = *key;  // a record in the recycle bin is not found by queries
      } else {
        wanted.push_back(row), firsts.push_back(*plan_.first_of(at));
      }
    }
    if (wanted.empty()) return {};
    GW_ASSIGN(const Found found, find_records(tenant_, *plan_.object, plan_.key, std::move(firsts), {}));
    for (const std::int64_t row : wanted) {
      const rest::RowAt& at = state.rows[static_cast<std::size_t>(row)];
      const auto records = found.find(*plan_.key_of(at));
      const Operation operation = at.operation();
      if (records != found.end() && records->second.size() > 1) {
        state.results.refuse(sql::refuse(row, sql::kKeyNotUnique, plan_.key.fields().front()->name, "", {{"seen", std::to_string(records->second.size())}}));
      } else if (records != found.end()) {
        state.ids[row] = records->second.front().at("_id").get<std::string>();
      } else if (operation != Operation::upsert && operation != Operation::restore) {
        // A deletion that an earlier attempt carried out leaves nothing to be found.
        state.results.settle(row, state.again && operation == Operation::remove ? OutcomeKind::deleted : OutcomeKind::missing);
      }
    }
    return {};
  }

  Tenant& tenant_;
  const WritePlan plan_;
  rest::KeptUnit kept_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(Tenant& tenant, const WriteRequest& request) {
  GW_ASSIGN(WritePlan plan, WritePlan::make(tenant, request));
  return std::unique_ptr<Writer>(std::make_unique<ObjectWriter>(tenant, std::move(plan)));
}

}  // namespace godwit::fxiaoke
