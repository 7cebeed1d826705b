// The program through its front door: what is typed, what is printed, how it ends.

#include "core/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/cli/command.hpp"
#include "core/cli/tests/fake_connector.hpp"
#include "core/host/options.hpp"

namespace godwit::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Ended {
  int code = -1;
  std::string out, err;
};

class Program : public testing::Test {
 protected:
  Program() {
    static const bool registered = (register_static_connector(fake_connector()), true);
    (void)registered;
    std::string name = (std::filesystem::temp_directory_path() / "godwit-cli-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Program() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Ended run(std::vector<std::string> line, const std::string& input = "", std::map<std::string, std::string> environment = {}) const {
    std::ostringstream out, err;
    std::istringstream in(input);
    World world;
    world.out = &out, world.err = &err, world.in = &in, world.folder = folder_, world.environment = std::move(environment);
    world.make_host = [] { return make_host(HostOptions{}); };
    const int code = run_program(std::move(line), std::move(world));
    return {code, out.str(), err.str()};
  }
  std::filesystem::path folder_;
};

TEST_F(Program, HelpNamesEveryCommandOnceAndVersionIsShort) {
  const Ended help = run({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const Command& c : commands()) {
    EXPECT_THAT(help.out, HasSubstr("\n  " + c.name + " "));
    const Ended own = run({c.name, "--help"});
    EXPECT_EQ(own.code, 0) << c.name;
    EXPECT_THAT(own.out, HasSubstr("godwit " + c.name)) << own.err;
    const Ended chinese = run({"--lang", "zh-CN", c.name, "-h"});
    EXPECT_NE(chinese.out, own.out) << c.name;
  }
  EXPECT_EQ(run({"--version"}).out.rfind("godwit ", 0), 0u);
}

// docs/reference/commands.md is what help says; GODWIT_UPDATE=1 writes it anew.
TEST_F(Program, TheReferencePageSaysWhatHelpSays) {
  std::string page = "<!-- Written by test_cli: run it with GODWIT_UPDATE=1. -->\n# Commands\n\n```\n" + run({"--help"}).out + "```\n";
  for (const Command& c : commands()) page += "\n## godwit " + c.name + "\n\n```\n" + run({c.name, "--help"}).out + "```\n";
  const std::filesystem::path file = GODWIT_SOURCE_DIR "/docs/reference/commands.md";
  if (std::getenv("GODWIT_UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << page;
  std::ifstream in(file, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), page);
}

TEST_F(Program, NothingAskedShowsHelpAndIsNoSuccess) {
  const Ended nothing = run({});
  EXPECT_EQ(nothing.code, 2);
  EXPECT_THAT(nothing.out, HasSubstr("godwit COMMAND"));
}

TEST_F(Program, MistypedThingsNameTheNearest) {
  EXPECT_THAT(run({"raed", "x"}).err, StartsWith("GW-2300"));
  EXPECT_THAT(run({"raed", "x"}).err, HasSubstr("\"read\""));
  const Ended option = run({"read", "x.people", "--limt", "3"});
  EXPECT_THAT(option.err, StartsWith("GW-2301"));
  EXPECT_THAT(option.err, HasSubstr("--limit"));
  EXPECT_EQ(option.code, 2);
  EXPECT_THAT(run({"read"}).err, StartsWith("GW-2304"));
  EXPECT_THAT(run({"read", "a", "b"}).err, StartsWith("GW-2305"));
  EXPECT_THAT(run({"read", "x.people", "--limit", "many"}).err, StartsWith("GW-2302"));
  EXPECT_THAT(run({"read", "x.people", "--limit", "-1"}).err, StartsWith("GW-2302"));
  EXPECT_THAT(run({"--lang", "fr", "connectors"}).err, StartsWith("GW-2306"));
}

TEST_F(Program, TheLanguageIsAskedForOrOfTheSurroundings) {
  EXPECT_THAT(run({"raed", "--lang", "zh-CN"}).err, HasSubstr("没有命令"));
  EXPECT_THAT(run({"raed"}, "", {{"LANG", "zh_CN.UTF-8"}}).err, HasSubstr("没有命令"));
  EXPECT_THAT(run({"raed"}, "", {{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", "C"}}).err, HasSubstr("no command"));
  EXPECT_THAT(run({"raed", "--lang", "en"}, "", {{"LANG", "zh_CN.UTF-8"}}).err, HasSubstr("no command"));
}

TEST_F(Program, ErrorsForMachinesAreObjects) {
  const Ended ended = run({"--json", "read", "nowhere.xyz"});
  EXPECT_EQ(ended.code, 2);
  const auto error = nlohmann::json::parse(ended.err).at("error");
  EXPECT_EQ(error["number"], "GW-2310");
  EXPECT_EQ(error["kind"], "bad_config");
  EXPECT_FALSE(error["remedy"].get<std::string>().empty());
}

TEST_F(Program, ReadPrintsAnObjectPerRowInColumnOrder) {
  write("a.people", "");
  const Ended ended = run({"read", "a.people", "--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "{\"name\":\"陈伟\",\"money\":12.50}\n{\"name\":\"007\",\"money\":12.49}\n{\"name\":\"\",\"money\":null}\n");
  const auto unreadable = nlohmann::json::parse(ended.err);
  EXPECT_EQ(unreadable["place"], "a.people:7");
  EXPECT_EQ(unreadable["number"], "GW-3018");
  EXPECT_EQ(unreadable["raw"], "to\xEF\xBF\xBDrn");
  EXPECT_FALSE(unreadable["reason"].get<std::string>().empty());
}

TEST_F(Program, ReadPrintsATableThatTellsEmptyFromNull) {
  write("a.people", "");
  const Ended ended = run({"read", "a.people"});
  EXPECT_EQ(ended.out,
            "name  money\n"
            "────  ─────\n"
            "陈伟  12.50\n"
            "007   12.49\n"
            "          ∅\n");
  EXPECT_THAT(ended.err, HasSubstr("GW-3018 a.people:7:"));
  EXPECT_THAT(ended.err, HasSubstr("Rows: 3, unreadable: 1"));
}

TEST_F(Program, ReadStopsAtItsLimit) {
  write("a.people", "");
  EXPECT_EQ(run({"read", "a.people", "--json", "--limit", "1"}).out, "{\"name\":\"陈伟\",\"money\":12.50}\n");
  EXPECT_EQ(run({"read", "a.people", "--json", "-n", "0"}).out, "");
}

TEST_F(Program, ReadTellsWhatItCannotFind) {
  write("a.strange", "");
  write("a.people", "");
  EXPECT_THAT(run({"read", "a.strange"}).err, StartsWith("GW-3033"));
  EXPECT_EQ(run({"read", "a.strange", "--connector", "fake"}).code, 0);
  EXPECT_THAT(run({"read", "a.strange", "--connector", "fak"}).err, HasSubstr("nearest: \"fake\""));
  const Ended several = run({"read", "a.people", "--set", "objects=2"});
  EXPECT_THAT(several.err, StartsWith("GW-2311"));
  EXPECT_THAT(several.err, HasSubstr("people, more"));
  EXPECT_EQ(run({"read", "a.people", "--set", "objects=2", "--object", "people"}).code, 0);
  EXPECT_THAT(run({"read", "a.people", "--set", "objects"}).err, StartsWith("GW-2312"));
  EXPECT_THAT(run({"read", "a.people", "--set", "objects=9"}).err, StartsWith("GW-3023"));
  EXPECT_THAT(run({"read", "a.people", "--set", "object=1"}).err, StartsWith("GW-3020"));
  EXPECT_THAT(run({"read", "a.people", "--object", "dogs"}).err, StartsWith("GW-3030"));
}

TEST_F(Program, ReadTakesConnectionsOfTheProjectWithOtherSettingsOnTop) {
  write("godwit.yaml", "project: t\nconnections:\n  old: {connector: fake, path: x.people, objects: 3}\n  new: {connector: fake, path: x.people}\n");
  write("flows/people.yaml", "from: old.people\nto: new.people\nkey: {name: name}\nmap:\n  money: money\n");
  EXPECT_EQ(run({"read", "old.people", "--json", "-n", "1"}).out, "{\"name\":\"陈伟\",\"money\":12.50}\n");
  EXPECT_THAT(run({"read", "old"}).err, HasSubstr("people, more, most"));
  EXPECT_EQ(run({"read", "old", "--set", "objects=1", "-n", "1"}).code, 0);
  EXPECT_THAT(run({"read", "older.people"}).err, StartsWith("GW-2310"));
}

TEST_F(Program, ConnectorsAreListedAndDescribed) {
  const Ended list = run({"connectors"});
  EXPECT_THAT(list.out, HasSubstr("People in memory"));
  const Ended one = run({"connectors", "fake"});
  EXPECT_THAT(one.out, HasSubstr("objects: integer 1…3  [1]"));
  EXPECT_THAT(one.out, HasSubstr("token: text (secret)"));
  EXPECT_EQ(nlohmann::json::parse(run({"connectors", "fake", "--manifest"}).out)["name"], "fake");
  EXPECT_EQ(nlohmann::json::parse(run({"connectors", "--json"}).out)[0]["name"], "fake");
  EXPECT_EQ(run({"connectors", "fakes"}).code, 2);
}

TEST_F(Program, EvalComputesConstantsAndRows) {
  EXPECT_EQ(run({"eval", "1 + 2"}).out, "3\n");
  EXPECT_EQ(run({"eval", "'a' || 'b'", "--json"}).out, "\"ab\"\n");
  write("rows.jsonl", "{\"name\": \"chen\", \"n\": 1.5}\n{\"name\": null, \"n\": 2}\n");
  EXPECT_EQ(run({"eval", "upper(name)", "--in", "rows.jsonl"}).out, "CHEN\nnull\n");
  EXPECT_EQ(run({"eval", "n + 1", "--in", "rows.jsonl", "--json"}).out, "2.5\n3.0\n");
  EXPECT_EQ(run({"eval", "n * 2", "--in", "-", "--json"}, "{\"n\": 4}\n").out, "8\n");
  EXPECT_THAT(run({"eval", "upper(nam)", "--in", "rows.jsonl"}).err, HasSubstr("name"));
  EXPECT_EQ(run({"eval", "upper(", "--in", "rows.jsonl"}).code, 2);
  EXPECT_THAT(run({"eval", "1", "--in", "no.jsonl"}).err, StartsWith("GW-2322"));
}

TEST_F(Program, EvalNamesTheRowsThatFailAndKeepsLinesInStep) {
  write("rows.jsonl", "{\"a\": 1, \"b\": 1}\n{\"a\": 1, \"b\": 0}\n{\"a\": 6, \"b\": 3}\n");
  const Ended ended = run({"eval", "a / b", "--in", "rows.jsonl", "--json"});
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 3) << ended.err;
  const auto failed = nlohmann::json::parse(ended.err);
  EXPECT_EQ(failed["row"], 2);
  EXPECT_EQ(failed["place"], "rows.jsonl:2");
  EXPECT_EQ(run({"eval", "1 / 0"}).code, 1);
}

TEST_F(Program, WhatStandsBehindASandboxIsNotUnderstoodHere) {
  const Ended unknown = run({"--lang", "en", "sandbox", "nobody", "--data", "x.db", "--no-such-option", "--record", "y"});
  EXPECT_THAT(unknown.err, StartsWith("GW-2370"));
  EXPECT_THAT(unknown.err, HasSubstr("\"nobody\""));
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(run({"sandbox", "--no-such-option"}).err, StartsWith("GW-2301"));
  EXPECT_EQ(run({"sandbox"}).code, 0);
}

TEST_F(Program, SchemasAreJson) {
  EXPECT_TRUE(nlohmann::json::accept(run({"schema"}).out));
  EXPECT_TRUE(nlohmann::json::accept(run({"schema", "flow"}).out));
  EXPECT_THAT(run({"schema", "flo"}).err, StartsWith("GW-2331"));
}

TEST_F(Program, ErrorsAreExplainedThoseOfConnectorsToo) {
  EXPECT_THAT(run({"errors", "GW-3000"}).out, StartsWith("GW-3000"));
  EXPECT_THAT(run({"errors", "3997"}).out, HasSubstr("Knock."));
  EXPECT_THAT(run({"errors", "gw-3997", "--lang", "zh-CN"}).out, HasSubstr("敲门。"));
  EXPECT_THAT(run({"errors"}).out, HasSubstr("GW-3997"));
  EXPECT_THAT(run({"errors", "GW-77777"}).err, StartsWith("GW-2332"));
  EXPECT_THAT(run({"errors", "x"}).err, StartsWith("GW-2332"));
}

TEST_F(Program, FunctionsAreListedWithExamples) {
  EXPECT_THAT(run({"functions"}).out, HasSubstr("upper(text"));
  EXPECT_THAT(run({"functions", "upper"}).out, HasSubstr("→"));
  EXPECT_THAT(run({"functions", "uper"}).err, HasSubstr("upper"));
}

}  // namespace
}  // namespace godwit::cli
