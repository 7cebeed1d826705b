#include "core/config/findings.hpp"

#include <algorithm>
#include <tuple>

namespace godwit::config {

void Findings::add(int number, const SourcePlace& place, std::initializer_list<Argument> arguments) {
  std::vector<Argument> all{{"place", place.to_string()}};
  all.insert(all.end(), arguments.begin(), arguments.end());
  found_.push_back({place, make_error(number, std::move(all))});
}

void Findings::add(Error error, const SourcePlace& place) { found_.push_back({place, std::move(error)}); }

Error Findings::take() {
  const auto rank = [](const Finding& f) {
    return std::make_tuple(f.place.file != "godwit.yaml", std::string_view(f.place.file), f.place.line, f.place.column);
  };
  std::stable_sort(found_.begin(), found_.end(), [&](const Finding& a, const Finding& b) { return rank(a) < rank(b); });
  // One wrong word may be met twice (an alias, an overlay): once is enough.
  const auto same = [](const Finding& a, const Finding& b) {
    return a.error.number == b.error.number && a.error.arguments == b.error.arguments;
  };
  found_.erase(std::unique(found_.begin(), found_.end(), same), found_.end());
  Error first = std::move(found_.front().error);
  for (std::size_t i = 1; i < found_.size() && i < kMostFindings; ++i) first.more.push_back(std::move(found_[i].error));
  if (found_.size() > kMostFindings) {
    first.more.push_back(make_error(2060, {{"count", std::to_string(found_.size() - kMostFindings)}}));
  }
  found_.clear();
  return first;
}

}  // namespace godwit::config
