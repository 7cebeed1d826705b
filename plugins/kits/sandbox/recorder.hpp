#pragma once
// --record: each exchange as one line of JSON, so that tests can hold requests against a schema.
//
//   {"method", "path", "query": {…}, "headers": {…}, "body", "status", "answer"}
//
// "body" and "answer" are JSON where they are JSON, else text, else {"base64": …}. Safe to use from several threads.

#include <fstream>
#include <mutex>
#include <string>

#include "plugins/kits/sandbox/exchange.hpp"

namespace godwit::sandbox {

class Recorder {
 public:
  // "": records nothing. Throws std::runtime_error when the file cannot be opened.
  explicit Recorder(const std::string& file);
  // `status` 0: the connection was cut.
  void write(const Request& request, const Answer& answer, int status);

 private:
  std::mutex mutex_;
  std::ofstream out_;
};

}  // namespace godwit::sandbox
