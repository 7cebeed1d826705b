#include "connectors/rest/writer.hpp"

#include <nlohmann/json.hpp>

#include "connectors/rest/unit_writing.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/rest/kept_unit.hpp"

namespace godwit::restapi {
namespace {

class ObjectWriter final : public Writer {
 public:
  ObjectWriter(const Api& api, Plan plan, std::shared_ptr<sdk::HttpClient> client, const sdk::HostServices& host)
      : api_(api), plan_(std::move(plan)), client_(std::move(client)), host_(host) {}

  Result<> prepare() override { return {}; }

  Result<Outcomes> submit(const Unit& unit) override {
    UnitWriting writing(api_, plan_, client_, host_, unit);
    (void)kept_.bring_back(unit, &writing.results, &writing.in_doubt);
    if (const Result<> written = writing.write(); !written) {
      kept_.keep(unit, std::move(writing.results), std::move(writing.in_doubt));
      return Failure(written.error());
    }
    const bool integers = !writing.results.ids.empty();
    return sql::make_outcomes(std::move(writing.results), integers);
  }

  Result<Resolved> resolve(const Unit&) override {
    Resolved out;
    out.resolution = Resolution::unknown;
    return out;
  }
  Result<std::int64_t> last_unit(std::string_view, std::string_view, int) override { return 0; }

  Result<Rows> read_back(std::span<const Column> keys) override {
    if (!plan_.object->lookup || plan_.key < 0 || keys.empty()) return sdk::fail(3453, ErrorKind::bad_config, {{"place", api_.url}, {"object", plan_.object->name}, {"seen", "lookup"}});
    const Column& wanted = keys.front();
    std::vector<std::string> texts;
    for (std::int64_t i = 0; i < wanted.length; ++i)
      if (!wanted.is_null(i)) texts.push_back(value_text(wanted, i));
    GW_ASSIGN(const Found found, look_up(api_, *plan_.object, *client_, host_, texts));
    Rows out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : plan_.request.columns) columns.emplace_back(f.type);
    const ApiField* id_field = plan_.object->find(plan_.request.id);
    ColumnBuilder ids(id_field == nullptr ? Type(TypeId::utf8) : id_field->field.type.id == TypeId::int64 ? Type(TypeId::int64) : Type(TypeId::utf8));
    for (std::int64_t i = 0; i < wanted.length; ++i) {
      const auto records = wanted.is_null(i) ? found.end() : found.find(value_text(wanted, i));
      const bool there = records != found.end() && records->second.size() == 1;
      out.found.push_back(there);
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const auto* value = there ? rest::find_at(records->second.front(), plan_.fields[c]->path) : nullptr;
        if (value == nullptr) {
          columns[c].null();
        } else if (const auto fault = rest::read_json(*value, api_.form, &columns[c])) {
          return sdk::fail(3457, ErrorKind::bad_config, {{"place", api_.url + " " + plan_.object->name}, {"key", value_text(wanted, i)}, {"field", plan_.fields[c]->field.name}, {"seen", fault->seen}, {"expected", fault->expected}});
        }
      }
      const auto* id = there && id_field != nullptr ? rest::find_at(records->second.front(), id_field->path) : nullptr;
      if (id == nullptr || rest::read_json(*id, {}, &ids)) ids.null();
    }
    out.batch.schema = plan_.request.columns, out.batch.rows = wanted.length;
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    if (id_field != nullptr) out.ids = ids.finish();
    return out;
  }

 private:
  const Api& api_;
  const Plan plan_;
  const std::shared_ptr<sdk::HttpClient> client_;
  const sdk::HostServices host_;
  rest::KeptUnit kept_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const Api& api, std::shared_ptr<sdk::HttpClient> client, const sdk::HostServices& host, const WriteRequest& request) {
  Plan plan;
  GW_ASSIGN(plan.object, find_object(api, request.object));
  plan.request = request;
  std::vector<std::string> names;
  for (const Field& f : request.columns) names.push_back(f.name);
  const ObjectDescription described = plan.object->describe();
  GW_TRY(rest::asked_fields(described, names, api.url));
  if (!plan.object->write && !plan.object->update && !plan.object->remove) return sdk::fail(3453, ErrorKind::bad_config, {{"place", api.url}, {"object", request.object}, {"seen", "write"}});
  for (std::size_t c = 0; c < request.columns.size(); ++c) {
    const ApiField* field = plan.object->find(request.columns[c].name);
    plan.fields.push_back(field);
    if (field->field.type != request.columns[c].type)
      return sdk::fail(3454, ErrorKind::bad_config, {{"place", api.url}, {"object", request.object}, {"field", field->field.name}, {"seen", to_string(request.columns[c].type)}, {"expected", to_string(field->field.type)}});
    if (!request.key.empty() && request.key.front() == field->field.name) plan.key = static_cast<int>(c);
    if (plan.object->lookup && plan.object->lookup->field == field->field.name) plan.tag = static_cast<int>(c);
    if (plan.object->id == field->field.name) plan.id = static_cast<int>(c);
  }
  // Records are read back and found by the one field that the API looks up.
  const bool fits = request.key.empty() || (request.key.size() == 1 && plan.object->lookup && plan.key == plan.tag);
  if (!fits) return sdk::fail(3455, ErrorKind::bad_config, {{"place", api.url}, {"object", request.object}, {"field", request.key.front()}, {"expected", plan.object->lookup ? plan.object->lookup->field : "-"}});
  return std::unique_ptr<Writer>(std::make_unique<ObjectWriter>(api, std::move(plan), std::move(client), host));
}

}  // namespace godwit::restapi
