#include "connectors/zoho/sandbox/tables_of_text.hpp"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace godwit::sandbox::zoho {
namespace {

struct CloseZip {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, CloseZip>;

char delimiter_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char one : {',', ';', ':', '|'})
    if (std::count(line.begin(), line.end(), one) > std::count(line.begin(), line.end(), best)) best = one;
  return best;
}

}  // namespace

std::optional<std::vector<std::vector<std::string>>> read_csv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const char delimiter = delimiter_of(text);
  std::vector<std::vector<std::string>> out;
  std::vector<std::string> record(1);
  bool quoted = false, empty = true;
  const auto end_record = [&] {
    if (!empty) out.push_back(std::move(record));
    record.assign(1, {});
    empty = true;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') record.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"') record.back() += text[++i];
      else quoted = false;
    } else if (c == '\n' || c == '\r') {
      end_record();
    } else if (c == delimiter) {
      record.emplace_back();
      empty = false;
    } else if (c == '"' && record.back().empty()) {
      quoted = true;
      empty = false;
    } else {
      record.back() += c;
      empty = false;
    }
  }
  if (quoted) return std::nullopt;
  end_record();
  return out;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
      out += cells[i];
      continue;
    }
    out += '"';
    for (const char c : cells[i]) (out += c) += c == '"' ? "\"" : "";
    out += '"';
  }
  return out + "\n";
}

std::optional<std::vector<std::pair<std::string, std::string>>> unzip(std::string_view bytes, std::size_t limit) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return std::nullopt;
  const Archive archive(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (!archive) {
    zip_source_free(source);
    return std::nullopt;
  }
  std::vector<std::pair<std::string, std::string>> out;
  std::size_t total = 0;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive.get(), 0); ++i) {
    const auto at = static_cast<zip_uint64_t>(i);
    const char* name = zip_get_name(archive.get(), at, ZIP_FL_ENC_GUESS);
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(archive.get(), at, 0), zip_fclose);
    if (name == nullptr || !file) return std::nullopt;
    std::string content, piece(1 << 16, '\0');
    for (zip_int64_t got = 0; (got = zip_fread(file.get(), piece.data(), piece.size())) != 0;) {
      if (got < 0 || (total += static_cast<std::size_t>(got)) > limit) return std::nullopt;
      content.append(piece, 0, static_cast<std::size_t>(got));
    }
    out.emplace_back(name, std::move(content));
  }
  return out;
}

std::string zip_of(const std::string& name, const std::string& content) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* whole = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (whole == nullptr) throw std::runtime_error("no memory for a ZIP");
  // The source outlives its archive: the bytes are read from it afterwards.
  zip_source_keep(whole);
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> kept(whole, zip_source_free);
  Archive archive(zip_open_from_source(whole, ZIP_TRUNCATE, &error));
  if (!archive) throw std::runtime_error("a ZIP cannot be made");
  zip_source_t* file = zip_source_buffer(archive.get(), content.data(), content.size(), 0);
  if (file == nullptr || zip_file_add(archive.get(), name.c_str(), file, ZIP_FL_ENC_UTF_8) < 0) {
    zip_source_free(file);
    throw std::runtime_error("a ZIP cannot be filled");
  }
  if (zip_close(archive.get()) != 0) throw std::runtime_error("a ZIP cannot be closed");
  static_cast<void>(archive.release());
  zip_stat_t stat;
  if (zip_source_stat(whole, &stat) != 0 || zip_source_open(whole) != 0) throw std::runtime_error("a ZIP cannot be read");
  std::string out(stat.size, '\0');
  const zip_int64_t got = zip_source_read(whole, out.data(), out.size());
  zip_source_close(whole);
  if (got != static_cast<zip_int64_t>(out.size())) throw std::runtime_error("a ZIP cannot be read");
  return out;
}

}  // namespace godwit::sandbox::zoho
