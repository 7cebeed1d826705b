#pragma once
// PostgreSQL's types and what they mean to Godwit.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/session.hpp"
#include "core/model/type.hpp"

namespace godwit::postgres {

// The binary form in which the values of a column travel
// (https://www.postgresql.org/docs/current/protocol-overview.html, the types' send and receive functions).
enum class Wire : std::uint8_t {
  text,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  boolean,
  uuid,
  jsonb,
  bytea,
  date,
  time,
  timestamp
};

// A type as a column has it, domains followed down to what they stand on.
struct ColumnType {
  std::string declared;  // as format_type() words it: "character varying(20)", "mood", "text[]"
  std::string base;      // type to store its values in without the domain: "character varying(20)", "text[]"
  Type type;             // text for whatever has no type of its own in Godwit
  Wire wire = Wire::text;
  std::string read_as;  // cast in a select: "", "text" or "numeric"
  std::optional<std::int64_t> length;
  std::int64_t least = INT64_MIN, most = INT64_MAX;  // of integers
  std::vector<std::string> choices;                  // labels of an enum
  bool domain = false, domain_not_null = false;
  int fraction = 6;  // digits of a second's fraction that time types keep
  bool is_blank_padded = false, is_uuid = false, is_float4 = false;
  // A unit's stage holds texts for what the encoder cannot judge, so that a value that the type refuses blames its row
  // alone; `cast` turns the staged text into a value. Strings need none: an explicit one would cut what is too long.
  bool staged_as_text = true;
  std::string cast;
  bool ordered = true;  // has an order (json, xml and points have none)
};

// The types named by (oid, typmod), in order.
Result<std::vector<ColumnType>> load_types(Session& session, std::span<const std::pair<std::uint32_t, int>> wanted);

}  // namespace godwit::postgres
