// What godwit.yaml says, and what is found wrong in it.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/config/findings.hpp"
#include "core/config/tests/support.hpp"

namespace godwit::config {
namespace {

namespace fs = std::filesystem;

// A folder of its own that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "godwit-config-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Project loaded(const MemoryFiles& files, std::string_view environment = {}) {
  auto project = load_in(files, environment);
  EXPECT_TRUE(project) << describe(project.error());
  return project ? *project : Project{};
}

TEST(Project, IsReadFromItsFolderOnDisk) {
  const Folder folder;
  const MemoryFiles sound = sound_project();
  for (const auto& [file, text] : sound.files) folder.write(file, text);
  folder.write("flows/.#accounts.yaml", "what an editor leaves behind");
  folder.write("flows/accounts.yaml~", "likewise");
  folder.write("flows/notes.txt", "no flow");
  const auto project = load_project(folder.path());
  ASSERT_TRUE(project) << describe(project.error());
  EXPECT_EQ(project->folder, folder.path());
  EXPECT_EQ(project->name, "harbour");
  ASSERT_EQ(project->connections.size(), 2u);
  EXPECT_EQ(project->connection("crm")->connector, "sqlite");
  EXPECT_EQ(project->connection("crm")->settings,
            (std::vector<std::pair<std::string, std::string>>{{"path", "crm.db"}}));
  EXPECT_EQ(project->connection("nobody"), nullptr);
  ASSERT_EQ(project->flows.size(), 1u);
  EXPECT_EQ(project->flow("accounts")->from[0].object, "customers");
}

TEST(Project, IsFoundFromAnyFolderInside) {
  const Folder folder;
  folder.write("godwit.yaml", "project: x\n");
  folder.write("flows/deep/er/file", "");
  const auto found = find_project(folder.path() / "flows/deep/er");
  ASSERT_TRUE(found);
  EXPECT_TRUE(fs::equivalent(*found, folder.path()));
}

TEST(Project, ThatIsNowhereIsSaidSo) {
  const Folder folder;
  const auto found = find_project(folder.path());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().number, 2001);
  EXPECT_EQ(found.error().argument("seen"), folder.path().string());
}

TEST(Project, FileWithTheOtherEndingIsNamed) {
  const Folder folder;
  folder.write("godwit.yml", "project: x\n");
  const auto found = find_project(folder.path());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().number, 2070);
}

TEST(Project, MissingAndUnreadableFilesAreErrors) {
  EXPECT_EQ(mistakes(MemoryFiles{}), Lines{"GW-2071 godwit.yaml: there is no godwit.yaml"});
  const Folder folder;
  fs::create_directories(folder.path() / "godwit.yaml");
  const auto project = load_project(folder.path());
  ASSERT_FALSE(project);
  EXPECT_EQ(describe(project.error()),
            "GW-2002 godwit.yaml: \"godwit.yaml\" cannot be read: Is a directory\n"
            "  Check that it is a file and that you may read it.");
}

TEST(Project, EmptyFileLacksItsName) {
  MemoryFiles files;
  files.files["godwit.yaml"] = "";
  EXPECT_EQ(mistakes(files), Lines{"GW-2039 godwit.yaml:1:1: \"project\" is missing"});
  files.files["godwit.yaml"] = "# nothing yet\n";
  EXPECT_EQ(mistakes(files), Lines{"GW-2039 godwit.yaml:1:1: \"project\" is missing"});
}

TEST(Project, UnknownKeyNamesTheNearest) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "gate:\n  set_asid: 1%\nlangauge: en\n";
  EXPECT_EQ(mistakes(files),
            (Lines{"GW-2004 godwit.yaml:5:1: unknown key \"gate\"; the nearest known key is \"gates\"",
                   "GW-2004 godwit.yaml:7:1: unknown key \"langauge\"; the nearest known key is \"language\""}));
}

TEST(Project, KeysTwiceAreErrorsAtEveryDepth) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] =
      "project: x\n"
      "project: y\n"
      "connections:\n"
      "  crm: {connector: sqlite, path: a, path: b}\n"
      "  crm: {connector: sqlite}\n"
      "  legacy: {connector: csv}\n";
  EXPECT_EQ(mistakes(files), (Lines{"GW-2005 godwit.yaml:2:1: \"project\" is given twice, first in line 1",
                                    "GW-2005 godwit.yaml:4:37: \"path\" is given twice, first in line 4",
                                    "GW-2005 godwit.yaml:5:3: \"crm\" is given twice, first in line 4"}));
}

