#pragma once
// One simulated org: what all parts of the sandbox share.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kits/sandbox/vendor.hpp"

namespace godwit::sandbox::salesforce {

class Locks;
class Bulk;

// One error in the vendor's words.
struct Problem {
  std::string code, message;
  std::vector<std::string> fields;
  std::string duplicate;  // text of a duplicateResult, for DUPLICATES_DETECTED
};

// A data call of somebody who is signed in.
struct Call {
  Request& request;
  std::string user_id;
  std::string version;  // "60.0"
  std::string now;      // the time as records keep it
};
using DataHandler = std::function<Answer(Call&)>;

class Org : public Vendor {
 public:
  Org();
  ~Org() override;

  std::string_view name() const override { return "salesforce"; }
  std::string metadata() const override;
  std::vector<std::string> metadata_of(const std::map<std::string, std::string>& switches) const override;
  std::map<std::string, Kind> kinds() const override;
  std::string id_column() const override { return "Id"; }
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

  World& world() const { return *world_; }
  Database& database() const { return world_->database; }
  Store& store() const { return world_->store; }
  const std::string& setting(const std::string& name) const { return world_->setting(name); }
  bool on(const std::string& name) const { return world_->on(name); }
  std::int64_t number(const std::string& name) const;  // a switch that is a whole number

  // A route below /services/data/vXX.X, for who is signed in. `path` as "/sobjects/{object}".
  void route(const std::string& method, const std::string& path, DataHandler handler, Run run = Run::in_transaction);

  // The object of that name, without regard to case. Throws Refused with 404 when there is none.
  const Object& object(std::string_view name) const;
  // The object that an id belongs to by its first three characters; nullptr when there is none.
  const Object* object_of(std::string_view id) const;
  std::string new_id(const Object& object);

  std::string organization_id, admin_id;
  Locks& locks() { return *locks_; }

 private:
  World* world_ = nullptr;
  std::unique_ptr<Locks> locks_;
  std::unique_ptr<Bulk> bulk_;
};

// "CODE" and message as single calls answer them: an array of one.
Answer problem_answer(int status, std::string code, std::string message, std::vector<std::string> fields = {});
Answer problems_answer(int status, const std::vector<Problem>& problems);
[[noreturn]] void refuse_call(int status, std::string code, std::string message);
// With "errorCode" (single calls) or "statusCode" (collections).
Json problem_json(const Problem& problem, const char* code_member);

// A member of a field's or object's own metadata.
bool flag(const Json& raw, const char* member, bool otherwise = false);
std::string word(const Json& raw, const char* member, const std::string& otherwise = "");

// Whether this is one of the four audit fields, and the org lets them be set on insert.
bool audit_field_open(const Org& org, const Object& object, const Field& field);

// The parts; each adds its routes.
void add_oauth(Org& org);
void add_describe(Org& org);
void add_query(Org& org);
void add_single(Org& org);
void add_collections(Org& org);
void add_composite(Org& org);
void add_changes(Org& org);
void add_limits(Org& org);
void seed(Org& org);

// The user of the call's token; nullopt when the token is unknown, too old, or ended by a fault.
std::optional<std::string> session_user(Org& org, const Request& request);

}  // namespace godwit::sandbox::salesforce
