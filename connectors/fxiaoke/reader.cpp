#include "connectors/fxiaoke/reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/nearest.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::fxiaoke {
namespace {

using nlohmann::json;

class RecordReader final : public Reader {
 public:
  RecordReader(Tenant& tenant, std::shared_ptr<const ObjectType> object, std::vector<const FieldInfo*> fields, const ReadRequest& request)
      : tenant_(tenant), object_(std::move(object)), fields_(std::move(fields)), request_(request), form_(value_form(tenant.options().offset_s)), after_(request.position) {
    for (const FieldInfo* f : fields_) schema_.push_back({f->name, f->type}), names_.push_back(f->name);
  }

  const Schema& schema() const override { return schema_; }
  Type place_type() const override { return TypeId::utf8; }

  Result<ReadBatch> read() override {
    ReadBatch out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : schema_) columns.emplace_back(f.type);
    ColumnBuilder places{Type(TypeId::utf8)};
    while (!ended_ && places.length() < request_.batch_rows && bytes_ - bytes_before_ < request_.batch_bytes) {
      if (tenant_.host().cancelled()) return sdk::fail(3018, ErrorKind::cancelled);
      GW_TRY(page(columns, places, out));
    }
    bytes_before_ = bytes_;
    out.batch.schema = schema_, out.batch.rows = places.length();
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    out.batch.places = places.finish();
    out.position = after_, out.bytes_read = bytes_, out.end = ended_;
    return out;
  }

 private:
  Result<> page(std::vector<ColumnBuilder>& columns, ColumnBuilder& places, ReadBatch& out) {
    std::vector<Filter> filters;
    if (!tenant_.options().changed_since_ms.empty()) filters.push_back({"last_modified_time", "GTE", {tenant_.options().changed_since_ms}});
    if (!after_.empty()) filters.push_back({"_id", "GT", {after_}});
    if (!request_.until.empty()) filters.push_back({"_id", "LTE", {request_.until}});
    GW_ASSIGN(const json answer, tenant_.call(object_->path("query"), tenant_.query_body(*object_, filters, names_), "query", object_->name));
    const json* records = Tenant::records(answer);
    if (records == nullptr) return rest::not_understood(tenant_.options().place() + " " + object_->name, rest::exact_text(answer));
    for (const json& record : *records) GW_TRY(take(record, columns, places, out));
    ended_ = records->size() < tenant_.options().page_rows;
    return {};
  }

  Result<> take(const json& record, std::vector<ColumnBuilder>& columns, ColumnBuilder& places, ReadBatch& out) {
    const json* id = rest::find_at(record, "/_id");
    // Ids that do not grow would have us ask for the same page for ever.
    if (id == nullptr || !id->is_string() || id->get_ref<const std::string&>() <= after_)
      return rest::not_understood(tenant_.options().place() + " " + object_->name, id == nullptr ? "a record without _id" : "_id " + rest::exact_text(*id) + " after " + after_);
    after_ = id->get<std::string>(), bytes_ += static_cast<std::int64_t>(64 * fields_.size());
    // Values first, so that a record with one that cannot be read leaves no half row behind.
    std::vector<Column> values;
    for (const FieldInfo* f : fields_) {
      ColumnBuilder one(f->type);
      const auto held = record.find(f->name);
      if (const auto fault = read_value(*f, held == record.end() ? nullptr : &*held, form_, &one)) {
        Unreadable bad;
        bad.locator = ++unreadable_, bad.raw = rest::exact_text(record).substr(0, 64 << 10);
        bad.error = Error{3407, ErrorKind::row_rejected, {{"place", object_->name + " " + after_}, {"field", f->name}, {"seen", fault->seen}, {"expected", to_string(f->type)}}, {}};
        out.unreadable.push_back(std::move(bad));
        return {};
      }
      values.push_back(one.finish());
    }
    for (std::size_t c = 0; c < values.size(); ++c) columns[c].append_from(values[c], 0);
    places.append_text(after_);
    return {};
  }

  Tenant& tenant_;
  const std::shared_ptr<const ObjectType> object_;
  const std::vector<const FieldInfo*> fields_;
  const ReadRequest request_;
  const rest::ValueForm form_;
  Schema schema_;
  std::vector<std::string> names_;
  std::string after_;  // id of the last record that was read
  std::int64_t bytes_ = 0, bytes_before_ = 0, unreadable_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(Tenant& tenant, const ReadRequest& request) {
  GW_ASSIGN(auto object, tenant.object(request.object));
  std::vector<const FieldInfo*> fields;
  if (request.columns.empty())
    for (const FieldInfo& f : object->fields) fields.push_back(&f);
  for (const std::string& name : request.columns) {
    const FieldInfo* f = object->find(name);
    if (f == nullptr) {
      std::vector<std::string_view> names;
      for (const FieldInfo& known : object->fields) names.push_back(known.name);
      return sdk::fail(3031, ErrorKind::bad_config, {{"place", tenant.options().place()}, {"object", object->name}, {"seen", name}, {"nearest", std::string(nearest(name, names))}});
    }
    fields.push_back(f);
  }
  for (const std::string* position : {&request.position, &request.until, &request.split})
    if (std::ranges::any_of(*position, [](unsigned char c) { return std::isalnum(c) == 0; }) || position->size() > 64 || (position == &request.split && !position->empty()))
      return sdk::fail(3032, ErrorKind::broken, {{"place", tenant.options().place()}, {"object", object->name}, {"seen", *position}});
  return std::unique_ptr<Reader>(std::make_unique<RecordReader>(tenant, std::move(object), std::move(fields), request));
}

}  // namespace godwit::fxiaoke
