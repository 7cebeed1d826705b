#pragma once
// The command line that all sandboxes share.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/kits/sandbox/faults.hpp"

namespace godwit::sandbox {

struct Options {
  int port = 0;               // 0: one that is free
  std::string host = "127.0.0.1";
  std::string certificate, key;  // PEM files: the sandbox speaks HTTPS
  std::string data;           // --data; ":memory:" keeps nothing
  std::vector<std::string> metadata;  // files laid over the built-in metadata, in this order
  std::int64_t latency_ms = 0;
  std::optional<std::int64_t> rate, daily, concurrent, records_per_second;
  std::optional<double> per_seconds;
  std::optional<bool> sliding;
  std::string record;         // file that exchanges are appended to
  std::vector<Fault> faults;
  std::vector<std::pair<std::string, std::string>> switches;
  std::int64_t clock_offset_ms = 0;
  std::uint64_t seed = 1;
  bool compress = true;       // answers, where the client takes gzip
  std::int64_t max_body = 256 << 20;
  std::int64_t idle_seconds = 60;  // a connection without calls is closed
  bool help = false;
};

// Gives false and the reason in `error` when the line cannot be understood.
bool parse_options(int argc, char** argv, Options& out, std::string& error);
// What --help prints, without the vendor's switches.
const char* options_help();

}  // namespace godwit::sandbox
