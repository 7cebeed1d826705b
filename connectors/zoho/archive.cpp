#include "connectors/zoho/archive.hpp"

#include <zip.h>

#include <fstream>
#include <memory>

namespace godwit::zoho {
namespace {

struct FreeSource {
  void operator()(zip_source_t* s) const { zip_source_free(s); }
};
struct DiscardZip {
  void operator()(zip_t* z) const { zip_discard(z); }
};
struct CloseFile {
  void operator()(zip_file_t* f) const { zip_fclose(f); }
};
using Source = std::unique_ptr<zip_source_t, FreeSource>;
using Zip = std::unique_ptr<zip_t, DiscardZip>;

// The archive takes a reference of its own, so that the bytes are there after it is closed.
Zip open_archive(zip_source_t* source, int flags) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_keep(source);
  Zip out(zip_open_from_source(source, flags, &error));
  if (!out) zip_source_free(source);
  zip_error_fini(&error);
  return out;
}

std::optional<std::string> bytes_of(zip_source_t* source) {
  zip_stat_t told;
  if (zip_source_open(source) != 0) return std::nullopt;
  std::optional<std::string> out;
  if (zip_source_stat(source, &told) == 0 && (told.valid & ZIP_STAT_SIZE) != 0) {
    out.emplace(told.size, '\0');
    if (zip_source_read(source, out->data(), told.size) != static_cast<zip_int64_t>(told.size)) out.reset();
  }
  zip_source_close(source);
  return out;
}

}  // namespace

std::optional<std::string> make_archive(std::string_view name, std::string_view content) {
  const Source target(zip_source_buffer_create(nullptr, 0, 0, nullptr));
  if (!target) return std::nullopt;
  Zip archive = open_archive(target.get(), ZIP_TRUNCATE);
  if (!archive) return std::nullopt;
  zip_source_t* const file = zip_source_buffer(archive.get(), content.data(), content.size(), 0);
  if (file == nullptr) return std::nullopt;
  if (zip_file_add(archive.get(), std::string(name).c_str(), file, ZIP_FL_ENC_UTF_8) < 0) return zip_source_free(file), std::nullopt;
  if (zip_close(archive.get()) != 0) return std::nullopt;
  (void)archive.release();
  return bytes_of(target.get());
}

std::optional<std::string> first_file(std::string_view archive, std::size_t most) {
  const Source source(zip_source_buffer_create(archive.data(), archive.size(), 0, nullptr));
  if (!source) return std::nullopt;
  const Zip opened = open_archive(source.get(), ZIP_RDONLY);
  zip_stat_t told;
  if (!opened || zip_stat_index(opened.get(), 0, 0, &told) != 0 || (told.valid & ZIP_STAT_SIZE) == 0 || told.size > most) return std::nullopt;
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(opened.get(), 0, 0));
  if (!file) return std::nullopt;
  std::string out(told.size, '\0');
  // Reading to the end compares the checksum, too.
  if (zip_fread(file.get(), out.data(), told.size) != static_cast<zip_int64_t>(told.size)) return std::nullopt;
  char beyond = 0;
  if (zip_fread(file.get(), &beyond, 1) != 0) return std::nullopt;
  return out;
}

bool unpack_first(const std::string& from, const std::string& to) {
  const Zip opened(zip_open(from.c_str(), ZIP_RDONLY, nullptr));
  if (!opened) return false;
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(opened.get(), 0, 0));
  if (!file) return false;
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  std::string piece(256 << 10, '\0');
  zip_int64_t got = 0;
  // The last piece compares the checksum, too.
  while ((got = zip_fread(file.get(), piece.data(), piece.size())) > 0) out.write(piece.data(), static_cast<std::streamsize>(got));
  out.close();
  return got == 0 && static_cast<bool>(out);
}

}  // namespace godwit::zoho
