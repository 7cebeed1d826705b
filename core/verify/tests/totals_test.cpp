#include "core/verify/totals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "core/model/catalogue.hpp"
#include "core/verify/expected_figures.hpp"

namespace godwit {
namespace {

using ::testing::ElementsAre;

// Amounts and currencies, to be summed by the target itself or row by row.
class FakeReader : public Reader {
 public:
  FakeReader(Schema schema, ReadBatch batch) : schema_(std::move(schema)), batch_(std::move(batch)) {}
  const Schema& schema() const override { return schema_; }
  Result<ReadBatch> read() override { return std::move(batch_); }

 private:
  Schema schema_;
  ReadBatch batch_;
};

class FakeTarget : public Connection {
 public:
  bool aggregates = true, reads = true;
  std::vector<GroupValue> sums, counts;
  std::vector<std::pair<std::optional<std::string>, std::optional<std::string>>> rows;  // amount, currency
  std::vector<std::string> asked;

  const std::string& connector() const override { return name_; }
  Delivery delivery() const override { return Delivery::transactional; }
  Result<ConnectionFacts> check() override { return ConnectionFacts{}; }
  Result<ObjectDescription> describe(std::string_view) override { return ObjectDescription{}; }
  Result<std::vector<std::string>> splits(std::string_view, int) override { return std::vector<std::string>{}; }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest&) override { return fail(5900, {{"seen", "no writer"}}); }
  bool can_read() const override { return reads; }
  bool can_write() const override { return true; }
  bool can_aggregate() const override { return aggregates; }
  Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate, std::string_view field, std::string_view,
                                            std::string_view group_by) override {
    asked.push_back(std::string(aggregate) + " " + std::string(object) + "." + std::string(field) + " by " + std::string(group_by));
    return aggregate == "sum" ? sums : counts;
  }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override {
    Schema schema;
    ReadBatch batch;
    for (const std::string& name : request.columns) schema.push_back({name, TypeId::number_text});
    for (std::size_t c = 0; c < request.columns.size(); ++c) {
      ColumnBuilder builder(schema[c].type);
      for (const auto& [amount, currency] : rows) {
        const auto& value = c == 0 ? amount : currency;
        if (value) builder.append_text(*value);
        else builder.null();
      }
      batch.batch.columns.push_back(builder.finish());
    }
    batch.batch.schema = schema, batch.batch.rows = static_cast<std::int64_t>(rows.size()), batch.end = true;
    return std::unique_ptr<Reader>(new FakeReader(schema, std::move(batch)));
  }

 private:
  std::string name_ = "fake";
};

class Totals : public testing::Test {
 protected:
  Totals() {
    std::string pattern = (std::filesystem::temp_directory_path() / "godwit-totals-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
    project_.folder = folder_, project_.name = "p";
    Flow flow;
    flow.name = "accounts", flow.to = {"crm", "Account", {}};
    project_.flows.push_back(flow);
    Total total;
    total.name = "revenue", total.flow = "accounts", total.target = "AnnualRevenue", total.currency = "Currency", total.expected = "expected_totals.csv";
    project_.totals.push_back(total);
    target_.sums = {{"CNY", "126918004.10"}, {"EUR", "8874220.18"}};
    target_.counts = {{"CNY", "5012"}, {"EUR", "818"}};
  }
  ~Totals() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void write(const std::string& text) { std::ofstream(folder_ / "expected_totals.csv", std::ios::binary) << text; }
  Result<std::vector<ExpectedFigure>> read(const std::string& text) {
    write(text);
    return read_expected_figures(folder_ / "expected_totals.csv");
  }
  // A journal with one run of the flow.
  std::unique_ptr<Journal> journal() {
    auto journal = Journal::open(folder_ / ".godwit", Journal::Mode::write);
    EXPECT_TRUE(journal.has_value()) << (journal ? "" : describe(journal.error()));
    if (!journal) std::abort();
    auto scope = (*journal)->find_or_add_scope("", "crm", "crm");
    RunRecord run;
    run.scope = scope->id, run.mapping_hash = run.extract_hash = "h", run.options = run.version = "{}";
    EXPECT_TRUE((*journal)->begin_run(run).has_value());
    FlowRunRecord flow;
    flow.run = 1, flow.flow = "accounts", flow.seq = 1, flow.source = "legacy.accounts", flow.target = "crm.Account", flow.flow_hash = flow.source_hash = "h";
    EXPECT_TRUE((*journal)->put_flow_run(flow).has_value());
    return std::move(*journal);
  }
  Result<> verify(Journal& journal) {
    return verify_totals(project_, journal, 1, [&](const std::string&) -> Connection& { return target_; });
  }
  static std::vector<std::string> lines(Journal& journal) {
    std::vector<std::string> out;
    const auto totals = journal.totals(1);
    for (const TotalRecord& t : *totals) out.push_back(t.name + " " + t.currency + " " + t.bucket + " " + t.value + " " + std::to_string(t.rows));
    return out;
  }

  std::filesystem::path folder_;
  Project project_;
  FakeTarget target_;
};

TEST_F(Totals, TheTargetSumsByItself) {
  const auto records = sum_target(project_.totals[0], "Account", target_);
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->size(), 2U);
  EXPECT_EQ((*records)[0].value, "126918004.10");
  EXPECT_EQ((*records)[0].rows, 5012);
  EXPECT_THAT(target_.asked, ElementsAre("sum Account.AnnualRevenue by Currency", "count Account.AnnualRevenue by Currency"));
}

