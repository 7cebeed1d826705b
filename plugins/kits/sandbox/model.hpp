#pragma once
// What the simulated system knows of its objects: read from JSON, one text that is part of the program and any that the user
// lays over it with --metadata.
//
//   {"objects": [{"name": "Account", "label": "Account", "prefix": "001", "fields": [
//     {"name": "Name", "label": "Account Name", "type": "string", "length": 255, "required": true},
//     {"name": "Industry", "type": "picklist", "values": ["Banking", {"value": "Food", "label": "Food & Beverage"}], "restricted": true},
//     {"name": "ParentId", "type": "reference", "references": ["Account"], "relationship": "Parent"}]}]}
//
// A later text adds objects and fields, and replaces single members of those there are: {"name": "Name", "length": 80} changes the
// length alone. {"name": "Fax", "gone": true} takes a field away. Members that are not listed below are the vendor's own and stay
// readable as `raw`.

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kits/sandbox/exchange.hpp"

namespace godwit::sandbox {

// How a value is checked and kept; what the vendor calls its types is Field::type.
enum class Kind {
  id,
  text,           // one line
  long_text,
  email,
  phone,
  url,
  choice,         // one of `values`
  choices,        // several of `values`
  reference,      // the id of a record of `references`
  boolean,
  integer,
  decimal,        // kept as a number
  exact_decimal,  // kept as the digits that came
  date,           // kept as 2026-01-02
  datetime,       // kept as the vendor's Rules say
  time,
  bytes,
  json,           // anything, kept as its text
  computed,       // no column: the vendor works it out
};

struct Choice {
  std::string value, label;
  bool active = true, initial = false;
  std::vector<std::string> valid_for;  // values of the controlling field; empty: all
};

struct Field {
  std::string name, label, type;  // `type` in the vendor's words
  Kind kind = Kind::text;
  int length = 0;                 // in characters; 0: not limited
  int precision = 0, scale = 0;   // of numbers: digits in all, digits after the point; precision 0: not limited
  bool required = false, unique = false, external_id = false, case_sensitive = false;
  bool createable = true, updateable = true;
  bool restricted = false;        // a choice outside `values` is refused
  bool indexed = false;           // an index is made although the field is neither unique nor an external id
  std::string controller;         // the field that decides which choices are allowed
  std::string relationship;       // how the record that is referred to is called in queries and bodies
  std::vector<std::string> references;
  std::vector<Choice> values;
  std::shared_ptr<const Json> raw;  // all of it, the vendor's own members included; never null

  const Choice* choice(std::string_view value) const;
};

struct Object {
  std::string name, label, prefix;
  std::vector<Field> fields;
  std::shared_ptr<const Json> raw;  // without "fields"; never null

  const Field* field(std::string_view name, bool ignore_case = false) const;
  const Field* by_relationship(std::string_view name, bool ignore_case = false) const;
};

// The metadata cannot be used; what() says where and why.
class ModelError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Model {
 public:
  // `kinds` says what the vendor's type names mean. Throws ModelError. From several threads once it is made.
  Model(const std::vector<std::string>& texts, const std::map<std::string, Kind>& kinds);

  const std::vector<Object>& objects() const { return objects_; }
  const Object* object(std::string_view name, bool ignore_case = false) const;
  const Object* by_prefix(std::string_view prefix) const;

 private:
  std::vector<Object> objects_;
};

}  // namespace godwit::sandbox
