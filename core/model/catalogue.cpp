#include "core/model/catalogue.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <list>
#include <mutex>
#include <unordered_map>

namespace godwit {
namespace {

constexpr ErrorKind retry = ErrorKind::retry, row_rejected = ErrorKind::row_rejected, bad_config = ErrorKind::bad_config,
                    denied = ErrorKind::denied, broken = ErrorKind::broken, cancelled = ErrorKind::cancelled;

struct Text {
  std::string_view key, en, zh;
};

const std::vector<Message>& message_table() {
  static const std::vector<Message> table = [] {
    std::vector<Message> all{
#define GW_MESSAGE(number, kind, en, zh, remedy_en, remedy_zh) Message{number, kind, en, zh, remedy_en, remedy_zh},
#define GW_TEXT(key, en, zh)
#include "core/model/catalogue_list.inc"
#undef GW_MESSAGE
#undef GW_TEXT
    };
    std::sort(all.begin(), all.end(), [](const Message& a, const Message& b) { return a.number < b.number; });
    return all;
  }();
  return table;
}

const std::unordered_map<std::string_view, Text>& text_table() {
  static const std::unordered_map<std::string_view, Text> table = [] {
    std::unordered_map<std::string_view, Text> all;
    for (const Text& t : std::initializer_list<Text>{
#define GW_MESSAGE(number, kind, en, zh, remedy_en, remedy_zh)
#define GW_TEXT(key, en, zh) Text{key, en, zh},
#include "core/model/catalogue_list.inc"
#undef GW_MESSAGE
#undef GW_TEXT
         })
      all.emplace(t.key, t);
    return all;
  }();
  return table;
}

// Registered messages; list nodes never move, so Message may point into them.
struct Registry {
  std::mutex mutex;
  std::list<OwnedMessage> texts;
  std::unordered_map<int, Message> messages;
};
Registry& registry() {
  static Registry r;
  return r;
}

std::atomic<Language> g_language{Language::en};

std::string number_label(int number) { return "GW-" + std::to_string(number); }

void describe_into(const Error& error, Language language, std::string& out) {
  out += number_label(error.number);
  if (const std::string_view place = error.argument("place"); !place.empty()) out += ' ', out += place, out += ':';
  out += ' ', out += sentence(error, language);
  if (const std::string_view excerpt = error.argument("excerpt"); !excerpt.empty()) out += '\n', out += excerpt;
  if (const std::string what = remedy(error, language); !what.empty()) out += "\n  ", out += what;
  for (const Error& e : error.more) out += '\n', describe_into(e, language, out);
}

}  // namespace

Error make_error(int number, std::vector<Argument> arguments) {
  const Message* message = find_message(number);
  assert(message != nullptr && "a number that is in no catalogue");
  return Error{number, message == nullptr ? ErrorKind::broken : message->kind, std::move(arguments), {}};
}
Error make_error(int number, std::initializer_list<Argument> arguments) {
  return make_error(number, std::vector<Argument>(arguments));
}

std::span<const Message> messages() { return message_table(); }

const Message* find_message(int number) {
  const auto& table = message_table();
  const auto at = std::lower_bound(table.begin(), table.end(), number, [](const Message& m, int n) { return m.number < n; });
  if (at != table.end() && at->number == number) return &*at;
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  const auto found = r.messages.find(number);
  return found == r.messages.end() ? nullptr : &found->second;
}

void register_messages(std::span<const OwnedMessage> added) {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  for (const OwnedMessage& m : added) {
    if (r.messages.contains(m.number)) continue;
    const OwnedMessage& kept = r.texts.emplace_back(m);
    r.messages.emplace(kept.number, Message{kept.number, kept.kind, kept.en, kept.zh, kept.remedy_en, kept.remedy_zh});
  }
}

bool parse_error_kind(std::string_view name, ErrorKind* out) {
  static constexpr std::pair<std::string_view, ErrorKind> kKinds[] = {
      {"retry", retry}, {"row_rejected", row_rejected}, {"bad_config", bad_config}, {"denied", denied}, {"broken", broken}, {"cancelled", cancelled}};
  for (const auto& [known, kind] : kKinds)
    if (known == name) return *out = kind, true;
  return false;
}

void set_default_language(Language language) { g_language = language; }
Language default_language() { return g_language; }

std::string fill(std::string_view pattern, std::span<const Argument> arguments) {
  std::string out;
  out.reserve(pattern.size() + 32);
  for (std::size_t i = 0; i < pattern.size();) {
    if (pattern[i] != '{') {
      out += pattern[i++];
      continue;
    }
    const std::size_t end = pattern.find('}', i);
    if (end == std::string_view::npos) {
      out += pattern.substr(i);
      break;
    }
    const std::string_view name = pattern.substr(i + 1, end - i - 1);
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string_view::npos) {
      out += pattern[i++];  // braces of an example, {const: CN}
      continue;
    }
    for (const Argument& a : arguments)
      if (a.first == name) {
        out += a.second;
        break;
      }
    i = end + 1;
  }
  return out;
}

std::string sentence(const Error& error, Language language) {
  const Message* m = find_message(error.number);
  if (m == nullptr) return std::string(error.argument("message"));
  return fill(language == Language::zh_cn ? m->zh : m->en, error.arguments);
}

std::string remedy(const Error& error, Language language) {
  const Message* m = find_message(error.number);
  if (m == nullptr) return {};
  return fill(language == Language::zh_cn ? m->remedy_zh : m->remedy_en, error.arguments);
}

std::string describe(const Error& error, Language language) {
  std::string out;
  describe_into(error, language, out);
  return out;
}

std::string text(std::string_view key, Language language, std::initializer_list<Argument> arguments) {
  return text(key, language, std::span<const Argument>(arguments.begin(), arguments.size()));
}

std::string text(std::string_view key, Language language, std::span<const Argument> arguments) {
  const auto& table = text_table();
  const auto found = table.find(key);
  assert(found != table.end() && "a text that is in no catalogue");
  if (found == table.end()) return std::string(key);
  return fill(language == Language::zh_cn ? found->second.zh : found->second.en, arguments);
}

bool parse_language(std::string_view name, Language* out) {
  if (name == "en") return *out = Language::en, true;
  if (name == "zh-CN" || name == "zh") return *out = Language::zh_cn, true;
  return false;
}

}  // namespace godwit
