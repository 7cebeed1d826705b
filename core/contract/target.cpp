#include "core/contract/target.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace godwit::contract {
namespace {

bool tells_rows_apart(const ObjectField& f) {
  if (!f.choices.empty()) return false;
  return f.type.id == TypeId::int64 || (f.type.id == TypeId::utf8 && f.length.value_or(40) >= 12);
}

}  // namespace

std::string name_of(OutcomeKind kind) {
  static constexpr const char* kNames[] = {"?", "created", "updated", "unchanged", "deleted", "refused", "unknown", "missing"};
  return kNames[std::min<std::size_t>(static_cast<std::size_t>(kind), 7)];
}

std::string reason(const Outcomes& outcomes, std::int64_t row) {
  for (const Refusal& r : outcomes.refusals)
    if (r.row == row) return describe(r.error);
  return name_of(outcomes.at(row));
}

bool Target::is_key(std::size_t column) const {
  return std::find(request_.key.begin(), request_.key.end(), request_.columns[column].name) != request_.key.end();
}

bool Target::open(Trial& t) {
  const Options& options = subject_.options();
  if (options.write_object.empty()) return t.skip("contract.skip.read_only"), false;
  auto connection = subject_.open();
  if (!connection) return t.refused("open", connection.error()), false;
  if (!(*connection)->can_write()) return t.skip("contract.skip.no_writer"), false;
  // After check(), since a missing right may make the delivery weaker than the manifest says.
  if (const auto facts = (*connection)->check(); !facts) return t.refused("check", facts.error()), false;
  delivery_ = (*connection)->delivery(), can_read_ = (*connection)->can_read();
  const auto described = (*connection)->describe(options.write_object);
  if (!described) return t.refused("describe " + options.write_object, described.error()), false;
  return choose(t, **connection, *described);
}

bool Target::choose(Trial& t, Connection& connection, const ObjectDescription& described) {
  const Options& options = subject_.options();
  request_.object = options.write_object;
  // Told apart from everything that any other run of the suite has written.
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  salt_ = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 100'000'000'000 * 100 + getpid() % 100;
  request_.run = "contract-" + std::to_string(salt_);
  for (const ObjectField& f : described.fields) {
    if (f.generated || std::find(options.omit.begin(), options.omit.end(), f.name) != options.omit.end()) continue;
    const auto refers = std::find_if(described.references.begin(), described.references.end(), [&](const ObjectReference& r) {
      return std::find(r.columns.begin(), r.columns.end(), f.name) != r.columns.end();
    });
    if (refers != described.references.end()) {
      if (f.nullable || f.has_default) continue;
      // It must refer to something: to what stands first in the other object.
      const auto to = refers->to[static_cast<std::size_t>(std::find(refers->columns.begin(), refers->columns.end(), f.name) - refers->columns.begin())];
      auto reader = connection.open_reader({.object = refers->object, .columns = {to}, .batch_rows = 1});
      const auto read = reader ? (*reader)->read() : Result<ReadBatch>(Failure(reader.error()));
      if (!read || read->batch.rows == 0) return t.fail("contract.no_parent", {{"place", options.write_object}, {"seen", f.name}, {"object", refers->object}}), false;
      const Column& c = read->batch.columns.front();
      fixed_[request_.columns.size()] = c.type.is_variable() ? Value(std::string(c.text(0))) : Value(c.int64(0));
    }
    request_.columns.push_back({f.name, f.type});
    fields_.push_back(f);
  }
  const auto usable = [&](const std::vector<std::string>& names) {
    return !names.empty() && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      const int at = find_field(request_.columns, name);
      return at >= 0 && tells_rows_apart(fields_[static_cast<std::size_t>(at)]) && fixed_.count(static_cast<std::size_t>(at)) == 0;
    });
  };
  if (!options.key.empty()) {
    if (!usable(options.key)) return t.fail("contract.no_key", {{"place", options.write_object}, {"seen", options.key.front()}}), false;
    request_.key = options.key;
  } else if (usable(described.key)) {
    request_.key = described.key;
  } else {
    for (const auto& unique : described.uniques)
      if (request_.key.empty() && usable(unique)) request_.key = unique;
  }
  // A generated key is reported back.
  if (described.key.size() == 1)
    if (const ObjectField* f = described.find(described.key.front()); f != nullptr && f->generated) request_.id = f->name;
  if (keyed()) return true;
  for (mark_ = 0; mark_ < fields_.size(); ++mark_)
    if (fields_[mark_].type.id == TypeId::utf8 && tells_rows_apart(fields_[mark_]) && fixed_.count(mark_) == 0) return true;
  return t.fail("contract.no_mark", {{"place", options.write_object}}), false;
}

