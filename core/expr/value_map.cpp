#include "core/expr/value_map.hpp"

#include <unicode/unistr.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "core/expr/source_text.hpp"
#include "core/model/csv_text.hpp"

namespace godwit::expr {
namespace {

// A list that people keep is small; a larger one belongs into a table and a lookup().
constexpr std::size_t kLargestMap = std::size_t{32} << 20;

std::string header_names(const CsvRecord& header) {
  std::string out;
  for (const std::string& name : header.fields) out += (out.empty() ? "" : ", ") + shortened(name, 30);
  return out;
}

}  // namespace

void fold_case(std::string_view text, std::string* out) {
  out->assign(text);
  bool ascii = true;
  for (char& c : *out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  }
  if (ascii) return;
  out->clear();
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size()))).foldCase().toUTF8String(*out);
}

std::size_t ValueMap::slot_of(std::string_view key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = XXH3_64bits(key.data(), key.size()) & mask;
  while (slots_[slot] >= 0 && entries_[static_cast<std::size_t>(slots_[slot])].key != key) slot = (slot + 1) & mask;
  return slot;
}

void ValueMap::grow() {
  if (!slots_.empty() && entries_.size() * 2 < slots_.size()) return;
  slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), -1);
  for (std::size_t i = 0; i < entries_.size(); ++i) slots_[slot_of(entries_[i].key)] = static_cast<std::int32_t>(i);
}

Result<> ValueMap::insert(Entry entry, const std::string& file, const Options& options) {
  const std::string written = entry.key;
  if (options.ignore_case) fold_case(written, &entry.key);
  grow();
  std::int32_t& slot = slots_[slot_of(entry.key)];
  if (slot >= 0) {
    const Entry& first = entries_[static_cast<std::size_t>(slot)];
    return fail(2143, {{"place", file + ':' + std::to_string(entry.line)},
                       {"seen", shortened(written)},
                       {"first", std::to_string(first.line)}});
  }
  slot = static_cast<std::int32_t>(entries_.size());
  entries_.push_back(std::move(entry));
  return {};
}

Result<std::shared_ptr<const ValueMap>> ValueMap::load(const std::filesystem::path& folder, const std::string& file,
                                                       const Options& options) {
  GW_ASSIGN(const std::string text, read_small_file((folder / std::filesystem::path(file)).string(), kLargestMap));
  return parse(text, file, options);
}

Result<std::shared_ptr<const ValueMap>> ValueMap::parse(std::string_view text, const std::string& file, const Options& options) {
  GW_ASSIGN(std::vector<CsvRecord> records, parse_csv_text(text, file));
  if (records.empty()) return fail(2140, {{"place", file + ":1"}});
  const CsvRecord& header = records.front();

  const auto column = [&](const std::string& name, std::size_t position) -> Result<std::size_t> {
    if (name.empty()) {
      if (position < header.fields.size()) return position;
      return fail(2141, {{"place", file + ":1"}, {"seen", header_names(header)}});
    }
    const auto at = std::find(header.fields.begin(), header.fields.end(), name);
    if (at == header.fields.end() || std::find(at + 1, header.fields.end(), name) != header.fields.end())
      return fail(2142, {{"place", file + ":1"}, {"seen", shortened(name)}, {"expected", header_names(header)}});
    return static_cast<std::size_t>(at - header.fields.begin());
  };
  GW_ASSIGN(const std::size_t from, column(options.from, 0));
  GW_ASSIGN(const std::size_t to, column(options.to, 1));

  auto map = std::make_shared<ValueMap>();
  map->ignore_case_ = options.ignore_case;
  for (std::size_t i = 1; i < records.size(); ++i) {
    CsvRecord& record = records[i];
    if (record.fields.size() != header.fields.size())
      return fail(2144, {{"place", file + ':' + std::to_string(record.line)},
                         {"seen", std::to_string(record.fields.size())},
                         {"expected", std::to_string(header.fields.size())}});
    // Both may be one column: a list of the values that are allowed.
    Entry entry{record.fields[from], record.fields[to], record.line};
    GW_TRY(map->insert(std::move(entry), file, options));
  }
  map->grow();
  return std::shared_ptr<const ValueMap>(std::move(map));
}

std::int64_t ValueMap::find(std::string_view key, std::string* scratch) const {
  if (ignore_case_) fold_case(key, scratch), key = *scratch;
  return slots_[slot_of(key)];
}
std::optional<std::string_view> ValueMap::value(std::int64_t index) const {
  const std::string& v = entries_[static_cast<std::size_t>(index)].value;
  return v.empty() ? std::nullopt : std::optional<std::string_view>(v);
}

namespace {

class ValueMapNode final : public Node {
 public:
  ValueMapNode(std::shared_ptr<const ValueMap> map, std::string file, NodePtr value, Unmapped unmapped, NodePtr otherwise)
      : Node(TypeId::utf8),
        map_(std::move(map)),
        file_(std::move(file)),
        value_(std::move(value)),
        unmapped_(unmapped),
        otherwise_(std::move(otherwise)) {}
  bool may_unset() const override { return otherwise_ != nullptr && otherwise_->may_unset(); }

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    const std::size_t before = run.stopped();
    GW_ASSIGN(const Vector value, value_->evaluate(run, rows));
    rows = run.live(rows, before, store);
    Part mapped;
    std::vector<std::int32_t> missing;
    MutableBuffer valid = zeroed(bitmap_bytes(run.size()));
    TextColumn out(run, TypeId::utf8);
    std::string scratch;
    char digits[24];
    run.each(rows, [&](std::int64_t row) {
      const auto index32 = static_cast<std::int32_t>(row);
      if (value.is_null(row)) return mapped.rows.push_back(index32);
      std::string_view key;
      if (value.column.type.id == TypeId::utf8) {
        key = value.column.text(value.at(row));
      } else {
        const auto end = std::to_chars(digits, digits + sizeof digits, value.column.int64(value.at(row))).ptr;
        key = {digits, static_cast<std::size_t>(end - digits)};
      }
      const std::int64_t entry = map_->find(key, &scratch);
      if (entry < 0 && unmapped_ == Unmapped::set_aside)
        return run.fail(row, make_error(1210, {{"seen", shortened(key)}, {"file", file_}}));
      if (entry < 0 && unmapped_ == Unmapped::value) return missing.push_back(index32);
      mapped.rows.push_back(index32);
      const std::optional<std::string_view> text =
          entry >= 0 ? map_->value(entry) : unmapped_ == Unmapped::keep ? std::optional(key) : std::nullopt;
      if (!text) return;
      set_bit(valid.data(), row);
      out.append(row, *text);
    });
    mapped.vector.column = out.finish(valid.finish());
    if (missing.empty()) return std::move(mapped.vector);
    Part others;
    const std::size_t so_far = run.stopped();
    GW_ASSIGN(others.vector, otherwise_->evaluate(run, Rows(missing)));
    others.rows = run.live(Rows(missing), so_far, store).list();
    const Part parts[] = {std::move(mapped), std::move(others)};
    return merged(run, type(), parts);
  }

 private:
  std::shared_ptr<const ValueMap> map_;
  std::string file_;
  NodePtr value_;
  Unmapped unmapped_;
  NodePtr otherwise_;
};

}  // namespace

NodePtr value_map_node(std::shared_ptr<const ValueMap> map, std::string file, NodePtr value, Unmapped unmapped, NodePtr otherwise) {
  return std::make_unique<ValueMapNode>(std::move(map), std::move(file), std::move(value), unmapped, std::move(otherwise));
}

}  // namespace godwit::expr