TEST_F(Totals, RowsAreSummedExactlyWhereTheTargetCannot) {
  target_.aggregates = false;
  for (int i = 0; i < 1000; ++i) target_.rows.push_back({"0.1", "CNY"});
  target_.rows.push_back({"99999999999999999999999999999999.99", "EUR"});
  target_.rows.push_back({"0.01", "EUR"});
  target_.rows.push_back({std::nullopt, "EUR"});
  target_.rows.push_back({"7", std::nullopt});
  const auto records = sum_target(project_.totals[0], "Account", target_);
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->size(), 3U);
  EXPECT_EQ((*records)[0].currency + (*records)[0].value, "7");
  EXPECT_EQ((*records)[1].value, "100.0");  // in floating point 99.9999999999986
  EXPECT_EQ((*records)[2].value, "100000000000000000000000000000000.00");
  EXPECT_EQ((*records)[2].rows, 2);
}

TEST_F(Totals, AnEmptyTargetHoldsZero) {
  target_.sums = {{std::nullopt, ""}}, target_.counts = {{std::nullopt, "0"}};
  EXPECT_EQ(sum_target(project_.totals[0], "Account", target_)->front().value, "0");
  target_.sums.clear(), target_.counts.clear();
  EXPECT_EQ(sum_target(project_.totals[0], "Account", target_)->front().value, "0");
  target_.aggregates = target_.reads = false;
  EXPECT_TRUE(sum_target(project_.totals[0], "Account", target_)->empty());
}

TEST_F(Totals, ASumThatIsNoNumberIsRefused) {
  target_.sums = {{"CNY", "Inf"}};
  EXPECT_EQ(sum_target(project_.totals[0], "Account", target_).error().number, 4224);
  target_.aggregates = false;
  target_.rows = {{"12 Mio", "CNY"}};
  EXPECT_EQ(sum_target(project_.totals[0], "Account", target_).error().number, 4224);
}

TEST_F(Totals, BothSidesAreKeptAndAnEarlierCallReplaced) {
  write("name,currency,value,rows\nrevenue,CNY,128394220.55,5340\nrevenue,EUR,9120337.18,\n");
  auto journal = this->journal();
  ASSERT_TRUE(journal->put_total({1, "revenue", "accounts", "CNY", "read", "128394220.55", 5340}).has_value());
  const auto first = verify(*journal);
  ASSERT_TRUE(first.has_value()) << describe(first.error());
  EXPECT_THAT(lines(*journal), ElementsAre("revenue CNY expected 128394220.55 5340", "revenue CNY read 128394220.55 5340", "revenue CNY target 126918004.10 5012",
                                           "revenue EUR expected 9120337.18 0", "revenue EUR target 8874220.18 818"));
  write("名称,金额,币种\nrevenue,1,CNY\n");
  target_.sums = {{"CNY", "1"}}, target_.counts = {{"CNY", "1"}};
  ASSERT_TRUE(verify(*journal).has_value());
  EXPECT_THAT(lines(*journal), ElementsAre("revenue CNY expected 1 0", "revenue CNY read 128394220.55 5340", "revenue CNY target 1 1"));
}

