#include "connectors/zoho/sandbox/bulk_write.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/tables_of_text.hpp"
#include "connectors/zoho/sandbox/time_pattern.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr std::size_t kMostBulkRows = 25'000, kMostChildRows = 200, kMostColumns = 200, kMostMappings = 500, kShownColumns = 3;
constexpr std::size_t kLargestCsv = std::size_t{1} << 30;

std::string text_of(const Json& in, const char* name) {
  const auto found = in.find(name);
  return found != in.end() && found->is_string() ? found->get<std::string>() : std::string();
}

[[noreturn]] void missing(const char* key, const std::string& path) { refuse_call(400, "MISSING_REQUIRED_KEY", "a required key is missing", {{"api_name", key}, {"json_path", path}}); }
[[noreturn]] void bad_field(const std::string& name) { refuse_call(400, "INVALID_FIELD", "the field is not one of the module", {{"api_name", name}}); }

std::string column_name(const Mapping& mapping) { return mapping.field == nullptr ? "id" : mapping.field->name; }

// Whether records can be found by this field; "id" always can.
bool can_find_by(const Object& module, const std::string& name) {
  const Field* field = module.field(name);
  return name == "id" || (field != nullptr && (field->unique || name == word(module, "duplicate_field")));
}

Mapping mapped(const Object& module, const std::string& name) {
  Mapping out;
  const std::size_t dot = name.find('.');
  const std::string own = name.substr(0, dot);
  if (own == "id") return out;
  out.field = module.field(own);
  if (out.field == nullptr || out.field->kind == Kind::computed) bad_field(name);
  if (dot != std::string::npos) {
    if (!is_lookup(*out.field)) bad_field(name);
    out.find_by = name.substr(dot + 1);
  }
  return out;
}

void check_lookup_key(const Org& org, const Mapping& mapping) {
  if (mapping.find_by.empty() || mapping.find_by == "id") return;
  const Object* target = mapping.field == nullptr || mapping.field->references.size() != 1 ? nullptr : org.model().object(mapping.field->references.front());
  if (target == nullptr || target->field(mapping.find_by) == nullptr) bad_field(mapping.field == nullptr ? "id" : mapping.field->name + "." + mapping.find_by);
}

std::vector<Mapping> read_mappings(const Object& module, const Json& resource, const std::vector<std::string>& header) {
  std::vector<Mapping> out;
  const auto list = resource.find("field_mappings");
  if (list == resource.end() || list->is_null()) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      Mapping mapping = mapped(module, header[i]);
      mapping.index = static_cast<int>(i);
      out.push_back(std::move(mapping));
    }
    return out;
  }
  if (!list->is_array()) refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", "field_mappings"}});
  if (list->size() > kMostMappings) refuse_call(400, "LIMIT_EXCEEDED", "there are more mappings than allowed", {{"limit", kMostMappings}});
  for (const Json& one : *list) {
    if (!one.is_object() || text_of(one, "api_name").empty()) missing("api_name", "$.resource[0].field_mappings");
    Mapping mapping = mapped(module, text_of(one, "api_name"));
    if (const auto index = one.find("index"); index != one.end() && index->is_number_integer()) mapping.index = index->get<int>();
    if (mapping.index >= static_cast<int>(header.size()) || mapping.index < -1)
      refuse_call(400, "COLUMN_INDEX_NOT_FOUND", "the file has no such column", {{"api_name", text_of(one, "api_name")}, {"index", mapping.index}});
    mapping.format = text_of(one, "format");
    if (const std::string by = text_of(one, "find_by"); !by.empty()) mapping.find_by = by;
    if (const auto value = one.find("default_value"); value != one.end() && value->is_object()) {
      const Json plain = value->value("value", Json());
      mapping.default_value = plain.is_string() ? plain.get<std::string>() : plain.is_null() ? "" : plain.dump();
    }
    out.push_back(std::move(mapping));
  }
  return out;
}

void check_callback(const Json& body) {
  const auto callback = body.find("callback");
  if (callback == body.end() || callback->is_null()) return;
  const std::string url = callback->is_object() ? text_of(*callback, "url") : "";
  if (!url.starts_with("http://") && !url.starts_with("https://")) refuse_call(400, "INVALID_CALLBACK_URL", "the callback URL is invalid", {{"api_name", "url"}});
  if (!same_word(text_of(*callback, "method"), "post")) refuse_call(400, "INVALID_CALLBACK_METHOD", "the callback method is invalid", {{"api_name", "method"}});
}

