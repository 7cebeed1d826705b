#include "core/cli/correction_sheet.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "core/cli/json.hpp"
#include "core/model/csv_text.hpp"
#include "core/model/nearest.hpp"

namespace godwit::cli {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr const char* kFixed[] = {"@source", "@key", "@hash", "@place", "@reason", "@why"};
constexpr const char* kCorrection[] = {"source_key", "original_hash", "field", "was", "becomes", "who", "when", "why"};

// A source value as the sheet shows it; null is an empty cell.
std::string cell_text(const Json& value) { return value.is_null() ? "" : value.is_text() ? value.text() : value.dump(); }

std::string place_text(const SetAsideRecord& row) {
  return row.line ? row.source + ":" + std::to_string(*row.line) : row.source + "@" + row.locator;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : ",") + csv_field(cells[i]);
  return out + "\r\n";
}

// Beside and renamed, so that a file is the old one or the new one.
Result<> write_whole(const std::filesystem::path& file, const std::string& text) {
  std::error_code failed;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), failed);
  const std::filesystem::path beside = file.string() + ".new";
  std::ofstream out(beside, std::ios::binary);
  out << text;
  out.close();
  if (out) std::filesystem::rename(beside, file, failed);
  if (!out || failed) return fail(2323, {{"place", file.string()}, {"seen", failed ? failed.message() : std::generic_category().message(errno)}});
  return {};
}

// One line of a sheet: a source row, however many flows set it aside.
struct SheetRow {
  std::vector<std::string> fixed;
  Json original;
};
struct Sheet {
  std::vector<std::string> columns;
  std::set<std::string> known;
  std::vector<SheetRow> rows;
  std::map<std::pair<std::string, std::string>, std::size_t> by_row;  // key, hash
};

std::filesystem::path file_of(const std::filesystem::path& file, const std::string& source, bool several) {
  if (!several) return file;
  std::filesystem::path out = file;
  return out.replace_filename(file.stem().string() + "-" + source + (file.has_extension() ? file.extension().string() : ".csv"));
}

struct Change {
  std::string key, hash, field, was, becomes, why;
};

std::string digits_only(std::string_view number) {
  // Sign, leading zeros, trailing zeros behind the point, separators of thousands: what programs change at will.
  std::string whole, fraction;
  bool behind = false, negative = false;
  for (const char c : number) {
    if (c == '-') negative = true;
    else if (c == '.') behind = true;
    else if (c >= '0' && c <= '9') (behind ? fraction : whole) += c;
    else if (c != '+' && c != ',' && c != ' ') return {};
  }
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  while (fraction.ends_with('0')) fraction.pop_back();
  if (whole.empty() && fraction.empty()) whole = "0";
  return (negative ? "-" : "") + whole + "." + fraction;
}

// A record of the sheet by its column names.
class SheetLine {
 public:
  SheetLine(const std::vector<std::string>& header, const CsvRecord& record) : header_(header), record_(record) {}
  std::string_view at(std::string_view name) const {
    for (std::size_t i = 0; i < header_.size() && i < record_.fields.size(); ++i)
      if (header_[i] == name) return record_.fields[i];
    return {};
  }

 private:
  const std::vector<std::string>& header_;
  const CsvRecord& record_;
};

// The row as the journal has it.
Result<Json> original_row(Journal& journal, std::string_view source, std::string_view key, std::string_view hash, const std::string& place) {
  GW_ASSIGN(Statement found, journal.database().prepare("select original from set_aside where source = ? and source_key = ? and original_hash = ? limit 1"));
  found.bind(1, source).bind(2, key).bind(3, hash);
  GW_ASSIGN(const bool there, found.step());
  if (!there) return fail(2343, {{"place", place}, {"key", std::string(key)}, {"source", std::string(source)}});
  Json original = Json::object_of(found.text(0));
  if (original.has("@raw")) return fail(2343, {{"place", place}, {"key", std::string(key)}, {"source", std::string(source)}});
  return original;
}

std::string without_returns(std::string_view text) {
  std::string out(text);
  std::erase(out, '\r');
  return out;
}

// corrections/<source>.csv with `changes` in it: a newer correction of the same field of the same row takes the older one's place.
Result<> merge_corrections(const std::filesystem::path& file, const std::string& name, const std::vector<Change>& changes, const ImportOptions& options) {
  std::map<std::pair<std::string, std::string>, const Change*> fresh;
  for (const Change& c : changes) fresh[{c.key, c.field}] = &c;
  std::string out = csv_line({std::begin(kCorrection), std::end(kCorrection)});
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    GW_ASSIGN(const std::string text, read_small_file(file.string()));
    GW_ASSIGN(const auto records, parse_csv_text(text, name));
    for (std::size_t r = 1; r < records.size(); ++r) {
      const SheetLine line(records.front().fields, records[r]);
      if (fresh.contains({std::string(line.at("source_key")), std::string(line.at("field"))})) continue;
      std::vector<std::string> cells;
      for (const char* column : kCorrection) cells.emplace_back(line.at(column));
      out += csv_line(cells);
    }
  }
  for (const Change& c : changes) out += csv_line({c.key, c.hash, c.field, c.was, c.becomes, options.who, options.when, c.why});
  return write_whole(file, out);
}

}  // namespace

