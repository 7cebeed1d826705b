#include "connectors/csv/writer.hpp"

#include <algorithm>

#include "connectors/csv/file.hpp"
#include "connectors/csv/ledger.hpp"
#include "connectors/csv/output_file.hpp"
#include "plugins/kits/delimited/row_writer.hpp"
#include "plugins/sdk/error.hpp"

namespace godwit::csv {
namespace {

constexpr std::size_t kPiece = 1 << 20;  // bytes held before they are written

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

class CsvWriter : public Writer {
 public:
  CsvWriter(ObjectFile target, ObjectOptions options, std::unique_ptr<delimited::RowWriter> rows, const WriteRequest& request, const sdk::HostServices& host)
      : target_(std::move(target)), options_(std::move(options)), rows_(std::move(rows)), with_ledger_(request.ledger), host_(host) {
    for (const Field& f : request.columns) names_.push_back(f.name);
  }

  Result<> prepare() override {
    return locked([&]() -> Result<> { return recover(); });
  }

  Result<Outcomes> submit(const Unit& unit) override {
    Outcomes out;
    const Result<> worked = locked([&]() -> Result<> {
      GW_TRY(recover());
      LedgerEntry entry;
      if (with_ledger_) {
        GW_ASSIGN(const bool done, ledger_.find(unit, &entry));
        if (done) {
          out = std::move(entry.outcomes);
          return {};
        }
      }
      GW_ASSIGN(const std::uint64_t begin, end_of_rows());
      const Result<> written = write_unit(unit, begin, &entry);
      if (!written) {
        (void)data_.truncate(begin);  // recover() does the same later; the reason of the failure is what counts now
        return written;
      }
      out = std::move(entry.outcomes);
      return {};
    });
    if (!worked) return Failure(worked.error());
    return out;
  }

  Result<Resolved> resolve(const Unit& unit) override {
    Resolved out;
    if (!with_ledger_) {
      out.resolution = Resolution::unknown;
      return out;
    }
    const Result<> worked = locked([&]() -> Result<> {
      GW_TRY(recover());
      LedgerEntry entry;
      GW_ASSIGN(const bool done, ledger_.find(unit, &entry));
      out.resolution = done ? Resolution::done : Resolution::absent;
      out.outcomes = std::move(entry.outcomes), out.end_position = std::move(entry.position), out.note = std::move(entry.note);
      return {};
    });
    if (!worked) return Failure(worked.error());
    return out;
  }

  Result<Rows> read_back(std::span<const Column>) override { return sdk::fail(3117, ErrorKind::bad_config, {{"place", target_.file.string()}}); }

  Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard) override {
    std::int64_t last = 0;
    if (!with_ledger_) return last;
    GW_TRY(locked([&]() -> Result<> {
      last = ledger_.last_unit(run, flow, shard);
      return {};
    }));
    return last;
  }

 private:
  // Runs `work` while no other writer may touch file and ledger, with the ledger as it is now.
  template <typename Work>
  Result<> locked(Work&& work) {
    GW_TRY(ledger_.open(target_.file));
    GW_TRY(ledger_.lock());
    struct Unlock {
      Ledger& ledger;
      ~Unlock() { ledger.unlock(); }
    } unlock{ledger_};
    GW_TRY(ledger_.refresh());
    return work();
  }

  Result<std::uint64_t> end_of_rows() {
    if (with_ledger_) return ledger_.end();
    return data_.size();
  }

  std::string header() {
    std::string out = options_.byte_order_mark ? delimited::RowWriter::byte_order_mark(options_.table.encoding) : "";
    if (options_.table.header_rows > 0) rows_->append(names_, &out);
    return out;
  }

  // File and ledger as they must be before rows are added: begun, with the header, and with nothing behind the last
  // committed unit.
  Result<> recover() {
    GW_TRY(data_.open(target_.file));
    GW_ASSIGN(std::uint64_t size, data_.size());
    if (!ledger_.begun()) {
      if (size != 0) {
        if (options_.existing == Existing::refuse) return sdk::fail(3114, ErrorKind::bad_config, {{"place", target_.file.string()}});
        GW_TRY(same_columns());
        GW_ASSIGN(const std::string last, data_.read(size - 1, 1));
        if (last != "\n" && last != "\r") {
          GW_TRY(data_.write(size, options_.written_record_end));
          size += options_.written_record_end.size();
        }
        GW_TRY(data_.sync());
        GW_TRY(ledger_.begin(size, size));
      } else {
        // The ledger first: a file with a header and no ledger would look like somebody else's.
        GW_TRY(ledger_.begin(0, header().size()));
      }
    }
    if (ledger_.base() == 0 && !ledger_.has_units()) {
      const std::string head = header();
      GW_ASSIGN(const std::string seen, data_.read(0, head.size() + 1));
      if (seen == head) return {};
      if (head.size() != ledger_.start()) return sdk::fail(3115, ErrorKind::broken, {{"place", target_.file.string()}, {"seen", "a file begun with other columns or settings"}});
      GW_TRY(data_.truncate(0));
      GW_TRY(data_.write(0, head));
      return data_.sync();
    }
    if (size < ledger_.end())
      return sdk::fail(3115, ErrorKind::broken, {{"place", target_.file.string()}, {"seen", "the file has " + std::to_string(size) + " bytes, the ledger knows of " + std::to_string(ledger_.end())}});
    if (!checked_) GW_TRY(same_columns());
    checked_ = true;
    return size > ledger_.end() && with_ledger_ ? data_.truncate(ledger_.end()) : Result<>{};
  }