TEST_F(Totals, AFigureThatNoTotalTakesAndATotalWithoutFigureAreErrors) {
  auto journal = this->journal();
  write("name,value\nrevenu,1\n");
  const auto unknown = verify(*journal);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().number, 4223);
  EXPECT_EQ(unknown.error().argument("nearest"), "revenue");
  EXPECT_TRUE(unknown.error().argument("place").ends_with("expected_totals.csv:2"));
  write("name,value\n");
  EXPECT_EQ(verify(*journal).error().number, 4225);
  std::filesystem::remove(folder_ / "expected_totals.csv");
  EXPECT_EQ(verify(*journal).error().number, 5911);
  EXPECT_TRUE(lines(*journal).empty());
}

TEST_F(Totals, UnequalTotalsAreCountedToTheTolerance) {
  write("name,currency,value\nrevenue,CNY,10.00\nrevenue,EUR,5.00\n");
  target_.sums = {{"CNY", "8.99"}, {"EUR", "5.00"}}, target_.counts = {};
  auto journal = this->journal();
  const auto put = [&](const char* currency, const char* bucket, const char* value) {
    ASSERT_TRUE(journal->put_total({1, "revenue", "accounts", currency, bucket, value, 1}).has_value());
  };
  EXPECT_EQ(*unequal_totals(project_, *journal, 1), 0);  // nothing was taken
  put("CNY", "read", "10.00"), put("CNY", "loaded", "9.00"), put("CNY", "set_aside", "1.00");
  put("EUR", "read", "5.00"), put("EUR", "loaded", "5.00");
  EXPECT_EQ(*unequal_totals(project_, *journal, 1), 0);  // no other side yet
  ASSERT_TRUE(verify(*journal).has_value());
  EXPECT_EQ(*unequal_totals(project_, *journal, 1), 1);
  project_.totals[0].tolerance = "0.01";
  EXPECT_EQ(*unequal_totals(project_, *journal, 1), 0);
  project_.totals[0].tolerance = "0.009";
  EXPECT_EQ(*unequal_totals(project_, *journal, 1), 1);
  put("USD", "target", "3.00");  // a currency that the source never had
  EXPECT_EQ(*unequal_totals(project_, *journal, 1), 2);
}

TEST_F(Totals, FlowsThatDidNotRunAreNotAsked) {
  auto journal = this->journal();
  project_.totals[0].flow = "contacts";
  ASSERT_TRUE(verify(*journal).has_value());
  EXPECT_TRUE(target_.asked.empty());
}

TEST_F(Totals, EveryMistakeOfAFileIsNamedWithItsLine) {
  const auto bad = read("name,currency,value,rows\nrevenue,CNY,\"128,394.55\",1\nrevenue,CNY,1,many\nrevenue,CNY,1,-2\nrevenue,EUR,1,1\nrevenue,EUR,2,2\n");
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().number, 4221);
  EXPECT_TRUE(bad.error().argument("place").ends_with(":2"));
  ASSERT_EQ(bad.error().more.size(), 3U);
  EXPECT_EQ(bad.error().more[0].argument("field"), "rows");
  EXPECT_EQ(bad.error().more[2].number, 4222);
  EXPECT_EQ(bad.error().more[2].argument("first"), "5");
}

TEST_F(Totals, HeadsAreKnownOrRefused) {
  EXPECT_EQ(read("").error().number, 4220);
  EXPECT_EQ(read("name,currency\n").error().number, 4220);
  EXPECT_EQ(read("name,value,name\n").error().number, 4220);
  EXPECT_EQ(read("name,value,total\n").error().argument("seen"), "total");
  const auto good = read("\xEF\xBB\xBF value , name \r\n -12.50 ,open orders\r\n");
  ASSERT_TRUE(good.has_value()) << describe(good.error());
  EXPECT_EQ(good->front().value, "-12.50");
  EXPECT_EQ(good->front().name, "open orders");
  EXPECT_EQ(good->front().rows, std::nullopt);
}

}  // namespace
}  // namespace godwit
