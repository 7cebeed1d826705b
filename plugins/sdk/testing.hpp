#pragma once
// Helps a connector's tests: the checked-in files of its folder must say what the code says.
//
//   TEST(CsvFolder, SaysWhatTheCodeSays) { sdk::check_folder(*godwit_connector_csv(), GODWIT_SOURCE_DIR "/connectors/csv"); }
//
// Run the test with GODWIT_UPDATE=1 in the environment to write connector.json and the README's table anew.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "plugins/abi/godwit_abi.h"

namespace godwit::sdk {

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The README's table of settings, from a manifest: Markdown, one row per setting.
inline std::string settings_table(const nlohmann::json& manifest) {
  const auto cell = [](std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\|");
    return text;
  };
  std::string out = "| setting | value | default | meaning |\n|---|---|---|---|\n";
  for (const auto& s : manifest.at("settings")) {
    std::string value = s.at("kind");
    if (s.contains("choices")) {
      value.clear();
      for (const auto& choice : s["choices"]) value += (value.empty() ? "`" : ", `") + choice.get<std::string>() + "`";
    }
    if (s.contains("unit")) value += " (" + s["unit"].get<std::string>() + ")";
    if (s.contains("min") && s.contains("max")) value += ", " + s["min"].dump() + " to " + s["max"].dump();
    else if (s.contains("min")) value += ", at least " + s["min"].dump();
    else if (s.contains("max")) value += ", at most " + s["max"].dump();
    if (s.value("secret", false)) value += ", secret";
    const std::string initial = s.contains("default") ? "`" + s["default"].get<std::string>() + "`"
                                : s.at("required").get<bool>() ? "required" : "";
    out += "| `" + s.at("name").get<std::string>() + "` | " + cell(value) + " | " + cell(initial) + " | " +
           cell(s.at("help")) + " |\n";
  }
  return out;
}

// connector.json equals the code's manifest; README.md has the settings table between `<!-- settings -->` and
// `<!-- /settings -->`; messages are whole, in both languages, and no number comes twice; every extension goes with
// a setting "path".
inline void check_folder(const gw_connector_api& connector, const std::filesystem::path& folder) {
  const std::string manifest(connector.manifest_json.data, connector.manifest_json.size);
  const bool update = std::getenv("GODWIT_UPDATE") != nullptr;
  if (update) std::ofstream(folder / "connector.json", std::ios::binary) << manifest;
  EXPECT_EQ(file_text(folder / "connector.json"), manifest) << "run this test with GODWIT_UPDATE=1 to write " << folder / "connector.json";

  const auto json = nlohmann::json::parse(manifest);
  bool path = false;
  for (const auto& setting : json["settings"]) path = path || setting["name"] == "path";
  EXPECT_TRUE(path || json["extensions"].empty()) << "files are opened through the setting \"path\"";
  std::set<int> numbers;
  for (const auto& m : json.value("messages", nlohmann::json::array())) {
    EXPECT_TRUE(numbers.insert(m.at("number").get<int>()).second) << m << " comes twice";
    for (const char* member : {"kind", "en", "zh", "remedy_en", "remedy_zh"})
      EXPECT_FALSE(m.value(member, "").empty()) << member << " of " << m;
  }

  static constexpr std::string_view kOpen = "<!-- settings -->\n", kClose = "<!-- /settings -->";
  std::string readme = file_text(folder / "README.md");
  const std::size_t open = readme.find(kOpen), close = readme.find(kClose);
  ASSERT_TRUE(open != std::string::npos && close != std::string::npos && open < close)
      << "README.md of " << folder << " needs <!-- settings --> and <!-- /settings -->";
  const std::size_t from = open + kOpen.size();
  const std::string table = settings_table(json);
  if (update && readme.substr(from, close - from) != table) {
    readme.replace(from, close - from, table);
    std::ofstream(folder / "README.md", std::ios::binary) << readme;
    return;
  }
  EXPECT_EQ(readme.substr(from, close - from), table) << "run this test with GODWIT_UPDATE=1 to write the table";
}

}  // namespace godwit::sdk
