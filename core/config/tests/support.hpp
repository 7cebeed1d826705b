#pragma once
// Projects in memory, and their mistakes as one line each.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/config/files.hpp"
#include "core/model/catalogue.hpp"

namespace godwit::config {

// A project that is right; a test spoils one file of it.
inline MemoryFiles sound_project() {
  MemoryFiles files;
  files.files["godwit.yaml"] =
      "project: harbour\n"
      "connections:\n"
      "  legacy: {connector: csv, path: extract/}\n"
      "  crm: {connector: sqlite, path: crm.db}\n";
  files.files["flows/accounts.yaml"] =
      "from: legacy.customers\n"
      "to: crm.Account\n"
      "key: {Legacy_Id: cust_no}\n"
      "map:\n"
      "  Name: name\n";
  return files;
}

// The same with `map:` replaced by these lines, which stand in line 4 and following.
inline MemoryFiles with_flow_tail(const std::string& tail) {
  MemoryFiles files = sound_project();
  files.files["flows/accounts.yaml"] =
      "from: legacy.customers\n"
      "to: crm.Account\n"
      "key: {Legacy_Id: cust_no}\n" +
      tail;
  return files;
}

inline Result<Project> load_in(const MemoryFiles& files, std::string_view environment = {}) {
  return load(files, "/project", environment);
}

inline std::vector<Error> errors_of(const Result<Project>& result) {
  if (result) return {};
  std::vector<Error> out = result.error().more;
  out.insert(out.begin(), result.error());
  out.front().more.clear();
  return out;
}

// "GW-2004 flows/accounts.yaml:5:3: unknown key ..." without the remedy, one per mistake.
inline std::vector<std::string> mistakes(const MemoryFiles& files, std::string_view environment = {}) {
  std::vector<std::string> out;
  for (const Error& e : errors_of(load_in(files, environment))) {
    out.push_back("GW-" + std::to_string(e.number) + " " + std::string(e.argument("place")) + ": " +
                  sentence(e, Language::en));
  }
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace godwit::config
