#include "connectors/salesforce/sandbox/bulk.hpp"
namespace godwit::sandbox::salesforce {
Bulk::Bulk(Org& org) : org_(org) { org.database().script("create table if not exists sandbox_job(id text primary key, kind text, total integer, created_ms integer)"); }
Bulk::~Bulk() = default;
void Bulk::begin() {}
void Bulk::end() {}
}
