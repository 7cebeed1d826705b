#include "core/run/corrections.hpp"

#include <algorithm>

#include "core/model/csv_text.hpp"
#include "core/model/hash.hpp"

namespace godwit {
namespace {

constexpr std::string_view kColumns[] = {"source_key", "original_hash", "field", "was", "becomes", "who", "when", "why"};

}  // namespace

std::vector<std::uint64_t> source_row_hashes(const Batch& batch) {
  std::vector<std::uint64_t> rows(static_cast<std::size_t>(batch.rows), 0), values(rows.size());
  for (const Column& c : batch.columns) {
    hash_values(c, values);
    combine_row_hash(values, rows);
  }
  return rows;
}

std::uint64_t source_row_hash(const Batch& batch, std::int64_t row) {
  std::uint64_t hash = 0;
  for (const Column& c : batch.columns) {
    const std::uint64_t value = hash_value(c, row);
    combine_row_hash({&value, 1}, {&hash, 1});
  }
  return hash;
}

std::string hash_text(std::uint64_t hash) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, hash >>= 4) out[static_cast<std::size_t>(i)] = kHex[hash & 15];
  return out;
}

Result<Corrections> Corrections::load(const std::filesystem::path& project) {
  Corrections out;
  const std::filesystem::path folder = project / "corrections";
  std::error_code failed;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (entry.path().extension() == ".csv") paths.push_back(entry.path());
  std::ranges::sort(paths);
  for (const auto& path : paths) {
    const std::string name = "corrections/" + path.filename().string();
    GW_ASSIGN(const std::string text, read_small_file(path.string()));
    GW_ASSIGN(const auto records, parse_csv_text(text, name));
    if (records.empty()) continue;
    std::size_t at[std::size(kColumns)];
    for (std::size_t c = 0; c < std::size(kColumns); ++c) {
      const auto found = std::ranges::find(records.front().fields, kColumns[c]);
      if (found == records.front().fields.end())
        return fail(4031, {{"place", name + ":1"}, {"expected", std::string(kColumns[c])}});
      at[c] = static_cast<std::size_t>(found - records.front().fields.begin());
    }
    File file;
    for (std::size_t r = 1; r < records.size(); ++r) {
      const CsvRecord& record = records[r];
      if (record.fields.size() != records.front().fields.size())
        return fail(4032, {{"place", name + ":" + std::to_string(record.line)}, {"seen", std::to_string(record.fields.size())},
                           {"expected", std::to_string(records.front().fields.size())}});
      Correction c;
      std::string* const parts[] = {&c.source_key, &c.original_hash, &c.field, &c.was, &c.becomes, &c.who, &c.when, &c.why};
      for (std::size_t i = 0; i < std::size(kColumns); ++i) *parts[i] = record.fields[at[i]];
      c.line = record.line;
      if (c.was == c.becomes) continue;  // a line of the sheet that nobody changed
      auto& same_row = file.by_key[c.source_key];
      for (std::size_t i : same_row)
        if (file.rows[i].field == c.field)
          return fail(4033, {{"place", name + ":" + std::to_string(c.line)}, {"field", c.field}, {"key", c.source_key},
                             {"first", std::to_string(file.rows[i].line)}});
      same_row.push_back(file.rows.size());
      file.rows.push_back(std::move(c));
    }
    if (!file.rows.empty()) out.files_.emplace(path.stem().string(), std::move(file));
  }
  return out;
}

std::int64_t Corrections::count() const {
  std::int64_t n = 0;
  for (const auto& [object, file] : files_) n += static_cast<std::int64_t>(file.rows.size());
  return n;
}

const std::vector<Correction>* Corrections::of(const std::string& object) const {
  const auto found = files_.find(object);
  return found == files_.end() ? nullptr : &found->second.rows;
}

Result<> Corrections::overlay(const CompiledFlow& flow, int source, ReadBatch& read, std::int64_t* corrected,
                              std::vector<std::string>* voided) const {
  const ObjectRef& ref = flow.flow->from[static_cast<std::size_t>(source)];
  const auto found = files_.find(ref.connection + "." + ref.object);
  if (found == files_.end() || flow.source_key.empty()) return {};
  const File& file = found->second;
  Batch& batch = read.batch;
  std::vector<std::uint64_t> hashes;
  std::map<int, std::map<std::int64_t, const Correction*>> changes;  // column -> row -> correction
  for (std::int64_t i = 0; i < batch.rows; ++i) {
    std::string key;
    for (int c : flow.source_key) key += (key.empty() ? "" : " / ") + value_text(batch.column(c), i);
    const auto rows = file.by_key.find(key);
    if (rows == file.by_key.end()) continue;
    if (hashes.empty()) hashes = source_row_hashes(batch);
    const std::string now = hash_text(hashes[static_cast<std::size_t>(i)]);
    bool any = false;
    for (std::size_t r : rows->second) {
      const Correction& c = file.rows[r];
      const int column = find_field(batch.schema, c.field);
      if (column < 0) {
        return fail(4034, {{"place", "corrections/" + found->first + ".csv:" + std::to_string(c.line)}, {"field", c.field}, {"object", found->first}});
      }
      // Two rows with one key: the correction belongs to the one whose content it was made from.
      if (c.original_hash != now) {
        voided->push_back(found->first + ".csv:" + std::to_string(c.line) + " " + key);
        continue;
      }
      changes[column][i] = &c, any = true;
    }
    *corrected += any;
  }
  for (const auto& [column, rows] : changes) {
    const Column& old = batch.columns[static_cast<std::size_t>(column)];
    if (old.type.id != TypeId::utf8) {
      // Sources with types of their own are corrected where they are; a sheet only carries text.
      return fail(4035, {{"field", batch.schema[static_cast<std::size_t>(column)].name}, {"seen", to_string(old.type)}});
    }
    ColumnBuilder out(old.type);
    out.reserve(old.length, old.bytes.size());
    for (std::int64_t i = 0; i < old.length; ++i) {
      const auto change = rows.find(i);
      if (change == rows.end()) out.append_from(old, i);
      else out.append_text(change->second->becomes);
    }
    batch.columns[static_cast<std::size_t>(column)] = out.finish();
  }
  return {};
}

}  // namespace godwit
