#include "core/journal/crosswalk.hpp"

#include <fcntl.h>

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/journal/bytes.hpp"
#include "core/journal/file.hpp"
#include "core/journal/journal.hpp"
#include "core/journal/keyed_state.hpp"
#include "core/model/temporary_folder.hpp"

namespace godwit {

using journal_detail::ByteReader;
using journal_detail::ByteWriter;

namespace {

enum Flag : std::uint8_t { kIntegerId = 1, kTextId = 2, kHeld = 4 };
constexpr std::size_t kRowsAtOnce = 8192;

// One entry of the index, taken apart; views the bytes it was read from.
struct Entry {
  std::uint8_t flags = 0;
  std::int64_t run = 0;
  std::size_t layout = 0;
  std::string_view source_key;
  std::int64_t integer_id = 0;
  std::string_view text_id;
  std::uint64_t row_hash = 0;
  std::span<const std::uint8_t> mapped, held;  // u32 each
};

std::uint32_t hash_at(std::span<const std::uint8_t> hashes, std::size_t field) {
  std::uint32_t hash = kNoFieldHash;
  if (field * 4 + 4 <= hashes.size()) std::memcpy(&hash, hashes.data() + field * 4, 4);
  return hash;
}

}  // namespace

struct Crosswalk::Parts {
  Journal* journal = nullptr;
  std::int64_t scope = 0;
  std::string flow;
  TypeId ids = TypeId::null_type;
  std::size_t memory_bytes = 0;
  std::filesystem::path folder;
  TemporaryFolder temporary;  // of an index built for this process alone, since the journal is open for reading only
  std::unique_ptr<KeyedState> state;
  std::vector<std::vector<std::string>> layouts;
  std::int64_t seen = 0;  // id of the last segment looked at

  Result<> open_state(bool fresh, bool read_only);
  Result<> load_layouts(bool fresh);
  Result<std::size_t> layout_of(const std::vector<std::string>& fields);
  Result<> put(const UnitId& unit, const CrosswalkSegment& segment);
  Result<> refresh();
  Result<std::vector<SegmentRecord>> unseen();
  Result<> move_to_temporary_folder();
  Result<Entry> take_apart(std::string_view bytes) const;
  Failure damaged() const {
    return fail(5030, {{"place", folder.string()}, {"seen", "an entry that is cut off or names an unknown layout"}, {"expected", "a whole entry"}});
  }
};

Result<> Crosswalk::Parts::open_state(bool fresh, bool read_only) {
  KeyedState::Options options;
  options.folder = folder, options.kind = StateKind::bytes, options.memory_bytes = memory_bytes;
  options.fresh = fresh, options.read_only = read_only;
  options.is_settled = [j = journal](const UnitId& unit) { return j->is_settled(unit); };
  state.reset();
  GW_ASSIGN(state, KeyedState::open(std::move(options)));
  return load_layouts(fresh);
}

Result<> Crosswalk::Parts::load_layouts(bool fresh) {
  layouts.clear();
  const std::filesystem::path path = folder / "LAYOUTS";
  std::error_code ignored;
  if (fresh) std::filesystem::remove(path, ignored);
  if (!std::filesystem::exists(path, ignored)) return {};
  GW_ASSIGN(const journal_detail::File file, journal_detail::File::open(path, O_RDONLY));
  GW_ASSIGN(const std::int64_t size, file.size());
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  GW_ASSIGN(const bool whole, file.read_at(0, bytes));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), whole ? bytes.size() : 0);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;  // cut off: its entries were never sealed
    const auto json = nlohmann::json::parse(text.substr(at, end - at), nullptr, false);
    std::vector<std::string> fields;
    for (const auto& field : json.is_array() ? json : nlohmann::json::array())
      if (field.is_string()) fields.push_back(field.get<std::string>());
    layouts.push_back(std::move(fields));
    at = end + 1;
  }
  return {};
}

