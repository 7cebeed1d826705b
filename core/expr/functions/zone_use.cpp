#include "core/expr/functions/zone_use.hpp"

namespace godwit::fn {

Result<std::shared_ptr<const Zone>> constant_zone(const BindArguments& arguments, std::size_t index) {
  const std::string name =
      constant_or(arguments, index, arguments.options != nullptr ? std::string_view(arguments.options->zone) : "");
  if (name.empty()) return std::shared_ptr<const Zone>();
  return Zone::find(name);
}

Result<std::shared_ptr<const Zone>> needed_zone(const BindArguments& arguments, std::size_t index,
                                                std::string_view function) {
  GW_ASSIGN(std::shared_ptr<const Zone> zone, constant_zone(arguments, index));
  if (zone == nullptr) return fail(2204, {{"function", std::string(function)}});
  return zone;
}

Result<ClockChange> constant_clock_change(const BindArguments& arguments, std::size_t index,
                                          std::string_view function) {
  GW_ASSIGN(const int gap, constant_choice(arguments, index, function, "gap", {"error", "earlier", "later"}));
  GW_ASSIGN(const int overlap,
            constant_choice(arguments, index + 1, function, "overlap", {"error", "earlier", "later"}));
  return ClockChange{static_cast<Choice>(gap), static_cast<Choice>(overlap)};
}

const Parameter kGapParameter{.name = "gap",
                              .optional = true,
                              .constant = true,
                              .help =
                                  "A time that the clocks skipped: error (the default), earlier (by the offset "
                                  "behind the change) or later (by the one before it)."};
const Parameter kOverlapParameter{.name = "overlap",
                                  .optional = true,
                                  .constant = true,
                                  .help = "A time that came twice: error (the default), earlier or later."};

std::string wall_text(std::int64_t micros) {
  ColumnBuilder builder(TypeId::timestamp);
  builder.append_int64(micros);
  return value_text(builder.finish(), 0);
}

void reject_range(const Call& call, std::int32_t row) {
  reject(call, row, 1268, {{"expected", "0001-01-01 … 9999-12-31"}});
}

void append_micros(const Call& call, std::int32_t row, std::int64_t micros) {
  if (micros < kFirstMicro || micros >= kEndMicro) return reject_range(call, row);
  call.out.append_int64(micros);
}

void append_instant(const Call& call, std::int32_t row, ZoneCursor& cursor, ClockChange change, std::int64_t wall) {
  // Outside these years nobody knows the zone's clocks, and sums might not fit.
  if (wall < kFirstMicro || wall >= kEndMicro) return reject_range(call, row);
  const std::int64_t seconds = floor_divide(wall, kSecondMicros);
  const LocalTime found = cursor.to_instants(seconds);
  const bool gap = found.kind == LocalTime::gap;
  const Choice choice = found.kind == LocalTime::unique ? Choice::earlier : gap ? change.gap : change.overlap;
  if (choice == Choice::error) return reject(call, row, gap ? 1265 : 1266, {{"seen", wall_text(wall)}});
  append_micros(
      call, row,
      (choice == Choice::later ? found.later : found.earlier) * kSecondMicros + floor_modulo(wall, kSecondMicros));
}

}  // namespace godwit::fn
