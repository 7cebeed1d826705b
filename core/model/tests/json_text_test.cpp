#include "core/model/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace godwit {
namespace {

std::string own(std::string_view text) {
  std::string out = "before ";
  append_json_text(text, &out);
  return out.substr(7);
}
std::string theirs(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

TEST(JsonText, IsWhatTheLibraryWrites) {
  for (const std::string_view text :
       {"", "plain", "Müller \xE6\x9D\x8E \xF0\x9F\x90\xA6", "a \"quote\" and \\", "line\nbreak\ttab\x01\x1F\x7F",
        "cut off \xE6\x9D", "\xFF\xFE", "\xED\xA0\x80 half of a pair", "\xC0\x80 overlong", "\xF4\x90\x80\x80 beyond"})
    EXPECT_EQ(own(text), theirs(text));
  EXPECT_EQ(own(std::string_view("a\0b", 3)), theirs(std::string_view("a\0b", 3)));
}

TEST(JsonText, BytesOfAnyKindAreNoExceptions) {
  std::mt19937 random(5);
  const std::string letters = "a\"\\\n\xC3\xA4\xE6\x9D\x8E\xF0\x9F\x90\xA6\xFF";
  for (int n = 0; n < 5000; ++n) {
    std::string text;
    for (auto left = random() % 12; left > 0; --left) text += letters[random() % letters.size()];
    EXPECT_EQ(own(text), theirs(text));
  }
}

}  // namespace
}  // namespace godwit
