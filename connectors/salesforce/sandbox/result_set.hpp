#pragma once
// The rows of one query as they were when it ran, in a table of their own, so that the pages of a client fit together whatever is
// written meanwhile, and outlive the program.

#include <optional>
#include <string>
#include <vector>

#include "connectors/salesforce/sandbox/soql.hpp"

namespace godwit::sandbox::salesforce {

class ResultSet {
 public:
  static ResultSet make(Org& org, const Soql& soql, const std::string& text, bool all, std::int64_t now_ms);
  // nullopt: there is none of that id, or it is too old.
  static std::optional<ResultSet> find(Org& org, const std::string& id, std::int64_t now_ms);

  const std::string& id() const { return id_; }
  const std::string& text() const { return text_; }
  bool all() const { return all_; }
  // Rows as Soql::select gives them, from the `from`-th (counted from 0).
  std::vector<Row> rows(Org& org, std::int64_t from, std::int64_t count) const;
  std::int64_t size(Org& org) const;
  void drop(Org& org) const;

 private:
  std::string id_, text_;
  bool all_ = false;
};

}  // namespace godwit::sandbox::salesforce
