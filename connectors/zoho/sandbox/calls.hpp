#pragma once
// The calls on records. Each function answers one route; what it throws is a Refused.

#include "connectors/zoho/sandbox/accounts.hpp"
#include "connectors/zoho/sandbox/writer.hpp"

namespace godwit::sandbox::zoho {

// What the routes share.
struct Service {
  World& world;
  Org& org;
  Accounts& accounts;
  Writer& writer;
};

// write_calls.cpp
Answer insert_records(Service& service, const Request& request, const Object& module, const std::string& user);
Answer update_records(Service& service, const Request& request, const Object& module, const std::string& user);  // one where the path has {id}
Answer upsert_records(Service& service, const Request& request, const Object& module, const std::string& user);
Answer delete_records(Service& service, const Request& request, const Object& module, const std::string& user);
Answer convert_lead(Service& service, const Request& request, const std::string& user);
// A call's body as a JSON object. Throws Refused.
Json json_body(const Request& request);
// body.data: 1 to 100 objects. Throws Refused.
Json data_of(const Json& body);
// 200 or `all_ok`, 207, 400: by what became of the items.
Answer items_answer(Service& service, Json items, int all_ok);
WriteCall write_call(Service& service, const Request& request, const Object& module, const std::string& user, const Json& body);

// read_calls.cpp
Answer list_records(Service& service, const Request& request, const Object& module, const std::string& user, const std::string& extra_where = "", const std::vector<Value>& extra = {});
Answer get_record(Service& service, const Request& request, const Object& module);
Answer search_records(Service& service, const Request& request, const Object& module);
Answer count_records(Service& service, const Request& request, const Object& module);
Answer deleted_records(Service& service, const Request& request, const Object& module);

// settings_calls.cpp
void add_settings_routes(Service& service);
// related_calls.cpp: notes and attachments of a record, files
void add_related_routes(Service& service);
// coql_calls.cpp
Answer run_coql(Service& service, const Request& request);
// composite.cpp
Answer run_composite(Service& service, const Request& request);

}  // namespace godwit::sandbox::zoho
