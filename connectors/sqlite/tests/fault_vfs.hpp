#pragma once
// Files that fail, or a process that dies, at a chosen operation: SQLite's default file layer with a counter before it.

#include <functional>

namespace godwit::sqlite_test {

struct FaultPlan {
  bool armed = false;
  long at = 0;         // which changing operation (write, truncate, sync, delete, create), from 1; 0: none
  int code = 0;        // what it answers; 0: the process is killed instead, before the operation
  bool stays = false;  // every later one fails as well, as on a full disk
  long seen = 0;       // operations so far while armed
  bool reached() const { return at != 0 && seen >= at; }
};

// Puts the layer before the default one, once per process, and gives its plan. Handles opened afterwards go through it.
FaultPlan& fault_plan();

}  // namespace godwit::sqlite_test