Result<Writing> Target::writer(const std::string& flow) {
  GW_ASSIGN(auto connection, subject_.open());
  WriteRequest request = request_;
  request.flow = flow;
  GW_ASSIGN(auto writer, connection->open_writer(request));
  GW_TRY(writer->prepare());
  return Writing{std::move(connection), std::move(writer)};
}

Result<Writing> Target::writer_on(Host& host, const std::string& flow) {
  GW_ASSIGN(auto connection, subject_.open_on(host));
  WriteRequest request = request_;
  request.flow = flow;
  GW_ASSIGN(auto writer, connection->open_writer(request));
  GW_TRY(writer->prepare());
  return Writing{std::move(connection), std::move(writer)};
}

std::vector<Row> Target::ordinary_rows(std::size_t n) {
  std::vector<Row> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(ordinary_row());
  return out;
}

Row Target::ordinary_row() {
  Row out;
  ++salt_;
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    if (const auto fixed = fixed_.find(c); fixed != fixed_.end()) out.push_back({fixed->second});
    else out.push_back({ordinary(fields_[c], salt_, fields_[c].unique || identifies(c))});
  }
  written_.push_back(out);
  return out;
}

Unit Target::unit(const std::string& flow, std::int64_t number, Operation operation, const std::vector<Row>& rows) const {
  Unit out;
  out.run = request_.run, out.flow = flow, out.number = number;
  out.end_position = "end of " + std::to_string(number), out.note = R"({"note": ")" + std::to_string(number) + "\"}";
  // Two chunks, as large units have several.
  const std::size_t half = rows.size() > 3 ? rows.size() / 2 : rows.size();
  for (std::size_t from = 0; from < rows.size(); from = from == 0 ? half : rows.size()) {
    const std::size_t to = from == 0 ? half : rows.size();
    Chunk& chunk = out.chunks.emplace_back();
    chunk.operation = operation, chunk.batch.schema = request_.columns, chunk.batch.rows = static_cast<std::int64_t>(to - from);
    bool any_unset = false;
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      ColumnBuilder builder(fields_[c].type);
      MutableBuffer set(bitmap_bytes(chunk.batch.rows));
      std::memset(set.data(), 0xFF, set.size());
      for (std::size_t r = from; r < to; ++r) {
        append(builder, rows[r][c].value);
        if (!rows[r][c].set) clear_bit(set.data(), static_cast<std::int64_t>(r - from)), any_unset = true;
      }
      chunk.batch.columns.push_back(builder.finish());
      chunk.set.push_back(set.finish());
    }
    if (!any_unset) chunk.set.clear();
  }
  return out;
}

std::vector<std::size_t> Target::identity() const {
  if (!keyed()) return {mark_};
  std::vector<std::size_t> out;
  for (const std::string& k : request_.key) out.push_back(column(k));
  return out;
}

std::string Target::identity_of(const std::vector<std::optional<std::string>>& values) const {
  std::string out;
  for (const std::size_t c : identity()) out += values[c].value_or("-") + '\x1f';
  return out;
}

std::vector<std::optional<std::string>> Target::expected(const Row& row) const {
  std::vector<std::optional<std::string>> out;
  for (std::size_t c = 0; c < row.size(); ++c) out.push_back(comparable(fields_[c].type, row[c].value));
  return out;
}

