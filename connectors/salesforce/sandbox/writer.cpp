#include "connectors/salesforce/sandbox/writer.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/ids.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::salesforce {

struct Writer::Draft {
  const Object& object;
  std::string id;
  std::optional<Record> before;  // nullopt: it is new
  Columns set;
  std::vector<Problem> problems;
  const Record* old() const { return before ? &*before : nullptr; }
};

namespace {

std::string label_of(const Field& field) { return field.label; }

Problem problem_of(const Violation& wrong) {
  const Field& field = *wrong.field;
  switch (wrong.wrong) {
    case Wrong::too_long:
      return {"STRING_TOO_LONG", label_of(field) + ": data value too large: " + wrong.seen + " (max length=" + std::to_string(field.length) + ")", {field.name}, ""};
    case Wrong::out_of_range: return {"NUMBER_OUTSIDE_VALID_RANGE", label_of(field) + ": value outside of valid range on numeric field: " + wrong.seen, {field.name}, ""};
    case Wrong::choice: return {"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", label_of(field) + ": bad value for restricted picklist field: " + wrong.seen, {field.name}, ""};
    case Wrong::email: return {"INVALID_EMAIL_ADDRESS", label_of(field) + ": invalid email address: " + wrong.seen, {field.name}, ""};
    case Wrong::unique: return {"DUPLICATE_VALUE", "duplicate value found: " + field.name + " duplicates value on record with id: " + wrong.other.substr(0, 15), {}, ""};
    default: return {"INVALID_TYPE_ON_FIELD_IN_RECORD", label_of(field) + ": value not of required type: " + wrong.seen, {field.name}, ""};
  }
}

bool is_system(std::string_view name) { return name == "Id" || name == "IsDeleted" || name == "SystemModstamp"; }

}  // namespace

Value value_after(const Columns& set, const Record* before, std::string_view column) {
  for (const auto& [name, value] : set)
    if (name == column) return value;
  return before == nullptr ? Value() : (*before)[column];
}

void set_column(Columns& columns, std::string_view name, Value value) {
  for (auto& [known, old] : columns)
    if (known == name) {
      old = std::move(value);
      return;
    }
  columns.emplace_back(name, std::move(value));
}

bool is_key(const Field& field) { return field.external_id || field.kind == Kind::id || flag(*field.raw, "id_lookup"); }

std::vector<std::string> find_by_key(Org& org, const Object& object, const Field& key, const std::string& value) {
  if (key.kind != Kind::id) return org.store().find(object, key, value);
  const std::optional<std::string> id = full_id(value);
  if (id && org.store().exists(object, *id)) return {*id};
  return {};
}

bool Writer::may_set(const Draft& draft, const Field& field) const {
  if (draft.before) return field.updateable;
  if (field.createable) return true;
  return audit_field_open(org_, draft.object, field);
}

void Writer::read_fields(Draft& draft, const Json& fields) {
  for (const auto& [name, value] : fields.items()) {
    if (name == "attributes") continue;
    const Field* field = draft.object.field(name, true);
    if (field == nullptr) {
      read_relationship(draft, name, value);
    } else if (field->kind == Kind::id) {
      draft.problems.push_back({"INVALID_FIELD", draft.before ? "The Id field should not be specified in the sobject data." : "cannot specify Id in an insert call", {"Id"}, ""});
    } else if (!may_set(draft, *field) || is_system(field->name)) {
      draft.problems.push_back({"INVALID_FIELD_FOR_INSERT_UPDATE",
                                "Unable to create/update fields: " + field->name + ". Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
                                {field->name}, ""});
    } else {
      read_one(draft, *field, value);
    }
  }
}

void Writer::read_one(Draft& draft, const Field& field, const Json& value) {
  const Rules rules{.trim = org_.on("trim"), .empty_is_null = true, .texts_for_all = options_.csv};
  Value out;
  if (const auto wrong = check_value(field, value, rules, out)) {
    draft.problems.push_back(problem_of(*wrong));
    return;
  }
  if (field.kind == Kind::choice && !field.restricted && !is_null(out) && org_.setting("restricted_picklists") == "all" && field.choice(to_text(out)) == nullptr) {
    draft.problems.push_back(problem_of({Wrong::choice, &field, to_text(out), ""}));
    return;
  }
  if (field.kind == Kind::boolean && is_null(out)) out = std::int64_t{flag(*field.raw, "default")};  // a checkbox is never null
  if (field.kind == Kind::reference && !is_null(out)) check_reference(draft, field, out);
  if (field.kind == Kind::bytes && !is_null(out)) {
    std::optional<std::string> bytes = unbase64(to_text(out));
    if (!bytes) draft.problems.push_back(problem_of({Wrong::type, &field, "(not base64)", ""}));
    else out = std::move(*bytes);
  }
  set_column(draft.set, field.name, std::move(out));
}

