#pragma once
// All budgets of a client, by the endpoint of a call. One thread.

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/http/budget.hpp"
#include "core/http/judge.hpp"

namespace godwit::http {

class Budgets {
 public:
  Budgets(const std::vector<BudgetRule>& rules, Now now);
  ~Budgets();

  struct Wait {
    std::int64_t us = 0;   // until the call may go; kNever: not before another call has ended, or never
    bool gone = false;     // a budget of the day (or of hours) is used up: who will not wait so long is told
    std::string name;      // of the budget that holds it back
    Budget::Usage usage;
  };
  Wait wait(Now now, const std::string& endpoint, double cost);
  void sent(Now now, const std::string& endpoint, double cost);
  // The call ended. `carried`: it reached the system, so that it counts.
  void ended(const std::string& endpoint, double cost, bool carried);
  // What the system tells with an answer. Before ended().
  void told(Now now, const std::string& endpoint, double cost, Reading& reading);
  // The system refused the call as too fast: its bucket is empty, whatever ours says.
  void refused(Now now, const std::string& endpoint);
  // The system says that the budget of the day is used up. False: there is none for this endpoint.
  bool gone(Now now, const std::string& endpoint);
  // The most calls at once that the rules allow for the endpoint; `otherwise` where they do not say.
  int most_at_once(const std::string& endpoint, int otherwise) const;
  bool declares_rate(const std::string& endpoint) const;
  // [{"name", "endpoint", "used", "limit", "left", "reset_s", "concurrent"}]
  nlohmann::json usage(Now now);

  // Of the budgets that outlive the process, by name.
  std::map<std::string, Budget::Kept> kept(Now now);
  void restore(Now now, const std::map<std::string, Budget::Kept>& kept);

 private:
  struct One {
    const BudgetRule* rule;
    std::string endpoint;  // of each_endpoint
    std::unique_ptr<Budget> budget;
    double under_way = 0;
    std::string key() const { return endpoint.empty() ? rule->name : rule->name + "/" + endpoint; }
  };
  struct Pattern;
  // The budgets that a call of this endpoint takes from.
  const std::vector<One*>& of(Now now, const std::string& endpoint);
  std::optional<std::pair<double, double>> figure(const Told& told, Reading& reading);

  const std::vector<BudgetRule>& rules_;
  std::vector<std::unique_ptr<One>> all_;
  std::map<std::string, std::vector<One*>> by_endpoint_;
  std::map<std::string, std::unique_ptr<Pattern>> patterns_;
  std::map<std::string, Budget::Kept> waiting_;  // restored before their endpoint was first called
};

}  // namespace godwit::http
