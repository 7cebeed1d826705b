#include "core/report/tests/journal_fixture.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace godwit::report {
namespace {

// Values as set_aside and warning keep them; `line` counts on from `from`.
void rows_aside(Database& journal, const std::string& table, const std::string& flow, int number,
                const std::string& field, const std::string& cause, int rows, int from, const std::string& arguments,
                const std::string& key_prefix, const std::string& original) {
  const bool aside = table == "set_aside";
  for (int i = 0; i < rows; ++i) {
    std::string filled = arguments, row = original;
    for (std::string* text : {&filled, &row})
      for (std::size_t at = text->find("%d"); at != std::string::npos; at = text->find("%d"))
        text->replace(at, 2, std::to_string(100 + i));
    auto insert = journal.prepare(
        aside
            ? "insert into set_aside (run, flow, shard, unit, source, source_key, key_hash, locator, line, number, "
              "field, arguments, cause,"
              " original, original_hash, state) values (7, ?, 0, 1, ?, ?, x'00', ?, ?, ?, ?, ?, ?, ?, 'h', ?)"
            : "insert into warning (run, flow, shard, unit, source_key, locator, line, number, field, arguments, cause)"
              " values (7, ?, 0, 1, ?, ?, ?, ?, ?, ?, ?)");
    ASSERT_TRUE(insert.has_value());
    int p = 0;
    const auto bind = [&](const auto& value) { insert->bind(++p, value); };
    bind(flow);
    if (aside) bind("legacy." + flow);
    bind(key_prefix + std::to_string(10'000 + from + 37 * i)), bind(std::to_string(4096 + 211 * i)),
        bind(from + 37 * i);
    bind(number), bind(field), bind(filled), bind(cause);
    if (aside) bind(row), bind(i % 9 == 8 ? "replayed" : "open");
    ASSERT_TRUE(insert->run().has_value());
  }
}

void earlier_runs(Database& journal) {
  must(journal,
       "insert into meta values ('schema_version', '1'), ('project', 'harbour-trading');"
       "insert into scope values (1, 'production', 'sqlite:/srv/crm/crm.db', '/srv/crm/crm.db'), (2, 'trial', "
       "'sqlite:/srv/crm/trial.db', 'trial.db');"
       "insert into plan values (12, 1, '2025-03-08T17:55:00.000000Z', '9c41d7a2e05b66f1', '5d20b1c99e3f4a08', null, "
       "'{\"flows\":[\"users\",\"accounts\"]}')");
  struct Earlier {
    int number, scope;
    const char *kind, *state, *mapping, *start, *end;
    int aside;
  };
  for (const Earlier& e :
       {Earlier{1, 2, "pilot", "finished", "0a11", "2025-02-03T09:00:00.000000Z", "2025-02-03T09:00:09.000000Z", 0},
        Earlier{2, 1, "rehearsal", "failed", "1b22", "2025-02-15T08:30:00.000000Z", "2025-02-15T08:31:12.500000Z",
                1322},
        Earlier{3, 1, "undo", "finished", "1b22", "2025-02-15T10:02:00.000000Z", "2025-02-15T10:02:40.000000Z", 0},
        Earlier{4, 1, "rehearsal", "finished", "2c33", "2025-02-22T08:00:00.000000Z", "2025-02-22T08:01:44.000000Z",
                611},
        Earlier{5, 1, "rehearsal", "finished", "9c41d7a2e05b66f1", "2025-03-01T08:00:00.000000Z",
                "2025-03-01T08:01:39.250000Z", 388}}) {
    must(journal, fmt::format("insert into run (number, id, scope, kind, state, exit_code, started_at, ended_at, "
                              "mapping_hash, extract_hash, options, version, undone_by)"
                              " values ({}, 'id-{}', {}, '{}', '{}', 0, '{}', '{}', '{}', 'e', '{{}}', '{{}}', null)",
                              e.number, e.number, e.scope, e.kind, e.state, e.start, e.end, e.mapping));
    for (const auto& [flow, share] : {std::pair("users", 0), {"accounts", 3}, {"contacts", 6}, {"activities", 1}})
      must(journal,
           fmt::format("insert into flow_run (run, flow, seq, stage, source, target, delivery, crosswalk, flow_hash, "
                       "source_hash, read, created, set_aside)"
                       " values ({}, '{}', 1, 'finished', 's', 't', 'transactional', 'ids', 'h', 'h', {}, {}, {})",
                       e.number, flow, 5000 + share * 700, 5000 + share * 700 - e.aside * share / 10,
                       e.aside * share / 10));
  }
  must(journal, "update run set undone_by = 3 where number = 2");
}

void flow(Database& journal, const std::string& name, int seq, const std::string& target, const std::string& counts,
          const std::string& times) {
  must(journal,
       fmt::format(
           "insert into flow_run (run, flow, seq, stage, source, target, delivery, crosswalk, flow_hash, source_hash, "
           "target_before,"
           " read, derived, created, updated, unchanged, merged, filtered, filtered_unknown, set_aside, deleted, "
           "in_doubt, warned,"
           " obligations_open, obligations_set, obligations_failed, bytes_read, seconds, journal_seconds)"
           " values (7, '{}', {}, 'finished', 'legacy.{}', 'crm.{}', 'transactional', 'ids', 'h', 'h', 0, {}, {})",
           name, seq, name, target, counts, times));
}

void this_run(Database& journal) {
  must(journal,
       "insert into run (number, id, scope, kind, plan, state, exit_code, started_at, ended_at, mapping_hash, "
       "extract_hash, options, version)"
       " values (7, '0195775e-3c1a-7b44-9d2e-6a1f0c8e55b3', 1, 'cutover', 12, 'finished', 1, "
       "'2025-03-08T18:00:02.113000Z', '2025-03-08T18:01:31.870000Z',"
       " '9c41d7a2e05b66f1', '5d20b1c99e3f4a08', '{\"plan\":12}', "
       "'{\"godwit\":\"0.1.0\",\"connectors\":{\"csv\":\"0.1.0\",\"sqlite\":\"0.1.0 (SQLite 3.40.1)\"}}')");
  //                                        read derived crea upd unch merg filt unk aside del doubt warn  open set
  //                                        failed bytes
  flow(journal, "users", 1, "User", "64, 0, 58, 4, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 8342", "0.061, 0.004");
  flow(journal, "accounts", 2, "Account", "6218, 0, 5709, 121, 0, 203, 148, 11, 37, 0, 0, 64, 0, 402, 3, 1184220",
       "2.914, 0.071");
  flow(journal, "contacts", 3, "Contact", "9480, 12, 8912, 0, 40, 175, 260, 0, 105, 0, 0, 18, 0, 0, 0, 2210394",
       "4.020, 0.088");
  flow(journal, "activities", 4, "Activity", "4871, 0, 4620, 0, 0, 0, 233, 0, 18, 0, 0, 0, 0, 0, 0, 690144",
       "1.377, 0.031");

  const std::string account =
      R"j({"cust_no":"C-%d","name":"上海远航贸易有限公司","tel":"021-5432-1%d","revenue":"1.2.3"})j";
  rows_aside(journal, "set_aside", "accounts", 1411, "Legacy_Id__c", "1411", 21, 300,
             R"j({"key":"C-%d","first":"customers:118"})j", "C-", account);
  rows_aside(journal, "set_aside", "accounts", 1415, "Industry", "1415:Industry", 12, 812,
             R"j({"field":"Industry","seen":"批发%d","rule":"flows/accounts.yaml:21:5"})j", "C-", account);
  rows_aside(journal, "set_aside", "accounts", 1413, "Name", "1413:Name", 4, 2044,
             R"j({"field":"Name","rule":"flows/accounts.yaml:19:5"})j", "C-", account);
  const std::string contact =
      R"j({"contact_no":"K-%d","cust_no":"C-9%d","name":"Müller, Jürgen","email":"j.mueller%d@example.com","note":"=HYPERLINK(\"x\")"})j";
  rows_aside(journal, "set_aside", "contacts", 1418, "AccountId", "1418:AccountId", 71, 95,
             R"j({"field":"AccountId","seen":"C-9%d"})j", "K-", contact);
  rows_aside(journal, "set_aside", "contacts", 1417, "Phone", "1417:Phone", 34, 1207,
             R"j({"field":"Phone","expected":"3..40","rule":"flows/contacts.yaml:24:5"})j", "K-", contact);
  rows_aside(
      journal, "set_aside", "activities", 1412, "Subject", "1412:Subject", 18, 77,
      R"j({"field":"Subject","seen":"回访 <b>第%d次</b>","first":"activities:12","rule":"flows/activities.yaml:17:5"})j",
      "A-", R"j({"act_no":"A-%d","subject":"回访"})j");
  rows_aside(
      journal, "warning", "accounts", 1416, "Website", "1416:Website", 64, 40,
      R"j({"field":"Website","seen":"www,example%d.cn","expected":"https?://.*","rule":"flows/accounts.yaml:30:5"})j",
      "C-", "");
  must(journal,
       "insert into failed_obligation values (7, 'accounts', 'C-10442', x'01', 'ParentId', 1418, "
       "'{\"field\":\"ParentId\",\"seen\":\"C-88001\"}'),"
       "(7, 'accounts', 'C-10981', x'02', 'ParentId', 1418, '{\"field\":\"ParentId\",\"seen\":\"C-88002\"}'),"
       "(7, 'accounts', 'C-11200', x'03', 'ParentId', 1418, '{\"field\":\"ParentId\",\"seen\":\"C-88009\"}')");
  must(journal,
       "insert into set_aside (run, flow, shard, unit, source, source_key, key_hash, locator, line, number, arguments, "
       "cause, original, original_hash)"
       " values (5, 'contacts', 0, 1, 'legacy.contacts', 'K-1', x'00', '1', 1, 1410, '{}', 'c', '{}', 'h')");
  // The books of these flows close: checked by a test.
  must(
      journal,
      "insert into total (run, name, flow, currency, bucket, value, rows) values"
      "(7,'revenue','accounts','CNY','read','128394220.55',5340),(7,'revenue','accounts','CNY','loaded','126918004.10',"
      "5012),"
      "(7,'revenue','accounts','CNY','merged','802116.45',166),(7,'revenue','accounts','CNY','filtered','498100.00',"
      "131),"
      "(7,'revenue','accounts','CNY','set_aside','176000.00',31),(7,'revenue','accounts','CNY','target','126918004.10',"
      "5012),"
      "(7,'revenue','accounts','CNY','expected','128394220.55',5340),"
      "(7,'revenue','accounts','EUR','read','9120337.18',878),(7,'revenue','accounts','EUR','loaded','8874220.18',818),"
      "(7,'revenue','accounts','EUR','merged','120417.00',37),(7,'revenue','accounts','EUR','filtered','101200.00',17),"
      "(7,'revenue','accounts','EUR','set_aside','24500.00',6),(7,'revenue','accounts','EUR','target','8874220.18',818)"
      ","
      "(7,'revenue','accounts','EUR','expected','9120337.18',878)");
  must(journal,
       "insert into gate values (7,'set_aside','accounts','passed','37 (0.60%)','1%','stop',''),"
       "(7,'set_aside','contacts','condition','105 "
       "(1.11%)','1%','report','王敏'),(7,'set_aside','activities','passed','18 (0.37%)','1%','stop','')");
}

void verified(Database& journal) {
  const auto verification = [&](const std::string& flow, const std::string& figures, const std::string& detail) {
    must(journal, "insert into verification values (7, '" + flow + "', '2025-03-08T18:04:10.000000Z', " + figures +
                      ", '" + detail + "')");
  };
  //                       expected found missing extra compared differing tolerated orphans
  verification("users", "62, 62, 0, 0, 310, 0, 0, 0", R"j({"by":"fields","fields":[]})j");
  verification(
      "accounts", "5830, 5830, 0, 0, 99110, 0, 212, 0",
      R"j({"by":"fields","fields":[{"field":"AnnualRevenue","compared":5830,"tolerated":212,"differing":{}}]})j");
  verification(
      "contacts", "8952, 8952, 0, 0, 125328, 307, 0, 0",
      R"j({"by":"fields","fields":[{"field":"LastName","compared":8952,"tolerated":0,"differing":{"space":2,"value":1,"truncated":1}},)j"
      R"j({"field":"Email","compared":8952,"tolerated":0,"differing":{"case":301,"null":2}}]})j");
  verification("activities", "4620, 4620, 0, 0, 36960, 0, 0, 0", "{}");
  const auto difference = [&](const std::string& key, const std::string& field, const std::string& kind,
                              const std::string& values) {
    must(journal,
         "insert into difference (run, flow, source_key, field, class, expected, found) values (7, 'contacts', '" +
             key + "', '" + field + "', '" + kind + "', " + values + ")");
  };
  difference("K-10442", "LastName", "space", "'Müller ', 'Müller'");
  difference("K-10443", "LastName", "space", "' 王', '王'");
  difference("K-10901", "LastName", "value", "'<script>alert(1)</script>', 'scriptalert1'");
  difference("K-10902", "LastName", "truncated",
             "'株式会社ハーバートレーディング 東日本営業本部', '株式会社ハーバートレーディング 東日本'");
  difference("K-11008", "Email", "case", "'J.Mueller@Example.com', 'j.mueller@example.com'");
  difference("K-11010", "Email", "null", "'a@b.example', null");
  difference("K-11011", "Email", "null", "'c@d.example', null");
}

}  // namespace

void must(Database& journal, const std::string& sql) {
  const auto done = journal.execute(sql);
  ASSERT_TRUE(done.has_value()) << sql << "\n" << godwit::describe(done.error());
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void spill(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::filesystem::path fresh_folder(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(GODWIT_BINARY_DIR) / "report-tests" / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

Sample make_sample(Ending ending, const std::string& name) {
  Sample sample;
  sample.folder = fresh_folder(name);
  auto opened = Database::open(sample.folder / "journal.db", Database::Mode::create);
  EXPECT_TRUE(opened.has_value());
  if (!opened) std::abort();
  sample.journal = std::move(*opened);
  Database& journal = sample.journal;
  must(journal, "pragma synchronous=off");
  must(journal, slurp(std::filesystem::path(GODWIT_SOURCE_DIR) / "core/journal/schema.sql"));
  must(journal, "begin");
  earlier_runs(journal);
  this_run(journal);
  if (ending != Ending::unverified) verified(journal);
  if (ending == Ending::clean) {
    // Nothing set aside, nothing open, nothing differing, no gate exceeded.
    must(journal,
         "delete from set_aside; delete from warning; delete from failed_obligation; delete from difference;"
         "update flow_run set created = created + set_aside, set_aside = 0, warned = 0, obligations_failed = 0 where "
         "run = 7;"
         "update verification set fields_differing = 0, fields_tolerated = 0, detail = '{}',"
         " found_rows = (select created + updated + unchanged from flow_run f where f.run = 7 and f.flow = "
         "verification.flow),"
         " expected_rows = (select created + updated + unchanged from flow_run f where f.run = 7 and f.flow = "
         "verification.flow);"
         "update gate set verdict = 'passed', seen = '0 (0.00%)', approver = '';"
         "update total set value = case currency when 'CNY' then '127094004.10' else '8898720.18' end where bucket in "
         "('loaded', 'target');"
         "update total set value = '0.00' where bucket = 'set_aside'; update run set exit_code = 0 where number = 7");
  }
  if (ending == Ending::failed)
    must(journal,
         "update run set state = 'stopped', exit_code = 4, ended_at = null where number = 7;"
         "update flow_run set read = read + 3, in_doubt = 2 where run = 7 and flow = 'contacts';"
         "update total set value = '126918003.10' where bucket = 'target' and currency = 'CNY';"
         "update total set value = '9120300.00' where bucket = 'expected' and currency = 'EUR';"
         "update verification set found_rows = 5822, missing = 8 where flow = 'accounts';"
         "update gate set verdict = 'failed', action = 'stop' where flow = 'contacts'");
  must(journal, "commit");

  sample.project.folder = sample.folder;
  sample.project.name = "harbour-trading";
  sample.project.language = Language::zh_cn;
  sample.project.environment = "production";
  sample.project.production = true;
  Total revenue;
  revenue.name = "revenue", revenue.flow = "accounts", revenue.tolerance = "0.00";
  sample.project.totals.push_back(revenue);
  return sample;
}

CutoverReport make_report(Sample& sample, const std::filesystem::path& key) {
  CollectOptions options;
  options.made_at = kMadeAt;
  auto report = collect(sample.journal, 7, sample.project, options);
  EXPECT_TRUE(report.has_value()) << (report ? "" : godwit::describe(report.error()));
  if (!report) std::abort();
  const auto sealed = seal(*report, key);
  EXPECT_TRUE(sealed.has_value()) << (sealed ? "" : godwit::describe(sealed.error()));
  return std::move(*report);
}

}  // namespace godwit::report
