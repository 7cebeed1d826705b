#pragma once
// An object as Salesforce describes it, and the columns that Godwit makes of it.

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"

namespace godwit::salesforce {

struct PicklistValue {
  std::string value;
  bool active = true;
  std::string valid_for;  // bits over the controlling field's values, in base64
};

struct SField {
  std::string name, type, relationship, controller;
  std::int64_t length = 0;
  int precision = 0, scale = 0, digits = 0;
  bool nillable = true, createable = false, updateable = false, defaulted = false;
  bool external_id = false, id_lookup = false, unique = false, case_sensitive = false;
  bool restricted = false, dependent = false, filterable = true;
  std::vector<std::string> refers_to;
  std::vector<PicklistValue> values;

  Type column_type() const;
  bool is_writable() const { return createable || updateable; }
  bool is_required() const { return createable && !nillable && !defaulted; }
  // Whether records can be named by it: what upserts and relationships may use.
  bool is_key() const { return external_id || id_lookup; }
};

// A kind of records of one object, which decides on layouts and choices.
struct RecordType {
  std::string id, developer_name;
  bool available = true;  // to the connection's user
};

// Records of another object that point to this one by `field`.
struct Child {
  std::string object, field;
  bool cascades = false;  // they are deleted with it
};

struct SObject {
  std::string name, key_prefix;
  bool createable = false, updateable = false, deletable = false, queryable = true;
  std::vector<SField> fields;  // without compound fields, whose parts are fields of their own
  std::vector<Child> children;
  std::vector<RecordType> record_types;  // without the master, which stands for none
  SField record_type_name;               // DeveloperName, as a field of RecordType
  const SField* find(std::string_view name) const;
  // Null: the object has no such record type.
  const RecordType* record_type(std::string_view developer_name) const;
};

// From the answer of a describe call; nullopt when it is none.
std::optional<SObject> parse_sobject(const nlohmann::json& answer);

// One column of an object: a field, or what names the record that a reference field points to.
//   Name                          a field
//   Account.Legacy_Id__c          the record that AccountId points to, by its field Legacy_Id__c
//   Who:Contact.Legacy_Id__c      the same where the field may point to records of several objects
//   RecordType.DeveloperName      the record type by the name that is the same in every org; sent as its id, which is not
struct SColumn {
  const SField* field = nullptr;   // the field itself, or the reference
  const SField* parent = nullptr;  // of the other object; null: the field itself
  std::string parent_object;
  bool polymorphic = false;
  std::string name() const;
  bool names_record_type() const;
  Type type() const { return parent == nullptr ? field->column_type() : parent->column_type(); }
};

// Describes another object; null when there is none of that name, or no right to see it.
using Describe = std::function<std::shared_ptr<const SObject>(const std::string& object)>;

// All columns of the object, fields first. The objects that they point into live as long as `describe` keeps them.
std::vector<SColumn> columns_of(const SObject& object, const Describe& describe);

// What the core is told of it.
ObjectDescription description_of(const SObject& object, const std::vector<SColumn>& columns);

// Which values of a dependent picklist go with which of its controlling field: {"controlling value": ["value" ...]}.
std::vector<std::pair<std::string, std::vector<std::string>>> dependent_values(const SField& field, const SField& controller);

}  // namespace godwit::salesforce
