#include "plugins/kits/sandbox/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace godwit::sandbox {
namespace {

struct KindName {
  std::string_view name;
  FaultKind kind;
};

constexpr std::array kKinds{
    KindName{"drop-after-commit", FaultKind::drop_after_commit},
    KindName{"drop-before-commit", FaultKind::drop_before_commit},
    KindName{"error-before-commit", FaultKind::error_before_commit},
    KindName{"error-after-commit", FaultKind::error_after_commit},
    KindName{"slow", FaultKind::slow},
    KindName{"truncate", FaultKind::truncate},
    KindName{"expire-token", FaultKind::expire_token},
    KindName{"html", FaultKind::html},
    KindName{"lock", FaultKind::lock},
    KindName{"rate", FaultKind::rate},
    KindName{"daily", FaultKind::daily},
    KindName{"stale", FaultKind::stale},
    KindName{"clock-skew", FaultKind::clock_skew},
};

bool whole(std::string_view text, std::int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= 0;
}

bool portion(std::string_view text, double& out) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (percent) out /= 100;
  return error == std::errc() && end == text.data() + text.size() && out >= 0 && out <= 1;
}

bool set_member(Fault& out, std::string_view name, std::string_view value) {
  if (name == "at") return whole(value, out.at) && out.at > 0;
  if (name == "every") return whole(value, out.every) && out.every > 0;
  if (name == "times") return whole(value, out.times);
  if (name == "share") return portion(value, out.share);
  if (name == "path") return out.path = value, true;
  if (name == "method") return out.method = value, true;
  if (name == "ms") return whole(value, out.ms);
  if (name == "seconds") return whole(value, out.seconds);
  if (name == "status") return whole(value, out.status) && out.status >= 100 && out.status <= 599;
  return false;
}

}  // namespace

bool parse_fault(std::string_view spec, Fault& out, std::string& error) {
  out.text = spec;
  const std::size_t colon = std::min(spec.find_first_of(":,"), spec.size());
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindName& one) { return one.name == spec.substr(0, colon); });
  if (kind == kKinds.end()) {
    error = "there is no fault \"" + std::string(spec.substr(0, colon)) + "\"; there are:";
    for (const KindName& one : kKinds) error += " " + std::string(one.name);
    return false;
  }
  out.kind = kind->kind;
  std::string_view rest = spec.substr(std::min(colon + 1, spec.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || !set_member(out, part.substr(0, equals), part.substr(equals + 1))) {
      error = "\"" + std::string(part) + "\" is none of at=N, every=N, share=P, path=PREFIX, method=M, times=N, ms=N, seconds=S, status=N";
      return false;
    }
  }
  if (out.seconds < 0) out.seconds = out.kind == FaultKind::clock_skew ? 300 : 30;
  return true;
}

std::uint64_t mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

double chance(std::uint64_t seed, std::uint64_t stream, std::uint64_t number) {
  return static_cast<double>(mix(mix(seed) ^ mix(stream * 0x2545F4914F6CDD1DU + number)) >> 11) * 0x1.0p-53;
}

void Faults::add(Fault fault) {
  const std::lock_guard guard(mutex_);
  entries_.push_back({std::move(fault), added_++});
}

void Faults::clear() {
  const std::lock_guard guard(mutex_);
  entries_.clear();
}

std::vector<Fault> Faults::hits(std::string_view method, std::string_view path) {
  const std::lock_guard guard(mutex_);
  std::vector<Fault> out;
  for (auto& [fault, stream] : entries_) {
    if (!path.starts_with(fault.path) || (!fault.method.empty() && fault.method != method)) continue;
    ++fault.matched;
    if (fault.times > 0 && fault.hits >= fault.times) continue;
    if (fault.at > 0 && fault.matched != fault.at) continue;
    if (fault.every > 0 && fault.matched % fault.every != 0) continue;
    if (fault.share >= 0 && chance(seed_, stream, static_cast<std::uint64_t>(fault.matched)) >= fault.share) continue;
    ++fault.hits;
    out.push_back(fault);
  }
  return out;
}

nlohmann::ordered_json Faults::to_json() {
  const std::lock_guard guard(mutex_);
  auto out = nlohmann::ordered_json::array();
  for (const auto& [fault, stream] : entries_) out.push_back({{"fault", fault.text}, {"matched", fault.matched}, {"hits", fault.hits}});
  return out;
}

}  // namespace godwit::sandbox
