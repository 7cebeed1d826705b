#pragma once
// What was used of the budgets that outlive a process, in a file that several processes share.

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/http/budget.hpp"
#include "core/http/rules.hpp"

namespace godwit::http {

class UsageFile {
 public:
  // The rules' file, or one in `folder` whose name says nothing of the account but is its own; none where neither is given, or where no budget lasts.
  UsageFile(const Rules& rules, const std::string& folder);

  using All = std::map<std::string, Budget::Kept>;
  // Adds what was used since the last call to what the file has by now, writes it, and answers the whole. GW-3060.
  Result<All> merge(const All& ours, std::int64_t wall_us);
  bool exists() const { return !path_.empty(); }
  // Whether `ours` was changed since it was merged.
  bool changed(const All& ours) const { return ours != last_; }

 private:
  // nullopt: the file is there and cannot be read.
  std::optional<All> read() const;
  std::filesystem::path path_;
  std::int64_t horizon_ = 0;  // what is older than this, microseconds, counts no more
  All last_;                  // as merge() left it
};

}  // namespace godwit::http