bool looks_reformatted(std::string_view was, std::string_view becomes) {
  if (was == becomes || was.empty() || becomes.empty()) return false;
  const std::string before = digits_only(was);
  if (before.empty()) return false;
  if (before == digits_only(becomes)) return true;
  // 4.40E+11 instead of 440123456789
  const bool exponent = becomes.find_first_of("eE") != std::string_view::npos && becomes.find_first_not_of("0123456789.,+-eE") == std::string_view::npos;
  return exponent && was.find_first_of("eE") == std::string_view::npos;
}

Result<SheetExport> export_sheets(Journal& journal, const SetAsideQuery& query, const std::filesystem::path& file, Language language) {
  SheetExport out;
  std::map<std::string, Sheet> sheets;
  GW_TRY(journal.each_set_aside(query, [&](const SetAsideRecord& row) -> Result<> {
    Json original = Json::object_of(row.original);
    if (original.items().empty() || original.has("@raw")) {
      ++out.unreadable;
      return {};
    }
    Sheet& sheet = sheets[row.source];
    const std::string reason = row.unit.flow + ": " + sentence(Error{row.number, ErrorKind::row_rejected, row.arguments, {}}, language);
    const auto [at, fresh] = sheet.by_row.emplace(std::pair{row.source_key, row.original_hash}, sheet.rows.size());
    if (!fresh) {
      std::string& reasons = sheet.rows[at->second].fixed[4];
      if (reasons.find(reason) == std::string::npos) reasons += "\n" + reason;
      return {};
    }
    for (const auto& [column, value] : original.items())
      if (sheet.known.insert(column).second) sheet.columns.push_back(column);
    sheet.rows.push_back({{row.source, row.source_key, row.original_hash, place_text(row), reason, ""}, std::move(original)});
    return {};
  }));
  for (const auto& [source, sheet] : sheets) {
    std::vector<std::string> header(std::begin(kFixed), std::end(kFixed));
    header.insert(header.end(), sheet.columns.begin(), sheet.columns.end());
    std::string text = std::string(kBom) + csv_line(header);
    for (const SheetRow& row : sheet.rows) {
      std::vector<std::string> cells = row.fixed;
      for (const std::string& column : sheet.columns) {
        const Json* value = row.original.find(column);
        cells.push_back(value == nullptr ? "" : cell_text(*value));
      }
      text += csv_line(cells);
    }
    const std::filesystem::path path = file_of(file, source, sheets.size() > 1);
    GW_TRY(write_whole(path, text));
    out.sheets.push_back({path, source, static_cast<std::int64_t>(sheet.rows.size())});
  }
  return out;
}

Result<SheetImport> import_sheet(Journal& journal, const std::filesystem::path& project, const std::filesystem::path& file, const ImportOptions& options) {
  const std::string name = file.filename().string();
  GW_ASSIGN(const std::string text, read_small_file(file.string()));
  GW_ASSIGN(const auto records, parse_csv_text(text, name));
  const auto& header = records.empty() ? std::vector<std::string>{} : records.front().fields;
  for (const char* needed : {"@source", "@key", "@hash"})
    if (std::find(header.begin(), header.end(), needed) == header.end()) return fail(2342, {{"place", name + ":1"}, {"expected", needed}});

  SheetImport out;
  std::map<std::string, std::vector<Change>> by_source;
  std::int64_t reformatted = 0;
  std::string example;
  for (std::size_t r = 1; r < records.size(); ++r) {
    const std::string place = name + ":" + std::to_string(records[r].line);
    if (records[r].fields.size() != header.size())
      return fail(2346, {{"place", place}, {"seen", std::to_string(records[r].fields.size())}, {"expected", std::to_string(header.size())}});
    const SheetLine line(header, records[r]);
    const std::string source(line.at("@source"));
    GW_ASSIGN(const Json original, original_row(journal, source, line.at("@key"), line.at("@hash"), place));
    ++out.lines;
    bool changed = false;
    for (std::size_t c = 0; c < header.size(); ++c) {
      if (header[c].starts_with('@')) continue;
      const Json* value = original.find(header[c]);
      if (value == nullptr) {
        if (records[r].fields[c].empty()) continue;  // a column of other rows of the sheet
        std::vector<std::string_view> names;
        for (const auto& [column, other] : original.items()) names.push_back(column);
        return fail(2344, {{"place", place}, {"seen", header[c]}, {"nearest", std::string(nearest(header[c], names))}});
      }
      const std::string was = cell_text(*value), &becomes = records[r].fields[c];
      if (without_returns(was) == without_returns(becomes)) continue;
      if (looks_reformatted(was, becomes)) {
        if (reformatted++ == 0) example = header[c] + ": " + was + " → " + becomes + " (" + place + ")";
      }
      by_source[source].push_back({std::string(line.at("@key")), std::string(line.at("@hash")), header[c], was, becomes, std::string(line.at("@why"))});
      changed = true, ++out.corrections;
    }
    out.corrected_rows += changed;
  }
  if (reformatted != 0 && !options.as_they_are) return fail(2345, {{"place", name}, {"count", std::to_string(reformatted)}, {"seen", example}});
  for (const auto& [source, changes] : by_source) {
    const std::filesystem::path path = project / "corrections" / (source + ".csv");
    GW_TRY(merge_corrections(path, "corrections/" + source + ".csv", changes, options));
    out.files.push_back(path);
  }
  return out;
}

}  // namespace godwit::cli
