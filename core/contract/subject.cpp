#include "core/contract/subject.hpp"

namespace godwit::contract {
namespace {

constexpr std::size_t kMostComplaints = 5;

// Long values are shown by their beginning.
std::string shown(std::string text) {
  if (text.size() <= 200) return text;
  const std::size_t size = text.size();
  text.resize(200);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  return text + "… (" + std::to_string(size) + " bytes)";
}

}  // namespace

bool Trial::expect(bool holds, std::string_view text, std::vector<Argument> arguments) {
  if (holds) return true;
  if (result_.verdict != Verdict::failed) result_.said.clear();
  result_.verdict = Verdict::failed;
  for (auto& [name, value] : arguments) value = shown(std::move(value));
  if (result_.said.size() < kMostComplaints) result_.said.push_back({std::string(text), std::move(arguments)});
  return false;
}

bool Trial::expect_same(std::string_view place, const std::string& seen, const std::string& expected) {
  return expect(seen == expected, "contract.differs", {{"place", std::string(place)}, {"seen", seen}, {"expected", expected}});
}

void Trial::refused(std::string_view call, const Error& error) {
  expect(false, "contract.refused", {{"call", std::string(call)}, {"seen", describe(error)}});
}

void Trial::skip(std::string_view reason, std::vector<Argument> arguments) {
  if (result_.verdict == Verdict::failed) return;
  result_.verdict = Verdict::skipped;
  result_.said = {{std::string(reason), std::move(arguments)}};
}

void Trial::note(std::string_view text, std::vector<Argument> arguments) {
  if (result_.verdict == Verdict::passed) result_.said.push_back({std::string(text), std::move(arguments)});
}

std::string row_text(const Batch& batch, std::int64_t row) {
  std::string out = value_text(batch.places, row);
  for (const Column& c : batch.columns) {
    const auto value = comparable(c, row);
    out += '\x1f';
    out += value ? "=" + *value : "-";
  }
  return out;
}

Drained drain(Reader& reader, std::int64_t most) {
  Drained out;
  while (!out.ended && (most < 0 || static_cast<std::int64_t>(out.rows.size()) < most)) {
    Result<ReadBatch> read = reader.read();
    if (!read) {
      out.error = std::move(read).error();
      return out;
    }
    for (std::int64_t i = 0; i < read->batch.rows; ++i) out.rows.push_back(row_text(read->batch, i));
    for (const Unreadable& u : read->unreadable) out.unreadable.push_back(std::to_string(u.locator));
    out.stops.push_back({read->position, out.rows.size()});
    out.ended = read->end;
  }
  return out;
}

Drained drain(Result<std::unique_ptr<Reader>> reader, std::int64_t most) {
  if (reader) return drain(**reader, most);
  Drained out;
  out.error = std::move(reader).error();
  return out;
}

Subject::Subject(const Options& options, std::function<std::unique_ptr<Host>()> make_host) : options_(options), make_host_(std::move(make_host)), host_(make_host_()) {
  for (const ConnectorListing& c : host_->list())
    if (c.name == options_.connector) manifest_ = nlohmann::json::parse(c.manifest, nullptr, false);
}

Result<std::unique_ptr<Connection>> Subject::open(const nlohmann::json& changes) { return open_on(*host_, changes); }

Result<std::unique_ptr<Connection>> Subject::open_on(Host& host, const nlohmann::json& changes) const {
  nlohmann::json settings = *options_.settings;
  if (changes.is_object()) settings.merge_patch(changes);
  return host.open(options_.connector, settings);
}

Result<std::vector<std::string>> Subject::objects() {
  if (!options_.objects.empty()) return options_.objects;
  GW_ASSIGN(auto connection, open());
  GW_ASSIGN(ConnectionFacts facts, connection->check());
  if (facts.objects.size() > 20) facts.objects.resize(20);
  return facts.objects;
}

}  // namespace godwit::contract
