#pragma once
// Every sentence that Godwit says to a person, in English and Simplified Chinese.
//
// Messages live in core/model/catalogue/<area>.def, one entry each:
//   GW_MESSAGE(number, kind, "English {arg}", "中文 {arg}", "what to do", "怎么办")
//   GW_TEXT(key, "English {arg}", "中文 {arg}")
// Numbers are never reused. {name} is replaced by the argument of that name; a missing one becomes "".

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "core/model/result.hpp"

namespace godwit {

enum class Language { en, zh_cn };

struct Message {
  int number;
  ErrorKind kind;
  std::string_view en, zh, remedy_en, remedy_zh;
};

// All messages, by number.
std::span<const Message> messages();
// The entry, or null. Finds registered messages too.
const Message* find_message(int number);

// Messages that are not the core's own: those of a connector's manifest. Copies the texts; a number that is
// known already keeps its first text. Thread-safe; entries stay valid until the process ends.
struct OwnedMessage {
  int number = 0;
  ErrorKind kind = ErrorKind::broken;
  std::string en, zh, remedy_en, remedy_zh;
};
void register_messages(std::span<const OwnedMessage> messages);
// "row_rejected" ... as the .def files and manifests write kinds; false for others.
bool parse_error_kind(std::string_view name, ErrorKind* out);

// Language of text() and describe() where no other is given; `en` until the program sets it at its start.
void set_default_language(Language language);
Language default_language();

// "GW-1204 contacts.csv:4211 ...\n  what to do". The place argument, if any, comes first; `more` follow on lines of their own.
std::string describe(const Error& error, Language language = default_language());
// Only the sentence, without number, place and remedy.
std::string sentence(const Error& error, Language language);
std::string remedy(const Error& error, Language language);

// The text of `key` with its arguments filled in. An unknown key is our mistake: asserts, and gives the key itself.
std::string text(std::string_view key, Language language, std::initializer_list<Argument> arguments = {});
std::string text(std::string_view key, Language language, std::span<const Argument> arguments);

// "{name}" replaced in `pattern`.
std::string fill(std::string_view pattern, std::span<const Argument> arguments);

// Language named in a project file: "en", "zh-CN"; nullopt-like: returns false for others.
bool parse_language(std::string_view name, Language* out);

}  // namespace godwit
