#include "core/model/csv_text.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/model/json_text.hpp"

namespace godwit {
namespace {

Failure broken_text(std::string_view file, int line, std::string seen) {
  return fail(5910, {{"place", std::string(file) + ":" + std::to_string(line)}, {"seen", std::move(seen)}});
}

}  // namespace

Result<std::vector<CsvRecord>> parse_csv_text(std::string_view text, std::string_view file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<CsvRecord> out;
  int line = 1;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\n' || text[at] == '\r') {
      line += text[at] == '\n';
      ++at;
      continue;
    }
    CsvRecord record{line, {}};
    for (bool more = true; more;) {
      std::string field;
      if (at < text.size() && text[at] == '"') {
        const int opened = line;
        bool closed = false;
        for (++at; at < text.size() && !closed;) {
          if (text[at] != '"') {
            line += text[at] == '\n';
            const std::size_t n = utf8_sequence(text, at);
            if (n == 0) return broken_text(file, line, "bytes that are no UTF-8");
            field.append(text.substr(at, n)), at += n;
          } else if (at + 1 < text.size() && text[at + 1] == '"') {
            field += '"', at += 2;
          } else {
            closed = true, ++at;
          }
        }
        if (!closed) return broken_text(file, opened, "a quote that never ends");
      }
      while (at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r') {
        const std::size_t n = utf8_sequence(text, at);
        if (n == 0) return broken_text(file, line, "bytes that are no UTF-8");
        field.append(text.substr(at, n)), at += n;
      }
      record.fields.push_back(std::move(field));
      more = at < text.size() && text[at] == ',';
      if (more) ++at;
    }
    out.push_back(std::move(record));
  }
  return out;
}

Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return fail(5911, {{"place", path}, {"seen", "a folder"}});
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return fail(5911, {{"place", path}, {"seen", std::generic_category().message(errno)}});
  std::string out;
  char block[1 << 16];
  for (std::size_t n; (n = std::fread(block, 1, sizeof block, file.get())) > 0;) {
    out.append(block, n);
    if (out.size() > max_bytes) return fail(5912, {{"place", path}, {"expected", std::to_string(max_bytes >> 20)}});
  }
  if (std::ferror(file.get()) != 0) return fail(5911, {{"place", path}, {"seen", std::generic_category().message(errno)}});
  return out;
}

std::string csv_field(std::string_view value) {
  if (value.find_first_of(",\"\r\n") == std::string_view::npos && !value.starts_with(' ') && !value.ends_with(' ')) return std::string(value);
  std::string out = "\"";
  for (char c : value) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

}  // namespace godwit
