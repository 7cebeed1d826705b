#include "core/expr/signature.hpp"

namespace godwit::expr {

std::string signature_of(const Function& function) {
  std::string out = std::string(function.name) + '(';
  int open = 0;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    const Parameter& p = function.parameters[i];
    if (p.optional) out += i == 0 ? "[" : " [", ++open;
    if (i != 0) out += ", ";
    out += p.name;
    if (p.variadic) out += ", ...";
  }
  out.append(static_cast<std::size_t>(open), ']');
  return out + ')';
}

std::string type_names(TypeSet set) {
  if (set == kAny) return "any type";
  std::string out;
  for (const TypeId id : {TypeId::utf8, TypeId::int64, TypeId::decimal128, TypeId::float64, TypeId::boolean, TypeId::date32,
                          TypeId::time64, TypeId::timestamp, TypeId::timestamp_tz, TypeId::json, TypeId::binary,
                          TypeId::number_text})
    if ((set & one_of(id)) != 0) {
      if (!out.empty()) out += ", ";
      out += id == TypeId::decimal128 ? "decimal" : to_string(Type(id));
    }
  return out;
}

}  // namespace godwit::expr
