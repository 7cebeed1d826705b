#pragma once
// Whether a database file is still the one that was looked at before.

#include <string>

#include "connectors/sqlite/database.hpp"

namespace godwit::sqlite {

// A short text that changes with every committed transaction of any program, and with the definitions. It is made of
// the header of the file (change counter, size, schema cookie) and, in WAL mode, of the log's salts and its number of
// frames; a checkpoint of the log changes it as well, although no row changed. Read through SQLite's own file handle:
// opening and closing the file beside SQLite would drop the process's locks on it.
Result<std::string> file_state(const Database& database);

// Identity of the file among all databases: canonical path and, where a program set one, SQLite's application id. A
// copy of the file is therefore another database; the same path is the same database, also after it was emptied.
Result<std::string> file_identity(const Database& database);

}  // namespace godwit::sqlite
