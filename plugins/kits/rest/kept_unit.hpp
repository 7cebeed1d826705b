#pragma once
// What was answered for rows of a unit before a call of it failed: it still holds when the same unit is submitted again.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/exchange.hpp"
#include "plugins/kits/sql/unit_results.hpp"

namespace godwit::rest {

// Of one writer, and one thread. Keeps one unit.
class KeptUnit {
 public:
  void keep(const Unit& unit, sql::UnitResults results, std::vector<bool> in_doubt) {
    results_ = std::move(results), in_doubt_ = std::move(in_doubt), name_ = name_of(unit);
  }
  // Whether `unit` is the kept one with as many rows; its results stand in `results` and `in_doubt` then. Forgets what is kept.
  bool bring_back(const Unit& unit, sql::UnitResults* results, std::vector<bool>* in_doubt) {
    const bool same = results_ && name_ == name_of(unit) && results_->kinds.size() == results->kinds.size();
    if (same) *results = std::move(*results_), *in_doubt = std::move(in_doubt_);
    results_.reset();
    return same;
  }

 private:
  static std::string name_of(const Unit& unit) { return unit.run + '\n' + unit.flow + '\n' + std::to_string(unit.shard) + '\n' + std::to_string(unit.number); }

  std::optional<sql::UnitResults> results_;
  std::vector<bool> in_doubt_;
  std::string name_;
};

}  // namespace godwit::rest
