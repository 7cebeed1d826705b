#pragma once
// From the stage into the target: one statement per operation and pattern, and what to do when the server refuses one.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connectors/postgres/stage.hpp"

namespace godwit::postgres {

// Merges one unit. Works within the unit's transaction; the stage is filled.
class Merge {
 public:
  Merge(Session& session, WritePlan& plan, Stage& stage, const UnitRows& rows, UnitResults* results)
      : session_(session),
        plan_(plan),
        stage_(stage),
        rows_(rows),
        results_(results),
        operations_(static_cast<std::size_t>(rows.rows()), 0) {}

  // Writes all rows and settles each. `checks_first`: rows of the last unit were refused by the server, so that the
  // sets are compared with the target's rules before, not after the first attempt. An error means that the unit cannot
  // be written at all; the transaction is then the caller's to roll back.
  Result<> run(bool checks_first);
  // Whether the server refused rows, or would have.
  bool met_refusals() const { return met_refusals_; }
  // Reads the ids of rows that were not made with a reserved one.
  Result<> find_ids();

 private:
  struct Step {
    int operation = 0;
    std::size_t pattern = 0;
    std::int64_t rows = 0;
  };
  enum class Outcome { done, refused, mismatch };

  // merge.cpp
  Result<> run_round(int round, bool many, bool checks_first);
  Result<> choose_operations(const std::string& only);
  Result<std::vector<Step>> steps(const std::string& only);
  std::string statement(const Step& step, const std::string& filter) const;
  Result<Outcome> try_steps(const std::vector<Step>& steps, const std::string& only);
  Result<> settle_rows(const std::string& only, bool many);
  Result<> settle_keys_only(const std::string& only);
  Result<> refuse_ambiguous(const std::string& only);
  Result<> find_missing(const std::string& only);

  // diagnose.cpp: which rows the target's rules do not allow, found in sets
  Result<> check_sets(const std::string& only);
  Result<> check_rule(const CheckConstraint& check, const std::string& only);
  Result<> check_reference(const ForeignKey& key, const std::string& only);
  Result<> check_unique(const UniqueIndex& index, const std::string& only, bool inside);
  Result<> check_children(const Child& child, const std::string& only);
  // Runs a query for row numbers; nothing when the server does not accept it.
  Result<std::vector<std::int64_t>> ask_rows(const std::string& sql);
  // The staged value of a target's column, or "" when the stage does not hold it.
  std::string staged_value(const std::string& column, const std::string& alias) const;
  std::string words_for(const std::string& constraint) const;
  Result<> bisect(const Step& step, const std::string& only);

  std::string from_stage(const std::string& only, const std::string& condition) const;

  Session& session_;
  WritePlan& plan_;
  Stage& stage_;
  const UnitRows& rows_;
  UnitResults* results_;
  std::vector<std::uint8_t> operations_;      // per row what is done in the end: insert, update or delete
  std::map<std::string, std::string> words_;  // constraint -> how the server worded its refusal
  bool met_refusals_ = false;
};

}  // namespace godwit::postgres
