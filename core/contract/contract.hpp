#pragma once
// The contract of a connector, tried through the boundary on a real system: what docs/boundary.md promises of describe, reader and
// writer, one test each. Knows no connector by name.

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/host/connection.hpp"
#include "core/model/catalogue.hpp"

namespace godwit::contract {

struct Options {
  std::string connector;
  const nlohmann::json* settings = nullptr;  // as Host::open() takes them; outlives the run
  std::vector<std::string> objects;          // to read; empty: those that the connection lists, at most 20
  std::string write_object;                  // object that rows are written into and deleted from; "": reading only
  std::vector<std::string> key;              // of write_object; empty: as described
  std::vector<std::string> omit;             // fields of write_object that no row gives
  bool no_empty_text = false;                // write_object's system has no empty text: it must be refused, not stored as null
  std::int64_t rows = 5000;                  // of each object that is read; what stands behind them is not looked at
  std::int64_t points = 100;                 // at most so many failing operations and resumed positions, spread evenly
};

enum class Verdict { passed, skipped, failed };

// A text of the catalogue with its arguments.
struct Said {
  std::string key;
  std::vector<Argument> arguments;
};

struct TestResult {
  std::string test;        // "resume": its title is the text contract.test.<test>
  Verdict verdict = Verdict::passed;
  std::vector<Said> said;  // why it was skipped; what is wrong; or, passed, how much was tried
};

// The tests in their order, by name; `begins` is called before each, `ends` after it. The connector's system must hold still meanwhile: nobody
// else writes. make_host is called several times, since a host that was cancelled stays so. Rows that were written are deleted at the end,
// where the connector can. Answers whether no test failed.
struct Observer {
  std::function<void(const std::string& test)> begins;
  std::function<void(const TestResult&)> ends;
};
bool run_contract(const Options& options, const std::function<std::unique_ptr<Host>()>& make_host, const Observer& observer);

}  // namespace godwit::contract
