#pragma once
// Records out of an org: by queries in the order of their ids, or by a Bulk query where there are many.

#include <memory>

#include "connectors/salesforce/org.hpp"
#include "connectors/salesforce/selection.hpp"

namespace godwit::salesforce {

// Rows are told apart by their ids. A position of a query is the last id; one of a Bulk query is its job, the page and the rows of it that
// were read, good for the seven days for which Salesforce keeps results.
Result<std::unique_ptr<Reader>> open_reader(Org& org, const ReadRequest& request);

// The condition that the connection's settings put on what is read of an object; "" for none.
std::string read_condition(const Options& options, const SObject& object);
// Whether deleted records are wanted, and the object can have some.
bool reads_deleted(const Options& options, const SObject& object);

// Pages of a Bulk query (bulk_query.cpp). Cursors: "<job>" and "<job>:<locator>".
std::unique_ptr<rest::PageSource> bulk_pages(Org& org, Selection selection, std::string soql, bool all);
// Whether a reader's position belongs to a Bulk query; the job's name then.
std::string bulk_job_of(std::string_view position);

}  // namespace godwit::salesforce
