#pragma once
// The accounts server: codes, refresh tokens, access tokens and their limits. Tokens live in the data file.

#include <set>

#include "connectors/zoho/sandbox/org.hpp"

namespace godwit::sandbox::zoho {

class Accounts {
 public:
  // Makes its table, and the refresh token that the switches name.
  explicit Accounts(World& world);

  Answer token(const Request& request);      // POST /oauth/v2/token
  Answer authorize(const Request& request);  // GET /oauth/v2/auth: a redirect with a code

  // The user on whose behalf a call runs, who must have `scope` ("modules.Leads.READ", "bulk.CREATE" ...). Throws Refused.
  std::string user(const Request& request, const std::string& scope);

 private:
  Answer error(const char* word, const char* text) const;
  std::string add(const char* kind, const std::string& parent, const std::string& user, std::int64_t now_ms, std::int64_t life_ms);
  void keep_newest(const char* kind, const char* column, const std::string& of, int most, std::int64_t now_ms);
  Answer access_answer(const Request& request, const std::string& refresh_token, bool with_refresh);

  World& world_;
  Windows access_calls_, refresh_calls_;
  std::set<std::string> ended_;  // by faults; under Database::lock()
};

}  // namespace godwit::sandbox::zoho
