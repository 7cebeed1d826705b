// Values of the journal as text: JSON, times, ids.

#include <sys/random.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/journal/journal_parts.hpp"
#include "core/model/json_text.hpp"

namespace godwit {

std::string_view to_string(RunKind kind) {
  switch (kind) {
    case RunKind::pilot: return "pilot";
    case RunKind::rehearsal: return "rehearsal";
    case RunKind::cutover: return "cutover";
    case RunKind::run: return "run";
    case RunKind::delta: return "delta";
    case RunKind::replay: return "replay";
    case RunKind::undo: return "undo";
  }
  return "";
}
std::string_view to_string(RunState state) {
  switch (state) {
    case RunState::running: return "running";
    case RunState::interrupted: return "interrupted";
    case RunState::stopped: return "stopped";
    case RunState::finished: return "finished";
    case RunState::failed: return "failed";
  }
  return "";
}
std::string_view to_string(FlowStage stage) {
  switch (stage) {
    case FlowStage::planned: return "planned";
    case FlowStage::prepared: return "prepared";
    case FlowStage::loading: return "loading";
    case FlowStage::loaded: return "loaded";
    case FlowStage::linking: return "linking";
    case FlowStage::finished: return "finished";
    case FlowStage::undoing: return "undoing";
  }
  return "";
}
std::string_view to_string(SetAsideState state) {
  switch (state) {
    case SetAsideState::open: return "open";
    case SetAsideState::replayed: return "replayed";
    case SetAsideState::superseded: return "superseded";
  }
  return "";
}

namespace {

struct NamedCount {
  const char* name;
  std::int64_t Counts::*member;
};
constexpr NamedCount kCounts[] = {
    {"read", &Counts::read},           {"derived", &Counts::derived},     {"created", &Counts::created},
    {"updated", &Counts::updated},     {"unchanged", &Counts::unchanged}, {"merged", &Counts::merged},
    {"filtered", &Counts::filtered},   {"filtered_unknown", &Counts::filtered_unknown},
    {"set_aside", &Counts::set_aside}, {"deleted", &Counts::deleted},     {"in_doubt", &Counts::in_doubt},
    {"warned", &Counts::warned},       {"obligations_open", &Counts::obligations_open},
    {"obligations_set", &Counts::obligations_set},
    {"obligations_failed", &Counts::obligations_failed},
};

}  // namespace

Counts& Counts::operator+=(const Counts& o) {
  for (const NamedCount& c : kCounts) this->*c.member += o.*c.member;
  return *this;
}

std::int64_t Counts::difference() const {
  return read + derived - (created + updated + unchanged + merged + filtered + set_aside + deleted + in_doubt);
}

namespace journal_detail {

std::string counts_json(const Counts& counts) {
  std::string text = "{";
  for (const NamedCount& c : kCounts) {
    if (counts.*c.member == 0) continue;
    if (text.size() > 1) text += ',';
    text += '"', text += c.name, text += "\":", text += std::to_string(counts.*c.member);
  }
  return text += '}';
}

Counts counts_from_json(std::string_view text) {
  Counts counts;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  for (const NamedCount& c : kCounts)
    if (const auto member = json.is_object() ? json.find(c.name) : json.end(); member != json.end() && member->is_number_integer())
      counts.*c.member = member->get<std::int64_t>();
  return counts;
}

std::string arguments_json(std::span<const Argument> arguments) {
  std::string text = "{";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    // Of arguments with one name the last counts; there are a handful at most.
    const auto later = [&](const Argument& other) { return other.first == arguments[i].first; };
    if (std::ranges::any_of(arguments.subspan(i + 1), later)) continue;
    if (text.size() > 1) text += ',';
    append_json_text(arguments[i].first, &text);
    text += ':';
    append_json_text(arguments[i].second, &text);
  }
  return text += '}';
}

std::vector<Argument> arguments_from_json(std::string_view text) {
  std::vector<Argument> arguments;
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return arguments;
  for (const auto& [name, value] : json.items())
    if (value.is_string()) arguments.emplace_back(name, value.get<std::string>());
  return arguments;
}

std::vector<std::uint8_t> key_blob(const Hash128& key) {
  std::vector<std::uint8_t> blob(16);
  std::memcpy(blob.data(), &key.high, 8), std::memcpy(blob.data() + 8, &key.low, 8);
  return blob;
}
Hash128 key_from_blob(std::span<const std::uint8_t> blob) {
  Hash128 key;
  if (blob.size() == 16) std::memcpy(&key.high, blob.data(), 8), std::memcpy(&key.low, blob.data() + 8, 8);
  return key;
}

std::string iso_time(std::int64_t microseconds) {
  std::int64_t seconds = microseconds / 1'000'000, rest = microseconds % 1'000'000;
  if (rest < 0) rest += 1'000'000, --seconds;
  const std::time_t moment = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&moment, &parts);
  char text[64];
  const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + n, sizeof text - n, ".%06dZ", static_cast<int>(rest));
  return text;
}

std::string make_run_id(std::int64_t microseconds) {
  std::uint8_t b[16] = {};
  // getrandom cannot fail for so few bytes once the system has started; the time alone would still be a valid id.
  (void)!getrandom(b, sizeof b, 0);
  const auto milliseconds = static_cast<std::uint64_t>(microseconds / 1000);
  for (int i = 0; i < 6; ++i) b[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  b[6] = static_cast<std::uint8_t>((b[6] & 0x0F) | 0x70), b[8] = static_cast<std::uint8_t>((b[8] & 0x3F) | 0x80);
  char text[40];
  std::snprintf(text, sizeof text, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
                b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
  return text;
}

}  // namespace journal_detail
}  // namespace godwit
