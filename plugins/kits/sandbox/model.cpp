#include "plugins/kits/sandbox/model.hpp"

#include <nlohmann/json.hpp>

namespace godwit::sandbox {
namespace {

std::vector<std::string> texts_of(const Json& at, const char* member) {
  std::vector<std::string> out;
  if (const auto found = at.find(member); found != at.end())
    for (const Json& one : *found) out.push_back(one.get<std::string>());
  return out;
}

Choice choice_of(const Json& at) {
  if (at.is_string()) return {.value = at.get<std::string>(), .label = at.get<std::string>()};
  const std::string value = at.at("value").get<std::string>();
  return {.value = value, .label = at.value("label", value), .active = at.value("active", true), .initial = at.value("initial", false), .valid_for = texts_of(at, "for")};
}

Field field_of(const Json& at, const std::map<std::string, Kind>& kinds) {
  Field out;
  out.name = at.at("name").get<std::string>();
  out.label = at.value("label", out.name);
  out.type = at.at("type").get<std::string>();
  const auto kind = kinds.find(out.type);
  if (kind == kinds.end()) throw ModelError("the type \"" + out.type + "\" is none of this vendor's");
  out.kind = kind->second;
  out.length = at.value("length", 0), out.precision = at.value("precision", 0), out.scale = at.value("scale", 0);
  out.required = at.value("required", false), out.unique = at.value("unique", false), out.external_id = at.value("external_id", false);
  out.case_sensitive = at.value("case_sensitive", false), out.restricted = at.value("restricted", false), out.indexed = at.value("indexed", false);
  out.createable = at.value("createable", true), out.updateable = at.value("updateable", true);
  out.controller = at.value("controller", ""), out.relationship = at.value("relationship", "");
  out.references = texts_of(at, "references");
  if (const auto values = at.find("values"); values != at.end())
    for (const Json& one : *values) out.values.push_back(choice_of(one));
  out.raw = std::make_shared<const Json>(at);
  return out;
}

Json* named(Json& list, const std::string& name) {
  for (Json& one : list)
    if (one.at("name") == name) return &one;
  return nullptr;
}

void lay_fields(Json& below, const Json& above) {
  for (const Json& field : above) {
    const std::string name = field.at("name").get<std::string>();
    Json* known = named(below, name);
    if (field.value("gone", false)) {
      if (known != nullptr) below.erase(below.begin() + (known - &below[0]));
    } else if (known == nullptr) {
      below.push_back(field);
    } else {
      known->update(field);
    }
  }
}

void lay_objects(Json& below, const Json& above) {
  for (const Json& object : above) {
    Json* known = named(below, object.at("name").get<std::string>());
    if (known == nullptr) {
      below.push_back(object);
      continue;
    }
    for (const auto& [member, value] : object.items()) {
      if (member == "fields") lay_fields((*known)["fields"], value);
      else (*known)[member] = value;
    }
  }
}

}  // namespace

const Choice* Field::choice(std::string_view value) const {
  for (const Choice& one : values)
    if (one.value == value) return &one;
  return nullptr;
}

const Field* Object::field(std::string_view wanted, bool ignore_case) const {
  for (const Field& one : fields)
    if (ignore_case ? same_word(one.name, wanted) : one.name == wanted) return &one;
  return nullptr;
}

const Field* Object::by_relationship(std::string_view wanted, bool ignore_case) const {
  for (const Field& one : fields)
    if (!one.relationship.empty() && (ignore_case ? same_word(one.relationship, wanted) : one.relationship == wanted)) return &one;
  return nullptr;
}

const Object* Model::object(std::string_view name, bool ignore_case) const {
  for (const Object& one : objects_)
    if (ignore_case ? same_word(one.name, name) : one.name == name) return &one;
  return nullptr;
}

const Object* Model::by_prefix(std::string_view prefix) const {
  for (const Object& one : objects_)
    if (one.prefix == prefix) return &one;
  return nullptr;
}

Model::Model(const std::vector<std::string>& texts, const std::map<std::string, Kind>& kinds) {
  std::string where = "metadata";
  try {
    Json all = Json::array();
    for (const std::string& text : texts) lay_objects(all, Json::parse(text).at("objects"));
    for (Json& at : all) {
      Object object;
      object.name = at.at("name").get<std::string>();
      object.label = at.value("label", object.name), object.prefix = at.value("prefix", "");
      for (const Json& field : at.at("fields")) {
        where = object.name + "." + field.value("name", "?");
        object.fields.push_back(field_of(field, kinds));
      }
      where = object.name;
      at.erase("fields");
      object.raw = std::make_shared<const Json>(at);
      objects_.push_back(std::move(object));
    }
  } catch (const Json::exception& e) {
    throw ModelError(where + ": " + e.what());
  } catch (const ModelError& e) {
    throw ModelError(where + ": " + e.what());
  }
}

}  // namespace godwit::sandbox
