#include "core/run/pending_before.hpp"
#include "core/model/read_text.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace godwit {

Result<EncodedSegment> PendingBefore::write(const UnitId& unit, std::span<const Hash128> keys, const Batch& rows) const {
  EncodedSegment segment = encode_rows(SegmentKind::before, keys, rows).copy();
  const std::vector<std::uint8_t> bytes = segment.bytes();
  const std::filesystem::path path = file_of(unit), fresh = path.string() + ".new";
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    const std::int64_t head[2] = {unit.run, unit.number};
    out.write(reinterpret_cast<const char*>(head), sizeof head);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) return fail(4040, {{"place", fresh.string()}, {"seen", std::generic_category().message(errno)}});
  }
  std::filesystem::rename(fresh, path, failed);
  if (failed) return fail(4040, {{"place", path.string()}, {"seen", failed.message()}});
  return segment;
}

Result<std::optional<EncodedSegment>> PendingBefore::read(const UnitId& unit) const {
  std::ifstream in(file_of(unit), std::ios::binary);
  std::int64_t head[2] = {};
  if (!in.read(reinterpret_cast<char*>(head), sizeof head) || head[0] != unit.run || head[1] != unit.number) return std::nullopt;
  const auto bytes = read_text(in);
  if (!bytes) return fail(4040, {{"place", file_of(unit).string()}, {"seen", std::generic_category().message(errno)}});
  GW_ASSIGN(const RowsSegment rows, decode_rows({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()}));
  return encode_rows(SegmentKind::before, rows.keys, rows.batch).copy();
}

}  // namespace godwit
