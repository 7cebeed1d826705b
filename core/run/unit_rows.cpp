// Rows of a unit as the journal keeps them.

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/model/catalogue.hpp"
#include "core/run/corrections.hpp"
#include "core/run/unit_writer.hpp"

namespace godwit {
namespace {

// Rows of one cause are listed together: the same sentence about the same field. A reference's parent flow belongs to the cause, the
// value at fault does not.
std::string cause_of(const Error& error, const std::string& field) {
  std::string cause = "GW-" + std::to_string(error.number);
  if (!field.empty()) cause += " " + field;
  if (const std::string_view parent = error.argument("flow"); !parent.empty()) cause += " " + std::string(parent);
  if (const std::string_view rule = error.argument("rule"); !rule.empty()) cause += " " + std::string(rule);
  return cause;
}

constexpr char kLetters[] = "-iu=rc";  // by Decision

}  // namespace

SetAsideRow set_aside_row(const CompiledFlow& flow, const MappedBatch& batch, const RowNote& note, std::string_view error_class) {
  const auto row = static_cast<std::size_t>(note.row);
  const ObjectRef& from = flow.flow->from[static_cast<std::size_t>(batch.source)];
  SetAsideRow out;
  out.source = from.connection + "." + from.object;
  out.source_key = row_key(flow, batch, note.row);
  if (!batch.source_keys.empty()) out.key = batch.source_keys[row];
  const Batch& b = batch.read.batch;
  if (b.places.length != 0) out.locator = value_text(b.places, note.row);
  if (!b.lines.empty() && b.lines[row] > 0) out.line = b.lines[row];
  out.number = note.error.number, out.error_class = error_class, out.field = note.field;
  out.arguments = note.error.arguments;
  if (std::string_view(note.error.argument("field")).empty() && !note.field.empty()) out.arguments.emplace_back("field", note.field);
  out.cause = cause_of(note.error, note.field);
  out.original = row_json(batch, note.row);
  out.original_hash = hash_text(batch.source_hashes.empty() ? source_row_hash(b, note.row) : batch.source_hashes[row]);
  return out;
}

SetAsideRow unreadable_row(const CompiledFlow& flow, const MappedBatch& batch, const Unreadable& u) {
  const ObjectRef& from = flow.flow->from[static_cast<std::size_t>(batch.source)];
  SetAsideRow out;
  out.source = from.connection + "." + from.object;
  out.locator = std::to_string(u.locator);
  if (u.line > 0) out.line = u.line;
  out.source_key = out.line ? "line " + std::to_string(u.line) : "#" + out.locator;
  out.number = u.error.number, out.arguments = u.error.arguments;
  out.cause = "GW-" + std::to_string(u.error.number);
  out.original = nlohmann::json{{"@raw", u.raw}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  ColumnBuilder raw(TypeId::utf8);
  raw.append_text(u.raw);
  Batch one;
  one.rows = 1, one.columns.push_back(raw.finish());
  out.original_hash = hash_text(source_row_hashes(one).front());
  return out;
}

std::string encode_decisions(const FormedUnit& unit) {
  std::string out;
  Decision last = Decision::none;
  std::int64_t run = 0;
  auto flush = [&] {
    if (run > 0) out += kLetters[static_cast<int>(last)], out += std::to_string(run);
  };
  for (const SequencedBatch& b : unit.batches)
    for (Decision d : b.decisions) {
      if (d != last) flush(), last = d, run = 0;
      ++run;
    }
  flush();
  return out;
}

Result<std::vector<Decision>> parse_decisions(std::string_view note, const FormedUnit& unit) {
  const std::string place = unit.id.flow + " unit " + std::to_string(unit.id.number);
  std::vector<Decision> all;
  std::int64_t expected = 0;
  for (const SequencedBatch& b : unit.batches) expected += b.rows();
  while (!note.empty()) {
    const auto letter = std::string_view(kLetters).find(note.front());
    std::int64_t n = 0;
    const auto end = std::from_chars(note.data() + 1, note.data() + note.size(), n);
    if (letter == std::string_view::npos || end.ec != std::errc() || n < 1 || n > expected - static_cast<std::int64_t>(all.size()))
      return fail(5902, {{"place", place}, {"seen", std::string(note.substr(0, 40))}});
    all.insert(all.end(), static_cast<std::size_t>(n), static_cast<Decision>(letter));
    note.remove_prefix(static_cast<std::size_t>(end.ptr - note.data()));
  }
  if (static_cast<std::int64_t>(all.size()) != expected)
    return fail(5902, {{"place", place}, {"seen", std::to_string(all.size()) + " rows"}, {"expected", std::to_string(expected)}});
  return all;
}

Result<> decode_decisions(std::string_view note, FormedUnit& unit) {
  GW_ASSIGN(const std::vector<Decision> all, parse_decisions(note, unit));
  std::size_t at = 0;
  for (SequencedBatch& b : unit.batches) {
    const auto n = static_cast<std::size_t>(b.rows());
    b.decisions.assign(all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + static_cast<std::ptrdiff_t>(at + n));
    at += n;
    // A conflict was set aside when the unit was first decided; the Comparer names its field again. A row that was to go and was not
    // there was filtered.
    for (std::size_t i = 0; i < n; ++i) {
      if (b.decisions[i] == Decision::none && b.fates[i] == Fate::kept) b.fates[i] = Fate::filtered;
      if (b.decisions[i] != Decision::conflict || b.fates[i] != Fate::kept) continue;
      b.fates[i] = Fate::set_aside;
      b.set_aside.push_back({static_cast<std::int64_t>(i), make_error(1430), ""});
    }
    std::ranges::stable_sort(b.set_aside, [](const RowNote& x, const RowNote& y) { return x.row < y.row; });
  }
  return {};
}

}  // namespace godwit
