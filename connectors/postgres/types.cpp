#include "connectors/postgres/types.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace godwit::postgres {
namespace {

struct Known {
  std::string_view name;  // pg_type.typname in pg_catalog
  TypeId type;
  Wire wire;
  std::string_view read_as;
};

constexpr std::array kKnown = {
    Known{"int2", TypeId::int64, Wire::int2, ""},
    Known{"int4", TypeId::int64, Wire::int4, ""},
    Known{"int8", TypeId::int64, Wire::int8, ""},
    Known{"oid", TypeId::int64, Wire::int8, "int8"},
    Known{"float4", TypeId::float64, Wire::float4, ""},
    Known{"float8", TypeId::float64, Wire::float8, ""},
    Known{"numeric", TypeId::number_text, Wire::numeric, ""},
    Known{"money", TypeId::number_text, Wire::numeric, "numeric"},
    Known{"bool", TypeId::boolean, Wire::boolean, ""},
    Known{"text", TypeId::utf8, Wire::text, ""},
    Known{"varchar", TypeId::utf8, Wire::text, ""},
    // Blanks at the end of char(n) mean nothing; the cast takes them off.
    Known{"bpchar", TypeId::utf8, Wire::text, "text"},
    Known{"uuid", TypeId::utf8, Wire::uuid, ""},
    Known{"json", TypeId::json, Wire::text, ""},
    Known{"jsonb", TypeId::json, Wire::jsonb, ""},
    Known{"bytea", TypeId::binary, Wire::bytea, ""},
    Known{"date", TypeId::date32, Wire::date, ""},
    Known{"time", TypeId::time64, Wire::time, ""},
    Known{"timestamp", TypeId::timestamp, Wire::timestamp, ""},
    Known{"timestamptz", TypeId::timestamp_tz, Wire::timestamp, ""},
};

// Orders that a sort needs; what is not here is sorted by its text.
constexpr std::array<std::string_view, 12> kUnordered = {"json",    "xml",     "point",         "line",
                                                         "lseg",    "box",     "path",          "circle",
                                                         "polygon", "aclitem", "txid_snapshot", "pg_snapshot"};

constexpr const char* kChain =
    "with recursive chain as ("
    " select u.place, u.typ as typ, u.typmod as typmod, false as is_domain, false as not_null, 0 as depth"
    "  from unnest($1::oid[], $2::int4[]) with ordinality u(typ, typmod, place)"
    " union all"
    " select c.place, t.typbasetype, t.typtypmod, true, c.not_null or t.typnotnull, c.depth + 1"
    "  from chain c join pg_catalog.pg_type t on t.oid = c.typ where t.typtype = 'd')"
    " select distinct on (c.place) pg_catalog.format_type(r.typ, r.typmod), pg_catalog.format_type(c.typ, c.typmod), "
    "t.typname,"
    "  n.nspname = 'pg_catalog', t.typtype, t.typcategory, c.typmod, c.is_domain, c.not_null,"
    "  (select coalesce(json_agg(e.enumlabel order by e.enumsortorder), '[]') from pg_catalog.pg_enum e where "
    "e.enumtypid = t.oid)"
    " from chain c join chain r on r.place = c.place and r.depth = 0 join pg_catalog.pg_type t on t.oid = c.typ"
    " join pg_catalog.pg_namespace n on n.oid = t.typnamespace order by c.place, c.depth desc";

// numeric(p,s) where 38 digits hold it (https://www.postgresql.org/docs/current/catalog-pg-attribute.html, atttypmod).
std::optional<Type> decimal_of(int typmod) {
  if (typmod < 4) return std::nullopt;
  const int precision = ((typmod - 4) >> 16) & 0xFFFF, scale = (((typmod - 4) & 0x7FF) ^ 1024) - 1024;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return std::nullopt;
  return Type::decimal(precision, scale);
}

void set_meaning(std::string_view name, int typmod, ColumnType* out) {
  for (const Known& known : kKnown) {
    if (known.name != name) continue;
    out->type = known.type, out->wire = known.wire, out->read_as = known.read_as;
    if (name == "numeric")
      if (const auto decimal = decimal_of(typmod)) out->type = *decimal;
    if ((name == "varchar" || name == "bpchar") && typmod > 4) out->length = typmod - 4;
    if (name == "int2") out->least = INT16_MIN, out->most = INT16_MAX;
    if (name == "int4") out->least = INT32_MIN, out->most = INT32_MAX;
    if (name == "oid") out->least = 0, out->most = UINT32_MAX;
    if (known.wire == Wire::time || known.wire == Wire::timestamp) out->fraction = typmod < 0 ? 6 : typmod;
    out->is_blank_padded = name == "bpchar", out->is_uuid = name == "uuid", out->is_float4 = name == "float4";
    // What the encoder has looked at cannot be refused any more.
    out->staged_as_text = out->type.is_variable() && known.type != TypeId::binary && !out->is_uuid;
    if (name == "text" || name == "varchar") out->cast.clear();
    if (name == "bpchar") out->cast = "::bpchar";
    return;
  }
  out->read_as = "text";
}

}  // namespace

Result<std::vector<ColumnType>> load_types(Session& session, std::span<const std::pair<std::uint32_t, int>> wanted) {
  std::string oids = "{", typmods = "{";
  for (const auto& [oid, typmod] : wanted) {
    oids += (oids.size() > 1 ? "," : "") + std::to_string(oid);
    typmods += (typmods.size() > 1 ? "," : "") + std::to_string(typmod);
  }
  GW_ASSIGN(const Answer a, session.run(kChain, {oids + "}", typmods + "}"}));
  std::vector<ColumnType> out;
  for (int row = 0; row < a.rows(); ++row) {
    ColumnType& t = out.emplace_back();
    t.declared = a.string(row, 0), t.base = a.string(row, 1);
    const std::string_view name = a.text(row, 2);
    const bool built_in = a.boolean(row, 3), is_enum = a.text(row, 4) == "e", is_array = a.text(row, 5) == "A";
    t.cast = "::" + t.base;
    t.domain = a.boolean(row, 7), t.domain_not_null = a.boolean(row, 8);
    if (built_in && !is_array)
      set_meaning(name, static_cast<int>(a.integer(row, 6)), &t);
    else
      t.read_as = "text";
    if (is_enum) t.choices = nlohmann::json::parse(a.text(row, 9)).get<std::vector<std::string>>();
    for (std::string_view unordered : kUnordered)
      if (name == unordered || (is_array && name.substr(1) == unordered)) t.ordered = false;
    if (a.text(row, 4) == "c") t.ordered = false;  // a composite may hold any of these
  }
  if (out.size() != wanted.size())
    return sdk::fail(3325, ErrorKind::broken, {{"place", session.place()}, {"seen", "a type is not in pg_type"}});
  return out;
}

}  // namespace godwit::postgres