TEST(Project, TextStaysText) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] +=
      "  odd: {connector: x, a: no, b: 007, c: 1e5, d: 0x1F, e: 2024-01-01, f: '', g: null, h: ~, i: true, j: [007, "
      "no]}\n";
  const Project project = loaded(files);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"a", "no"}, {"b", "007"},  {"c", "1e5"}, {"d", "0x1F"}, {"e", "2024-01-01"},
      {"f", ""},   {"g", "null"}, {"h", "~"},   {"i", "true"}, {"j", "[\"007\",\"no\"]"}};
  EXPECT_EQ(project.connection("odd")->settings, expected);
}

TEST(Project, SettingsWithoutAValueAreErrors) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "  odd:\n    connector: x\n    path:\n    null: y\n";
  EXPECT_EQ(mistakes(files), Lines{"GW-2037 godwit.yaml:7:5: \"path\" has no value"});
}

TEST(Project, LanguageMemoryKeyAndZone) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "language: zh-CN\nmemory: 128 MB\nsigning_key: keys/ed25519\nzone: Asia/Shanghai\n";
  const Project project = loaded(files);
  EXPECT_EQ(project.language, Language::zh_cn);
  EXPECT_EQ(project.memory, 128 << 20);
  EXPECT_EQ(project.signing_key, "keys/ed25519");
  EXPECT_EQ(project.connection("legacy")->zone, "Asia/Shanghai");
  EXPECT_EQ(project.flow("accounts")->zone, "Asia/Shanghai");
}

TEST(Project, WrongLanguageMemoryAndZoneAreErrors) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "language: zh_CN\nmemory: 64 lightyears\nzone: Asia/Shanghia\n";
  EXPECT_EQ(
      mistakes(files),
      (Lines{"GW-2028 godwit.yaml:5:11: \"language\" cannot be \"zh_CN\"",
             "GW-2031 godwit.yaml:6:9: \"memory\" must be a size of 16 MB or more such as 64 MB, not \"64 lightyears\"",
             "GW-2032 godwit.yaml:7:7: \"Asia/Shanghia\" is not a time zone; the nearest is \"Asia/Shanghai\""}));
  files = sound_project();
  files.files["godwit.yaml"] += "memory: 1 MB\n";
  EXPECT_EQ(mistakes(files),
            Lines{"GW-2031 godwit.yaml:5:9: \"memory\" must be a size of 16 MB or more such as 64 MB, not \"1 MB\""});
}

TEST(Project, ZoneOfTheConnectionGoesBeforeTheProjects) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] =
      "project: x\nzone: Europe/Berlin\nconnections:\n"
      "  legacy: {connector: csv, zone: Asia/Shanghai}\n  branch: {connector: csv}\n  crm: {connector: sqlite}\n";
  files.files["flows/both.yaml"] = "from: [legacy.a, branch.b]\nto: crm.C\nmap: {x: y}\n";
  files.files["flows/own.yaml"] = "from: legacy.a\nto: crm.C\nmap: {x: y}\nzone: Asia/Tokyo\n";
  const Project project = loaded(files);
  EXPECT_EQ(project.flow("accounts")->zone, "Asia/Shanghai");
  EXPECT_EQ(project.flow("own")->zone, "Asia/Tokyo");
  EXPECT_EQ(project.flow("both")->zone, "") << "two sources of different zones share none";
}

MemoryFiles with_environments() {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] =
      "project: x\n"
      "connections:\n"
      "  legacy: {connector: csv, path: extract/}\n"
      "  crm: {connector: sqlite, path: crm.db, token: \"${env:TOKEN}\"}\n"
      "environments:\n"
      "  trial: {mask: pii}\n"
      "  production: {production: yes, connections: {crm: {path: \"${env:PROD}\", token: \"${file:secrets/prod}\"}}}\n";
  return files;
}

