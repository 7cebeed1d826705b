#pragma once
// Where a host looks and how long it waits; tests choose their own.

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

namespace godwit {

class BoundaryObserver;
class Host;

struct HostOptions {
  std::vector<std::filesystem::path> folders;  // searched in this order for godwit-<name>.json
  std::filesystem::path cache;                 // remembers probed libraries; empty: probe every time
  std::filesystem::path probe;                 // the godwit-probe program
  std::chrono::milliseconds probe_timeout{10'000};
  std::shared_ptr<BoundaryObserver> observer;  // sees every call; null: none
};

// What the environment and the program's own place say (see Host).
HostOptions default_host_options();
std::unique_ptr<Host> make_host(const HostOptions& options);

}  // namespace godwit
