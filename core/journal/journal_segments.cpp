// Segment files: appended beside the database, made to exist by a row in it.

#include <fcntl.h>
#include <sqlite3.h>

#include <cstdio>

#include "core/journal/block.hpp"
#include "core/journal/journal_parts.hpp"

namespace godwit {

using journal_detail::File;

Result<> Journal::Parts::write_segment(const SettledUnit& unit, const EncodedSegment& segment) {
  char name[40];
  std::snprintf(name, sizeof name, "run-%06lld.gws", static_cast<long long>(unit.id.run));
  if (segment_file != name) {
    GW_TRY(journal_detail::make_folder(folder / "segments"));
    GW_ASSIGN(segments, File::open(folder / "segments" / name, O_RDWR | O_CREAT));
    segment_file = name;
    // What a killed process appended without a row is written over.
    GW_ASSIGN(Statement * end, statement("select max(offset + bytes) from segment where file = ?"));
    end->bind(1, segment_file);
    GW_TRY(end->step());
    segment_end = end->int64(0);
    end->reset();
    GW_TRY(segments.truncate(segment_end));
  }
  GW_TRY(segments.write_at(segment_end, segment.pieces));
  unsynced.insert(segment_file);
  const auto size = static_cast<std::int64_t>(segment.size_bytes());
  // The kernel may begin to write at once; then the fsync at the end of the flow finds little left to do.
  (void)::sync_file_range(segments.descriptor(), segment_end, size, SYNC_FILE_RANGE_WRITE);
  GW_ASSIGN(Statement * s, statement("insert into segment (run, flow, shard, unit, kind, rows, file, offset, bytes, checksum) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  s->bind(1, unit.id.run).bind(2, unit.id.flow).bind(3, unit.id.shard).bind(4, unit.id.number).bind(5, to_string(segment.kind));
  s->bind(6, segment.rows).bind(7, segment_file).bind(8, segment_end).bind(9, size);
  s->bind(10, static_cast<std::int64_t>(journal_detail::segment_checksum(segment)));
  GW_TRY(s->run());
  segment_end += size;
  return {};
}

Result<std::vector<SegmentRecord>> Journal::segments(const SegmentQuery& query) {
  const std::lock_guard lock(parts_->mutex);
  journal_detail::Conditions where;
  where.add("g.id > ?", query.after);
  if (query.scope) where.add("g.run in (select number from run where scope = ?)", *query.scope);
  if (query.run) where.add("g.run = ?", *query.run);
  if (!query.flow.empty()) where.add("g.flow = ?", query.flow);
  if (query.kind) where.add("g.kind = ?", std::string(to_string(*query.kind)));
  if (query.unit) {
    where.add("g.run = ?", query.unit->run), where.add("g.flow = ?", query.unit->flow);
    where.add("g.shard = ?", query.unit->shard), where.add("g.unit = ?", query.unit->number);
  }
  GW_ASSIGN(Statement s, parts_->db.prepare("select g.id, g.run, g.flow, g.shard, g.unit, g.kind, g.rows, g.file, g.offset, g.bytes, g.checksum from segment as g where 1" +
                                            where.sql() + " order by g.id"));
  where.bind(s);
  std::vector<SegmentRecord> all;
  for (;;) {
    GW_ASSIGN(const bool row, s.step());
    if (!row) return all;
    SegmentRecord r;
    r.id = s.int64(0), r.unit = {s.int64(1), s.string(2), static_cast<int>(s.int64(3)), s.int64(4)};
    for (const SegmentKind kind : {SegmentKind::crosswalk, SegmentKind::filtered, SegmentKind::before, SegmentKind::obligation})
      if (s.text(5) == to_string(kind)) r.kind = kind;
    r.rows = s.int64(6), r.file = s.string(7), r.offset = s.int64(8), r.bytes = s.int64(9), r.checksum = s.int64(10);
    all.push_back(std::move(r));
  }
}

Result<std::vector<std::uint8_t>> Journal::read_segment(const SegmentRecord& segment) {
  const std::filesystem::path path = parts_->folder / "segments" / segment.file;
  const std::string place = path.string() + ", run " + std::to_string(segment.unit.run) + " flow " + segment.unit.flow + " unit " + std::to_string(segment.unit.number);
  const auto damaged = [&](std::string seen, std::string expected) {
    return fail(5020, {{"place", place}, {"seen", std::move(seen)}, {"expected", std::move(expected)}});
  };
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return damaged("no such file", std::to_string(segment.bytes) + " bytes");
  GW_ASSIGN(const File file, File::open(path, O_RDONLY));
  GW_ASSIGN(const std::int64_t size, file.size());
  if (segment.offset < 0 || segment.bytes < 0 || segment.offset > size || segment.bytes > size - segment.offset)
    return damaged("a file of " + std::to_string(size) + " bytes", std::to_string(segment.offset + segment.bytes));
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(segment.bytes));
  GW_ASSIGN(const bool whole, file.read_at(segment.offset, bytes));
  if (!whole) return damaged("a cut-off file", std::to_string(segment.bytes) + " bytes");
  auto body = journal_detail::open_segment(bytes);
  if (!body) {
    Error error = std::move(body).error();
    error.arguments.insert(error.arguments.begin(), {"place", place});
    return Failure(std::move(error));
  }
  std::int64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + bytes.size() - sizeof checksum, sizeof checksum);
  if (checksum != segment.checksum || body->kind != segment.kind || body->rows != segment.rows) return damaged("another segment", "the one of this unit");
  return bytes;
}

Result<> Journal::drop_segments(std::int64_t run, SegmentKind kind) {
  const std::lock_guard lock(parts_->mutex);
  SegmentQuery query;
  query.run = run, query.kind = kind;
  GW_ASSIGN(const std::vector<SegmentRecord> dropped, segments(query));
  GW_ASSIGN(Statement s, parts_->db.prepare("delete from segment where run = ? and kind = ?"));
  s.bind(1, run).bind(2, to_string(kind));
  GW_TRY(s.run());
  for (const SegmentRecord& segment : dropped) {
    // Gives the room back where the file system can; the file keeps its size and other segments their places.
    auto file = File::open(parts_->folder / "segments" / segment.file, O_RDWR);
    if (file) (void)!::fallocate(file->descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, segment.offset, segment.bytes);
  }
  return {};
}

Result<> Journal::Parts::sync_segments() {
  for (const std::string& name : unsynced) {
    GW_ASSIGN(File file, File::open(folder / "segments" / name, O_RDWR));
    GW_TRY(file.sync());
  }
  if (!unsynced.empty()) GW_TRY(journal_detail::sync_folder(folder / "segments"));
  unsynced.clear();
  return {};
}

Result<> Journal::Parts::sync() {
  GW_TRY(sync_segments());
  // Readers may keep part of the log from being copied; it is on disk all the same, and the next time will do.
  const int code = sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY && (code & 0xFF) != SQLITE_LOCKED) return Failure(db.error(code));
  wal_pages = 0;
  return {};
}

Result<> Journal::sync() {
  const std::lock_guard lock(parts_->mutex);
  return parts_->mode == Mode::write ? parts_->sync() : Result<>();
}

}  // namespace godwit