TEST(Environments, OverlayKeyByKey) {
  MemoryFiles files = with_environments();
  files.variables = {{"PROD", "/srv/crm.db"}};
  files.files["secrets/prod"] = "s3cret\n";
  const Project project = loaded(files, "production");  // TOKEN is not needed here, and not asked for
  EXPECT_EQ(project.environment, "production");
  EXPECT_TRUE(project.production);
  EXPECT_EQ(project.mask, "");
  const ConnectionConfig& crm = *project.connection("crm");
  EXPECT_EQ(crm.connector, "sqlite");
  EXPECT_EQ(crm.settings,
            (std::vector<std::pair<std::string, std::string>>{{"path", "/srv/crm.db"}, {"token", "s3cret"}}));
  EXPECT_EQ(crm.secrets, (std::vector<std::string>{"/srv/crm.db", "s3cret"}));
}

TEST(Environments, NoneChosenLeavesTheConnectionsAsTheyStand) {
  MemoryFiles files = with_environments();
  files.variables = {{"TOKEN", "t"}};
  const Project project = loaded(files);
  EXPECT_EQ(project.environment, "");
  EXPECT_FALSE(project.production);
  EXPECT_EQ(project.mask, "");
  EXPECT_EQ(project.connection("crm")->settings,
            (std::vector<std::pair<std::string, std::string>>{{"path", "crm.db"}, {"token", "t"}}));
  EXPECT_EQ(loaded(files, "trial").mask, "pii");
}

TEST(Environments, UnknownOneNamesTheNearest) {
  MemoryFiles files = with_environments();
  files.variables = {{"TOKEN", "t"}};
  EXPECT_EQ(mistakes(files, "prodction"),
            Lines{"GW-2040 godwit.yaml:6:3: there is no environment \"prodction\"; the nearest is \"production\""});
  files = sound_project();
  EXPECT_EQ(mistakes(files, "trial"),
            Lines{"GW-2040 godwit.yaml:1:1: there is no environment \"trial\"; the nearest is \"\""});
}

TEST(Environments, AreCheckedEvenWhenNotChosen) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] +=
      "environments:\n"
      "  a: {production: perhaps, maks: pii}\n"
      "  b: {mask: all, connections: {crn: {path: y}, fresh: {connector: csv}}}\n";
  EXPECT_EQ(mistakes(files),
            (Lines{"GW-2028 godwit.yaml:6:19: \"production\" cannot be \"perhaps\"",
                   "GW-2004 godwit.yaml:6:28: unknown key \"maks\"; the nearest known key is \"mask\"",
                   "GW-2028 godwit.yaml:7:13: \"mask\" cannot be \"all\"",
                   "GW-2042 godwit.yaml:7:32: no connection \"crn\" to change; the nearest is \"crm\""}));
}

TEST(Secrets, MissingOnesAreNamed) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] +=
      "  odd: {connector: x, a: \"${env:NOPE}\", b: \"${file:nope}\", c: \"${home}\", d: \"${env:OPEN\"}\n";
  EXPECT_EQ(mistakes(files),
            (Lines{"GW-2047 godwit.yaml:5:26: the environment variable NOPE is not set",
                   "GW-2048 godwit.yaml:5:44: the secret's file \"nope\" is missing or empty",
                   "GW-2046 godwit.yaml:5:63: \"${home}\" is neither ${env:NAME} nor ${file:path}",
                   "GW-2046 godwit.yaml:5:77: \"${env:OPEN\" is neither ${env:NAME} nor ${file:path}"}));
}

TEST(Secrets, MayStandInsideAText) {
  MemoryFiles files = sound_project();
  files.variables = {{"HOST", "h"}, {"PORT", "1"}};
  files.files["godwit.yaml"] += "  odd: {connector: x, url: \"https://${env:HOST}:${env:PORT}/$${x}$\"}\n";
  const Project project = loaded(files);
  EXPECT_EQ(project.connection("odd")->settings[0].second, "https://h:1/${x}$");
}

TEST(Secrets, StayUnresolvedWhenNoConnectionIsOpened) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "  odd: {connector: x, a: \"${env:NOPE}\"}\n";
  const auto project = load(files, "/project", "", {.resolve = false});
  ASSERT_TRUE(project) << describe(project.error());
  EXPECT_EQ(project->connection("odd")->settings[0].second, "${env:NOPE}");
  EXPECT_TRUE(project->connection("odd")->secrets.empty());
}

