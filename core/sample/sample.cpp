#include "core/sample/sample.hpp"

#include <functional>
#include <system_error>

#include "core/sample/tables.hpp"

namespace godwit {
namespace {

using sample::CsvOut;
using sample::Table;
using sample::Truth;
using sample::World;

constexpr std::int64_t kLeastRows = 200, kMostRows = 1'000'000'000;
constexpr int kLastRevision = 50;

// The files as the old systems write them.
struct File {
  const char* name;
  SampleFormat format;
  std::function<Result<>(const World&, CsvOut&, Truth&)> write;
};

const std::vector<File>& files() {
  static const std::vector<File> all{
      {"users", {"utf-8", ',', false, false}, sample::write_users},
      {"customers",
       {"gb18030", ',', true, false},
       [](const World& w, CsvOut& o, Truth& t) { return write_firms(w, Table::customers, o, t); }},
      {"branches",
       {"windows-1252", ';', true, false},
       [](const World& w, CsvOut& o, Truth& t) { return write_firms(w, Table::branches, o, t); }},
      {"contacts", {"utf-8", ',', true, true}, sample::write_contacts},
      {"activities", {"utf-8", ',', false, false}, sample::write_activities},
  };
  return all;
}

Result<> check(const SampleOptions& options) {
  const auto refuse = [](std::string seen, std::string expected) {
    return fail(2090, {{"seen", std::move(seen)}, {"expected", std::move(expected)}});
  };
  if (options.kind != "harbour-trading") return refuse("kind " + options.kind, "harbour-trading");
  if (options.rows < kLeastRows || options.rows > kMostRows)
    return refuse("rows " + std::to_string(options.rows), "200 to 1000000000");
  if (options.revision < 0 || options.revision > kLastRevision)
    return refuse("revision " + std::to_string(options.revision), "0 to 50");
  for (const auto& [name, rate] :
       {std::pair{"dirty_rate", options.dirty_rate}, {"duplicate_rate", options.duplicate_rate}}) {
    if (!(rate >= 0 && rate <= 0.5)) return refuse(std::string(name) + " " + std::to_string(rate), "0 to 0.5");
  }
  for (const auto& [name, format] : options.formats) {
    bool known = false;
    for (const File& file : files()) known = known || name == file.name;
    if (!known) return refuse("file " + name, "users, customers, branches, contacts, activities");
  }
  return {};
}

SampleFormat format_of(const File& file, const SampleOptions& options) {
  SampleFormat format = file.format;
  const auto given = options.formats.find(file.name);
  if (given == options.formats.end()) return format;
  const SampleFormat& other = given->second;
  if (!other.encoding.empty()) format.encoding = other.encoding;
  if (other.delimiter != 0) format.delimiter = other.delimiter;
  if (other.crlf) format.crlf = other.crlf;
  if (other.byte_order_mark) format.byte_order_mark = other.byte_order_mark;
  // Only UTF-8's mark is written; a branch file that becomes UTF-8 needs none to be right.
  if (format.encoding != "utf-8") format.byte_order_mark = false;
  return format;
}

}  // namespace

Result<SampleSummary> write_sample(const SampleOptions& options) {
  GW_TRY(check(options));
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) return fail(2091, {{"place", options.folder.string()}, {"reason", error.message()}});
  const World world(options);
  SampleSummary summary;
  GW_ASSIGN(auto truth, Truth::open(options.folder));
  for (const File& file : files()) {
    GW_ASSIGN(auto out, CsvOut::open(options.folder / (std::string(file.name) + ".csv"), format_of(file, options)));
    GW_TRY(file.write(world, *out, *truth));
    GW_ASSIGN(auto written, out->close());
    summary.files.push_back(std::move(written));
  }
  GW_TRY(truth->close(options.folder, summary));
  return summary;
}

}  // namespace godwit
