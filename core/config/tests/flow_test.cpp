// What a flow file says, and what is found wrong in it.
#include "core/config/tests/support.hpp"

namespace godwit::config {
namespace {

Flow flow_of(const MemoryFiles& files) {
  auto project = load_in(files);
  EXPECT_TRUE(project) << describe(project.error());
  return project ? project->flows.at(0) : Flow{};
}

TEST(Flow, AsTheDesignShowsIt) {
  MemoryFiles files = sound_project();
  files.files["maps/industry.csv"] = "from,to\n";
  files.files["flows/accounts.yaml"] =
      "from: legacy.customers               # or a list of objects of one shape\n"
      "where: status <> 'X' or status is null\n"
      "to: crm.Account\n"
      "key: {Legacy_Id__c: cust_no}\n"
      "let:\n"
      "  land: country_code(country)\n"
      "map:\n"
      "  Name: company_name(name)\n"
      "  Phone: tel | phone(region => land)\n"
      "  AnnualRevenue: number(revenue, locale => de_DE)\n"
      "  Industry: value_map(branch, maps/industry.csv, otherwise => set_aside)\n"
      "  Source__c: {const: harbour}\n"
      "validate:\n"
      "  - require: [Name]\n"
      "  - unique: Legacy_Id__c\n"
      "  - check: AnnualRevenue is null or AnnualRevenue >= 0\n"
      "    say: annual revenue is negative\n"
      "on_double: set_aside                 # the same key twice in the source: first in source order wins\n";
  const Flow flow = flow_of(files);
  EXPECT_EQ(flow.name, "accounts");
  ASSERT_EQ(flow.from.size(), 1u);
  EXPECT_EQ(flow.from[0].connection, "legacy");
  EXPECT_EQ(flow.from[0].object, "customers");
  EXPECT_EQ(flow.from[0].place.to_string(), "flows/accounts.yaml:1:7");
  EXPECT_EQ(flow.where->text, "status <> 'X' or status is null");
  EXPECT_EQ(flow.to.object, "Account");
  ASSERT_EQ(flow.key.size(), 1u);
  EXPECT_EQ(flow.key[0].name, "Legacy_Id__c");
  EXPECT_EQ(flow.key[0].expression.text, "cust_no");
  EXPECT_EQ(flow.source_key, std::vector<std::string>{"cust_no"});
  EXPECT_EQ(flow.let[0].name, "land");
  ASSERT_EQ(flow.map.size(), 5u);
  EXPECT_EQ(flow.map[1].expression.text, "tel | phone(region => land)");
  EXPECT_EQ(flow.map[1].expression.place.to_string(), "flows/accounts.yaml:9:10");
  EXPECT_EQ(flow.map[1].place.to_string(), "flows/accounts.yaml:9:3");
  EXPECT_TRUE(flow.map[4].expression.is_constant);
  EXPECT_EQ(flow.map[4].expression.text, "harbour");
  ASSERT_EQ(flow.validate.size(), 3u);
  EXPECT_EQ(flow.validate[2].say, "annual revenue is negative");
  EXPECT_EQ(flow.validate[2].check.place.to_string(), "flows/accounts.yaml:16:12");
  EXPECT_EQ(flow.on_double, OnDouble::set_aside);
  EXPECT_EQ(flow.files, std::vector<std::string>{"maps/industry.csv"});
}

TEST(Flow, DefaultsAreTheCarefulOnes) {
  const Flow flow = flow_of(sound_project());
  EXPECT_EQ(flow.on_double, OnDouble::set_aside);
  EXPECT_EQ(flow.on_conflict, OnConflict::set_aside);
  EXPECT_EQ(flow.compare, CompareMode::scan);
  EXPECT_TRUE(flow.keep_prior);
  EXPECT_FALSE(flow.where);
}

TEST(Flow, EverySwitch) {
  const Flow flow = flow_of(with_flow_tail(
      "map: {Name: name, Amount: amount}\non_double: merge\non_conflict: target\ncompare: journal\nkeep_prior: no\n"
      "tolerance: {Amount: 0.01, Name: case}\nid: Id\nzone: Europe/Berlin\nsource_key: [cust_no, region]\n"));
  EXPECT_EQ(flow.on_double, OnDouble::merge);
  EXPECT_EQ(flow.on_conflict, OnConflict::target);
  EXPECT_EQ(flow.compare, CompareMode::journal);
  EXPECT_FALSE(flow.keep_prior);
  EXPECT_EQ(flow.tolerance, (std::map<std::string, std::string>{{"Amount", "0.01"}, {"Name", "case"}}));
  EXPECT_EQ(flow.id, "Id");
  EXPECT_EQ(flow.zone, "Europe/Berlin");
  EXPECT_EQ(flow.source_key, (std::vector<std::string>{"cust_no", "region"}));
}

TEST(Flow, WrongSwitchesNameTheirChoices) {
  const auto found =
      mistakes(with_flow_tail("map: {Name: name}\non_double: keep\ncompare: none\nkeep_prior: maybe\ntolerance: {Name: "
                              "3 parsecs, Nam: case}\nafter: [accounts, contact]\n"));
  EXPECT_EQ(found,
            (Lines{"GW-2028 flows/accounts.yaml:5:12: \"on_double\" cannot be \"keep\"",
                   "GW-2028 flows/accounts.yaml:6:10: \"compare\" cannot be \"none\"",
                   "GW-2028 flows/accounts.yaml:7:13: \"keep_prior\" cannot be \"maybe\"",
                   "GW-2058 flows/accounts.yaml:8:19: \"3 parsecs\" is not a tolerance",
                   "GW-2059 flows/accounts.yaml:8:30: \"Nam\" is not mapped; the nearest mapped field is \"Name\"",
                   "GW-2061 flows/accounts.yaml:9:9: \"accounts\" cannot run after itself",
                   "GW-2045 flows/accounts.yaml:9:19: there is no flow \"contact\"; the nearest is \"accounts\""}));
}

TEST(Flow, KeysMayBeCompositeAndShort) {
  MemoryFiles files = sound_project();
  files.files["flows/accounts.yaml"] = "from: [legacy.a, legacy.b]\nto: crm.Line\nkey: [order no, 行号]\n";
  Flow flow = flow_of(files);
  ASSERT_EQ(flow.from.size(), 2u);
  ASSERT_EQ(flow.key.size(), 2u);
  EXPECT_EQ(flow.key[0].name, "order no");
  EXPECT_EQ(flow.key[0].expression.text, "\"order no\"") << "an expression needs quotes around the blank";
  EXPECT_EQ(flow.key[1].expression.text, "行号");
  EXPECT_EQ(flow.source_key, (std::vector<std::string>{"order no", "行号"}));

  files.files["flows/accounts.yaml"] = "from: legacy.a\nto: crm.Line\nkey: id\n";
  flow = flow_of(files);
  EXPECT_EQ(flow.key[0].name, "id");

  files.files["flows/accounts.yaml"] = "from: legacy.a\nto: crm.Line\nkey:\n  Order: order_no\n  Line: number(line)\n";
  flow = flow_of(files);
  EXPECT_TRUE(flow.source_key.empty()) << "number(line) is no column: the compiled key will tell";
}

TEST(Flow, QuotedAndChineseNames) {
  const Flow flow =
      flow_of(with_flow_tail("map:\n"
                             "  \"客户 名称\": 名称 || 'x'\n"
                             "  金额（元）: number(金额)\n"
                             "  Städte: |\n"
                             "    \"Stadt Name\" || ' - ' || land\n"
                             "  Plain: '\"two words\"'\n"));
  ASSERT_EQ(flow.map.size(), 4u);
  EXPECT_EQ(flow.map[0].name, "客户 名称");
  EXPECT_EQ(flow.map[0].expression.place.to_string(), "flows/accounts.yaml:5:12") << "columns count characters";
  EXPECT_EQ(flow.map[1].name, "金额（元）");
  EXPECT_EQ(flow.map[2].expression.text, "\"Stadt Name\" || ' - ' || land");
  EXPECT_EQ(flow.map[2].expression.place.to_string(), "flows/accounts.yaml:8:5");
  EXPECT_EQ(flow.map[3].expression.text, "\"two words\"");
}

TEST(Flow, ExpressionsOverSeveralLinesKeepTheirLayout) {
  const Flow flow =
      flow_of(with_flow_tail("where: status <> 'X'\n"
                             "       or status is null\n"
                             "map:\n"
                             "  A: |\n"
                             "\n"
                             "    case\n"
                             "      when x then 1  # not a comment in here\n"
                             "    end\n"
                             "\n"
                             "  B: >-\n"
                             "    a ||\n"
                             "    b\n"
                             "  C: \"coalesce(a, b) || ': '\"\n"
                             "  D: a || 'two\n"
                             "    lines'\n"));
  EXPECT_EQ(flow.where->text, "status <> 'X'\n       or status is null");
  EXPECT_EQ(flow.map[0].expression.text, "case\n      when x then 1  # not a comment in here\n    end");
  EXPECT_EQ(flow.map[0].expression.place.to_string(), "flows/accounts.yaml:9:5");
  EXPECT_EQ(flow.map[1].expression.text, "a ||\n    b");
  EXPECT_EQ(flow.map[2].expression.text, "coalesce(a, b) || ': '");
  EXPECT_EQ(flow.map[2].expression.place.to_string(), "flows/accounts.yaml:16:7");
  EXPECT_EQ(flow.map[3].expression.text, "a || 'two lines'")
      << "a text constant over two lines is what YAML makes of it";
}

TEST(Flow, MissingPartsAreNamed) {
  MemoryFiles files = sound_project();
  files.files["flows/accounts.yaml"] = "where: x\n";
  EXPECT_EQ(mistakes(files), (Lines{"GW-2039 flows/accounts.yaml:1:1: \"from\" is missing",
                                    "GW-2039 flows/accounts.yaml:1:1: \"to\" is missing",
                                    "GW-2039 flows/accounts.yaml:1:1: \"map\" is missing"}));
  files.files["flows/accounts.yaml"] = "- from: x\n";
  EXPECT_EQ(mistakes(files),
            Lines{"GW-2022 flows/accounts.yaml:1:1: \"flows/accounts.yaml\" must be a map (`name: value` lines)"});
}

TEST(Flow, FieldsWithoutAnExpressionAreErrors) {
  EXPECT_EQ(mistakes(with_flow_tail(
                "map:\n  Name:\n  Phone: {cons: x}\n  Fax: {const: }\n  Mail: {const: null}\n  Web: [a]\n  Old: ''\n")),
            (Lines{"GW-2035 flows/accounts.yaml:5:3: \"Name\" has no expression",
                   "GW-2033 flows/accounts.yaml:6:10: \"Phone\" must be an expression or {const: value}",
                   "GW-2034 flows/accounts.yaml:7:9: {const: } has no value for \"Fax\"",
                   "GW-2034 flows/accounts.yaml:8:17: {const: } has no value for \"Mail\"",
                   "GW-2033 flows/accounts.yaml:9:8: \"Web\" must be an expression or {const: value}",
                   "GW-2035 flows/accounts.yaml:10:8: \"Old\" has no expression"}));
}

TEST(Flow, NullAndEmptyConstantsSayWhatTheyMean) {
  const Flow flow = flow_of(
      with_flow_tail("map:\n  A: null\n  B: {const: ''}\n  C: {const: 007}\n  D: {const: 'no'}\n  E: ~\n  null: x\n"));
  EXPECT_EQ(flow.map[0].expression.text, "null");
  EXPECT_FALSE(flow.map[0].expression.is_constant);
  EXPECT_EQ(flow.map[1].expression.text, "");
  EXPECT_TRUE(flow.map[1].expression.is_constant);
  EXPECT_EQ(flow.map[2].expression.text, "007");
  EXPECT_EQ(flow.map[3].expression.text, "no");
  EXPECT_EQ(flow.map[4].expression.text, "~");
  EXPECT_EQ(flow.map[5].name, "null");
}

TEST(Flow, KeyFieldsAreNotMappedAgain) {
  EXPECT_EQ(mistakes(with_flow_tail("map: {Name: name, Legacy_Id: other}\n")),
            Lines{"GW-2057 flows/accounts.yaml:4:19: \"Legacy_Id\" is mapped here and in `key:` (line 3)"});
}

TEST(Flow, SourcesAreNamedOnce) {
  MemoryFiles files = sound_project();
  files.files["flows/accounts.yaml"] = "from: [legacy.a, legacy.a, .b, legacy.]\nto: crm.C\nmap: {a: b}\n";
  EXPECT_EQ(mistakes(files),
            (Lines{"GW-2056 flows/accounts.yaml:1:18: \"legacy.a\" is read twice",
                   "GW-2038 flows/accounts.yaml:1:28: \"from\" must be connection.object, not \".b\"",
                   "GW-2038 flows/accounts.yaml:1:32: \"from\" must be connection.object, not \"legacy.\""}));
}

TEST(Flow, NamesMustBeUsableInParent) {
  MemoryFiles files = sound_project();
  files.files["flows/my-flow.yaml"] = files.files["flows/accounts.yaml"];
  files.files["flows/accounts.yml"] = files.files["flows/accounts.yaml"];
  files.files["flows/客户.yaml"] = files.files["flows/accounts.yaml"];
  EXPECT_EQ(mistakes(files), (Lines{"GW-2069 flows/accounts.yml: the flow exists already as flows/accounts.yaml",
                                    "GW-2068 flows/my-flow.yaml: a flow cannot be called \"my-flow\""}));
}

TEST(Validate, EveryRule) {
  MemoryFiles files = with_flow_tail(
      "map: {Name: name}\n"
      "validate:\n"
      "  - require: [Name, Phone]\n"
      "    level: warning\n"
      "  - unique: [Name, Phone]\n"
      "  - in: {Land: [DE, no, 007], Size: S}\n"
      "  - pattern: {Zip: '[0-9]{5}'}\n"
      "    say: 邮编（五位数字），例如：10115\n"
      "  - length: {Name: 80, Text: {min: 1, max: 20}}\n"
      "  - reference: {Owner: users, Partner: [users, accounts]}\n"
      "  - reference: [order_no, line_no]\n"
      "    to: users\n"
      "  - check: a > 0  # money\n");
  files.files["flows/users.yaml"] = "from: legacy.u\nto: crm.U\nkey: id\n";
  const Flow flow = flow_of(files);
  ASSERT_EQ(flow.validate.size(), 12u);
  const auto& v = flow.validate;
  EXPECT_EQ(v[0].kind, RuleKind::require);
  EXPECT_EQ(v[0].fields, std::vector<std::string>{"Name"});
  EXPECT_TRUE(v[0].warning);
  EXPECT_EQ(v[1].fields, std::vector<std::string>{"Phone"});
  EXPECT_EQ(v[2].kind, RuleKind::unique);
  EXPECT_EQ(v[2].fields, (std::vector<std::string>{"Name", "Phone"}));
  EXPECT_FALSE(v[2].warning);
  EXPECT_EQ(v[3].values, (std::vector<std::string>{"DE", "no", "007"}));
  EXPECT_EQ(v[4].fields, std::vector<std::string>{"Size"});
  EXPECT_EQ(v[4].values, std::vector<std::string>{"S"});
  EXPECT_EQ(v[5].pattern, "[0-9]{5}");
  EXPECT_EQ(v[5].say, "邮编（五位数字），例如：10115") << "prose may hold full-width punctuation";
  EXPECT_EQ(v[6].max, 80);
  EXPECT_FALSE(v[6].min);
  EXPECT_EQ(v[7].min, 1);
  EXPECT_EQ(v[7].max, 20);
  EXPECT_EQ(v[8].flows, std::vector<std::string>{"users"});
  EXPECT_EQ(v[9].flows, (std::vector<std::string>{"users", "accounts"}));
  EXPECT_EQ(v[10].fields, (std::vector<std::string>{"order_no", "line_no"}));
  EXPECT_EQ(v[10].flows, std::vector<std::string>{"users"});
  EXPECT_EQ(v[11].check.text, "a > 0");
}

TEST(Validate, WrongRulesAreNamed) {
  EXPECT_EQ(
      mistakes(with_flow_tail("map: {Name: name}\n"
                              "validate:\n"
                              "  - say: nothing\n"
                              "  - require: a\n"
                              "    unique: b\n"
                              "  - pattern: {a: '['}\n"
                              "  - length: {a: {min: 3, max: 2}, b: x, c: {}}\n"
                              "  - reference: {a: nobody}\n"
                              "  - reference: [a, b]\n"
                              "  - require: a\n"
                              "    to: b\n"
                              "  - requier: a\n"
                              "  - in: {a: []}\n"
                              "  - require: a\n"
                              "    level: fatal\n")),
      (Lines{"GW-2053 flows/accounts.yaml:6:5: a rule without require, unique, check, in, pattern, length or reference",
             "GW-2054 flows/accounts.yaml:7:5: one rule asks for two things",
             "GW-2052 flows/accounts.yaml:9:18: \"[\" is not a pattern: missing ]: [",
             "GW-2051 flows/accounts.yaml:10:17: a length needs min, max or both, min not above max",
             "GW-2029 flows/accounts.yaml:10:38: \"length\" must be a number of 0 or more, not \"x\"",
             "GW-2051 flows/accounts.yaml:10:44: a length needs min, max or both, min not above max",
             "GW-2045 flows/accounts.yaml:11:20: there is no flow \"nobody\"; the nearest is \"accounts\"",
             "GW-2039 flows/accounts.yaml:12:5: \"to\" is missing",
             "GW-2004 flows/accounts.yaml:14:9: unknown key \"to\"; the nearest known key is \"say\"",
             "GW-2004 flows/accounts.yaml:15:5: unknown key \"requier\"; the nearest known key is \"require\"",
             "GW-2037 flows/accounts.yaml:16:13: \"a\" has no value",
             "GW-2028 flows/accounts.yaml:18:12: \"level\" cannot be \"fatal\""}));
}

TEST(Sheet, IsReadAsTheMap) {
  MemoryFiles files = with_flow_tail("map: maps/accounts.csv\n");
  files.files["maps/accounts.csv"] =
      "\xEF\xBB\xBFRemark;Target;Source;Expression;Const\r\n"
      "owner: sales;Name;;\"upper(name) || ';'\";\r\n"
      ";Phone;tel no;;\r\n"
      ";Source__c;;;harbour\r\n"
      "not needed;Fax;;;\r\n"
      ";;;;\r\n"
      "\"said \"\"no\"\"\nin two lines\";Kind;case;;\r\n";
  const Flow flow = flow_of(files);
  ASSERT_EQ(flow.map.size(), 4u);
  EXPECT_EQ(flow.map[0].name, "Name");
  EXPECT_EQ(flow.map[0].expression.text, "upper(name) || ';'");
  EXPECT_EQ(flow.map[0].expression.place.to_string(), "maps/accounts.csv:2:21");
  EXPECT_EQ(flow.map[1].expression.text, "\"tel no\"");
  EXPECT_TRUE(flow.map[2].expression.is_constant);
  EXPECT_EQ(flow.map[2].expression.text, "harbour");
  EXPECT_EQ(flow.map[3].expression.text, "\"case\"") << "a column with the name of a word of the language";
  EXPECT_EQ(flow.map[3].place.to_string(), "maps/accounts.csv:8:15");
  EXPECT_EQ(flow.files, std::vector<std::string>{"maps/accounts.csv"});
}

TEST(Sheet, WithChineseHeader) {
  MemoryFiles files = with_flow_tail("map: 映射.csv\n");
  files.files["映射.csv"] = "目标字段,来源字段,说明\nName,名称,必填\n";
  EXPECT_EQ(flow_of(files).map[0].expression.text, "名称");
}

TEST(Sheet, MistakesHaveTheirPlace) {
  MemoryFiles files = with_flow_tail("map: m.csv\n");
  files.files["m.csv"] =
      "target,expression,const\nName,upper（name）,\nPhone,tel,x\n,fax,\nName,a,\nName,b,\nLegacy_Id,c,\n";
  EXPECT_EQ(mistakes(files), (Lines{"GW-2012 m.csv:2:11: the full-width character \"（\" stands where ( belongs",
                                    "GW-2065 m.csv:3:11: \"Phone\" is mapped by more than one column of its line",
                                    "GW-2064 m.csv:4:2: \"fax\" has no target field beside it",
                                    "GW-2005 m.csv:6:1: \"Name\" is given twice, first in line 5",
                                    "GW-2057 m.csv:7:1: \"Legacy_Id\" is mapped here and in `key:` (line 3)"}));
}

TEST(Sheet, ThatCannotBeRead) {
  MemoryFiles files = with_flow_tail("map: m.xlsx\n");
  EXPECT_EQ(mistakes(files), Lines{"GW-2066 flows/accounts.yaml:4:6: the sheet \"m.xlsx\" is a workbook"});
  files = with_flow_tail("map: m.csv\n");
  EXPECT_EQ(mistakes(files), Lines{"GW-2050 flows/accounts.yaml:4:6: there is no file \"m.csv\""});
  files = with_flow_tail("map: name\n");
  EXPECT_EQ(
      mistakes(files),
      Lines{
          "GW-2067 flows/accounts.yaml:4:6: `map` must be a map of fields or the name of a .csv sheet, not \"name\""});
  files = with_flow_tail("map: m.csv\n");
  files.files["m.csv"] = "field,source\n";
  EXPECT_EQ(mistakes(files), Lines{"GW-2062 m.csv:1:1: the sheet's first line must name its columns"});
  files.files["m.csv"] = "target,source,Source\n";
  EXPECT_EQ(mistakes(files), Lines{"GW-2063 m.csv:1:15: the sheet has a second column \"Source\""});
  files.files["m.csv"] = "target,source\nName,\"open\n";
  EXPECT_EQ(mistakes(files), Lines{"GW-2024 m.csv:2:6: this quote is never closed"});
  files.files["m.csv"] = "target,source\nName,\xC3\xFB\xB3\xC6\n";
  EXPECT_EQ(mistakes(files), Lines{"GW-2006 m.csv:2:6: m.csv is saved as GBK or GB18030, not as UTF-8"});
  files.files["m.csv"] = "";
  EXPECT_EQ(mistakes(files), Lines{"GW-2062 m.csv:1:1: the sheet's first line must name its columns"});
}

}  // namespace
}  // namespace godwit::config
