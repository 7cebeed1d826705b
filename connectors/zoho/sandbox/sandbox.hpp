#pragma once
// godwit-sandbox-zoho: one organisation of Zoho CRM, with the accounts server beside it.

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

#include "connectors/zoho/sandbox/calls.hpp"
#include "plugins/kits/sandbox/vendor.hpp"

namespace godwit::sandbox::zoho {

class BulkJobs;

class Zoho : public Vendor {
 public:
  // `edition` decides credits and concurrency, which the program asks for before it knows the switches.
  explicit Zoho(std::string edition);
  ~Zoho() override;

  std::string_view name() const override { return "zoho"; }
  std::string metadata() const override;
  std::vector<std::string> completed(std::vector<std::string> texts) const override { return completed_metadata(texts); }
  std::map<std::string, Kind> kinds() const override { return field_kinds(); }
  std::string id_column() const override { return "id"; }
  std::vector<Switch> switches() const override;
  LimitRules limits() const override;
  void start(World& world) override;
  void begin_work(World& world) override;
  void end_work() override;
  Charge charge(const Request& request) const override;
  Answer refuse(Refusal why, const Request& request, std::int64_t wait_ms) override;
  bool handles_lock(const Request& request) const override;
  void finish(const Request& request, Answer& answer) override;
  void add_stats(Json& stats) override;

 private:
  void make_tables();
  void seed();
  void add_record_routes();
  std::int64_t credits(const Request& request) const;
  // Throws Refused where as many heavy calls as may be were being answered when this one came.
  void refuse_crowd(const Request& request) const;

  std::string edition_;
  World* world_ = nullptr;
  std::unique_ptr<Org> org_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<BulkJobs> bulk_;
  mutable std::mutex heavy_mutex_;
  mutable std::set<std::int64_t> heavy_, crowded_;  // numbers of heavy calls that are being answered, and of those that came on top
};

}  // namespace godwit::sandbox::zoho
