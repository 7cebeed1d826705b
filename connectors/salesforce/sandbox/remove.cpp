// Deleting: what hangs on a record goes with it (contract, section 16), references to it are cleared.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/ids.hpp"
#include "connectors/salesforce/sandbox/writer.hpp"

namespace godwit::sandbox::salesforce {
namespace {

void mark_deleted(Org& org, const Object& object, const std::string& id, const Author& author, std::int64_t visible_ms) {
  Columns columns{{"SystemModstamp", author.now}};
  if (object.field("IsDeleted") != nullptr) columns.emplace_back("IsDeleted", std::int64_t{1});
  org.store().update(object, id, columns, visible_ms);
  org.store().remove(object, id, author.now_ms);
}

// Deletes what refers to the record by a field that cascades, and sets other references to null. `depth` ends rings of references.
void remove_children(Org& org, const Object& parent, const std::string& id, const Author& author, bool hard, int depth) {
  if (depth > 20) return;
  for (const Object& object : org.world().model.objects()) {
    for (const Field& field : object.fields) {
      if (field.kind != Kind::reference || !field.indexed || std::find(field.references.begin(), field.references.end(), parent.name) == field.references.end()) continue;
      const std::string where = " from " + quote_name(object.name) + " where " + quote_name(field.name) + " = ? collate nocase and sandbox_deleted_ms is null";
      for (const Row& row : org.database().rows("select Id" + where, {id})) {
        const std::string child = to_text(row[0]);
        if (!flag(*field.raw, "cascade")) {
          if (field.updateable && !field.required) org.store().update(object, child, {{field.name, Value()}, {"SystemModstamp", author.now}}, 0);
          continue;
        }
        mark_deleted(org, object, child, author, 0);
        org.world().stats.count_rows(object.name + " deleted with " + parent.name, 1);
        remove_children(org, object, child, author, hard, depth + 1);
        if (hard) org.store().purge(object, child);
      }
    }
  }
}

}  // namespace

Outcome Writer::remove(const Object& object, std::string_view id, bool hard) {
  const std::optional<std::string> full = full_id(id);
  if (!full || org_.object_of(*full) != &object) return {.problems = {{"MALFORMED_ID", "malformed id " + std::string(id), {"Id"}, ""}}};
  const std::optional<Record> before = org_.store().get(object, *full);
  if (!before) return {.id = *full, .problems = {{"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", {}, ""}}};
  if (before->deleted_ms) return {.id = *full, .problems = {{"ENTITY_IS_DELETED", "entity is deleted", {}, ""}}};
  if (!flag(*object.raw, "deletable", true)) return {.id = *full, .problems = {{"INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", {}, ""}}};
  Savepoint unit(org_.database());
  remove_children(org_, object, *full, author_, hard, 0);
  mark_deleted(org_, object, *full, author_, before->visible_ms);
  if (hard) org_.store().purge(object, *full);
  unit.keep();
  return {.id = *full};
}

}  // namespace godwit::sandbox::salesforce
