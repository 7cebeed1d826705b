#pragma once
// Before-images on their way into the journal. They must be on disk before the target loses the old values, and the journal records
// them only with the settled unit: in between they wait in a file of their own. Of one unit and the one before it, since two may be on their way.

#include <optional>

#include "core/journal/journal.hpp"
#include "core/model/batch.hpp"

namespace godwit {

class PendingBefore {
 public:
  PendingBefore(const Journal& journal, std::int64_t scope, const std::string& flow)
      : path_(journal.state_folder(scope, "before-" + flow)) {}
  // Writes the rows and answers them as a segment for the unit's settlement. GW-4040 when the disk does not take them.
  Result<EncodedSegment> write(const UnitId& unit, std::span<const Hash128> keys, const Batch& rows) const;
  // What write() kept for this unit, if it is there.
  Result<std::optional<EncodedSegment>> read(const UnitId& unit) const;

 private:
  std::filesystem::path file_of(const UnitId& unit) const { return path_.string() + (unit.number % 2 == 0 ? "-even" : "-odd"); }
  std::filesystem::path path_;
};

}  // namespace godwit
