#include "connectors/sqlite/tests/fault_vfs.hpp"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

namespace godwit::sqlite_test {
namespace {

FaultPlan plan;
sqlite3_vfs* real = nullptr;

// 0 to go on, else the code to answer.
int change() {
  if (!plan.armed) return SQLITE_OK;
  ++plan.seen;
  if (plan.at == 0 || plan.seen < plan.at || (plan.seen > plan.at && !plan.stays)) return SQLITE_OK;
  if (plan.code == 0) kill(getpid(), SIGKILL);
  return plan.code;
}

struct File {
  sqlite3_file base;
  sqlite3_file* inner;  // right behind this struct
};
sqlite3_file* inner(sqlite3_file* f) { return reinterpret_cast<File*>(f)->inner; }

const sqlite3_io_methods kMethods = {
    3,
    [](sqlite3_file* f) { return inner(f)->pMethods->xClose(inner(f)); },
    [](sqlite3_file* f, void* b, int n, sqlite3_int64 at) { return inner(f)->pMethods->xRead(inner(f), b, n, at); },
    [](sqlite3_file* f, const void* b, int n, sqlite3_int64 at) {
      const int code = change();
      return code != SQLITE_OK ? code : inner(f)->pMethods->xWrite(inner(f), b, n, at);
    },
    [](sqlite3_file* f, sqlite3_int64 size) {
      const int code = change();
      return code != SQLITE_OK ? code : inner(f)->pMethods->xTruncate(inner(f), size);
    },
    [](sqlite3_file* f, int flags) {
      const int code = change();
      return code != SQLITE_OK ? code : inner(f)->pMethods->xSync(inner(f), flags);
    },
    [](sqlite3_file* f, sqlite3_int64* size) { return inner(f)->pMethods->xFileSize(inner(f), size); },
    [](sqlite3_file* f, int lock) { return inner(f)->pMethods->xLock(inner(f), lock); },
    [](sqlite3_file* f, int lock) { return inner(f)->pMethods->xUnlock(inner(f), lock); },
    [](sqlite3_file* f, int* out) { return inner(f)->pMethods->xCheckReservedLock(inner(f), out); },
    [](sqlite3_file* f, int op, void* arg) { return inner(f)->pMethods->xFileControl(inner(f), op, arg); },
    [](sqlite3_file* f) { return inner(f)->pMethods->xSectorSize(inner(f)); },
    [](sqlite3_file* f) { return inner(f)->pMethods->xDeviceCharacteristics(inner(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return inner(f)->pMethods->xShmMap(inner(f), page, size, extend, out);
    },
    [](sqlite3_file* f, int offset, int n, int flags) {
      return inner(f)->pMethods->xShmLock(inner(f), offset, n, flags);
    },
    [](sqlite3_file* f) { inner(f)->pMethods->xShmBarrier(inner(f)); },
    [](sqlite3_file* f, int remove) { return inner(f)->pMethods->xShmUnmap(inner(f), remove); },
    [](sqlite3_file* f, sqlite3_int64 at, int n, void** out) {
      return inner(f)->pMethods->xFetch(inner(f), at, n, out);
    },
    [](sqlite3_file* f, sqlite3_int64 at, void* p) { return inner(f)->pMethods->xUnfetch(inner(f), at, p); },
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  auto* file = reinterpret_cast<File*>(f);
  file->base.pMethods = nullptr;
  file->inner = reinterpret_cast<sqlite3_file*>(file + 1);
  if ((flags & SQLITE_OPEN_CREATE) != 0)
    if (const int code = change(); code != SQLITE_OK) return code;
  const int code = real->xOpen(real, name, file->inner, flags, out_flags);
  if (file->inner->pMethods != nullptr) file->base.pMethods = &kMethods;
  return code;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
  const int code = change();
  return code != SQLITE_OK ? code : real->xDelete(real, name, sync_folder);
}

}  // namespace

FaultPlan& fault_plan() {
  if (real != nullptr) return plan;
  real = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs faulty =
      *real;  // what is not replaced goes to the real one, which does not look at its first argument
  faulty.zName = "faulty", faulty.pNext = nullptr;
  faulty.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  faulty.xOpen = open_file, faulty.xDelete = delete_file;
  sqlite3_vfs_register(&faulty, 1);
  return plan;
}

}  // namespace godwit::sqlite_test
