#pragma once
// Names and texts inside SQL statements.

#include <string>
#include <string_view>

namespace godwit::sql {

// `name` as a delimited identifier of standard SQL: "a""b". Any bytes but NUL are possible.
std::string quote_identifier(std::string_view name);

// `text` as a string literal of standard SQL: 'it''s'. The text must not hold NUL.
std::string quote_text(std::string_view text);

// ASCII letters lowered, other bytes as they are: how SQL systems compare names.
std::string fold_case(std::string_view name);

// Whether two names are the same to SQL (ASCII letters of either case alike).
bool same_name(std::string_view a, std::string_view b);

}  // namespace godwit::sql
