#include "writer.hpp"

#include <cmath>
#include <map>

#include "core/model/nearest.hpp"
#include "plugins/kits/sql/identifier.hpp"
#include "plugins/kits/sql/ledger.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace acme {
namespace {

using namespace godwit;
using sdk::fail;
namespace sql = godwit::sql;

class TableWriter : public Writer {
 public:
  TableWriter(std::unique_ptr<Database> database, const sdk::HostServices& host, const WriteRequest& request)
      : database_(std::move(database)), host_(host), request_(request), table_(sql::quote_identifier(request_.object)) {}

  Result<> prepare() override {
    return database_->execute(
        "create table if not exists godwit_ledger (run text not null, flow text not null, shard integer not null, unit integer not null, end_position text not null,"
        " rows integer not null, outcomes blob not null, ids blob, refusals text, note text not null, written_at text not null, primary key (run, flow, shard, unit))");
  }

  Result<Outcomes> submit(const Unit& unit) override {
    GW_TRY(database_->execute("begin immediate"));
    Result<Outcomes> out = write(unit);
    if (out) {
      const Result<> committed = database_->execute("commit");
      if (committed) return out;
      out = Failure(committed.error());
    }
    (void)database_->execute("rollback");  // the reason of the failure is what counts
    return out;
  }

  Result<Resolved> resolve(const Unit& unit) override {
    GW_ASSIGN(Statement line, database_->prepare("select end_position, rows, outcomes, ids, refusals, note from godwit_ledger where run = ? and flow = ? and shard = ? and unit = ?"));
    line.bind(0, unit.run), line.bind(1, unit.flow), line.bind(2, std::int64_t{unit.shard}), line.bind(3, unit.number);
    GW_ASSIGN(const bool known, line.step());
    Resolved out;
    if (!known) return out;
    out.resolution = Resolution::done, out.end_position = line.text(0), out.note = line.text(5);
    const std::int64_t rows = line.int64(1);
    const bool whole = sql::decode_outcomes(line.text(2), rows, &out.outcomes) && (line.is_null(3) || sql::decode_ids(line.text(3), rows, &out.outcomes.ids)) &&
                       (line.is_null(4) || sql::decode_refusals(line.text(4), &out.outcomes.refusals));
    if (!whole) return fail(3901, ErrorKind::broken, {{"place", "godwit_ledger"}, {"seen", "a line that is none of ours"}});
    return out;
  }

  Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard) override {
    GW_ASSIGN(Statement last, database_->prepare("select coalesce(max(unit), 0) from godwit_ledger where run = ? and flow = ? and shard = ?"));
    last.bind(0, run), last.bind(1, flow), last.bind(2, std::int64_t{shard});
    GW_TRY(last.step());
    return last.int64(0);
  }

  Result<Rows> read_back(std::span<const Column> keys) override {
    std::string columns = request_.id.empty() ? "0" : sql::quote_identifier(request_.id);
    for (const Field& f : request_.columns) columns += ", " + sql::quote_identifier(f.name);
    GW_ASSIGN(Statement one, database_->prepare("select " + columns + " from " + table_ + where_key()));
    Rows out;
    std::vector<ColumnBuilder> builders;
    for (const Field& f : request_.columns) builders.emplace_back(f.type);
    ColumnBuilder ids{Type(TypeId::int64)};
    for (std::int64_t i = 0; i < keys[0].length; ++i) {
      one.reset();
      for (std::size_t k = 0; k < keys.size(); ++k) one.bind(static_cast<int>(k), keys[k], i);
      GW_ASSIGN(const bool found, one.step());
      out.found.push_back(found);
      found && !request_.id.empty() ? ids.append_int64(one.int64(0)) : ids.null();
      for (std::size_t c = 0; c < builders.size(); ++c) {
        if (!found) builders[c].null();
        else (void)one.append(static_cast<int>(c) + 1, &builders[c]);
      }
    }
    out.batch.schema = request_.columns, out.batch.rows = keys[0].length;
    for (ColumnBuilder& c : builders) out.batch.columns.push_back(c.finish());
    if (!request_.id.empty()) out.ids = ids.finish();
    return out;
  }

