#pragma once
// Bulk API 2.0 (contract, sections 10 and 11): jobs that load and jobs that query, with workers in the background.

#include <memory>
#include <vector>

#include "connectors/salesforce/sandbox/org.hpp"
#include "plugins/kits/sandbox/worker.hpp"

namespace godwit::sandbox::salesforce {

class Bulk {
 public:
  // Adds the routes and makes the tables. Under Database::lock().
  explicit Bulk(Org& org);
  ~Bulk();
  void begin();
  void end();

 private:
  Org& org_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

void add_bulk_query(Org& org);

}  // namespace godwit::sandbox::salesforce