TEST(Secrets, OfTheProcessEnvironmentAreRead) {
  const Folder folder;
  folder.write("godwit.yaml",
               "project: x\nconnections:\n  a: {connector: c, b: \"${env:GODWIT_TEST_SECRET}\", k: \"${file:key}\"}\n");
  folder.write("key", "one\r\n");
  setenv("GODWIT_TEST_SECRET", "zwei", 1);
  const auto project = load_project(folder.path());
  unsetenv("GODWIT_TEST_SECRET");
  ASSERT_TRUE(project) << describe(project.error());
  EXPECT_EQ(project->connections[0].settings[0].second, "zwei");
  EXPECT_EQ(project->connections[0].settings[1].second, "one");
}

TEST(Connections, NeedAConnectorAndAName) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "  a.b: {connector: csv}\n  none: {path: x}\n  odd: csv\n";
  EXPECT_EQ(mistakes(files), (Lines{"GW-2041 godwit.yaml:5:3: a connection cannot be called \"a.b\"",
                                    "GW-2043 godwit.yaml:6:3: the connection \"none\" names no connector",
                                    "GW-2022 godwit.yaml:7:8: \"odd\" must be a map (`name: value` lines)"}));
}

TEST(Connections, WithChineseNames) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "  旧系统: {connector: csv, path: 导出（最终）/}\n";
  files.files["flows/accounts.yaml"] = "from: 旧系统.客户 表\nto: crm.Account\nmap: {Name: 名称}\n";
  const Project project = loaded(files);
  EXPECT_EQ(project.connection("旧系统")->settings[0].second, "导出（最终）/");
  EXPECT_EQ(project.flows[0].from[0].connection, "旧系统");
  EXPECT_EQ(project.flows[0].from[0].object, "客户 表");
}

TEST(Gates, InEveryForm) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] +=
      "gates:\n"
      "  set_aside:\n"
      "    - {share: 0.5%, min_rows: 1000, on: stop}\n"
      "    - {flow: accounts, rows: 10, approver: 财务}\n"
      "  missing: 0\n"
      "  warned: 5 %\n";
  const Project project = loaded(files);
  ASSERT_EQ(project.gates.size(), 4u);
  EXPECT_EQ(project.gates[0].name, "set_aside");
  EXPECT_DOUBLE_EQ(*project.gates[0].share, 0.005);
  EXPECT_EQ(project.gates[0].min_rows, 1000);
  EXPECT_TRUE(project.gates[0].stop);
  EXPECT_EQ(project.gates[1].flow, "accounts");
  EXPECT_EQ(project.gates[1].rows, 10);
  EXPECT_EQ(project.gates[1].approver, "财务");
  EXPECT_FALSE(project.gates[1].stop);
  EXPECT_EQ(project.gates[2].rows, 0);
  EXPECT_DOUBLE_EQ(*project.gates[3].share, 0.05);
}

TEST(Gates, AreNeverGuessed) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] +=
      "gates:\n"
      "  set_aside: {on: stop}\n"
      "  warned: {share: 0.01}\n"
      "  missing: {share: 101%}\n"
      "  in_doubt: {rows: -1, on: halt}\n"
      "  totals: {rows: 1, flow: acounts}\n"
      "  differing: a few\n";
  EXPECT_EQ(mistakes(files),
            (Lines{"GW-2044 godwit.yaml:6:14: the gate \"set_aside\" has no threshold",
                   "GW-2030 godwit.yaml:7:19: \"share\" must be a share such as 1% or 0.5%, not \"0.01\"",
                   "GW-2030 godwit.yaml:8:20: \"share\" must be a share such as 1% or 0.5%, not \"101%\"",
                   "GW-2029 godwit.yaml:9:20: \"rows\" must be a number of 0 or more, not \"-1\"",
                   "GW-2028 godwit.yaml:9:28: \"on\" cannot be \"halt\"",
                   "GW-2045 godwit.yaml:10:27: there is no flow \"acounts\"; the nearest is \"accounts\"",
                   "GW-2029 godwit.yaml:11:14: \"differing\" must be a number of 0 or more, not \"a few\""}));
}