 private:
  // Columns of a row that are sent.
  std::vector<std::size_t> sent(const Chunk& chunk, std::int64_t r) const {
    std::vector<std::size_t> out;
    for (std::size_t c = 0; c < request_.columns.size(); ++c)
      if (chunk.is_set(c, r)) out.push_back(c);
    return out;
  }
  bool is_key(std::size_t column) const {
    for (const std::string& k : request_.key)
      if (k == request_.columns[column].name) return true;
    return false;
  }
  std::string where_key() const {
    std::string out;
    for (const std::string& k : request_.key) out += (out.empty() ? " where " : " and ") + sql::quote_identifier(k) + " = ?";
    return out;
  }

  // A value that the system would cut or alter is refused before it gets there.
  static int unfit(const Column& column, std::int64_t row) {
    if (column.is_null(row)) return 0;
    if (column.type.id == TypeId::float64 && std::isnan(column.float64(row))) return sql::kNotANumber;  // would be stored as null
    if (column.type.id != TypeId::utf8) return 0;
    if (column.text(row).find('\0') != std::string_view::npos) return sql::kHoldsNul;
    return is_utf8(column.text(row)) ? 0 : sql::kNotUtf8;
  }
  static bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
      const auto lead = static_cast<unsigned char>(text[i]);
      const std::size_t size = lead < 0x80 ? 1 : (lead >> 5) == 6 ? 2 : (lead >> 4) == 14 ? 3 : (lead >> 3) == 30 ? 4 : 0;
      if (size == 0 || i + size > text.size() || (size == 2 && lead < 0xC2)) return false;
      for (std::size_t k = 1; k < size; ++k)
        if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
      i += size;
    }
    return true;
  }

  // Runs one statement for the row; 0 or 1 rows changed.
  Result<std::int64_t> run(const std::string& text, const Chunk& chunk, std::int64_t r, const std::vector<std::size_t>& columns) {
    auto [at, is_new] = statements_.try_emplace(text);
    if (is_new) {
      GW_ASSIGN(at->second, database_->prepare(text));
    }
    int parameter = 0;
    for (const std::size_t c : columns) at->second.bind(parameter++, chunk.batch.columns[c], r);
    const Result<bool> stepped = at->second.step();
    const std::int64_t changed = stepped ? at->second.changed_rows() : 0;
    at->second.reset();
    if (!stepped) return Failure(stepped.error());
    return changed;
  }

  Result<std::int64_t> insert(const Chunk& chunk, std::int64_t r) {
    const auto columns = sent(chunk, r);
    std::string names, marks;
    for (const std::size_t c : columns) names += (names.empty() ? "" : ", ") + sql::quote_identifier(request_.columns[c].name), marks += marks.empty() ? "?" : ", ?";
    return run("insert into " + table_ + (columns.empty() ? " default values" : " (" + names + ") values (" + marks + ")"), chunk, r, columns);
  }
  Result<std::int64_t> update(const Chunk& chunk, std::int64_t r) {
    std::vector<std::size_t> columns;
    std::string sets;
    for (const std::size_t c : sent(chunk, r))
      if (!is_key(c)) columns.push_back(c), sets += (sets.empty() ? "" : ", ") + sql::quote_identifier(request_.columns[c].name) + " = ?";
    if (sets.empty()) sets = sql::quote_identifier(request_.key[0]) + " = " + sql::quote_identifier(request_.key[0]);
    return run("update " + table_ + " set " + sets + where_key(), chunk, r, with_key(std::move(columns)));
  }
  Result<std::int64_t> remove(const Chunk& chunk, std::int64_t r) { return run("delete from " + table_ + where_key(), chunk, r, with_key({})); }
  std::vector<std::size_t> with_key(std::vector<std::size_t> columns) const {
    for (const std::string& k : request_.key) columns.push_back(static_cast<std::size_t>(find_field(request_.columns, k)));
    return columns;
  }

  Result<OutcomeKind> apply(const Chunk& chunk, std::int64_t r) {
    const Operation operation = chunk.operation_of(r);
    if (operation == Operation::update || operation == Operation::upsert) {
      GW_ASSIGN(const std::int64_t changed, update(chunk, r));
      if (changed > 0) return OutcomeKind::updated;
      if (operation == Operation::update) return OutcomeKind::missing;
    }
    if (operation == Operation::remove) {
      GW_ASSIGN(const std::int64_t changed, remove(chunk, r));
      return changed > 0 ? OutcomeKind::deleted : OutcomeKind::missing;
    }
    GW_TRY(insert(chunk, r));
    return OutcomeKind::created;
  }

  Result<Outcomes> write(const Unit& unit) {
    Outcomes out;
    out.rows = unit.rows();
    ColumnBuilder ids{Type(TypeId::int64)};
    std::int64_t row = 0;
    for (const Chunk& chunk : unit.chunks)
      for (std::int64_t r = 0; r < chunk.batch.rows; ++r, ++row) {
        if (host_.cancelled()) return fail(3018, ErrorKind::cancelled);
        int number = 0;
        for (std::size_t c = 0; c < request_.columns.size() && number == 0; ++c)
          if (chunk.is_set(c, r) && (number = unfit(chunk.batch.columns[c], r)) != 0) out.refusals.push_back(sql::refuse(row, number, request_.columns[c].name, ""));
        Result<OutcomeKind> done = number != 0 ? Result<OutcomeKind>(OutcomeKind::refused) : apply(chunk, r);
        // One row's fault is that row's; anything else ends the unit, and nothing of it stays.
        if (!done && done.error().kind != ErrorKind::row_rejected) return Failure(done.error());
        if (!done) out.refusals.push_back(sql::refuse(row, done.error().number, "", std::string(done.error().argument("words"))));
        const OutcomeKind kind = done ? *done : OutcomeKind::refused;
        out.kinds.push_back(kind);
        if (kind == OutcomeKind::created) ids.append_int64(database_->last_id());
        else ids.null();
      }
    if (!request_.id.empty()) out.ids = ids.finish();
    if (request_.ledger) GW_TRY(note(unit, out));
    return out;
  }

  Result<> note(const Unit& unit, const Outcomes& out) {
    GW_ASSIGN(Statement line, database_->prepare("insert into godwit_ledger values (?, ?, ?, ?, ?, ?, cast(? as blob), cast(? as blob), ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))"));
    const std::string outcomes = sql::encode_outcomes(out), ids = out.ids.length == 0 ? "" : sql::encode_ids(out.ids), refusals = out.refusals.empty() ? "" : sql::encode_refusals(out.refusals);
    line.bind(0, unit.run), line.bind(1, unit.flow), line.bind(2, std::int64_t{unit.shard}), line.bind(3, unit.number), line.bind(4, unit.end_position), line.bind(5, out.rows);
    line.bind(6, outcomes);
    if (!ids.empty()) line.bind(7, ids);
    if (!refusals.empty()) line.bind(8, refusals);
    line.bind(9, unit.note);
    // A unit that is there already is refused by the ledger's own key, with everything that it wrote.
    const Result<bool> written = line.step();
    if (!written) return fail(3901, ErrorKind::broken, {{"place", "godwit_ledger"}, {"seen", std::string(written.error().argument("words").empty() ? written.error().argument("seen") : written.error().argument("words"))}});
    return {};
  }

  std::unique_ptr<Database> database_;
  sdk::HostServices host_;
  WriteRequest request_;
  std::string table_;
  std::map<std::string, Statement> statements_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const Options& options, const sdk::HostServices& host, const WriteRequest& request) {
  GW_ASSIGN(auto database, Database::open(options));
  GW_ASSIGN(const ObjectDescription described, database->describe(request.object));
  for (const Field& f : request.columns) {
    const ObjectField* field = described.find(f.name);
    if (field != nullptr && field->type == f.type) continue;
    std::vector<std::string_view> names;
    for (const ObjectField& known : described.fields) names.push_back(known.name);
    return fail(3031, ErrorKind::bad_config, {{"place", options.path.string()}, {"object", request.object}, {"seen", f.name}, {"nearest", std::string(nearest(f.name, names))}});
  }
  return std::make_unique<TableWriter>(std::move(database), host, request);
}

}  // namespace acme
