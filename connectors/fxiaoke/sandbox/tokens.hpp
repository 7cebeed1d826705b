#pragma once
// Who may call: both generations of sign-in, and the life of their tokens.

#include "connectors/fxiaoke/sandbox/values.hpp"
#include "plugins/kits/sandbox/vendor.hpp"

namespace godwit::sandbox::fxiaoke {

// What the tenant and the app are called; all are switches.
struct Credentials {
  std::string app_id, app_secret, permanent_code, corp_id, ea;
  int error_app = 20005;   // the contract does not split 20005, 20014 and 15003
  int error_user = 20020;  // nor 20020 to 20023
  int error_rate = 14001;  // nor 14001 and 30004
};

// A person on whose behalf a call runs.
struct Caller {
  std::string user;
  bool legacy = false;  // signed in with the token in the body
};

class Tokens {
 public:
  // Both must outlive this. Tokens live in the data file, so that a restart ends none.
  Tokens(World& world, Credentials credentials) : world_(world), credentials_(std::move(credentials)), calls_({std::stol(world.setting("token_calls")), 60'000, true}) {}

  // Bodies of the answers; throw Rejected.
  Json legacy(const Json& body, std::int64_t now_ms);                 // /cgi/corpAccessToken/get/V2
  Json oauth(const Request& request, const Json& body);               // /oauth2.0/token
  Answer authorize(const Request& request);                           // /oauth2.0/authorize: a redirect with a code
  // Who calls. `body` is the call's. Throws Rejected with 20016, 20017 and their like.
  Caller caller(const Request& request, const Json& body);
  // The token and corp of a legacy call that comes before a user is known. Throws Rejected.
  void check_legacy(const Request& request, const Json& body);

 private:
  struct Issued {
    std::string token;
    std::int64_t seconds_left;
  };
  Issued issue(const std::string& kind, const std::string& user, std::int64_t now_ms);
  std::string issue_once(const std::string& kind, const std::string& user, std::int64_t now_ms, std::int64_t life_ms);
  // The user of a token of this kind that lives; nullopt otherwise.
  std::optional<std::string> user_of(const std::string& kind, const std::string& token, std::int64_t now_ms);
  void take_call(std::int64_t now_ms);
  void check_app(const Json& body, bool with_permanent_code);
  void check_person(const std::string& id);

  World& world_;
  Credentials credentials_;
  Windows calls_;
};

// Whether the query carries thirdTraceId as a UUID. Throws Rejected.
void check_trace_id(const Request& request);

}  // namespace godwit::sandbox::fxiaoke
