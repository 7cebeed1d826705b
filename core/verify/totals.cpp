#include "core/verify/totals.hpp"

#include <algorithm>
#include <map>

#include "core/model/exact_number.hpp"
#include "core/model/nearest.hpp"
#include "core/verify/expected_figures.hpp"

namespace godwit {
namespace {

struct Sum {
  ExactNumber value;
  std::int64_t rows = 0;
};
using Sums = std::map<std::string, Sum>;  // by currency

Failure no_number(const Total& total, const std::string& object, const std::string& seen) {
  return fail(4224, {{"place", object}, {"name", total.name}, {"field", total.target}, {"seen", seen}});
}

Result<Sums> aggregated(const Total& total, const std::string& object, Connection& connection) {
  Sums sums;
  GW_ASSIGN(const std::vector<GroupValue> values, connection.aggregate(object, "sum", total.target, "", total.currency));
  for (const GroupValue& v : values) {
    const auto value = ExactNumber::parse(v.value);
    if (!value && !v.value.empty()) return no_number(total, object, v.value);
    Sum& sum = sums[v.group.value_or("")];
    if (value) sum.value = sum.value + *value;
  }
  GW_ASSIGN(const std::vector<GroupValue> counts, connection.aggregate(object, "count", total.target, "", total.currency));
  for (const GroupValue& v : counts) {
    const auto at = sums.find(v.group.value_or(""));
    if (at == sums.end()) continue;
    const auto count = ExactNumber::parse(v.value);
    if (!count || count->scale() != 0) return no_number(total, object, v.value);
    at->second.rows += std::stoll(v.value);
  }
  return sums;
}

Result<Sums> read_rows(const Total& total, const std::string& object, Connection& connection) {
  Sums sums;
  ReadRequest request;
  request.object = object, request.columns = {total.target};
  if (!total.currency.empty()) request.columns.push_back(total.currency);
  GW_ASSIGN(const auto reader, connection.open_reader(request));
  for (;;) {
    GW_ASSIGN(const ReadBatch read, reader->read());
    if (!read.unreadable.empty()) return Failure(read.unreadable.front().error);
    for (std::int64_t i = 0; i < read.batch.rows; ++i) {
      const Column& values = read.batch.column(0);
      if (values.is_null(i)) continue;
      const bool has_currency = !total.currency.empty() && !read.batch.column(1).is_null(i);
      const std::string text = value_text(values, i);
      const auto value = ExactNumber::parse(text);
      if (!value) return no_number(total, object, text);
      Sum& sum = sums[has_currency ? value_text(read.batch.column(1), i) : std::string()];
      sum.value = sum.value + *value;
      ++sum.rows;
    }
    if (read.end) return sums;
  }
}

// The figures of every file that a total names, each file read once.
class Expectations {
 public:
  explicit Expectations(const Project& project) : project_(project) {}

  Result<> find(const Total& total, std::vector<TotalRecord>& into, std::int64_t run) {
    if (total.expected.empty()) return {};
    const std::filesystem::path path = project_.folder / total.expected;
    if (!files_.contains(path)) {
      GW_ASSIGN(files_[path], read_expected_figures(path));
      GW_TRY(check_names(path, files_[path]));
    }
    bool found = false;
    for (const ExpectedFigure& figure : files_[path]) {
      if (figure.name != total.name) continue;
      found = true;
      into.push_back({run, total.name, total.flow, figure.currency, "expected", figure.value, figure.rows.value_or(0)});
    }
    if (!found) return fail(4225, {{"place", path.string()}, {"name", total.name}});
    return {};
  }

 private:
  // A name misspelled in the file would leave its total unproved without a word.
  Result<> check_names(const std::filesystem::path& path, const std::vector<ExpectedFigure>& figures) const {
    std::vector<std::string_view> names;
    for (const Total& total : project_.totals) names.push_back(total.name);
    for (const ExpectedFigure& figure : figures) {
      if (std::find(names.begin(), names.end(), figure.name) != names.end()) continue;
      return fail(4223, {{"place", path.string() + ":" + std::to_string(figure.line)}, {"seen", figure.name}, {"nearest", std::string(nearest(figure.name, names))}});
    }
    return {};
  }

  const Project& project_;
  std::map<std::filesystem::path, std::vector<ExpectedFigure>> files_;
};

}  // namespace

Result<std::vector<TotalRecord>> sum_target(const Total& total, const std::string& object, Connection& connection) {
  Sums sums;
  if (connection.can_aggregate()) {
    GW_ASSIGN(sums, aggregated(total, object, connection));
  } else if (connection.can_read()) {
    GW_ASSIGN(sums, read_rows(total, object, connection));
  } else {
    return std::vector<TotalRecord>{};
  }
  // An empty target holds nothing, and that is a sum too.
  if (sums.empty()) sums[""];
  std::vector<TotalRecord> records;
  for (const auto& [currency, sum] : sums) records.push_back({0, total.name, total.flow, currency, "target", sum.value.to_string(), sum.rows});
  return records;
}

Result<std::int64_t> unequal_totals(const Project& project, Journal& journal, std::int64_t run) {
  GW_ASSIGN(const std::vector<TotalRecord> records, journal.totals(run));
  std::int64_t unequal = 0;
  for (const Total& total : project.totals) {
    std::map<std::string, std::map<std::string, ExactNumber>> sums;  // bucket -> currency -> sum
    std::map<std::string, bool> currencies;
    for (const TotalRecord& record : records) {
      const auto value = record.name == total.name ? ExactNumber::parse(record.value) : std::nullopt;
      if (!value) continue;
      sums[record.bucket][record.currency] = *value;
      currencies[record.currency] = false;
    }
    const ExactNumber tolerance = ExactNumber::parse(total.tolerance).value_or(ExactNumber()).magnitude();
    const auto agree = [&](const char* one, const char* other, const std::string& currency) {
      // A side that was taken has 0 in the currencies that it does not name. Only "read" tells that the source was summed:
      // rows may all have gone elsewhere than into the target.
      const bool source = sums.contains("read");
      if (!source || !sums.contains(other)) return true;
      return (sums[one][currency] - sums[other][currency]).magnitude() <= tolerance;
    };
    for (auto& [currency, off] : currencies) off = !agree("loaded", "target", currency) || !agree("read", "expected", currency);
    for (const auto& [currency, off] : currencies) unequal += off;
  }
  return unequal;
}

Result<> verify_totals(const Project& project, Journal& journal, std::int64_t run, const ConnectionOf& connection_of) {
  GW_ASSIGN(const std::vector<FlowRunRecord> flows, journal.flow_runs(run));
  std::vector<TotalRecord> records;
  Expectations expectations(project);
  for (const Total& total : project.totals) {
    const Flow* flow = project.flow(total.flow);
    const bool ran = std::any_of(flows.begin(), flows.end(), [&](const FlowRunRecord& f) { return f.flow == total.flow; });
    if (flow == nullptr || !ran) continue;
    GW_TRY(expectations.find(total, records, run));
    GW_ASSIGN(std::vector<TotalRecord> sums, sum_target(total, flow->to.object, connection_of(flow->to.connection)));
    for (TotalRecord& record : sums) record.run = run, records.push_back(std::move(record));
  }
  // A currency that is gone since the last time must not stay behind.
  GW_ASSIGN(Statement old, journal.database().prepare("delete from total where run = ? and bucket in ('target', 'expected')"));
  old.bind(1, run);
  GW_TRY(old.run());
  for (const TotalRecord& record : records) GW_TRY(journal.put_total(record));
  return {};
}

}  // namespace godwit
