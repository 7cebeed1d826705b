/* prepared_insert FILE.csv DATABASE TABLE: the least that a loader by INSERT can cost. Parses an RFC 4180 file, binds every field
 * to one prepared statement and steps it, all in one transaction with SQLite's default journal and synchronous=full. No checks but
 * that each record has the width of the header; an anchor, not a tool. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kMostColumns = 2000 };

struct Field {
  char* text;
  int size;
};

static void die(const char* what, const char* detail) {
  fprintf(stderr, "prepared_insert: %s: %s\n", what, detail);
  exit(1);
}

/* Reads one record at *at; its quoted fields are unescaped where they lie. Returns the number of fields. */
static int read_record(char** at, char* end, struct Field* fields) {
  char* p = *at;
  int count = 0;
  for (;;) {
    if (count == kMostColumns) die("record", "too many fields");
    struct Field* field = &fields[count++];
    if (p < end && *p == '"') {
      char* out = field->text = ++p;
      for (;;) {
        char* quote = memchr(p, '"', (size_t)(end - p));
        if (quote == NULL) die("record", "a quote is not closed");
        if (out != p) memmove(out, p, (size_t)(quote - p));
        out += quote - p;
        p = quote + 1;
        if (p == end || *p != '"') break;
        *out++ = '"', ++p;
      }
      field->size = (int)(out - field->text);
    } else {
      field->text = p;
      while (p < end && *p != ',' && *p != '\n') ++p;
      field->size = (int)(p - field->text);
    }
    if (p == end || *p++ == '\n') break;
  }
  *at = p;
  return count;
}

int main(int count, char** arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: prepared_insert FILE.csv DATABASE TABLE\n");
    return 2;
  }
  const int file = open(arguments[1], O_RDONLY);
  struct stat s;
  if (file < 0 || fstat(file, &s) != 0 || s.st_size == 0) die(arguments[1], "cannot be read");
  char* at = mmap(NULL, (size_t)s.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0); /* written where quotes are unescaped */
  if (at == MAP_FAILED) die(arguments[1], "cannot be mapped");
  char* const end = at + s.st_size;
  static struct Field fields[kMostColumns];
  const int width = read_record(&at, end, fields);

  sqlite3* database;
  sqlite3_stmt* insert;
  if (sqlite3_open_v2(arguments[2], &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
      sqlite3_exec(database, "pragma synchronous=full; begin", NULL, NULL, NULL) != SQLITE_OK)
    die(arguments[2], sqlite3_errmsg(database));
  sqlite3_str* text = sqlite3_str_new(database);
  sqlite3_str_appendf(text, "insert into \"%w\" values (", arguments[3]);
  for (int i = 0; i < width; ++i) sqlite3_str_appendall(text, i == 0 ? "?" : ",?");
  sqlite3_str_appendall(text, ")");
  char* sql = sqlite3_str_finish(text);
  if (sqlite3_prepare_v2(database, sql, -1, &insert, NULL) != SQLITE_OK) die(arguments[3], sqlite3_errmsg(database));
  sqlite3_free(sql);
  while (at < end) {
    if (read_record(&at, end, fields) != width) die("record", "not as wide as the header");
    for (int i = 0; i < width; ++i) sqlite3_bind_text(insert, i + 1, fields[i].text, fields[i].size, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) die(arguments[3], sqlite3_errmsg(database));
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  if (sqlite3_exec(database, "commit", NULL, NULL, NULL) != SQLITE_OK) die(arguments[2], sqlite3_errmsg(database));
  return sqlite3_close(database) == SQLITE_OK ? 0 : 1;
}