void Writer::check_reference(Draft& draft, const Field& field, Value& value) {
  const std::string seen = to_text(value);
  const std::optional<std::string> id = full_id(seen);
  const Object* target = id ? org_.object_of(*id) : nullptr;
  bool fits = false;
  for (const std::string& name : field.references) fits = fits || (target != nullptr && target->name == name);
  if (!id || !fits) {
    draft.problems.push_back({"MALFORMED_ID", label_of(field) + ": id value of incorrect type: " + seen, {field.name}, ""});
    return;
  }
  const std::optional<Record> parent = org_.store().get(*target, *id);
  if (!parent) draft.problems.push_back({"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", {field.name}, ""});
  else if (parent->deleted_ms) draft.problems.push_back({"ENTITY_IS_DELETED", "entity is deleted", {}, ""});
  else if (target->name == "RecordType" && to_text((*parent)["SobjectType"]) != draft.object.name)
    draft.problems.push_back({"INVALID_CROSS_REFERENCE_KEY", "Record Type ID: this ID value isn't valid for the user: " + seen, {field.name}, ""});
  value = *id;
}

// "Account": {"Legacy_Id__c": "A-1"}, "What": {"attributes": {"type": "Account"}, "Legacy_Id__c": "A-1"}
void Writer::read_relationship(Draft& draft, const std::string& name, const Json& value) {
  const Field* field = draft.object.by_relationship(name, true);
  if (field == nullptr) {
    draft.problems.push_back({"INVALID_FIELD", "No such column '" + name + "' on sobject of type " + draft.object.name, {}, ""});
    return;
  }
  if (!may_set(draft, *field)) {
    draft.problems.push_back({"INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: " + field->name + ". Please check the security settings of this field.", {field->name}, ""});
    return;
  }
  if (value.is_null()) return set_column(draft.set, field->name, {});
  std::string type, key_name, key_value;
  if (value.is_object()) {
    if (const auto attributes = value.find("attributes"); attributes != value.end() && attributes->is_object()) type = attributes->value("type", "");
    for (const auto& [member, inner] : value.items())
      if (member != "attributes") key_name = member, key_value = inner.is_string() ? inner.get<std::string>() : inner.dump();
  }
  if (key_name.empty()) {
    draft.problems.push_back({"INVALID_FIELD", "Foreign key external ID is missing for: " + name, {field->name}, ""});
    return;
  }
  if (type.empty() && field->references.size() > 1 && org_.setting("polymorphic_type") == "required") {
    draft.problems.push_back({"INVALID_FIELD", "The type of the polymorphic relationship " + name + " is not specified", {field->name}, ""});
    return;
  }
  if (key_value.empty()) return set_column(draft.set, field->name, {});
  std::vector<std::string> found;
  bool key_known = false;
  for (const std::string& candidate : field->references) {
    const Object* target = org_.world().model.object(candidate);
    const Field* key = target == nullptr || (!type.empty() && !same_word(type, candidate)) ? nullptr : target->field(key_name, true);
    if (key == nullptr || !is_key(*key)) continue;
    key_known = true;
    for (std::string& id : find_by_key(org_, *target, *key, key_value)) found.push_back(std::move(id));
  }
  if (!key_known) {
    draft.problems.push_back({"INVALID_FIELD", "Foreign key external ID: " + key_name + " is not an external ID or idLookup field for " + name, {}, ""});
  } else if (found.empty()) {
    draft.problems.push_back({org_.setting("unknown_key"), "Foreign key external ID: " + key_value + " not found for field " + key_name + " in entity " + (type.empty() ? field->references.front() : type), {}, ""});
  } else if (found.size() > 1) {
    draft.problems.push_back({"INVALID_FIELD", "More than one record found for external id field: [" + found[0] + ", " + found[1] + "]", {}, ""});
  } else {
    set_column(draft.set, field->name, found.front());
  }
}

void Writer::check_owner(Draft& draft) {
  if (draft.object.field("OwnerId") == nullptr) return;
  const bool given = !is_null(value_after(draft.set, nullptr, "OwnerId"));
  if (draft.before && !given && org_.on("update_inactive_owners")) return;
  const std::string owner = to_text(value_after(draft.set, draft.old(), "OwnerId"));
  const Object* users = org_.object_of(owner);
  if (users == nullptr || users->name != "User") return;
  const std::optional<Record> user = org_.store().get(*users, owner);
  if (user && to_int((*user)["IsActive"]) == 0)
    draft.problems.push_back({org_.setting("inactive_owner"), "operation performed with inactive user [" + owner.substr(0, 15) + "] as owner of " + [&] {
                                std::string name = draft.object.name;
                                for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                                return name;
                              }(), {}, ""});
}

