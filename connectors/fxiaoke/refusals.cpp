#include "connectors/fxiaoke/refusals.hpp"

#include "plugins/kits/sql/refusal.hpp"

namespace godwit::fxiaoke {

Refusal refuse_row(const WritePlan& plan, const rest::RowAt& row, std::int64_t number, const sdk::HttpAnswer& answer) {
  // A field whose api name or label stands in the message is the one at fault; the longest, since one name may be the beginning of another.
  std::string field;
  std::size_t longest = 0;
  for (std::size_t c = 0; c < plan.fields.size(); ++c)
    for (const std::string* name : {&plan.fields[c]->name, &plan.fields[c]->label})
      if (row.is_set(c) && name->size() > longest && name->size() > 2 && answer.message.find(*name) != std::string::npos) field = plan.fields[c]->name, longest = name->size();
  return sql::refuse(number, sql::kRefusedOtherwise, field, words_of(answer));
}

}  // namespace godwit::fxiaoke
