// Which libraries are loaded, and what is said of those that are not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/host/connection.hpp"
#include "core/host/tests/plugin_folder.hpp"
#include "core/model/catalogue.hpp"

namespace godwit {
namespace {

using nlohmann::json;
using testing::HasSubstr;

int refusal(const HostOptions& options, const std::string& name, std::string* seen = nullptr) {
  const auto opened = make_host(options)->open(name, json::object());
  if (opened) return 0;
  if (seen != nullptr) *seen = describe(opened.error());
  return opened.error().number;
}

TEST(Loading, AGoodLibraryIsListedWithoutBeingLoadedAndOpensWhenAsked) {
  const PluginFolder plugins;
  plugins.install("good", "good", R"(, "title": "People", "version": "3", "extensions": [".people", ".PPL"])");
  const auto host = make_host(plugins.options());
  const auto all = host->list();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "good");
  EXPECT_EQ(all[0].title, "People");
  EXPECT_EQ(all[0].version, "3");
  EXPECT_EQ(all[0].library, plugins.library("good"));
  EXPECT_FALSE(all[0].problem);
  EXPECT_FALSE(std::filesystem::exists(plugins.cache())) << "listing tries nothing out";
  EXPECT_EQ(host->connector_for_file("a/b/Some.People"), "good");
  EXPECT_EQ(host->connector_for_file("x.ppl"), "good");
  EXPECT_EQ(host->connector_for_file("x.people.txt"), "");
  EXPECT_EQ(host->connector_for_file(".people"), "") << "a name of nothing but its extension is a hidden file";

  const auto connection = host->open("good", json::object());
  ASSERT_TRUE(connection) << describe(connection.error());
  EXPECT_EQ((*connection)->connector(), "good");
  EXPECT_EQ((*connection)->delivery(), Delivery::transactional);
}

TEST(Loading, ALibraryIsProbedOnceAndAgainWhenItsFileChanges) {
  const PluginFolder plugins;
  plugins.install("good");
  EXPECT_EQ(refusal(plugins.options(), "good"), 0);
  HostOptions without_probe = plugins.options();
  without_probe.probe = "/nonexistent/godwit-probe";
  EXPECT_EQ(refusal(without_probe, "good"), 0) << "the second time no child is started";
  std::filesystem::last_write_time(plugins.library("good"), std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(refusal(without_probe, "good"), 3019);
  EXPECT_EQ(refusal(plugins.options(), "good"), 0);
}

TEST(Loading, WithoutACacheFolderEveryProcessProbes) {
  const PluginFolder plugins;
  plugins.install("good");
  HostOptions options = plugins.options();
  options.cache = "/proc/nowhere";
  EXPECT_EQ(refusal(options, "good"), 0);
}

TEST(Loading, WhatIsNoPluginIsRefusedWithItsReason) {
  const PluginFolder plugins;
  for (const char* name : {"no_symbol", "wrong_version", "null_table"}) plugins.install(name);
  plugins.write("text", R"({"name": "text"})");
  std::ofstream(plugins.library("text")) << "I am a text file.\n";
  plugins.write("empty", R"({"name": "empty"})");
  std::ofstream(plugins.library("empty"));
  std::string seen;
  EXPECT_EQ(refusal(plugins.options(), "no_symbol", &seen), 3003);
  EXPECT_THAT(seen, HasSubstr("godwit_plugin_v1"));
  EXPECT_EQ(refusal(plugins.options(), "wrong_version", &seen), 3004);
  EXPECT_THAT(seen, HasSubstr("version 2"));
  EXPECT_EQ(refusal(plugins.options(), "null_table", &seen), 3007);
  EXPECT_THAT(seen, HasSubstr("open is null"));
  EXPECT_EQ(refusal(plugins.options(), "text", &seen), 3002);
  EXPECT_THAT(seen, HasSubstr(plugins.library("text").string()));
  EXPECT_EQ(refusal(plugins.options(), "empty"), 3002);
}

// Members are only ever appended: what the host does not know is left alone, what the plugin does not have is not looked for.
TEST(Loading, OlderAndNewerTablesOfTheSameVersionAreUsed) {
  for (const char* built : {"newer", "older"}) {
    const PluginFolder plugins;
    plugins.install("good", built);
    const auto host = make_host(plugins.options());
    auto connection = host->open("good", nlohmann::json::object());
    ASSERT_TRUE(connection) << built << describe(connection.error());
    EXPECT_FALSE(std::string_view(built) == "older" && (*connection)->can_aggregate());
    auto reader = (*connection)->open_reader({.object = "people"});
    ASSERT_TRUE(reader) << built;
    const auto read = (*reader)->read();
    ASSERT_TRUE(read) << built;
    EXPECT_EQ(read->batch.rows, 20);
  }
  const PluginFolder plugins;
  plugins.install("good", "too_old");
  std::string seen;
  EXPECT_EQ(refusal(plugins.options(), "good", &seen), 3007);
}

TEST(Loading, ALibraryThatCrashesTakesOnlyItsProbeWithIt) {
  const PluginFolder plugins;
  plugins.install("crashing");
  std::string seen;
  EXPECT_EQ(refusal(plugins.options(), "crashing", &seen), 3005);
  EXPECT_THAT(seen, HasSubstr("Segmentation fault"));
  EXPECT_EQ(refusal(plugins.options(), "crashing"), 3005) << "a failed probe is not remembered";
}

TEST(Loading, ALibraryThatHangsIsGivenUp) {
  const PluginFolder plugins;
  plugins.install("hanging");
  HostOptions options = plugins.options();
  options.probe_timeout = std::chrono::milliseconds(300);
  EXPECT_EQ(refusal(options, "hanging"), 3006);
}

TEST(Loading, LibraryAndManifestMustBelongTogether) {
  const PluginFolder plugins;
  plugins.install("better", "good");
  std::string seen;
  EXPECT_EQ(refusal(plugins.options(), "better", &seen), 3009);
  EXPECT_THAT(seen, HasSubstr("connector good"));
}

TEST(Loading, BrokenManifestsAndMissingLibrariesAreListedWithTheirProblem) {
  const PluginFolder plugins;
  plugins.write("torn", R"({"name": "to)");
  plugins.write("odd", R"({"name": "odd", "delivery": "by post"})");
  plugins.write("lone", R"({"name": "lone"})");
  const auto all = make_host(plugins.options())->list();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "lone");
  EXPECT_EQ(all[0].problem->number, 3001);
  EXPECT_EQ(all[1].name, "odd");
  EXPECT_EQ(all[1].problem->number, 3008);
  EXPECT_EQ(all[2].name, "torn");
  EXPECT_EQ(all[2].problem->number, 3008);
  EXPECT_EQ(refusal(plugins.options(), "torn"), 3008);
}

TEST(Loading, TheFirstFolderOfTheSearchPathWins) {
  const PluginFolder first, second;
  first.install("good", "good", R"(, "title": "first")");
  second.install("good", "good", R"(, "title": "second")");
  HostOptions options = first.options();
  options.folders = {"/nonexistent", first.folder(), second.folder()};
  const auto all = make_host(options)->list();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].title, "first");
}