TEST(Totals, AreReadWithTheirCurrency) {
  MemoryFiles files = sound_project();
  files.files["expected.csv"] = "total,value\n";
  files.files["godwit.yaml"] +=
      "totals:\n"
      "  revenue: {flow: accounts, source: number(revenue), target: Revenue, expected: expected.csv,\n"
      "            currency: Currency, source_currency: upper(cur), tolerance: 0.05}\n";
  const Project project = loaded(files);
  ASSERT_EQ(project.totals.size(), 1u);
  const Total& total = project.totals[0];
  EXPECT_EQ(total.flow, "accounts");
  EXPECT_EQ(total.source.text, "number(revenue)");
  EXPECT_EQ(total.source.place.to_string(), "godwit.yaml:6:37");
  EXPECT_EQ(total.target, "Revenue");
  EXPECT_EQ(total.currency, "Currency");
  EXPECT_EQ(total.source_currency->text, "upper(cur)");
  EXPECT_EQ(total.expected, "expected.csv");
  EXPECT_EQ(total.tolerance, "0.05");
}

TEST(Totals, NeedTheirParts) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] +=
      "totals:\n"
      "  one: {flow: acc, target: X}\n"
      "  two: {flow: accounts, source: a, target: b, expected: nowhere.csv, source_currency: c, tolerance: much}\n";
  EXPECT_EQ(mistakes(files),
            (Lines{"GW-2039 godwit.yaml:6:3: \"source\" is missing",
                   "GW-2045 godwit.yaml:6:15: there is no flow \"acc\"; the nearest is \"accounts\"",
                   "GW-2039 godwit.yaml:7:3: \"currency\" is missing",
                   "GW-2050 godwit.yaml:7:57: there is no file \"nowhere.csv\"",
                   "GW-2029 godwit.yaml:7:101: \"tolerance\" must be a number of 0 or more, not \"much\""}));
}

TEST(Mistakes, OfAllFilesComeTogetherInOrder) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "gates: {oops: 1}\n";
  files.files["flows/accounts.yaml"] = "from: legasy.customers\nto: crm\nmpa: {}\n";
  files.files["flows/broken.yaml"] = "from: [\n";
  const auto found = mistakes(files);
  EXPECT_EQ(found,
            (Lines{"GW-2004 godwit.yaml:5:9: unknown key \"oops\"; the nearest known key is \"totals\"",
                   "GW-2039 flows/accounts.yaml:1:1: \"map\" is missing",
                   "GW-2055 flows/accounts.yaml:1:7: there is no connection \"legasy\"; the nearest is \"legacy\"",
                   "GW-2038 flows/accounts.yaml:2:5: \"to\" must be connection.object, not \"crm\"",
                   "GW-2004 flows/accounts.yaml:3:1: unknown key \"mpa\"; the nearest known key is \"map\"",
                   "GW-2011 flows/broken.yaml:2:1: this is not YAML: end of sequence flow not found"}));
}

TEST(Mistakes, InGreatNumberAreCounted) {
  MemoryFiles files = sound_project();
  std::string& text = files.files["godwit.yaml"];
  for (int i = 0; i < 250; ++i) text += "k" + std::to_string(i) + ": x\n";
  const auto found = errors_of(load_in(files));
  ASSERT_EQ(found.size(), kMostFindings + 1);
  EXPECT_EQ(found.back().number, 2060);
  EXPECT_EQ(found.back().argument("count"), "150");
}

TEST(Mistakes, AreToldInChinese) {
  MemoryFiles files = sound_project();
  files.files["godwit.yaml"] += "gate: {}\n";
  const auto project = load_in(files);
  ASSERT_FALSE(project);
  EXPECT_EQ(describe(project.error(), Language::zh_cn),
            "GW-2004 godwit.yaml:5:1: 未知的键 \"gate\"；最接近的已知键是 \"gates\"\n"
            "  请更正该键。此处可用：project, language, connections, environments, gates, totals, memory, signing_key, "
            "zone。");
}

}  // namespace
}  // namespace godwit::config
