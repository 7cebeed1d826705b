#include "connectors/csv/reader.hpp"

#include <charconv>
#include <optional>

#include "connectors/csv/file.hpp"
#include "core/model/nearest.hpp"
#include "plugins/sdk/error.hpp"

namespace godwit::csv {
namespace {

using delimited::Range;
using delimited::TableHead;
using delimited::TableReader;

// A header is short: no need to read a quarter of a megabyte to find it.
constexpr std::uint32_t kHeadWindow = 16 << 10;

struct Opened {
  std::unique_ptr<File> file;
  delimited::TableOptions table;
  TableHead head;
};

Result<Opened> open_object(const Options& options, std::string_view object) {
  GW_ASSIGN(const ObjectFile found, find_object(options, object));
  Opened out;
  GW_ASSIGN(ObjectOptions own, options.of(found.object, found.file));
  out.table = std::move(own.table);
  GW_ASSIGN(out.file, File::open(found.file));
  delimited::TableOptions head_options = out.table;
  head_options.window = kHeadWindow;
  GW_ASSIGN(out.head, delimited::read_head(*out.file, head_options));
  return out;
}

struct Split {
  Range range;
  std::uint64_t file_size = 0;
};

std::string split_text(const Split& s) {
  return std::to_string(s.range.from) + ":" + std::to_string(s.range.to) + ":" + std::to_string(s.range.line) + ":" + std::to_string(s.file_size);
}

std::optional<Split> parse_split(std::string_view text) {
  std::uint64_t numbers[4] = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int i = 0; i < 4; ++i) {
    const auto parsed = std::from_chars(at, end, numbers[i]);
    if (parsed.ec != std::errc() || (i < 3) != (parsed.ptr != end) || (i < 3 && *parsed.ptr != ':')) return std::nullopt;
    at = parsed.ptr + (i < 3 ? 1 : 0);
  }
  if (numbers[0] > numbers[1] || numbers[1] > numbers[3] || numbers[2] < 1 || numbers[2] > INT64_MAX) return std::nullopt;
  return Split{{numbers[0], numbers[1], static_cast<std::int64_t>(numbers[2])}, numbers[3]};
}

Failure not_ours(const delimited::TableOptions& table, std::string_view seen) {
  return sdk::fail(3032, ErrorKind::bad_config, {{"place", table.name}, {"seen", std::string(seen)}});
}

class CsvReader : public Reader {
 public:
  CsvReader(Opened opened, std::unique_ptr<TableReader> reader, const ReadRequest& request, const sdk::HostServices& host)
      : opened_(std::move(opened)), reader_(std::move(reader)), rows_(request.batch_rows), bytes_(request.batch_bytes), host_(host) {}

  const Schema& schema() const override { return reader_->schema(); }
  Result<ReadBatch> read() override {
    if (host_.cancelled()) return sdk::fail(3018, ErrorKind::cancelled, {});
    return reader_->read(rows_, bytes_);
  }

 private:
  Opened opened_;
  std::unique_ptr<TableReader> reader_;  // reads from opened_.file, so it goes first
  std::int64_t rows_, bytes_;
  sdk::HostServices host_;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(const Options& options, const sdk::HostServices& host, const ReadRequest& request) {
  GW_ASSIGN(Opened opened, open_object(options, request.object));
  const std::vector<std::string>& names = opened.head.columns;
  std::vector<std::uint32_t> wanted;
  for (const std::string& column : request.columns) {
    const auto found = std::find(names.begin(), names.end(), column);
    if (found == names.end()) {
      const std::vector<std::string_view> views(names.begin(), names.end());
      return sdk::fail(3031, ErrorKind::bad_config, {{"place", opened.table.name}, {"object", request.object}, {"seen", column}, {"nearest", std::string(nearest(column, views))}});
    }
    wanted.push_back(static_cast<std::uint32_t>(found - names.begin()));
  }
  if (request.columns.empty())
    for (std::uint32_t i = 0; i < names.size(); ++i) wanted.push_back(i);

  Range range = opened.head.records;
  if (!request.split.empty()) {
    const std::optional<Split> split = parse_split(request.split);
    if (!split) return not_ours(opened.table, request.split);
    GW_TRY(opened.file->plan_size(split->file_size));
    range = split->range;
  } else if (opened.table.skip_footer != 0) {
    GW_ASSIGN(const std::vector<Range> whole, delimited::split_table(*opened.file, opened.table, opened.head, 1));
    range = whole.front();
  }
  std::optional<delimited::Position> start;
  if (!request.position.empty()) {
    start = delimited::parse_position(request.position);
    if (!start || static_cast<std::uint64_t>(start->offset) < range.from || static_cast<std::uint64_t>(start->offset) > range.to)
      return not_ours(opened.table, request.position);
  }
  if (!request.until.empty()) {
    const auto until = delimited::parse_position(request.until);
    if (!until || static_cast<std::uint64_t>(until->offset) < range.from || static_cast<std::uint64_t>(until->offset) > range.to ||
        (start && until->offset < start->offset))
      return not_ours(opened.table, request.until);
    range.to = static_cast<std::uint64_t>(until->offset);
  }
  GW_ASSIGN(auto reader, TableReader::open(*opened.file, opened.table, opened.head, std::move(wanted), range, start));
  return std::make_unique<CsvReader>(std::move(opened), std::move(reader), request, host);
}

Result<std::vector<std::string>> split_object(const Options& options, std::string_view object, int wanted) {
  GW_ASSIGN(const Opened opened, open_object(options, object));
  GW_ASSIGN(const std::vector<Range> ranges, delimited::split_table(*opened.file, opened.table, opened.head, wanted, wanted));
  std::vector<std::string> out;
  for (const Range& r : ranges) out.push_back(split_text({r, opened.file->size()}));
  return out;
}

Result<ObjectDescription> describe_object(const Options& options, const sdk::HostServices& host, std::string_view object) {
  ObjectDescription out;
  out.object = std::string(object);
  GW_ASSIGN(const ObjectFile target, target_object(options, object));
  std::error_code error;
  std::vector<std::string> names;
  if (!std::filesystem::exists(target.file, error)) {
    // A file that a flow is to make: its columns are those that the settings give.
    GW_ASSIGN(const ObjectOptions own, options.of(target.object, target.file));
    if (own.table.columns.empty()) {
      GW_TRY(find_object(options, object));
      return sdk::fail(3110, ErrorKind::bad_config, {{"place", target.file.string()}});
    }
    names = own.table.columns;
    out.bytes = 0;
  } else {
    GW_ASSIGN(const Opened opened, open_object(options, object));
    names = opened.head.columns;
    out.bytes = static_cast<std::int64_t>(opened.file->size());
    GW_ASSIGN(out.hash, opened.file->hash());
    for (const std::string& name : opened.head.renamed)
      host.log(sdk::LogLevel::warn, "GW-3108 " + opened.table.name + ": the header names column \"" + name + "\" more than once; the later ones are \"" + name + "_2\" and so on");
  }
  for (std::string& name : names) out.fields.push_back({.name = std::move(name), .type = TypeId::utf8});
  return out;
}

}  // namespace godwit::csv
