// Files (contract, section 15): a ContentVersion makes its ContentDocument, its link, and knows its size and checksum.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/writer.hpp"
#include "plugins/kits/sandbox/codec.hpp"

namespace godwit::sandbox::salesforce {
namespace {

std::string extension_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos || path.find_first_of("/\\", dot) != std::string::npos ? "" : path.substr(dot + 1);
}

std::string upper_word(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

void insert(Org& org, const char* object_name, const std::string& id, Columns columns, const Author& author) {
  const Object& object = org.object(object_name);
  columns.insert(columns.begin(), {"Id", id});
  for (const char* name : {"CreatedDate", "LastModifiedDate", "SystemModstamp"})
    if (object.field(name) != nullptr) set_column(columns, name, author.now);
  for (const char* name : {"CreatedById", "LastModifiedById", "OwnerId"})
    if (object.field(name) != nullptr && is_null(value_after(columns, nullptr, name))) set_column(columns, name, author.user_id);
  org.store().insert(object, columns, author.visible_at_ms);
}

}  // namespace

void before_file_insert(Org& org, const Object& object, const std::string& id, Columns& set, const Author& author) {
  if (object.name != "ContentVersion") return;
  const std::string path = to_text(value_after(set, nullptr, "PathOnClient")), bytes = to_text(value_after(set, nullptr, "VersionData"));
  const std::string file_name = path.substr(path.find_last_of("/\\") == std::string::npos ? 0 : path.find_last_of("/\\") + 1);
  const std::string extension = extension_of(file_name);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (is_null(value_after(set, nullptr, "Title"))) set_column(set, "Title", extension.empty() ? file_name : file_name.substr(0, file_name.size() - extension.size() - 1));
  const Value title = value_after(set, nullptr, "Title");
  set_column(set, "ContentSize", size);
  set_column(set, "Checksum", md5_hex(bytes));
  set_column(set, "FileExtension", extension);
  set_column(set, "FileType", extension.empty() ? "UNKNOWN" : upper_word(extension));
  std::string document = to_text(value_after(set, nullptr, "ContentDocumentId"));
  std::int64_t version = 1;
  if (document.empty()) {
    document = org.new_id(org.object("ContentDocument"));
    set_column(set, "ContentDocumentId", document);
    insert(org, "ContentDocument", document,
           {{"Title", title}, {"FileType", value_after(set, nullptr, "FileType")}, {"FileExtension", extension}, {"ContentSize", size}, {"LatestPublishedVersionId", id},
            {"IsDeleted", std::int64_t{0}}, {"OwnerId", value_after(set, nullptr, "OwnerId")}},
           author);
  } else {
    version += to_int(org.database().value("select count(*) from ContentVersion where ContentDocumentId = ? collate nocase", {document}));
    org.database().run("update ContentVersion set IsLatest = 0 where ContentDocumentId = ? collate nocase", {document});
    org.store().update(org.object("ContentDocument"), document, {{"LatestPublishedVersionId", id}, {"Title", title}, {"ContentSize", size}, {"SystemModstamp", author.now}}, author.visible_at_ms);
  }
  set_column(set, "VersionNumber", std::to_string(version));
  set_column(set, "IsLatest", std::int64_t{1});
}

void after_file_insert(Org& org, const Object& object, const std::string&, const Columns& set, const Author& author) {
  if (object.name != "ContentVersion") return;
  const Value document = value_after(set, nullptr, "ContentDocumentId"), place = value_after(set, nullptr, "FirstPublishLocationId");
  const Object& links = org.object("ContentDocumentLink");
  const auto link = [&](const Value& entity, const char* share) {
    insert(org, "ContentDocumentLink", org.new_id(links),
           {{"ContentDocumentId", document}, {"LinkedEntityId", entity}, {"ShareType", std::string(share)}, {"Visibility", std::string("AllUsers")}, {"IsDeleted", std::int64_t{0}}}, author);
  };
  if (to_text(value_after(set, nullptr, "VersionNumber")) == "1") link(value_after(set, nullptr, "OwnerId"), "I");
  if (!is_null(place)) link(place, "V");
}

}  // namespace godwit::sandbox::salesforce