void Writer::check_required(Draft& draft) {
  std::vector<std::string> missing;
  for (const Field& field : draft.object.fields) {
    const bool set = std::any_of(draft.set.begin(), draft.set.end(), [&](const auto& one) { return one.first == field.name; });
    if (field.required && (set || !draft.before) && is_null(value_after(draft.set, nullptr, field.name))) missing.push_back(field.name);
  }
  if (missing.empty()) return;
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + name;
  draft.problems.push_back({"REQUIRED_FIELD_MISSING", "Required fields are missing: [" + names + "]", missing, ""});
}

// Values that depend on another field or on the record type.
void Writer::check_choices(Draft& draft) {
  for (const Field& field : draft.object.fields) {
    const Value value = value_after(draft.set, draft.old(), field.name);
    if (field.kind != Kind::choice || !field.restricted || is_null(value)) continue;
    if (!field.controller.empty()) {
      const Choice* choice = field.choice(to_text(value));
      if (choice != nullptr && !allowed_for(*choice, to_text(value_after(draft.set, draft.old(), field.controller)))) draft.problems.push_back(problem_of({Wrong::choice, &field, to_text(value), ""}));
    }
    const Value record_type = value_after(draft.set, draft.old(), "RecordTypeId");
    if (is_null(record_type) || !draft.object.raw->contains("record_types")) continue;
    const std::string name = to_text(org_.database().value("select DeveloperName from RecordType where Id = ?", {record_type}));
    for (const Json& type : (*draft.object.raw)["record_types"]) {
      if (word(type, "developer_name") != name || !type.contains("values") || !type["values"].contains(field.name)) continue;
      const Json& allowed = type["values"][field.name];
      if (std::find(allowed.begin(), allowed.end(), to_text(value)) == allowed.end()) draft.problems.push_back(problem_of({Wrong::choice, &field, to_text(value), ""}));
    }
  }
}

// "validation_rules": [{"name", "when": SQL over the columns, "message", "field"}] of the metadata: what a customer's own rules refuse.
void Writer::check_rules_of_own(Draft& draft, const std::string& id) {
  const auto rules = draft.object.raw->find("validation_rules");
  if (rules == draft.object.raw->end()) return;
  for (const Json& rule : *rules) {
    const std::string sql = "select 1 from " + quote_name(draft.object.name) + " where Id = ? and (" + word(rule, "when") + ")";
    if (!org_.database().row(sql, {id})) continue;
    std::vector<std::string> fields;
    if (rule.contains("field")) fields.push_back(word(rule, "field"));
    draft.problems.push_back({"FIELD_CUSTOM_VALIDATION_EXCEPTION", word(rule, "message", word(rule, "name")), fields, ""});
  }
}

void Writer::stamp(Draft& draft) {
  const Object& object = draft.object;
  const auto put = [&](const char* name, const Value& value, bool keep_given) {
    if (object.field(name) != nullptr && !(keep_given && !is_null(value_after(draft.set, nullptr, name)))) set_column(draft.set, name, value);
  };
  if (!draft.before) {
    put("CreatedDate", author_.now, true);
    put("CreatedById", author_.user_id, true);
    put("OwnerId", author_.user_id, true);
    for (const Field& field : object.fields) {
      if (!is_null(value_after(draft.set, nullptr, field.name))) continue;
      if (field.kind == Kind::boolean) set_column(draft.set, field.name, std::int64_t{flag(*field.raw, "default")});
      else if (field.raw->contains("default")) set_column(draft.set, field.name, word(*field.raw, "default"));
      else if (flag(*field.raw, "auto_number")) {
        std::string number = std::to_string(org_.database().next("number." + object.name, 1001));
        set_column(draft.set, field.name, std::string(number.size() < 8 ? 8 - number.size() : 0, '0') + number);
      }
    }
  }
  put("LastModifiedDate", author_.now, !draft.before);
  put("LastModifiedById", author_.user_id, !draft.before);
  put("SystemModstamp", author_.now, false);
}

