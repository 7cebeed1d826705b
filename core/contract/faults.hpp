#pragma once
// Operations on files and sockets that fail on purpose, by the library faults/faults.c, where it was preloaded.

namespace godwit::contract {

// Whether this process has the library.
bool can_fail();

// From its making to disarm() or its end, operations of the process are counted, and number `at` (from 1) fails; 0: none does.
// One at a time.
class Faults {
 public:
  explicit Faults(long at);
  ~Faults();
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;
  // How many operations there were.
  long disarm();

 private:
  bool armed_ = true;
};

}  // namespace godwit::contract