TEST(Loading, AnUnknownConnectorNamesTheNearest) {
  const PluginFolder plugins;
  plugins.install("good");
  std::string seen;
  EXPECT_EQ(refusal(plugins.options(), "gold", &seen), 3000);
  EXPECT_THAT(seen, HasSubstr("nearest: \"good\""));
}

TEST(Loading, MessagesOfAManifestJoinTheCatalogue) {
  const PluginFolder plugins;
  plugins.write("lone", R"({"name": "lone", "messages": [{"number": 3998, "kind": "denied", "en": "no entry for {seen}", "zh": "{seen} 禁止进入", "remedy_en": "Knock.", "remedy_zh": "敲门。"}]})");
  const auto host = make_host(plugins.options());
  ASSERT_NE(find_message(3998), nullptr);
  EXPECT_EQ(make_error(3998).kind, ErrorKind::denied);
  EXPECT_EQ(sentence(make_error(3998, {{"seen", "张"}}), Language::zh_cn), "张 禁止进入");
}

TEST(Loading, SettingsAreTexts) {
  const PluginFolder plugins;
  plugins.install("good");
  const auto host = make_host(plugins.options());
  EXPECT_EQ(host->open("good", json::array()).error().number, 3026);
  EXPECT_EQ(host->open("good", {{"path", 7}}).error().number, 3026);
  const auto wrong = host->open("good", {{"pat", "x"}, {"thorws", "y"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().number, 3020);
  EXPECT_EQ(wrong.error().argument("connector"), "good");
  ASSERT_EQ(wrong.error().more.size(), 1u);
  EXPECT_EQ(wrong.error().more[0].argument("nearest"), "throws");
}

}  // namespace
}  // namespace godwit