void check_keys(const Object& module, const BulkFile& file, const std::string& operation, bool by_layout) {
  const auto has = [&](const std::string& name) { return std::any_of(file.mappings.begin(), file.mappings.end(), [&](const Mapping& m) { return column_name(m) == name; }); };
  if (operation == "upsert" && file.find_by.empty()) missing("find_by", "$.resource[0].find_by");
  const std::string key = file.find_by.empty() ? "id" : file.find_by;
  if (operation != "insert") {
    if (!can_find_by(module, key)) bad_field(key);
    if (!has(key)) missing(key.c_str(), "$.resource[0].field_mappings");
  }
  if (operation == "update") return;
  for (const Field& field : module.fields)
    if ((field.required || (by_layout && flag(field, "layout_required"))) && !has(field.name))
      refuse_call(400, "MANDATORY_FIELDS_NOT_MAPPED", "a mandatory field is not mapped", {{"api_name", field.name}});
}

BulkFile read_file(Org& org, const Json& resource, const std::string& operation, bool ignore_empty, bool child, const std::string& path) {
  if (!resource.is_object()) refuse_call(400, "INVALID_DATA", "invalid data", {{"json_path", path}});
  if (text_of(resource, "type") != "data") missing("type", path + ".type");
  const auto module = resource.find("module");
  if (module == resource.end() || !module->is_object() || text_of(*module, "api_name").empty()) missing("module", path + ".module");
  BulkFile out;
  out.module = org.model().object(text_of(*module, "api_name"));
  if (out.module == nullptr) refuse_call(400, "MODULE_NOT_AVAILABLE", "the module is not available", {{"api_name", text_of(*module, "api_name")}});
  if (flag(*out.module, "people") || !out.module->raw->value("bulk", true)) refuse_call(400, "MODULE_NOT_SUPPORTED", "the module is not supported", {{"api_name", out.module->name}});
  const std::string file_id = text_of(resource, "file_id");
  if (file_id.empty()) missing("file_id", path + ".file_id");
  const auto row = org.database().row("select bytes from sandbox_file where id = ? and purpose = 'bulk'", {file_id});
  if (!row) refuse_call(400, "INVALID_FILE_ID", "there is no such file", {{"file_id", file_id}});
  const auto files = unzip(to_text((*row)[0]), kLargestCsv);
  if (!files || files->empty()) refuse_call(400, "INVALID_FILE_FORMAT", "the file is no ZIP with a CSV", {{"file_id", file_id}});
  const auto names = resource.find("file_names");
  const std::string wanted = names != resource.end() && names->is_array() && !names->empty() && names->front().is_string() ? names->front().get<std::string>() : files->front().first;
  const auto file = std::find_if(files->begin(), files->end(), [&](const auto& one) { return one.first == wanted; });
  if (file == files->end()) refuse_call(400, "FILE_NOT_FOUND", "the ZIP has no such file", {{"file_name", wanted}});
  out.name = wanted;
  auto records = read_csv(file->second);
  if (!records || records->empty()) refuse_call(400, "INVALID_FILE_FORMAT", "the file is no CSV", {{"file_name", wanted}});
  const std::vector<std::string> header = records->front();
  if (header.size() > kMostColumns) refuse_call(400, "HEADER_LIMIT_EXCEEDED", "there are more columns than allowed", {{"limit", kMostColumns}});
  const std::size_t most = child || is_subform(*out.module) ? kMostChildRows : kMostBulkRows;
  if (records->size() - 1 > most) refuse_call(400, "LIMIT_EXCEEDED", "there are more rows than allowed", {{"limit", most}});
  out.mappings = read_mappings(*out.module, resource, header);
  for (const Mapping& mapping : out.mappings) check_lookup_key(org, mapping);
  out.find_by = text_of(resource, "find_by");
  out.ignore_empty = resource.value("ignore_empty", ignore_empty);
  out.rows.assign(std::make_move_iterator(records->begin() + 1), std::make_move_iterator(records->end()));
  check_keys(*out.module, out, operation, org.world().on("layout_required"));
  return out;
}

const std::string& cell(const BulkFile& file, std::size_t row, const Mapping& mapping) {
  static const std::string kNone;
  const auto at = static_cast<std::size_t>(mapping.index);
  return mapping.index < 0 || at >= file.rows[row].size() ? kNone : file.rows[row][at];
}

// The id of the record that a lookup names by another field; nullopt: there is none, or there are two.
std::optional<std::string> lookup_id(Org& org, const Mapping& mapping, const std::string& value) {
  if (mapping.find_by.empty() || mapping.find_by == "id") return value;
  const Object& target = *org.model().object(mapping.field->references.front());
  const std::vector<std::string> ids = org.store().find(target, *target.field(mapping.find_by), value);
  return ids.size() == 1 ? std::optional(ids.front()) : std::nullopt;
}

}  // namespace