Outcome Writer::finish(Draft& draft) {
  if (draft.problems.empty()) check_owner(draft);
  if (draft.problems.empty()) check_required(draft);
  if (draft.problems.empty()) stamp(draft);
  if (draft.problems.empty()) check_choices(draft);
  if (draft.problems.empty()) derive_fields(org_, draft.object, draft.set, draft.old(), draft.problems);
  if (draft.problems.empty()) {
    if (const auto clash = org_.store().unique_conflict(draft.object, draft.set, draft.id)) draft.problems.push_back(problem_of(*clash));
  }
  if (draft.problems.empty()) {
    if (auto duplicate = duplicate_problem(org_, draft.object, draft.set, draft.old(), draft.id, options_)) draft.problems.push_back(std::move(*duplicate));
  }
  Outcome out;
  if (draft.problems.empty()) {
    Savepoint unit(org_.database());
    if (!draft.before) {
      out.id = draft.id = org_.new_id(draft.object);
      before_file_insert(org_, draft.object, draft.id, draft.set, author_);
      Columns all{{"Id", draft.id}};
      all.insert(all.end(), draft.set.begin(), draft.set.end());
      org_.store().insert(draft.object, all, author_.visible_at_ms);
      after_file_insert(org_, draft.object, draft.id, draft.set, author_);
      out.created = true;
    } else {
      out.id = draft.id;
      // A record that readers know already stays visible while its change is on its way.
      org_.store().update(draft.object, draft.id, draft.set, draft.before->visible_ms);
    }
    check_rules_of_own(draft, draft.id);
    if (draft.problems.empty()) unit.keep();
  }
  if (!draft.problems.empty()) out = {.id = draft.before ? draft.id : "", .problems = std::move(draft.problems)};
  return out;
}

Outcome Writer::create(const Object& object, const Json& fields) {
  if (!flag(*object.raw, "createable", true))
    return {.problems = {{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type " + object.name + " does not support create", {}, ""}}};
  Draft draft{object, "", std::nullopt, {}, {}};
  read_fields(draft, fields);
  return finish(draft);
}

Outcome Writer::update(const Object& object, std::string_view id, const Json& fields) {
  const std::optional<std::string> full = full_id(id);
  if (!full || org_.object_of(*full) != &object) return {.problems = {{"MALFORMED_ID", "malformed id " + std::string(id), {"Id"}, ""}}};
  std::optional<Record> before = org_.store().get(object, *full);
  if (!before) return {.id = *full, .problems = {{"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", {}, ""}}};
  if (before->deleted_ms) return {.id = *full, .problems = {{"ENTITY_IS_DELETED", "entity is deleted", {}, ""}}};
  if (!flag(*object.raw, "updateable", true)) return {.id = *full, .problems = {{"INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", {}, ""}}};
  Draft draft{object, *full, std::move(before), {}, {}};
  read_fields(draft, fields);
  return finish(draft);
}

Outcome Writer::upsert(const Object& object, const Field& key, const Json& value, const Json& fields) {
  const std::string text = value.is_string() ? trimmed(value.get<std::string>()) : value.is_null() ? "" : value.dump();
  if (key.kind == Kind::id) return text.empty() ? create(object, fields) : update(object, text, fields);
  if (text.empty()) return {.problems = {{"MISSING_ARGUMENT", key.name + " not specified", {}, ""}}};
  const std::vector<std::string> found = find_by_key(org_, object, key, text);
  if (found.size() > 1)
    return {.problems = {{"DUPLICATE_EXTERNAL_ID", key.name + ": more than one record found for external id field: [" + found[0] + ", " + found[1] + "]", {key.name}, ""}}, .matches = found};
  if (found.size() == 1) return update(object, found.front(), fields);
  Json with_key = fields;
  with_key[key.name] = value;
  return create(object, with_key);
}

std::vector<std::string> Writer::rows_held(const Object& object, const Json& fields, std::string_view own_id) {
  Draft draft{object, std::string(own_id), std::nullopt, {}, {}};
  std::vector<std::string> out;
  if (!own_id.empty()) {
    out.emplace_back(own_id);
    draft.before = org_.store().get(object, own_id);
  }
  for (const auto& [name, value] : fields.items()) {
    const Field* field = object.field(name, true);
    if (field == nullptr) field = object.by_relationship(name, true);
    if (field == nullptr || !flag(*field->raw, "locks") || value.is_null()) continue;
    if (value.is_object()) read_relationship(draft, name, value);
    else if (const auto id = full_id(value.is_string() ? value.get<std::string>() : "")) set_column(draft.set, field->name, *id);
  }
  for (const auto& [name, value] : draft.set)
    if (!is_null(value)) out.push_back(to_text(value));
  return out;
}

}  // namespace godwit::sandbox::salesforce
