#include "core/http/usage_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/http/crypto.hpp"

namespace godwit::http {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Held while the file is read and written anew.
class Lock {
 public:
  explicit Lock(const fs::path& path) : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~Lock() {
    if (file_ >= 0) close(file_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  bool held() const { return file_ >= 0; }

 private:
  int file_;
};

// What others have written since, and what we have used since.
Budget::Kept together(const Budget::Kept& stored, const Budget::Kept& ours, const Budget::Kept& last, std::int64_t oldest) {
  Budget::Kept out = stored;
  for (const auto& [at, amount] : ours) {
    const auto before = last.find(at);
    double& sum = out[at];
    sum = std::max(0.0, sum + amount - (before == last.end() ? 0 : before->second));
  }
  std::erase_if(out, [&](const auto& entry) { return entry.first < oldest; });
  return out;
}

}  // namespace

UsageFile::UsageFile(const Rules& rules, const std::string& folder) {
  horizon_ = 2 * 86400 * kSecond;
  for (const BudgetRule& rule : rules.budgets) horizon_ = std::max(horizon_, seconds(rule.per_s * 1.1));
  const bool lasts = std::any_of(rules.budgets.begin(), rules.budgets.end(), [](const BudgetRule& r) { return r.long_lived() && r.kind != BudgetRule::Kind::concurrent; });
  if (!lasts || (rules.state && rules.state->empty())) return;
  if (rules.state) {
    path_ = *rules.state;
    return;
  }
  if (folder.empty()) return;
  std::string account = rules.base;
  for (const auto& [name, value] : rules.session) account += '\n' + name + '=' + value;
  if (rules.sign_in)
    for (const auto& [name, value] : rules.sign_in->steps.front().form) account += '\n' + name + '=' + value;
  path_ = fs::path(folder) / (rules.name + "-" + to_hex(digest("sha256", account).value_or(rules.name)).substr(0, 16) + ".json");
}

std::optional<UsageFile::All> UsageFile::read() const {
  All out;
  std::ifstream file(path_, std::ios::binary);
  // Not by the stream's iterators: those throw when the disk fails.
  std::string text;
  for (char piece[16384]; file && (file.read(piece, sizeof piece), file.gcount() > 0);) text.append(piece, static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return std::nullopt;
  const json stored = json::parse(text, nullptr, false);
  // A file that is damaged is one that knows nothing: the system itself still counts.
  if (!stored.is_object()) return out;
  for (const auto& [name, entries] : stored.items()) {
    if (!entries.is_array()) continue;
    for (const json& entry : entries)
      if (entry.is_array() && entry.size() == 2 && entry[0].is_number_integer() && entry[1].is_number()) out[name].emplace(entry[0].get<std::int64_t>(), entry[1].get<double>());
  }
  return out;
}

Result<UsageFile::All> UsageFile::merge(const All& ours, std::int64_t wall_us) {
  if (!exists()) return ours;
  std::error_code ignored;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), ignored);
  const fs::path lock_path = path_.string() + ".lock", next = path_.string() + ".next";
  const Lock lock(lock_path);
  const auto failed = [&]() -> Result<All> { return fail(3060, {{"seen", path_.string()}, {"reason", std::strerror(errno)}}); };
  if (!lock.held()) return failed();
  const std::optional<All> known = read();
  if (!known) return failed();
  const All& stored = *known;
  All all = stored;
  json out = json::object();
  for (const auto& [name, kept] : ours) {
    const auto before = last_.find(name);
    const auto there = stored.find(name);
    all[name] = together(there == stored.end() ? Budget::Kept{} : there->second, kept, before == last_.end() ? Budget::Kept{} : before->second, wall_us - horizon_);
  }
  for (const auto& [name, kept] : all)
    for (const auto& [at, amount] : kept) out[name].push_back({at, amount});
  std::ofstream file(next, std::ios::binary | std::ios::trunc);
  file << out.dump() << '\n';
  file.close();
  if (!file || std::rename(next.c_str(), path_.c_str()) != 0) return failed();
  return last_ = all;
}

}  // namespace godwit::http
