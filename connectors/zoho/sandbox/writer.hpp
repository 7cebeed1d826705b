#pragma once
// Writing one record: insert, update, upsert, delete. Used by calls and by bulk jobs alike.

#include "connectors/zoho/sandbox/record_check.hpp"

namespace godwit::sandbox::zoho {

// What one call or one job says about all of its records.
struct WriteCall {
  const Object& module;
  std::string user;
  std::int64_t now_ms = 0, visible_at_ms = 0;
  External external;
  Source source;
  bool workflows = true, approvals = true;            // what `trigger` leaves on
  bool held_by_others = false;                        // a `lock` fault
  std::optional<std::int64_t> unmodified_since_ms;    // If-Unmodified-Since
  std::vector<std::string> check_fields;              // of upsert; empty: the vendor's own order
};

// What became of one record.
struct Written {
  std::string id;      // "" where it failed
  bool created = false;
  std::string matched;  // upsert: the field that found the record
  std::vector<Problem> problems;
  bool ok() const { return problems.empty(); }
};

class Writer {
 public:
  explicit Writer(Org& org) : org_(org) {}

  // `path`: "$.data[0]". All of a record is written, or nothing of it.
  Written insert(const WriteCall& call, const Json& sent, const std::string& path);
  // `id`: what the call names the record by; an external value where the call has external ids.
  Written update(const WriteCall& call, const std::string& id, const Json& sent, const std::string& path);
  Written upsert(const WriteCall& call, const Json& sent, const std::string& path);
  Written remove(const WriteCall& call, const std::string& id, const std::string& path);

  // The item that answers for the record.
  Json item(const WriteCall& call, const Written& written, bool upsert);
  // Fields that upsert may look by, where the call names none.
  std::vector<std::string> own_check_fields(const Object& module) const;
  // Throws Refused where a field of `fields` cannot be looked by.
  void check_fields_usable(const Object& module, const std::vector<std::string>& fields) const;

 private:
  Written change(const WriteCall& call, const Record& before, const Json& sent, const std::string& path);
  void write_subforms(const WriteCall& call, const std::string& parent, const std::vector<SubformRows>& subforms, const std::string& path, std::vector<Problem>& problems);
  void fire(const WriteCall& call, const std::string& id, bool created);
  std::optional<Problem> locked(const WriteCall& call, const Record& record) const;

  Org& org_;
};

}  // namespace godwit::sandbox::zoho
