// A connector that does everything right, on rows in memory: object "people" has 20 rows.

#include <array>
#include <map>
#include <thread>

#include "plugins/sdk/export.hpp"

namespace godwit {
namespace {

constexpr std::array kSettings{
    sdk::Setting{.name = "path", .help = "Any file.", .kind = sdk::Kind::path, .optional = true},
    sdk::Setting{.name = "throws", .help = "Call that throws an exception.", .optional = true},
};
static_assert(sdk::well_described(kSettings));

const Schema kPeople{{"id", TypeId::int64}, {"name", TypeId::utf8}, {"born", TypeId::date32}, {"money", Type::decimal(18, 2)}, {"note", TypeId::json}};
constexpr std::int64_t kRows = 20;

class PeopleReader : public Reader {
 public:
  explicit PeopleReader(const ReadRequest& request) : request_(request), next_(request.position.empty() ? 0 : std::stoll(request.position)) {
    for (const Field& f : kPeople)
      if (request.columns.empty()) schema_.push_back(f);
    for (const std::string& name : request.columns) schema_.push_back(kPeople[static_cast<std::size_t>(find_field(kPeople, name))]);
    if (request.split == "second half" && next_ == 0) next_ = kRows / 2;
    end_ = !request.until.empty() ? std::stoll(request.until) : request.split == "first half" ? kRows / 2 : kRows;
  }
  const Schema& schema() const override { return schema_; }
  Type place_type() const override { return TypeId::utf8; }
  Result<ReadBatch> read() override {
    ReadBatch out;
    std::vector<ColumnBuilder> builders;
    for (const Field& f : schema_) builders.emplace_back(f.type);
    ColumnBuilder places{Type(TypeId::utf8)};
    for (; next_ < end_ && out.batch.rows < request_.batch_rows; ++next_, ++out.batch.rows) {
      for (std::size_t c = 0; c < schema_.size(); ++c) append(schema_[c].name, builders[c]);
      places.append_text("p" + std::to_string(next_));
    }
    for (ColumnBuilder& b : builders) out.batch.columns.push_back(b.finish());
    out.batch.schema = schema_, out.batch.places = places.finish();
    out.position = std::to_string(next_), out.end = next_ == end_;
    return out;
  }

 private:
  void append(std::string_view name, ColumnBuilder& to) const {
    if (name == "id") to.append_int64(next_);
    else if (name == "born" && next_ % 3 == 0) to.null();
    else if (name == "born") to.append_date32(static_cast<std::int32_t>(next_));
    else if (name == "money") to.append_decimal(next_ * 101);
    else if (name == "note") to.append_text("{}");
    else to.append_text("陈 " + std::to_string(next_));
  }
  ReadRequest request_;
  std::int64_t next_, end_;
  Schema schema_;
};

// Keeps rows by key text, and the outcomes of each unit; refuses rows whose name is "refuse me".
struct Store {
  std::map<std::string, std::vector<std::string>> rows;
  std::map<std::int64_t, Resolved> ledger;
};

class PeopleWriter : public Writer {
 public:
  PeopleWriter(Store& store, WriteRequest request) : store_(store), request_(std::move(request)) {}
  Result<> prepare() override { return {}; }
  Result<Outcomes> submit(const Unit& unit) override {
    Outcomes out;
    out.rows = unit.rows();
    ColumnBuilder ids{Type(TypeId::int64)};
    std::int64_t at = 0;
    for (const Chunk& chunk : unit.chunks)
      for (std::int64_t i = 0; i < chunk.batch.rows; ++i, ++at) {
        std::vector<std::string> values;
        for (std::size_t c = 0; c < chunk.batch.columns.size(); ++c)
          values.push_back(chunk.is_set(c, i) ? value_text(chunk.batch.columns[c], i) : "(unset)");
        if (values[1] == "refuse me") {
          out.kinds.push_back(OutcomeKind::refused), ids.null();
          out.refusals.push_back({at, Error{3030, ErrorKind::row_rejected, {{"seen", values[1]}}, {}}, "data", "name", "no"});
          continue;
        }
        const bool fresh = store_.rows.insert_or_assign(values[0], values).second;
        out.kinds.push_back(fresh ? OutcomeKind::created : OutcomeKind::updated);
        ids.append_int64(1000 + at);
      }
    out.ids = ids.finish();
    store_.ledger[unit.number] = {Resolution::done, out, unit.end_position, unit.note};
    return out;
  }
  Result<Resolved> resolve(const Unit& unit) override {
    const auto at = store_.ledger.find(unit.number);
    return at == store_.ledger.end() ? Resolved{} : at->second;
  }
  Result<Rows> read_back(std::span<const Column> keys) override {
    Rows out;
    ColumnBuilder id{Type(TypeId::int64)}, name{Type(TypeId::utf8)}, ids{Type(TypeId::utf8)};
    for (std::int64_t i = 0; i < keys[0].length; ++i) {
      const auto at = store_.rows.find(value_text(keys[0], i));
      out.found.push_back(at != store_.rows.end());
      if (at == store_.rows.end()) id.null(), name.null(), ids.null();
      else id.append_int64(std::stoll(at->second[0])), name.append_text(at->second[1]), ids.append_text("row " + at->second[0]);
    }
    out.batch.columns = {id.finish(), name.finish()};
    out.ids = ids.finish();
    return out;
  }
  Result<std::int64_t> last_unit(std::string_view, std::string_view, int) override {
    return store_.ledger.empty() ? 0 : store_.ledger.rbegin()->first;
  }

