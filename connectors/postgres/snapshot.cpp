#include "connectors/postgres/snapshot.hpp"

namespace godwit::postgres {

Result<std::string> Snapshot::name(const Options& options, const sdk::HostServices& host) {
  const std::lock_guard lock(mutex_);
  if (!name_.empty()) return name_;
  GW_ASSIGN(holder_, Session::open(options, host));
  GW_TRY(holder_->run("begin isolation level repeatable read read only"));
  GW_ASSIGN(const Answer a, holder_->run("select pg_catalog.pg_export_snapshot()"));
  name_ = a.string(0, 0);
  return name_;
}

}  // namespace godwit::postgres
