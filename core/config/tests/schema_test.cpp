// The JSON Schema that editors use: it takes what we take.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/config/tests/support.hpp"

namespace godwit::config {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::vector<std::string>& manifests() {
  static const std::vector<std::string> all{
      R"({"name":"csv","title":"Delimited files","settings":[
        {"name":"path","help":"File or folder.","kind":"path","required":true},
        {"name":"delimiter","help":"Between cells.","kind":"choice","choices":["comma","tab"],"default":"comma"},
        {"name":"header","help":"First line.","kind":"boolean","default":"yes","required":false},
        {"name":"skip","help":"Lines.","kind":"integer","min":0,"max":99,"default":"0"},
        {"name":"columns","help":"Names.","kind":"list"},
        {"name":"token","help":"Secret.","kind":"text","secret":true}]})",
      R"({"name":"sqlite","title":"SQLite","settings":[{"name":"path","help":"Database.","kind":"path","required":true}]})",
      "not a manifest"};
  return all;
}

TEST(Schema, DescribesEveryKeyWithAHelp) {
  for (const char* which : {"project", "flow"}) {
    const json schema = project_json_schema(which, {});
    EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    EXPECT_EQ(schema["additionalProperties"], false);
    // The keys are those that the reader knows: its own message lists them.
    MemoryFiles files = sound_project();
    const std::string file = std::string(which) == "project" ? "godwit.yaml" : "flows/accounts.yaml";
    files.files[file] += "zzz: 1\n";
    std::string known;
    for (const auto& [key, value] : schema["properties"].items()) known += key + ",";
    const auto found = errors_of(load_in(files));
    ASSERT_EQ(found.size(), 1u);
    std::size_t count = 1;
    for (char c : found[0].argument("expected")) count += c == ',';
    EXPECT_EQ(schema["properties"].size(), count) << known;
  }
}

TEST(Schema, CompletesTheSettingsOfAConnector) {
  const json connection = project_json_schema("project", manifests())["$defs"]["connection"];
  EXPECT_EQ(connection["properties"]["connector"]["enum"], (json{"csv", "sqlite"}));
  const json& then = connection["allOf"][0]["then"];
  EXPECT_EQ(connection["allOf"][0]["if"]["properties"]["connector"]["const"], "csv");
  EXPECT_EQ(then["required"], json{"path"});
  EXPECT_EQ(then["properties"]["token"]["writeOnly"], true);
  EXPECT_EQ(then["properties"]["delimiter"]["default"], "comma");
  EXPECT_EQ(then["additionalProperties"], false);
  const json overlay = project_json_schema("project", manifests())["$defs"]["overlay"];
  EXPECT_FALSE(overlay.contains("required"));
  EXPECT_FALSE(overlay["allOf"][0]["then"].contains("required"));
}

