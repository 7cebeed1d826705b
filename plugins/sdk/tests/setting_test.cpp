#include <gtest/gtest.h>

#include <array>

#include "plugins/sdk/settings.hpp"

namespace godwit::sdk {
namespace {

constexpr std::array kSettings{
    Setting{.name = "path", .help = "Folder of the files.", .kind = Kind::path},
    Setting{.name = "delimiter", .help = "What stands between fields.", .kind = Kind::choice, .initial = "comma", .choices = "comma|tab"},
    Setting{.name = "page_size", .help = "Rows per request.", .kind = Kind::integer, .unit = "rows", .initial = "100", .min = 1, .max = 200},
    Setting{.name = "header", .help = "Whether the first row names the columns.", .kind = Kind::boolean, .initial = "yes"},
    Setting{.name = "token", .help = "Secret of the account.", .kind = Kind::integer, .optional = true, .secret = true},
};
static_assert(well_described(kSettings));

constexpr bool described(Setting s) { return well_described(std::array{s}); }
static_assert(!described({.name = "Path", .help = "Upper case."}));
static_assert(!described({.name = "path", .help = "No full stop"}));
static_assert(!described({.name = "mode", .help = "A choice of nothing.", .kind = Kind::choice}));
static_assert(!described({.name = "mode", .help = "Another choice.", .kind = Kind::choice, .initial = "c", .choices = "a|b"}));
static_assert(!described({.name = "size", .help = "Upside down.", .min = 3, .max = 2}));
static_assert(!described({.name = "token", .help = "In the open.", .initial = "abc", .secret = true}));
static_assert(!well_described(std::array{kSettings[0], kSettings[0]}));

using Given = std::vector<std::pair<std::string, std::string>>;

TEST(Settings, GivenAndInitialValuesAreRead) {
  const auto s = Settings::parse(kSettings, Given{{"path", "extract/七月"}, {"page_size", "+7"}, {"header", "no"}}, "/home/lu");
  ASSERT_TRUE(s);
  EXPECT_EQ(s->path("path"), "/home/lu/extract/七月");
  EXPECT_EQ(s->text("delimiter"), "comma");
  EXPECT_EQ(s->integer("page_size"), 7);
  EXPECT_FALSE(s->boolean("header"));
  EXPECT_FALSE(s->has("token"));
  EXPECT_EQ(s->integer("token"), 0);
  EXPECT_THROW(s->text("colour"), std::logic_error);
}

TEST(Settings, AbsolutePathsStayAndNoFolderLeavesPathsAlone) {
  EXPECT_EQ(Settings::parse(kSettings, Given{{"path", "/data"}}, "/home/lu")->path("path"), "/data");
  EXPECT_EQ(Settings::parse(kSettings, Given{{"path", "data"}})->path("path"), "data");
}

TEST(Settings, EveryMistakeOfThePassIsNamed) {
  const auto s = Settings::parse(kSettings, Given{{"delimeter", "tab"}, {"delimiter", "colon"}, {"page_size", "201"}, {"header", "on"}, {"token", "s3cret"}});
  ASSERT_FALSE(s);
  std::vector<Error> all{s.error()};
  all.insert(all.end(), s.error().more.begin(), s.error().more.end());
  ASSERT_EQ(all.size(), 6u);
  const auto argument = [](const Error& e, std::string_view name) -> std::string {
    for (const auto& [n, v] : e.arguments)
      if (n == name) return v;
    return "";
  };
  EXPECT_EQ(all[0].number, 3020);
  EXPECT_EQ(argument(all[0], "nearest"), "delimiter");
  EXPECT_EQ(all[1].number, 3021);
  EXPECT_EQ(argument(all[1], "setting"), "path");
  EXPECT_EQ(all[2].number, 3024);
  EXPECT_EQ(argument(all[2], "expected"), "comma, tab");
  EXPECT_EQ(all[3].number, 3023);
  EXPECT_EQ(argument(all[3], "expected"), "1 ... 200");
  EXPECT_EQ(all[4].number, 3025);
  EXPECT_EQ(all[5].number, 3022);
  EXPECT_EQ(argument(all[5], "seen"), "***") << "secrets are never quoted";
}

TEST(Settings, IntegersAreWholeTexts) {
  const auto number_of = [](const char* text) -> int {
    const auto s = Settings::parse(kSettings, Given{{"path", "."}, {"page_size", text}});
    return s ? static_cast<int>(s->integer("page_size")) : -s.error().number;
  };
  EXPECT_EQ(number_of("1"), 1);
  EXPECT_EQ(number_of("0"), -3023);
  EXPECT_EQ(number_of("99999999999999999999"), -3023);
  for (const char* text : {"", " 1", "1 ", "1e2", "0x10", "++1", "+", "1.0"}) EXPECT_EQ(number_of(text), -3022) << text;
}

}  // namespace
}  // namespace godwit::sdk