Result<std::vector<Target::Found>> Target::read_back(Writer& writer, const std::vector<Row>& rows) const {
  std::vector<Column> keys;
  for (const std::size_t c : identity()) {
    std::vector<Value> values;
    for (const Row& row : rows) values.push_back(row[c].value);
    keys.push_back(column_of(fields_[c].type, values));
  }
  GW_ASSIGN(const Writer::Rows read, writer.read_back(keys));
  std::vector<Found> out(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!read.found[r]) continue;
    auto& values = out[r].emplace_back();
    for (const Column& c : read.batch.columns) values.push_back(comparable(c, static_cast<std::int64_t>(r)));
  }
  return out;
}

Result<std::vector<Target::Found>> Target::find(const std::vector<Row>& rows) {
  if (!can_read_) {
    GW_ASSIGN(Writing w, writer("looking"));
    return read_back(*w.writer, rows);
  }
  std::map<std::string, std::vector<std::size_t>> wanted;
  for (std::size_t r = 0; r < rows.size(); ++r) wanted[identity_of(expected(rows[r]))].push_back(r);
  GW_ASSIGN(auto connection, subject_.open());
  ReadRequest request;
  request.object = request_.object;
  for (const Field& f : request_.columns) request.columns.push_back(f.name);
  std::vector<Found> out(rows.size());
  GW_ASSIGN(auto reader, connection->open_reader(request));
  for (bool end = false; !end;) {
    GW_ASSIGN(const ReadBatch read, reader->read());
    end = read.end;
    for (std::int64_t i = 0; i < read.batch.rows; ++i) {
      std::vector<std::optional<std::string>> values;
      for (const Column& c : read.batch.columns) values.push_back(comparable(c, i));
      const auto at = wanted.find(identity_of(values));
      if (at == wanted.end()) continue;
      for (const std::size_t r : at->second) out[r].push_back(values);
    }
  }
  return out;
}

void Target::expect_there(Trial& t, const std::string& place, const std::vector<Row>& rows) {
  const auto found = find(rows);
  if (!found) return t.refused(place + ": reading back", found.error());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::string where = place + ", row " + std::to_string(r);
    if (!t.expect((*found)[r].size() == 1, (*found)[r].empty() ? "contract.lost" : "contract.doubled", {{"place", where}, {"seen", std::to_string((*found)[r].size())}})) continue;
    const auto wanted = expected(rows[r]);
    for (std::size_t c = 0; c < wanted.size(); ++c)
      if (rows[r][c].set && (*found)[r].front()[c] != wanted[c])
        t.fail("contract.altered", {{"place", where}, {"field", request_.columns[c].name}, {"seen", (*found)[r].front()[c].value_or("null")}, {"expected", wanted[c].value_or("null")}});
  }
}

void Target::expect_absent(Trial& t, const std::string& place, const std::vector<Row>& rows) {
  const auto found = find(rows);
  if (!found) return t.refused(place + ": reading back", found.error());
  for (std::size_t r = 0; r < rows.size(); ++r)
    t.expect((*found)[r].empty(), "contract.there", {{"place", place + ", row " + std::to_string(r)}, {"seen", std::to_string((*found)[r].size())}});
}

std::int64_t Target::clean_up() {
  if (written_.empty()) return 0;
  const auto left = [&]() -> std::int64_t {
    const auto found = find(written_);
    std::int64_t out = 0;
    if (found)
      for (const Found& f : *found) out += !f.empty();
    return out;
  };
  if (!keyed()) return left();
  if (auto w = writer("clean-up"); w)
    for (std::size_t from = 0; from < written_.size(); from += 500) {
      const std::vector<Row> some(written_.begin() + static_cast<std::ptrdiff_t>(from), written_.begin() + static_cast<std::ptrdiff_t>(std::min(from + 500, written_.size())));
      if (!w->writer->submit(unit("clean-up", static_cast<std::int64_t>(from / 500) + 1, Operation::remove, some))) break;
    }
  return left();
}

}  // namespace godwit::contract