Result<std::size_t> Crosswalk::Parts::layout_of(const std::vector<std::string>& fields) {
  for (std::size_t i = layouts.size(); i-- > 0;)
    if (layouts[i] == fields) return i;
  layouts.push_back(fields);
  // Written as a whole: a handful of short lines in the life of a project.
  std::string text;
  for (const auto& layout : layouts)
    text += nlohmann::json(layout).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::filesystem::path path = folder / "LAYOUTS", next = folder / "LAYOUTS.new";
  {
    GW_ASSIGN(journal_detail::File file, journal_detail::File::open(next, O_RDWR | O_CREAT | O_TRUNC));
    GW_TRY(file.write_at(0, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
  }
  std::error_code failed;
  std::filesystem::rename(next, path, failed);
  if (failed) return Failure(journal_detail::file_error(path, failed.value()));
  return layouts.size() - 1;
}

Result<> Crosswalk::Parts::put(const UnitId& unit, const CrosswalkSegment& segment) {
  if (state->covers(unit)) return {};
  GW_ASSIGN(const std::size_t layout, layout_of(segment.fields));
  std::vector<std::uint8_t> bytes;
  std::vector<std::size_t> ends;
  std::vector<Hash128> keys, gone;
  const auto flush = [&]() -> Result<> {
    if (!gone.empty()) GW_TRY(state->erase(gone));
    gone.clear();
    std::vector<std::string_view> values;
    for (std::size_t i = 0, at = 0; i < ends.size(); at = ends[i++])
      values.emplace_back(reinterpret_cast<const char*>(bytes.data()) + at, ends[i] - at);
    GW_TRY(state->put_bytes(keys, std::vector<std::uint8_t>(keys.size(), 0), values));
    bytes.clear(), ends.clear(), keys.clear();
    return {};
  };
  const bool has_ids = segment.ids.length == segment.rows && segment.rows > 0;
  for (std::int64_t row = 0; row < segment.rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    const bool forgotten = i < segment.states.size() && segment.states[i] == static_cast<std::uint8_t>(CrosswalkState::forgotten);
    // Rows keep their order: what was put or erased before must be so in the state, too.
    if (forgotten ? !keys.empty() : !gone.empty() || keys.size() >= kRowsAtOnce) GW_TRY(flush());
    if (forgotten) {
      gone.push_back(segment.key_hashes[i]);
      continue;
    }
    ByteWriter w(&bytes);
    std::uint8_t flags = segment.held.empty() ? 0 : kHeld;
    if (has_ids && !segment.ids.is_null(row)) flags |= segment.ids.type.id == TypeId::int64 ? kIntegerId : kTextId;
    w.fixed(flags), w.varint(static_cast<std::uint64_t>(unit.run)), w.varint(layout), w.text(segment.key_text(row));
    if ((flags & kIntegerId) != 0) w.fixed(segment.ids.int64(row));
    if ((flags & kTextId) != 0) w.text(segment.ids.text(row));
    w.fixed(segment.row_hashes[i]);
    for (const auto& field : segment.mapped) w.fixed(field[i]);
    for (const auto& field : segment.held) w.fixed(field[i]);
    keys.push_back(segment.key_hashes[i]), ends.push_back(bytes.size());
  }
  GW_TRY(flush());
  GW_TRY(state->seal(unit));
  return state->settled(unit);
}

Result<std::vector<SegmentRecord>> Crosswalk::Parts::unseen() {
  Journal::SegmentQuery query;
  query.scope = scope, query.flow = flow, query.kind = SegmentKind::crosswalk, query.after = seen;
  return journal->segments(query);
}

Result<> Crosswalk::Parts::refresh() {
  GW_ASSIGN(const std::vector<SegmentRecord> segments, unseen());
  for (const SegmentRecord& record : segments) {
    if (!state->covers(record.unit)) {
      GW_ASSIGN(const std::vector<std::uint8_t> bytes, journal->read_segment(record));
      GW_ASSIGN(const CrosswalkSegment segment, decode_crosswalk(bytes));
      GW_TRY(put(record.unit, segment));
    }
    seen = record.id;
  }
  return {};
}

Result<> Crosswalk::Parts::move_to_temporary_folder() {
  GW_ASSIGN(temporary, TemporaryFolder::make("crosswalk"));
  folder = temporary.path();
  return open_state(true, false);
}

Result<Entry> Crosswalk::Parts::take_apart(std::string_view bytes) const {
  ByteReader in({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  Entry e;
  e.flags = in.fixed<std::uint8_t>();
  e.run = static_cast<std::int64_t>(in.varint()), e.layout = static_cast<std::size_t>(in.varint()), e.source_key = in.text();
  if (e.layout >= layouts.size()) return damaged();
  if ((e.flags & kIntegerId) != 0) e.integer_id = in.fixed<std::int64_t>();
  if ((e.flags & kTextId) != 0) e.text_id = in.text();
  e.row_hash = in.fixed<std::uint64_t>();
  const std::size_t hashes = layouts[e.layout].size() * 4;
  e.mapped = in.raw(hashes);
  if ((e.flags & kHeld) != 0) e.held = in.raw(hashes);
  if (!in.at_end()) return damaged();
  return e;
}

Crosswalk::Crosswalk(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Crosswalk::~Crosswalk() = default;

Result<std::unique_ptr<Crosswalk>> Crosswalk::open(Journal& journal, std::int64_t scope, std::string_view flow, TypeId ids, std::size_t memory_bytes) {
  auto parts = std::make_unique<Parts>();
  parts->journal = &journal, parts->scope = scope, parts->flow = flow, parts->ids = ids, parts->memory_bytes = memory_bytes;
  parts->folder = journal.state_folder(scope, "crosswalk-" + std::string(flow));
  if (journal.mode() == Journal::Mode::read_only) {
    // Another process may be at work on the index, or it may be behind: then a private one is built and thrown away.
    bool usable = parts->open_state(false, true).has_value();
    if (usable) {
      GW_ASSIGN(const std::vector<SegmentRecord> segments, parts->unseen());
      for (const SegmentRecord& segment : segments) usable = usable && parts->state->covers(segment.unit);
      if (usable && !segments.empty()) parts->seen = segments.back().id;
    }
    if (!usable) GW_TRY(parts->move_to_temporary_folder());
  } else if (auto opened = parts->open_state(false, false); !opened) {
    // The segments are the truth; an index that is damaged or ahead of them is made again.
    if (opened.error().number != 5030) return Failure(std::move(opened).error());
    GW_TRY(parts->open_state(true, false));
  }
  GW_TRY(parts->refresh());
  return std::unique_ptr<Crosswalk>(new Crosswalk(std::move(parts)));
}

Result<> Crosswalk::refresh() { return parts_->refresh(); }
Result<> Crosswalk::append(const UnitId& unit, const CrosswalkSegment& segment) { return parts_->put(unit, segment); }
Result<> Crosswalk::forget(std::span<const Hash128> keys) { return parts_->state->erase(keys); }
Result<> Crosswalk::compact() { return parts_->state->compact(); }

Result<> Crosswalk::lookup(std::span<const Hash128> keys, std::span<const std::string> fields, CrosswalkRows* out) {
  StateTexts texts;
  GW_TRY(parts_->state->probe_bytes(keys, &texts));
  const std::size_t n = keys.size();
  out->found.assign(n, 0), out->runs.assign(n, 0), out->row_hashes.assign(n, 0);
  out->mapped.assign(fields.size(), std::vector<std::uint32_t>(n, kNoFieldHash));
  out->held.assign(fields.size(), std::vector<std::uint32_t>(n, kNoFieldHash));
  // Where each wanted field stands in each layout that turns up; past the end: nowhere.
  std::map<std::size_t, std::vector<std::size_t>> places;
  ColumnBuilder ids(parts_->ids == TypeId::null_type ? Type(TypeId::utf8) : Type(parts_->ids));
  for (std::size_t i = 0; i < n; ++i) {
    if (!texts.entries[i].found) {
      ids.null();
      continue;
    }
    GW_ASSIGN(const Entry entry, parts_->take_apart(texts.text(i)));
    out->found[i] = 1, out->runs[i] = entry.run, out->row_hashes[i] = entry.row_hash;
    auto place = places.find(entry.layout);
    if (place == places.end()) {
      const auto& names = parts_->layouts[entry.layout];
      std::vector<std::size_t> found;
      for (const std::string& field : fields)
        found.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), field) - names.begin()));
      place = places.emplace(entry.layout, std::move(found)).first;
    }
    for (std::size_t f = 0; f < fields.size(); ++f) {
      out->mapped[f][i] = hash_at(entry.mapped, place->second[f]);
      out->held[f][i] = hash_at(entry.held, place->second[f]);
    }
    if ((entry.flags & kIntegerId) != 0 && parts_->ids == TypeId::int64)
      ids.append_int64(entry.integer_id);
    else if ((entry.flags & kTextId) != 0 && parts_->ids == TypeId::utf8)
      ids.append_text(entry.text_id);
    else if ((entry.flags & kIntegerId) != 0 && parts_->ids == TypeId::utf8)
      ids.append_text(std::to_string(entry.integer_id));  // the target's ids became texts between runs
    else
      ids.null();
  }
  out->ids = ids.finish();
  return {};
}

Result<> Crosswalk::each(const std::function<Result<>(const CrosswalkEntry&)>& visit) {
  std::vector<std::uint32_t> mapped, held;
  return parts_->state->scan([&](const Hash128& key, const StateEntry&, std::string_view bytes) -> Result<> {
    GW_ASSIGN(const Entry entry, parts_->take_apart(bytes));
    CrosswalkEntry row;
    row.key = key, row.source_key = entry.source_key, row.run = entry.run, row.row_hash = entry.row_hash;
    if ((entry.flags & kIntegerId) != 0) row.id = std::to_string(entry.integer_id);
    if ((entry.flags & kTextId) != 0) row.id = entry.text_id;
    row.fields = parts_->layouts[entry.layout];
    const auto copy = [](std::span<const std::uint8_t> from, std::vector<std::uint32_t>& to) {
      to.resize(from.size() / 4);
      if (!to.empty()) std::memcpy(to.data(), from.data(), from.size());
    };
    copy(entry.mapped, mapped), copy(entry.held, held);
    row.mapped = mapped, row.held = held;
    return visit(row);
  });
}

Result<std::int64_t> Crosswalk::count() {
  std::int64_t n = 0;
  GW_TRY(parts_->state->scan([&](const Hash128&, const StateEntry&, std::string_view) -> Result<> {
    ++n;
    return {};
  }));
  return n;
}

}  // namespace godwit
