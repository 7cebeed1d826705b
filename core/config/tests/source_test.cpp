// Encodings, limits and anchors: what a file may be before anyone looks at its keys.
#include <unicode/ucnv.h>

#include <chrono>

#include "core/config/source_text.hpp"
#include "core/config/tests/support.hpp"
#include "core/config/yaml_tree.hpp"

namespace godwit::config {
namespace {

// ICU stands for the editor that saved the file.
std::string encoded(const std::string& utf8, const char* encoding) {
  std::string out(utf8.size() * 8 + 16, '\0');
  UErrorCode status = U_ZERO_ERROR;
  const auto n = ucnv_convert(encoding, "UTF-8", out.data(), static_cast<int32_t>(out.size()), utf8.data(),
                              static_cast<int32_t>(utf8.size()), &status);
  EXPECT_TRUE(U_SUCCESS(status)) << encoding;
  out.resize(static_cast<std::size_t>(n));
  return out;
}

const std::string kChinese = "# 项目\nproject: 海港贸易\n";

TEST(Encoding, OfEveryEditorIsReadOrRefusedWithTheRemedy) {
  MemoryFiles files;
  const auto first = [&](const std::string& bytes) {
    files.files["godwit.yaml"] = bytes;
    const auto found = errors_of(load_in(files));
    return found.empty() ? std::string("read") : describe(found[0]);
  };
  EXPECT_EQ(first(kChinese), "read");
  EXPECT_EQ(first("\xEF\xBB\xBF" + kChinese), "read");
  const std::string gbk =
      "GW-2006 godwit.yaml:1:3: godwit.yaml is saved as GBK or GB18030, not as UTF-8\n"
      "  Save it as UTF-8, or run `iconv -f GB18030 -t UTF-8 godwit.yaml`.";
  EXPECT_EQ(first(encoded(kChinese, "GBK")), gbk);
  EXPECT_EQ(first(encoded(kChinese, "gb18030")), gbk);
  for (const char* wide : {"UTF-16LE", "UTF-16BE", "UTF-16"}) {
    EXPECT_EQ(first(encoded(kChinese, wide)),
              "GW-2007 godwit.yaml: the file is saved as UTF-16, not as UTF-8\n  Save it as UTF-8 in the editor.")
        << wide;
  }
  EXPECT_EQ(first(encoded(kChinese, "UTF-32")),
            "GW-2007 godwit.yaml: the file is saved as UTF-32, not as UTF-8\n  Save it as UTF-8 in the editor.");
  EXPECT_EQ(first(encoded("project: Müller & Söhne\n", "windows-1252")),
            "GW-2008 godwit.yaml:1:11: the byte 0xFC is not UTF-8\n  Save godwit.yaml as UTF-8 in the editor.");
  EXPECT_EQ(first("project: x\xC3"),
            "GW-2008 godwit.yaml:1:11: the byte 0xC3 is not UTF-8\n  Save godwit.yaml as UTF-8 in the editor.");
}

TEST(Encoding, ControlCharactersAreNamed) {
  MemoryFiles files;
  files.files["godwit.yaml"] = std::string("project: x\nzone: a") + '\0' +
                               "b\nthe rest of a long enough file, so that no half of it is zero bytes\n";
  EXPECT_EQ(mistakes(files),
            Lines{"GW-2009 godwit.yaml:2:8: the control character 0x00 has no place in a project file"});
  files.files["godwit.yaml"] = "project: x\x1B[0m\n";
  EXPECT_EQ(mistakes(files),
            Lines{"GW-2009 godwit.yaml:1:11: the control character 0x1B has no place in a project file"});
}

TEST(Encoding, LineEndsOfEverySystem) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    MemoryFiles files = sound_project();
    std::string text;
    for (char c : files.files["flows/accounts.yaml"]) text += c == '\n' ? end : std::string(1, c);
    files.files["flows/accounts.yaml"] = text + "  Text: |" + end + "    a ||" + end + "    b" + end + "zne: x" + end;
    EXPECT_EQ(mistakes(files),
              Lines{"GW-2004 flows/accounts.yaml:9:1: unknown key \"zne\"; the nearest known key is \"zone\""});
  }
}

TEST(Encoding, Utf8IsCheckedStrictly) {
  EXPECT_TRUE(is_utf8("a\u00E9\u4E2D\U0001F600"));
  for (const char* bad :
       {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xF8\x88\x80\x80\x80", "\xE4\xB8"}) {
    std::size_t at = 99;
    EXPECT_FALSE(is_utf8(std::string("ab") + bad, &at));
    EXPECT_EQ(at, 2u);
  }
}

TEST(Place, CountsCharactersInLongLinesToo) {
  std::string line;
  for (int i = 0; i < 5000; ++i) line += "中a";
  const auto source = SourceText::decode("f", "x\n" + line);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->place(2).to_string(), "f:2:1");
  EXPECT_EQ(source->place(2 + 4 * 3000).to_string(), "f:2:6001");
  EXPECT_EQ(source->place(2 + 4 * 5000).to_string(), "f:2:10001");
}

