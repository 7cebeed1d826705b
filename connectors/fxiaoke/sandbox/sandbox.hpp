#pragma once
// godwit-sandbox-fxiaoke: the gateway of one tenant of 纷享销客.

#include <memory>

#include "connectors/fxiaoke/sandbox/records.hpp"
#include "connectors/fxiaoke/sandbox/rejected.hpp"
#include "connectors/fxiaoke/sandbox/tokens.hpp"
#include "plugins/kits/sandbox/vendor.hpp"

namespace godwit::sandbox::fxiaoke {

class Fxiaoke : public Vendor {
 public:
  // `switches`: what --set says; they shape the metadata, which is made before the rest of the program.
  explicit Fxiaoke(ModelSwitches switches) : model_switches_(std::move(switches)) {}

  std::string_view name() const override { return "fxiaoke"; }
  std::string metadata() const override;
  std::vector<std::string> completed(std::vector<std::string> texts) const override { return completed_metadata(texts, model_switches_); }
  std::map<std::string, Kind> kinds() const override { return field_kinds(); }
  std::string id_column() const override { return "_id"; }
  std::vector<Switch> switches() const override;
  LimitRules limits() const override;
  void start(World& world) override;
  Charge charge(const Request& request) const override;
  Answer refuse(Refusal why, const Request& request, std::int64_t wait_ms) override;
  bool handles_lock(const Request&) const override { return true; }
  void add_stats(Json& stats) override;

 private:
  void on(const char* path, std::function<Json(const Request&, const Json& body)> serve);
  void business(const char* path, std::function<Json(const Call&)> serve);
  void add_platform_routes();
  void add_file_routes();
  Answer guarded(const Request& request, const std::function<Answer()>& serve) const;
  Json user_by_mobile(const Request& request, const Json& body);
  Json object_list() const;
  Json object_describe(const Call& call) const;
  Json message(const Call& call);
  Json credential(const Request& request, const Json& body);
  Answer upload(const Request& request);
  Answer rejected(const Rejected& why, const Request& request) const;

  ModelSwitches model_switches_;
  World* world_ = nullptr;
  Settings settings_;
  Credentials credentials_;
  bool same_business_codes_ = false;
  std::unique_ptr<Records> records_;
  std::unique_ptr<Tokens> tokens_;
};

}  // namespace godwit::sandbox::fxiaoke
