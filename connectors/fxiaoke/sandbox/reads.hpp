#pragma once
// Reading: get, query, findSimple, findOne. Each gives the members that the answer has beside errorCode and its words; throws Rejected.

#include "connectors/fxiaoke/sandbox/records.hpp"

namespace godwit::sandbox::fxiaoke {

Json read_one(Records& records, const Call& call);       // get
Json read_query(Records& records, const Call& call);     // query
Json read_simple(Records& records, const Call& call);    // findSimple: no computed fields, no decorations
Json read_first(Records& records, const Call& call);     // findOne

}  // namespace godwit::sandbox::fxiaoke
