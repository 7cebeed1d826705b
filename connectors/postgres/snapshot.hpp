#pragma once
// One moment of the database for all readers of a connection.

#include <memory>
#include <mutex>
#include <string>

#include "connectors/postgres/session.hpp"

namespace godwit::postgres {

// A session that keeps a transaction open and lends its snapshot. Thread-safe.
class Snapshot {
 public:
  // The snapshot's name for SET TRANSACTION SNAPSHOT; the first call takes it. It is never taken anew: readers that saw
  // different moments must not pass for one.
  Result<std::string> name(const Options& options, const sdk::HostServices& host);

 private:
  std::mutex mutex_;
  std::unique_ptr<Session> holder_;
  std::string name_;
};

}  // namespace godwit::postgres
