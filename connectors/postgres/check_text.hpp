#pragma once
// CHECK constraints as PostgreSQL prints them, turned into the plain SQL that they were written in.

#include <string>
#include <string_view>

namespace godwit::postgres {

// "((status)::text = ANY ((ARRAY['A'::character varying, 'B'::character varying])::text[]))" -> "(status IN ('A',
// 'B'))". Casts go, since a constraint's meaning for the values of its column does not depend on them where it is a
// list, a length or a null test; what is not understood stays as it is.
std::string plain_check(std::string_view expression);

}  // namespace godwit::postgres
