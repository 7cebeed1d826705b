// The mapping's version: what changes it and what does not.
#include <functional>

#include "core/config/parts.hpp"
#include "core/config/tests/support.hpp"

namespace godwit::config {
namespace {

MemoryFiles base() {
  MemoryFiles files = with_flow_tail(
      "where: status <> 'X  Y'\n"
      "map:\n"
      "  Name: upper(name) || ' ' || town\n"
      "  Industry: value_map(branch, maps/industry.csv)\n"
      "validate:\n"
      "  - require: [Name]\n");
  files.files["godwit.yaml"] += "gates: {missing: 0}\n";
  files.files["maps/industry.csv"] = "a,b\n";
  files.files["flows/other.yaml"] = "from: legacy.o\nto: crm.O\nmap: other.csv\n";
  files.files["other.csv"] = "target,source\nName,name\n";
  return files;
}

Project loaded(const MemoryFiles& files) {
  auto project = load_in(files);
  EXPECT_TRUE(project) << describe(project.error());
  return project ? *project : Project{};
}

void replace(MemoryFiles& files, const std::string& file, const std::string& what, const std::string& with) {
  std::string& text = files.files[file];
  const std::size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), with);
}

TEST(MappingHash, IsOneHundredTwentyEightBitsAndTheSameEverywhere) {
  const Project project = loaded(base());
  EXPECT_EQ(project.mapping_hash.size(), 32u);
  EXPECT_EQ(project.flow_hashes.size(), 2u);
  EXPECT_EQ(loaded(base()).mapping_hash, project.mapping_hash);
}

TEST(MappingHash, IgnoresCommentsLayoutAndOrder) {
  const Project before = loaded(base());
  MemoryFiles files = base();
  replace(files, "flows/accounts.yaml", "map:\n", "# a remark\nmap:   # another\n");
  replace(files, "flows/accounts.yaml", "upper(name) || ' ' || town", "|\n    upper(name)\n      || ' '   || town");
  replace(files, "flows/accounts.yaml", "to: crm.Account\n", "to: \"crm.Account\"\n");
  replace(files, "other.csv", "target,source\nName,name\n",
          "remark;target;source\r\nfirst;Name;name\r\nlater;Phone;\r\n");
  files.files["flows/accounts.yaml"] = "\xEF\xBB\xBF" + files.files["flows/accounts.yaml"];
  replace(files, "godwit.yaml", "path: crm.db", "path: elsewhere.db");
  const Project after = loaded(files);
  EXPECT_EQ(after.flow_hashes, before.flow_hashes);
  EXPECT_EQ(after.mapping_hash, before.mapping_hash);

  MemoryFiles turned = base();
  replace(turned, "flows/accounts.yaml", "  Name: upper(name) || ' ' || town\n", "");
  replace(turned, "flows/accounts.yaml", "maps/industry.csv)\n",
          "maps/industry.csv)\n  Name: upper(name) || ' ' || town\n");
  EXPECT_EQ(loaded(turned).mapping_hash, before.mapping_hash);
}

TEST(MappingHash, SeesEveryChangeOfMeaning) {
  const Project before = loaded(base());
  const auto changed = [&](const std::string& file, const std::string& what, const std::string& with) {
    MemoryFiles files = base();
    replace(files, file, what, with);
    const Project after = loaded(files);
    EXPECT_NE(after.mapping_hash, before.mapping_hash) << what << " -> " << with;
    EXPECT_EQ(after.flow_hashes.at("other") == before.flow_hashes.at("other"), file != "other.csv") << what;
    return after;
  };
  const std::string flow = "flows/accounts.yaml";
  changed(flow, "upper(name)", "lower(name)");
  changed(flow, "'X  Y'", "'X Y'");  // blanks in a constant are data
  changed(flow, "Name: upper", "Name2: upper");
  changed(flow, "legacy.customers", "legacy.kunden");
  changed(flow, "require: [Name]", "unique: [Name]");
  changed(flow, "require: [Name]", "require: [Name]\n    level: warning");
  changed(flow, "map:\n", "on_double: merge\nmap:\n");
  changed(flow, "map:\n", "keep_prior: no\nmap:\n");
  changed(flow, "map:\n", "tolerance: {Name: case}\nmap:\n");
  changed(flow, "map:\n", "zone: Asia/Tokyo\nmap:\n");
  changed(flow, "map:\n", "map:\n  Extra: {const: name}\n");
  changed("maps/industry.csv", "a,b", "a,c");
  changed("other.csv", "Name,name", "Name,names");
  const Project gates = changed("godwit.yaml", "missing: 0", "missing: 1");
  EXPECT_EQ(gates.flow_hashes, before.flow_hashes);
}

TEST(MappingHash, AConstantIsNoExpression) {
  MemoryFiles files = base();
  replace(files, "flows/accounts.yaml", "map:\n", "map:\n  Extra: {const: name}\n");
  MemoryFiles other = base();
  replace(other, "flows/accounts.yaml", "map:\n", "map:\n  Extra: name\n");
  EXPECT_NE(loaded(files).mapping_hash, loaded(other).mapping_hash);
}

TEST(MapFiles, AreFoundInCalls) {
  EXPECT_EQ(value_map_files("value_map(branch, maps/a.csv)"), std::vector<std::string>{"maps/a.csv"});
  EXPECT_EQ(value_map_files("branch | value_map(maps/a.csv, otherwise => set_aside)"),
            std::vector<std::string>{"maps/a.csv"});
  EXPECT_EQ(value_map_files("value_map(f(a, 'b)'), 'maps/ä b.csv')"), std::vector<std::string>{"maps/ä b.csv"});
  EXPECT_EQ(value_map_files("value_map ( a ,\n maps/x.csv ) || value_map(b, y.csv)"),
            (std::vector<std::string>{"maps/x.csv", "y.csv"}));
  EXPECT_EQ(value_map_files("a || value_map(b, maps/list.txt, from => x.csv)"), std::vector<std::string>{"maps/list.txt"});
  EXPECT_EQ(value_map_files("'value_map(a, b.csv)' || \"value_map(a, c.csv)\""), std::vector<std::string>{});
  EXPECT_EQ(value_map_files("value_map(a, b.csv"), std::vector<std::string>{});
  EXPECT_EQ(value_map_files("value_map"), std::vector<std::string>{});
}

TEST(MapFiles, ThatAreMissingAreNamedAtTheirExpression) {
  MemoryFiles files = base();
  files.files.erase("maps/industry.csv");
  EXPECT_EQ(mistakes(files), Lines{"GW-2050 flows/accounts.yaml:7:13: there is no file \"maps/industry.csv\""});
}

}  // namespace
}  // namespace godwit::config