 private:
  Store& store_;
  WriteRequest request_;
};

class Session : public sdk::ConnectionImpl {
 public:
  Session(const sdk::Settings& settings, const sdk::HostServices& host) : throws_(settings.text("throws")), path_(settings.path("path")), host_(host) {}
  Result<ConnectionFacts> check() override {
    if (throws_ == "check") throw std::runtime_error("no line to the server");
    if (host_.cancelled()) return sdk::fail(3018, ErrorKind::cancelled);
    return ConnectionFacts{"people:" + path_.string(), "People in memory", "7.1", true, {"people"}};
  }
  Result<ObjectDescription> describe(std::string_view object) override {
    if (object != "people") return sdk::fail(3030, ErrorKind::bad_config, {{"seen", std::string(object)}, {"nearest", "people"}});
    ObjectDescription out;
    out.object = object, out.rows = kRows, out.key = {"id"}, out.uniques = {{"name", "born"}}, out.checks = {"money >= 0"}, out.hash = "abc";
    for (const Field& f : kPeople) out.fields.push_back({.name = f.name, .type = f.type});
    out.fields[0].nullable = false, out.fields[0].generated = true, out.fields[1].length = 40, out.fields[1].choices = {"陈", "b"};
    out.references = {{{"id"}, "people", {"id"}}};
    return out;
  }
  Result<std::vector<std::string>> splits(std::string_view, int wanted) override {
    return wanted > 1 ? std::vector<std::string>{"first half", "second half"} : std::vector<std::string>{""};
  }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override {
    if (throws_ == "open_reader") throw 42;
    return std::make_unique<PeopleReader>(request);
  }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return std::make_unique<PeopleWriter>(store_, request); }
  Result<std::vector<GroupValue>> aggregate(std::string_view, std::string_view aggregate, std::string_view, std::string_view,
                                            std::string_view group_by) override {
    if (group_by.empty()) return std::vector<GroupValue>{{std::nullopt, std::string(aggregate) == "count" ? "20" : "191.90"}};
    return std::vector<GroupValue>{{"CNY", "1"}, {std::nullopt, ""}};
  }

 private:
  std::string throws_;
  std::filesystem::path path_;
  sdk::HostServices host_;
  Store store_;
};

constexpr sdk::Connector kConnector{
    .name = "good",
    .title = "People in memory",
    .settings = kSettings,
    .delivery = Delivery::transactional,
    .aggregates = true,
    .extensions = ".people|.PPL",
    .messages = R"([{"number": 3999, "kind": "row_rejected", "en": "odd: {seen}", "zh": "奇怪：{seen}", "remedy_en": "Look.", "remedy_zh": "看看。"}])",
    .open = [](const sdk::Settings& s, const sdk::HostServices& h) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      return std::make_unique<Session>(s, h);
    },
};

}  // namespace
}  // namespace godwit

GODWIT_EXPORT_CONNECTOR(godwit::kConnector)