TEST(Schema, InTheRepositoryIsTheOnePrinted) {
  for (const char* which : {"project", "flow"}) {
    const fs::path path = fs::path(GODWIT_SOURCE_DIR) / "docs/schema" / (std::string(which) + ".schema.json");
    const std::string made = project_json_schema(which, {}).dump(2) + "\n";
    if (std::getenv("GODWIT_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << made;
    std::ifstream stream(path, std::ios::binary);
    const std::string kept{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(kept, made) << "run this test with GODWIT_UPDATE_GOLDEN=1";
  }
}

// Another implementation's opinion: Python's jsonschema on YAML as PyYAML types it, the way an editor sees it.
TEST(Schema, AgreesWithTheReaderAccordingToPython) {
  if (std::system("python3 -W ignore -c 'import yaml, jsonschema; jsonschema.Draft202012Validator' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3 with yaml and jsonschema (4 or newer) is not here";
  }
  std::string folder = (fs::temp_directory_path() / "godwit-schema-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(fs::path(folder) / name) << text;
  };
  write("project.json", project_json_schema("project", manifests()).dump());
  write("flow.json", project_json_schema("flow", manifests()).dump());
  write("check.py", R"(
import json, re, sys, yaml, jsonschema
folder, guide = sys.argv[1:]
class Loader(yaml.SafeLoader): pass
# Editors read YAML 1.2, where only true and false are booleans and nothing is a date.
drop = ('tag:yaml.org,2002:timestamp', 'tag:yaml.org,2002:bool')
Loader.yaml_implicit_resolvers = {k: [(t, r) for t, r in v if t not in drop] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver('tag:yaml.org,2002:bool', re.compile('^(true|false)$'), list('tf'))
schemas = {k: json.load(open(f'{folder}/{k}.json')) for k in ('project', 'flow')}
checks = {}
for k, s in schemas.items():
    jsonschema.Draft202012Validator.check_schema(s)
    checks[k] = jsonschema.Draft202012Validator(s)
bad = []
def expect(kind, text, valid, limit=None):
    errors = list(checks[kind].iter_errors(yaml.load(text, Loader)))
    if bool(errors) == valid: bad.append((kind, text, [e.message for e in errors][:3]))
plain = jsonschema.Draft202012Validator({**schemas['project'], '$defs': {**schemas['project']['$defs'], 'connection': {'type': 'object'}, 'overlay': {'type': 'object'}}})
count = 0
for block in re.findall(r'```yaml\n(.*?)```', open(guide, encoding='utf-8').read(), re.S):
    kind = 'flow' if block.startswith('# flows/') else 'project'
    errors = list((plain if kind == 'project' else checks['flow']).iter_errors(yaml.load(block, Loader)))
    if errors: bad.append((block, [e.message for e in errors][:3]))
    count += 1
if count < 7: bad.append(('samples', count))
P = 'project: x\n'
expect('project', P, True)
expect('project', 'language: en\n', False)
expect('project', P + 'langauge: en\n', False)
expect('project', P + 'language: de\n', False)
expect('project', P + 'connections: {a: {connector: csv, path: x, header: no, skip: 3, delimiter: tab, columns: [a, 1], zone: Asia/Tokyo}}\n', True)
expect('project', P + 'connections: {a: {connector: csv, path: x, skip: "${env:N}"}}\n', True)
expect('project', P + 'connections: {a: {connector: csv, path: x, skip: 100}}\n', False)
expect('project', P + 'connections: {a: {connector: csv, path: x, delimiter: colon}}\n', False)
expect('project', P + 'connections: {a: {connector: csv}}\n', False)
expect('project', P + 'connections: {a: {connector: csv, path: x, paht: y}}\n', False)
expect('project', P + 'connections: {a: {connector: oracle}}\n', False)
expect('project', P + 'connections: {a: {path: x}}\n', False)
expect('project', P + 'environments: {p: {production: true, mask: pii, connections: {a: {path: y}}}}\n', True)
expect('project', P + 'environments: {p: {productive: true}}\n', False)
expect('project', P + 'gates: {set_aside: 1%, missing: 0, totals: [{rows: 1, on: stop}]}\n', True)
expect('project', P + 'gates: {set_aside: {on: stop}}\n', False)
expect('project', P + 'gates: {set_aside: 0.01}\n', False)
expect('project', P + 'totals: {t: {flow: a, source: b}}\n', False)
F = 'from: a.b\nto: c.d\n'
expect('flow', F + 'key: id\n', True)
expect('flow', F, False)
expect('flow', F + 'map: {a: {const: 1}, b: null, c: 5, d: true}\n', True)
expect('flow', F + 'map: {a: {cons: 1}}\n', False)
expect('flow', F + 'map: [a]\n', False)
expect('flow', 'from: a\nto: c.d\nmap: {}\n', False)
expect('flow', F + 'key: id\nvalidate: [{require: a, unique: b}]\n', False)
expect('flow', F + 'key: id\nvalidate: [{require: a, level: fatal}]\n', False)
expect('flow', F + 'key: id\nkeep_prior: maybe\n', False)
for b in bad: print(b)
sys.exit(len(bad) > 0)
)");
  const std::string guide = std::string(GODWIT_SOURCE_DIR) + "/docs/guide/project-file.md";
  EXPECT_EQ(std::system(("python3 -W ignore " + folder + "/check.py " + folder + " " + guide).c_str()), 0);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace godwit::config