BulkWrite read_bulk_write(Org& org, const Json& body) {
  BulkWrite out;
  out.operation = text_of(body, "operation");
  if (out.operation.empty()) missing("operation", "$.operation");
  if (out.operation != "insert" && out.operation != "update" && out.operation != "upsert") refuse_call(400, "INVALID_DATA", "invalid data", {{"api_name", "operation"}, {"json_path", "$.operation"}});
  check_callback(body);
  const auto resources = body.find("resource");
  if (resources == body.end() || !resources->is_array() || resources->empty()) missing("resource", "$.resource");
  for (std::size_t i = 0; i < resources->size(); ++i)
    out.files.push_back(read_file(org, (*resources)[i], out.operation, body.value("ignore_empty", false), i > 0, "$.resource[" + std::to_string(i) + "]"));
  return out;
}

BulkRow write_bulk_row(Org& org, Writer& writer, const BulkWrite& job, const BulkFile& file, std::size_t row, const std::string& user, std::int64_t now_ms) {
  const int zone = std::stoi(org.world().setting("zone_minutes"));
  Json record = Json::object();
  std::vector<Problem> problems;
  for (const Mapping& mapping : file.mappings) {
    const std::string name = column_name(mapping);
    std::string value = cell(file, row, mapping);
    if (value.empty()) value = mapping.default_value;
    if (value.empty()) {
      if (!file.ignore_empty && mapping.field != nullptr && !is_read_only(*mapping.field)) record[name] = nullptr;
      continue;
    }
    if (mapping.field != nullptr && is_lookup(*mapping.field)) {
      const auto id = lookup_id(org, mapping, value);
      if (!id) problems.push_back(invalid_data({{"api_name", name}, {"json_path", "$." + name}}));
      else record[name] = *id;
      continue;
    }
    if (!mapping.format.empty() && mapping.field != nullptr && (mapping.field->kind == Kind::date || mapping.field->kind == Kind::datetime)) {
      const auto time = by_pattern(value, mapping.format, mapping.field->kind == Kind::datetime, zone);
      if (!time) problems.push_back(invalid_type(name, "$." + name, mapping.field->type.c_str()));
      else record[name] = *time;
      continue;
    }
    record[name] = value;
  }
  WriteCall call{.module = *file.module, .user = user, .now_ms = now_ms, .visible_at_ms = now_ms};
  call.source = {true, org.world().on("bulk_system_times")};
  call.workflows = org.world().on("bulk_workflows");
  call.approvals = false;
  Written written;
  if (!problems.empty()) {
    written.problems = std::move(problems);
  } else if (job.operation == "insert") {
    written = writer.insert(call, record, "$");
  } else if (job.operation == "update" || file.find_by == "id") {
    if (!file.find_by.empty() && file.find_by != "id") call.external.own = file.module->field(file.find_by);
    const std::string key = file.find_by.empty() ? "id" : file.find_by;
    const Json value = record.value(key, Json());
    written = writer.update(call, value.is_string() ? value.get<std::string>() : "", record, "$");
  } else {
    call.check_fields = {file.find_by};
    written = writer.upsert(call, record, "$");
  }
  BulkRow out;
  out.id = written.id;
  out.status = !written.ok() ? "SKIPPED" : written.created ? "ADDED" : "UPDATED";
  for (const Problem& problem : written.problems) out.errors += (out.errors.empty() ? "" : ":") + problem.code + "-" + problem.details.value("api_name", "");
  return out;
}

std::vector<std::string> result_header(const BulkFile& file) {
  std::vector<std::string> out;
  for (const Mapping& mapping : file.mappings)
    if (mapping.index >= 0 && out.size() < kShownColumns) out.push_back(column_name(mapping));
  for (const char* name : {"STATUS", "RECORD_ID", "ERRORS"}) out.emplace_back(name);
  return out;
}

std::vector<std::string> result_line(const BulkFile& file, std::size_t row, const BulkRow& outcome) {
  std::vector<std::string> out;
  for (const Mapping& mapping : file.mappings)
    if (mapping.index >= 0 && out.size() < kShownColumns) out.push_back(cell(file, row, mapping));
  out.push_back(outcome.status), out.push_back(outcome.id), out.push_back(outcome.errors);
  return out;
}

}  // namespace godwit::sandbox::zoho
