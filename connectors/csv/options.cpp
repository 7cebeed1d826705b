#include "connectors/csv/options.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/csv/settings.hpp"
#include "plugins/sdk/error.hpp"

namespace godwit::csv {
namespace {

using delimited::Dialect;

bool is_space(char c) { return c == ' ' || c == '\t'; }

// Settings that are about the connection, not about one file.
bool of_connection(std::string_view name) { return name == "path" || name == "pattern" || name == "files"; }

Failure misread(std::string_view line, std::string expected) {
  return sdk::fail(3107, ErrorKind::bad_config, {{"seen", std::string(line)}, {"expected", std::move(expected)}});
}

// Words of a line; within "double quotes" spaces are kept, and \" is a quote.
Result<std::vector<std::string>> words(std::string_view line) {
  std::vector<std::string> out;
  std::size_t i = 0;
  while (true) {
    while (i < line.size() && is_space(line[i])) ++i;
    if (i == line.size()) return out;
    std::string word;
    bool quoted = false;
    for (; i < line.size() && (quoted || !is_space(line[i])); ++i) {
      if (quoted && line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '"') word += line[++i];
      else if (line[i] == '"') quoted = !quoted;
      else word += line[i];
    }
    if (quoted) return misread(line, "a closing \"");
    out.push_back(std::move(word));
  }
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = text.find(at);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

Result<char> one_character(std::string_view setting, std::string_view seen) {
  const std::string c = delimited::parse_characters(seen);
  if (c.size() == 1) return c[0];
  return sdk::fail(1050, ErrorKind::bad_config, {{"setting", std::string(setting)}, {"seen", std::string(seen)}, {"expected", "one ASCII character"}});
}

Result<std::int64_t> header_rows(std::string_view text) {
  if (text == "yes" || text == "true") return 1;
  if (text == "no" || text == "false") return 0;
  std::int64_t rows = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && rows >= 0 && rows <= 100) return rows;
  return sdk::fail(3024, ErrorKind::bad_config, {{"setting", "header"}, {"seen", std::string(text)}, {"expected", "yes, no, 0 ... 100"}});
}

Result<Dialect> dialect_of(const sdk::Settings& s, const std::filesystem::path& file) {
  Dialect d;
  const bool tabs = file.extension() == ".tsv" || file.extension() == ".tab";
  d.delimiter = s.has("delimiter") ? delimited::parse_characters(s.text("delimiter")) : tabs ? "\t" : ",";
  d.quote = 0;
  if (const std::string_view quote = s.text("quote"); quote != "none" && !quote.empty()) {
    GW_ASSIGN(d.quote, one_character("quote", quote));
  }
  if (const std::string_view escape = s.text("escape"); escape == "backslash") {
    d.escape = '\\', d.escape_letters = true;
  } else if (escape != "doubled") {
    GW_ASSIGN(d.escape, one_character("escape", escape));
  }
  if (const std::string_view end = s.text("record_end"); end != "any" && end != "lf" && end != "crlf" && !end.empty())
    d.record_end = delimited::parse_characters(end);
  d.comment = std::string(s.text("comment"));
  d.skip_initial_space = s.boolean("skip_initial_space"), d.trim = s.boolean("trim");
  if (s.has("null")) d.nulls = split(s.text("null"), '|');
  d.ragged = s.text("ragged") == "pad" ? delimited::Ragged::pad : delimited::Ragged::set_aside;
  d.malformed = s.text("malformed_quotes") == "keep" ? delimited::Malformed::keep : delimited::Malformed::set_aside;
  d.nul = s.text("nul") == "keep" ? delimited::Nul::keep : s.text("nul") == "remove" ? delimited::Nul::remove : delimited::Nul::set_aside;
  d.max_field_bytes = s.integer("max_field_bytes");
  GW_TRY(delimited::check(d));
  return d;
}

}  // namespace

Result<Options> Options::parse(const sdk::Settings& settings) {
  Options out;
  out.path_ = settings.path("path");
  for (std::string& pattern : split(settings.text("pattern"), ' '))
    if (!pattern.empty()) out.patterns_.push_back(std::move(pattern));
  for (const Setting& s : kSettings)
    if (!of_connection(s.name) && settings.has(s.name)) out.given_.emplace_back(s.name, settings.text(s.name));
  for (std::string_view rest = settings.text("files"); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    GW_ASSIGN(const std::vector<std::string> parts, words(line));
    if (parts.empty()) continue;
    Given given;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::size_t equals = parts[i].find('=');
      if (equals == std::string::npos || equals == 0) return misread(line, "setting=value behind the object's name");
      given.emplace_back(parts[i].substr(0, equals), parts[i].substr(equals + 1));
      if (of_connection(given.back().first)) return misread(line, "settings of one file; " + given.back().first + " is the connection's");
    }
    out.objects_.emplace_back(parts[0], std::move(given));
  }
  // Every mistake is found now, not when the object is first read.
  GW_TRY(out.of("", out.path_));
  for (const auto& [object, given] : out.objects_) GW_TRY(out.of(object, out.path_));
  return out;
}

Result<ObjectOptions> Options::of(std::string_view object, const std::filesystem::path& file) const {
  Given given = given_;
  given.emplace_back("path", path_.string());
  for (const auto& [name, own] : objects_)
    if (name == object) given.insert(given.end(), own.begin(), own.end());
  GW_ASSIGN(const sdk::Settings s, sdk::Settings::parse(kSettings, given));
  ObjectOptions out;
  GW_ASSIGN(out.table.dialect, dialect_of(s, file));
  GW_ASSIGN(out.table.encoding, delimited::find_encoding(s.text("encoding")));
  out.table.skip_rows = s.integer("skip_rows"), out.table.skip_footer = s.integer("skip_footer");
  GW_ASSIGN(out.table.header_rows, header_rows(s.text("header")));
  if (s.has("columns"))
    for (const std::string& name : split(s.text("columns"), ',')) out.table.columns.push_back(trimmed(name));
  out.table.name = file.filename().string();
  out.quoting = s.text("quoting") == "all" ? delimited::Quoting::all
                : s.text("quoting") == "text" ? delimited::Quoting::text : delimited::Quoting::needed;
  const std::string_view end = s.text("record_end");
  out.written_record_end = end == "crlf" ? "\r\n" : out.table.dialect.record_end.empty() ? "\n" : out.table.dialect.record_end;
  out.formula_guard = s.boolean("formula_guard"), out.byte_order_mark = s.boolean("byte_order_mark");
  out.existing = s.text("existing") == "append" ? Existing::append : Existing::refuse;
  return out;
}

}  // namespace godwit::csv