  // GW-3113 unless the file's columns are the request's, in their order. Without a header only their number can tell.
  Result<> same_columns() {
    GW_ASSIGN(const auto file, File::open(target_.file));
    const auto head = delimited::read_head(*file, options_.table);
    if (!head && head.error().number == 1052 && options_.table.header_rows == 0) return {};  // no record yet
    if (!head) return Failure(head.error());
    const bool same = options_.table.header_rows > 0 ? head->columns == names_ : head->columns.size() == names_.size();
    if (same) return {};
    return sdk::fail(3113, ErrorKind::bad_config, {{"place", target_.file.string()}, {"seen", joined(head->columns)}, {"expected", joined(names_)}});
  }

  Refusal refusal(std::int64_t row, int number, std::size_t column, const std::string& seen) const {
    Refusal out;
    out.row = row;
    out.error = {number, ErrorKind::row_rejected, {{"place", target_.file.filename().string()}, {"field", names_[column]}, {"seen", seen}, {"expected", options_.table.encoding.name}}, {}};
    out.error_class = "data", out.field = names_[column];
    return out;
  }

  // Appends the unit's rows at `begin` and commits them. Nothing is committed when it fails.
  Result<> write_unit(const Unit& unit, std::uint64_t begin, LedgerEntry* entry) {
    Outcomes& outcomes = entry->outcomes;
    outcomes = {};
    outcomes.rows = unit.rows();
    std::uint64_t at = begin;
    std::string piece;
    std::int64_t row = 0;
    std::vector<bool> absent(names_.size());
    for (const Chunk& chunk : unit.chunks) {
      for (std::int64_t r = 0; r < chunk.batch.rows; ++r, ++row) {
        if (chunk.operation_of(r) != Operation::insert) {
          outcomes.refusals.push_back(refusal(row, 3120, 0, ""));
          continue;
        }
        for (std::size_t c = 0; c < absent.size(); ++c) absent[c] = !chunk.is_set(c, r);
        const delimited::Unwritable bad = rows_->append(chunk.batch.columns, r, absent, &piece);
        using Reason = delimited::Unwritable::Reason;
        if (bad.reason != Reason::none)
          outcomes.refusals.push_back(refusal(row, bad.reason == Reason::needs_quotes ? 3119 : bad.reason == Reason::holds_nul ? 3121 : 3118, bad.column, bad.seen));
        if (piece.size() < kPiece) continue;
        GW_TRY(data_.write(at, piece));
        at += piece.size();
        piece.clear();
        if (host_.cancelled()) return sdk::fail(3018, ErrorKind::cancelled, {});
      }
    }
    GW_TRY(data_.write(at, piece));
    at += piece.size();
    GW_TRY(data_.sync());
    if (!outcomes.refusals.empty()) {
      outcomes.kinds.assign(static_cast<std::size_t>(outcomes.rows), OutcomeKind::created);
      for (const Refusal& r : outcomes.refusals) outcomes.kinds[static_cast<std::size_t>(r.row)] = OutcomeKind::refused;
    }
    if (!with_ledger_) return {};
    entry->run = unit.run, entry->flow = unit.flow, entry->shard = unit.shard, entry->unit = unit.number, entry->end = at;
    entry->position = unit.end_position, entry->note = unit.note;
    return ledger_.append(*entry);
  }

  ObjectFile target_;
  ObjectOptions options_;
  std::unique_ptr<delimited::RowWriter> rows_;
  bool with_ledger_;
  sdk::HostServices host_;
  std::vector<std::string> names_;
  Ledger ledger_;
  OutputFile data_;
  bool checked_ = false;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const Options& options, const sdk::HostServices& host, const WriteRequest& request) {
  GW_ASSIGN(ObjectFile target, target_object(options, request.object));
  if (!request.key.empty()) return sdk::fail(3117, ErrorKind::bad_config, {{"place", target.file.string()}});
  GW_ASSIGN(ObjectOptions own, options.of(target.object, target.file));
  delimited::WriteStyle style;
  style.quoting = own.quoting, style.record_end = own.written_record_end, style.formula_guard = own.formula_guard;
  GW_ASSIGN(auto rows, delimited::RowWriter::make(own.table.dialect, own.table.encoding, style));
  return std::make_unique<CsvWriter>(std::move(target), std::move(own), std::move(rows), request, host);
}

}  // namespace godwit::csv
