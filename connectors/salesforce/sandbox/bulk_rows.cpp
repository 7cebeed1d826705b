#include "connectors/salesforce/sandbox/bulk_rows.hpp"

namespace godwit::sandbox::salesforce {

std::optional<BulkColumns> BulkColumns::read(Org& org, const Job& job, const std::vector<std::string>& header, std::string& error) {
  BulkColumns out;
  out.object_ = org.world().model.object(job.object, true);
  out.operation_ = job.operation, out.null_word_ = org.setting("bulk_null_word");
  if (!job.key.empty()) out.key_ = out.object_->field(job.key, true);
  bool has_id = false, has_key = false;
  for (const std::string& name : header) {
    Column column;
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) {
      column.field = out.object_->field(trimmed(name), true);
      if (column.field == nullptr) return error = "InvalidBatch : Field name not found : " + name, std::nullopt;
      column.is_id = column.field->kind == Kind::id, column.is_key = column.field == out.key_;
    } else {
      column.relationship = name.substr(0, dot), column.key = name.substr(dot + 1);
      const std::size_t colon = column.relationship.find(':');
      if (colon != std::string::npos) {
        if (!org.on("bulk_poly_type")) return error = "InvalidBatch : Field name not found : " + name, std::nullopt;
        column.type = column.relationship.substr(colon + 1);
        column.relationship.resize(colon);
      }
      if (out.object_->by_relationship(column.relationship, true) == nullptr) return error = "InvalidBatch : Field name not found : " + name, std::nullopt;
    }
    has_id = has_id || column.is_id, has_key = has_key || column.is_key;
    out.columns_.push_back(std::move(column));
  }
  const bool by_id = job.operation == "update" || job.operation == "delete" || job.operation == "hardDelete";
  if (by_id && !has_id) return error = "InvalidBatch : Field name not found : Id", std::nullopt;
  if (job.operation == "upsert" && !has_key) return error = "InvalidBatch : Field name not found : " + job.key, std::nullopt;
  if ((job.operation == "delete" || job.operation == "hardDelete") && header.size() != 1) return error = "InvalidBatch : Only the Id column is allowed for " + job.operation, std::nullopt;
  return out;
}

WriteItem BulkColumns::item(const std::vector<std::string>& cells) const {
  WriteItem out{.kind = WriteItem::Kind::create, .object = object_};
  if (operation_ == "update") out.kind = WriteItem::Kind::update;
  if (operation_ == "upsert") out.kind = WriteItem::Kind::upsert, out.key = key_;
  if (operation_ == "delete") out.kind = WriteItem::Kind::remove;
  if (operation_ == "hardDelete") out.kind = WriteItem::Kind::hard_remove;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    const std::string& cell = cells[i];
    if (column.is_key && operation_ == "upsert") {
      out.key_value = cell;
      continue;
    }
    if (column.is_id && operation_ != "insert") {
      out.id = cell;
      continue;
    }
    if (cell.empty()) continue;  // an empty cell leaves the field as it is
    const Json value = cell == null_word_ ? Json(nullptr) : Json(cell);
    if (column.field != nullptr) {
      out.fields[column.field->name] = value;
    } else if (value.is_null()) {
      out.fields[column.relationship] = nullptr;
    } else {
      Json inner{{column.key, value}};
      if (!column.type.empty()) inner["attributes"] = {{"type", column.type}};
      out.fields[column.relationship] = std::move(inner);
    }
  }
  return out;
}

std::string bulk_error(const Org& org, const std::vector<Problem>& problems) {
  const Problem& problem = problems.front();
  if (org.setting("bulk_error_form") == "message") return problem.message;
  std::string fields;
  for (const std::string& field : problem.fields) fields += field + " ";
  return problem.code + ":" + problem.message + ":" + (fields.empty() ? "" : fields) + "--";
}

}  // namespace godwit::sandbox::salesforce
