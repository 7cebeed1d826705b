#pragma once
// The connection under test, and what the tests share: reading an object to its end as texts, writing rows, finding them again.

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/contract/values.hpp"

namespace godwit::contract {

// One test under way: collects what it has to say. The first few complaints are kept, since one mistake often shows everywhere.
class Trial {
 public:
  // False: a complaint. `place`: object, position, field.
  bool expect(bool holds, std::string_view text, std::vector<Argument> arguments);
  bool expect_same(std::string_view place, const std::string& seen, const std::string& expected);
  void fail(std::string_view text, std::vector<Argument> arguments) { expect(false, text, std::move(arguments)); }
  // A call that was to succeed and did not.
  void refused(std::string_view call, const Error& error);
  void skip(std::string_view reason, std::vector<Argument> arguments = {});
  void note(std::string_view text, std::vector<Argument> arguments);
  bool failed() const { return result_.verdict == Verdict::failed; }
  TestResult take() { return std::move(result_); }

 private:
  TestResult result_;
};

// What a reader gave, rows as texts (place, then values; see row_text()).
struct Drained {
  struct Stop {
    std::string position;
    std::size_t rows = 0;  // before it
  };
  std::vector<std::string> rows, unreadable;
  std::vector<Stop> stops;
  bool ended = false;
  std::optional<Error> error;
};

// Values separated so that no value can look like two; null differs from every text.
std::string row_text(const Batch& batch, std::int64_t row);

// Reads until the end, an error, or `most` rows.
Drained drain(Result<std::unique_ptr<Reader>> reader, std::int64_t most = -1);
Drained drain(Reader& reader, std::int64_t most = -1);

class Subject {
 public:
  Subject(const Options& options, std::function<std::unique_ptr<Host>()> make_host);

  const Options& options() const { return options_; }
  std::unique_ptr<Host> new_host() const { return make_host_(); }
  // The connector's manifest.
  const nlohmann::json& manifest() const { return manifest_; }
  // A new connection, its settings overlaid with `changes` (a null member takes a setting away).
  Result<std::unique_ptr<Connection>> open(const nlohmann::json& changes = nullptr);
  Result<std::unique_ptr<Connection>> open_on(Host& host, const nlohmann::json& changes = nullptr) const;
  // Objects that the reading tests look at; GW errors of check().
  Result<std::vector<std::string>> objects();

 private:
  Options options_;
  std::function<std::unique_ptr<Host>()> make_host_;
  std::unique_ptr<Host> host_;
  nlohmann::json manifest_;
};

}  // namespace godwit::contract
