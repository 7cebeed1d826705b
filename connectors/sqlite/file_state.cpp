#include "connectors/sqlite/file_state.hpp"

#include <array>
#include <cstdio>

namespace godwit::sqlite {
namespace {

std::uint32_t big_endian(const unsigned char* b) {
  return static_cast<std::uint32_t>(b[0]) << 24 | static_cast<std::uint32_t>(b[1]) << 16 |
         static_cast<std::uint32_t>(b[2]) << 8 | b[3];
}

// Frames of the log that belong to its present life (https://www.sqlite.org/fileformat2.html#walformat).
std::string log_state(sqlite3_file* log) {
  std::array<unsigned char, 32> header{};
  sqlite3_int64 size = 0;
  if (log == nullptr || log->pMethods == nullptr || log->pMethods->xFileSize(log, &size) != SQLITE_OK || size < 32)
    return "";
  if (log->pMethods->xRead(log, header.data(), 32, 0) != SQLITE_OK) return "";
  const std::uint32_t page = big_endian(&header[8]);
  if (page < 512 || page > 65536) return "";
  std::int64_t frames = 0;
  for (sqlite3_int64 at = 32; at + 24 + page <= size; at += 24 + page, ++frames) {
    std::array<unsigned char, 24> frame{};
    if (log->pMethods->xRead(log, frame.data(), 24, at) != SQLITE_OK) break;
    if (big_endian(&frame[8]) != big_endian(&header[16]) || big_endian(&frame[12]) != big_endian(&header[20])) break;
  }
  if (frames == 0) return "";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), ":%08x%08x-%lld", big_endian(&header[16]), big_endian(&header[20]),
                static_cast<long long>(frames));
  return text.data();
}

}  // namespace

Result<std::string> file_state(const Database& db) {
  // Within a read transaction, so that the header is not between two states.
  const bool own = !db.in_transaction();
  if (own) {
    if (auto begun = db.execute("begin; select 1 from sqlite_schema limit 1"); !begun) {
      db.roll_back();
      return Failure(begun.error());
    }
  }
  sqlite3_file *file = nullptr, *log = nullptr;
  sqlite3_file_control(db.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  std::string out = "empty";
  std::array<unsigned char, 100> header{};
  sqlite3_int64 size = 0;
  if (file != nullptr && file->pMethods != nullptr && file->pMethods->xFileSize(file, &size) == SQLITE_OK &&
      size >= 100 && file->pMethods->xRead(file, header.data(), 100, 0) == SQLITE_OK) {
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%08x-%lld-%08x", big_endian(&header[24]), static_cast<long long>(size),
                  big_endian(&header[40]));
    out = text.data();
    const bool write_ahead = header[18] == 2;
    if (write_ahead) {
      sqlite3_file_control(db.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
      out += log_state(log);
    }
  }
  if (own) db.roll_back();
  return out;
}

Result<std::string> file_identity(const Database& db) {
  std::error_code ignored;
  const auto canonical = std::filesystem::weakly_canonical(db.options().path, ignored);
  std::string out = "sqlite:" + (ignored ? db.options().path : canonical).string();
  GW_ASSIGN(Statement s, db.prepare("pragma application_id"));
  GW_ASSIGN(const bool any, db.step(s));
  if (any && s.integer(0) != 0) {
    std::array<char, 16> id{};
    std::snprintf(id.data(), id.size(), "%08x", static_cast<std::uint32_t>(s.integer(0)));
    out += std::string("#application=") + id.data();
  }
  return out;
}

}  // namespace godwit::sqlite