TEST(Limits, OfSizeDepthAndAliases) {
  MemoryFiles files = sound_project();
  files.files["flows/accounts.yaml"] = std::string(kLargestFile + 1, '#');
  EXPECT_EQ(mistakes(files),
            Lines{"GW-2003 flows/accounts.yaml: the file has 4194305 bytes; at most 4194304 are read"});
  files = sound_project();
  files.files["flows/accounts.yaml"] = "from: " + std::string(500, '[') + std::string(500, ']') + "\n";
  EXPECT_EQ(mistakes(files),
            Lines{"GW-2017 flows/accounts.yaml:1:71: nested too deeply, or too many values (aliases unfolded)"});
  std::string steps;
  for (int i = 0; i < 70; ++i) steps += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  files.files["flows/accounts.yaml"] = steps;
  EXPECT_EQ(mistakes(files), Lines{"GW-2017 flows/accounts.yaml:65:65: nested too deeply, or too many values (aliases unfolded)"});
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string n = std::to_string(i), before = "*a" + std::to_string(i - 1);
    bomb += "a" + n + ": &a" + n + " [";
    for (int k = 0; k < 10; ++k) bomb += (k ? ", " : "") + before;
    bomb += "]\n";
  }
  files.files["flows/accounts.yaml"] = bomb;
  EXPECT_EQ(errors_of(load_in(files)).at(0).number, 2017);
}

TEST(Limits, HostileFilesTakeLittleTime) {
  const auto start = std::chrono::steady_clock::now();
  for (const std::string_view unit : {"[", "{", "- ", "? ", "a: ", "'", "\"\\", "&a ", "!", "|", "\n \n", "#", "{a: [",
                                      "*a ", "中", "a\n", "- - -\n", "<<: "}) {
    MemoryFiles files = sound_project();
    std::string& text = files.files["flows/accounts.yaml"];
    text.clear();
    while (text.size() < 200'000) text += unit;
    EXPECT_FALSE(load_in(files)) << unit;
  }
  // Not a timed test: a quadratic parser would need many minutes here.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(120));
}

TEST(Anchors, AreUnfolded) {
  MemoryFiles files = sound_project();
  files.files["flows/accounts.yaml"] =
      "from: legacy.a\n"
      "to: crm.A\n"
      "let: {common: a}\n"
      "map:\n"
      "  <<: [{Name: x, Zip: &zip upper(zip)}, {Name: y, City: z}]\n"
      "  Name: own\n"
      "  Postal: *zip\n";
  const auto project = load_in(files);
  ASSERT_TRUE(project) << describe(project.error());
  std::map<std::string, std::string> map;
  for (const auto& e : project->flows[0].map) map[e.name] = e.expression.text;
  EXPECT_EQ(map, (std::map<std::string, std::string>{
                     {"Name", "own"}, {"Zip", "upper(zip)"}, {"City", "z"}, {"Postal", "upper(zip)"}}));
}

TEST(Anchors, WrongOnesAreErrors) {
  EXPECT_EQ(mistakes(with_flow_tail("map: &m {a: *m}\n")),
            Lines{"GW-2019 flows/accounts.yaml:4:13: the alias stands inside what it names"});
  EXPECT_EQ(mistakes(with_flow_tail("map: {a: *nobody}\n")),
            Lines{"GW-2011 flows/accounts.yaml:4:10: this is not YAML: the referenced anchor is not defined"});
  EXPECT_EQ(mistakes(with_flow_tail("map: {<<: text, a: b}\n")),
            Lines{"GW-2022 flows/accounts.yaml:4:11: \"<<\" must be a map (`name: value` lines)"});
}

TEST(Tags, HaveNoMeaning) {
  EXPECT_EQ(mistakes(with_flow_tail("map: {a: !!int 5, b: !mine x, c: !!str 7}\n")),
            (Lines{"GW-2020 flows/accounts.yaml:4:10: the tag \"tag:yaml.org,2002:int\" has no meaning here",
                   "GW-2020 flows/accounts.yaml:4:22: the tag \"!mine\" has no meaning here"}));
}

TEST(Keys, MustBeWords) {
  EXPECT_EQ(mistakes(with_flow_tail("map:\n  ? [a, b]\n  : c\n")).at(0),
            "GW-2021 flows/accounts.yaml:5:5: a key must be a single word or text");
  EXPECT_EQ(mistakes(with_flow_tail("map: {'': c}\n")),
            Lines{"GW-2036 flows/accounts.yaml:4:7: an empty key in \"map\""});
}

}  // namespace
}  // namespace godwit::config
