#include "writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "core/model/nearest.hpp"

namespace acme {
namespace {

using namespace godwit;
using sdk::fail;

class LineWriter : public Writer {
 public:
  LineWriter(std::filesystem::path file, std::string key, const sdk::HostServices& host, const WriteRequest& request)
      : file_(std::move(file)), key_(std::move(key)), host_(host), request_(request) {}

  Result<> prepare() override { return {}; }

  Result<Outcomes> submit(const Unit& unit) override {
    GW_TRY(load());
    Outcomes out;
    std::int64_t row = 0;
    for (const Chunk& chunk : unit.chunks)
      for (std::int64_t r = 0; r < chunk.batch.rows; ++r, ++row) {
        if (host_.cancelled()) return fail(3018, ErrorKind::cancelled);
        out.kinds.push_back(apply(chunk, r, row, &out));
      }
    out.rows = row;
    GW_TRY(store());
    return out;
  }

  // A file keeps no record of units: the core sends the unit again, and the key says the rest.
  Result<Resolved> resolve(const Unit&) override {
    Resolved out;
    out.resolution = Resolution::unknown;
    return out;
  }
  Result<std::int64_t> last_unit(std::string_view, std::string_view, int) override { return 0; }

  Result<Rows> read_back(std::span<const Column> keys) override {
    GW_TRY(load());
    Rows out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : request_.columns) columns.emplace_back(f.type);
    for (std::int64_t i = 0; i < keys[0].length; ++i) {
      const auto at = records_.find(std::string(keys[0].text(i)));
      out.found.push_back(at != records_.end());
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const auto* value = at == records_.end() ? nullptr : member(at->second, request_.columns[c].name);
        if (value == nullptr || !*value) columns[c].null();
        else columns[c].append_text(**value);
      }
    }
    out.batch.schema = request_.columns, out.batch.rows = keys[0].length;
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    return out;
  }

 private:
  static const std::optional<std::string>* member(const Record& record, const std::string& name) {
    const auto at = record.find(name);
    return at == record.end() ? nullptr : &at->second;
  }

  Failure unwritable() const { return fail(3903, ErrorKind::broken, {{"place", file_.string()}, {"seen", std::generic_category().message(errno)}}); }

  // The file as it is now: others may have changed it since the last unit.
  Result<> load() {
    records_.clear(), order_.clear();
    std::ifstream in(file_, std::ios::binary);
    std::string line;
    while (std::getline(in, line)) {
      auto record = parse_record(line);
      const auto* key = record ? member(*record, key_) : nullptr;
      if (key == nullptr || !*key) {
        order_.push_back({line, true});  // kept as it stands
      } else {
        order_.push_back({**key, false});
        records_[**key] = std::move(*record);
      }
    }
    if (!in.is_open() || in.bad()) return fail(3902, ErrorKind::broken, {{"place", file_.string()}, {"seen", std::generic_category().message(errno)}});
    return {};
  }

  OutcomeKind refuse(Outcomes* out, std::int64_t row, int number, const std::string& field) {
    Refusal r;
    r.row = row, r.error = {number, ErrorKind::row_rejected, {{"place", file_.filename().string()}, {"field", field}}, {}}, r.error_class = "data", r.field = field;
    out->refusals.push_back(std::move(r));
    return OutcomeKind::refused;
  }

  OutcomeKind apply(const Chunk& chunk, std::int64_t r, std::int64_t row, Outcomes* out) {
    const auto key_column = static_cast<std::size_t>(find_field(request_.columns, key_));
    const std::string key(chunk.batch.columns[key_column].text(r));
    const auto there = records_.find(key);
    const Operation operation = chunk.operation_of(r);
    if (operation == Operation::insert && there != records_.end()) return refuse(out, row, 3905, key_);
    if ((operation == Operation::update || operation == Operation::remove) && there == records_.end()) return OutcomeKind::missing;
    if (operation == Operation::remove) {
      records_.erase(there);
      std::erase_if(order_, [&](const auto& line) { return !line.second && line.first == key; });
      return OutcomeKind::deleted;
    }
    Record changed = there == records_.end() ? Record() : there->second;
    for (std::size_t c = 0; c < request_.columns.size(); ++c) {
      if (!chunk.is_set(c, r)) continue;
      const Column& column = chunk.batch.columns[c];
      changed[request_.columns[c].name] = column.is_null(r) ? std::nullopt : std::optional(std::string(column.text(r)));
    }
    std::string ignored, field;
    if (!write_record(changed, &ignored, &field)) return refuse(out, row, 3904, field);
    const bool is_new = there == records_.end();
    if (is_new) order_.push_back({key, false});
    records_[key] = std::move(changed);
    return is_new ? OutcomeKind::created : OutcomeKind::updated;
  }

  // Beside the file, to the disk, and then in its place: a power cut leaves the old file or the new one.
  Result<> store() {
    std::string text, field;
    for (const auto& [line, as_it_stands] : order_) {
      if (as_it_stands) text += line + "\n";
      else (void)write_record(records_.at(line), &text, &field);  // tried row by row before
    }
    const std::string made = file_.string() + ".new";
    const int out = ::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0) return unwritable();
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = ::write(out, text.data() + done, text.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) break;
      done += static_cast<std::size_t>(n);
    }
    const bool whole = done == text.size() && ::fsync(out) == 0;
    const int reason = errno;
    ::close(out);
    errno = reason;
    if (!whole || ::rename(made.c_str(), file_.c_str()) != 0) {
      const Failure failure = unwritable();
      ::unlink(made.c_str());
      return failure;
    }
    return {};
  }

  std::filesystem::path file_;
  std::string key_;
  sdk::HostServices host_;
  WriteRequest request_;
  std::map<std::string, Record> records_;                // by key
  std::vector<std::pair<std::string, bool>> order_;      // keys, or lines without one (true), as they stand in the file
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const Folder& folder, const sdk::HostServices& host, const WriteRequest& request) {
  GW_ASSIGN(const ObjectDescription described, folder.describe(request.object));
  GW_ASSIGN(std::filesystem::path file, folder.file(request.object));
  for (const Field& f : request.columns) {
    if (described.find(f.name) != nullptr && f.type == Type(TypeId::utf8)) continue;
    std::vector<std::string_view> names;
    for (const ObjectField& known : described.fields) names.push_back(known.name);
    return fail(3031, ErrorKind::bad_config, {{"place", file.string()}, {"object", request.object}, {"seen", f.name}, {"nearest", std::string(nearest(f.name, names))}});
  }
  if (request.key != std::vector<std::string>{folder.key()}) return fail(3906, ErrorKind::bad_config, {{"place", file.string()}, {"expected", folder.key()}});
  return std::make_unique<LineWriter>(std::move(file), folder.key(), host, request);
}

}  // namespace acme
