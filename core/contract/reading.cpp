// What a reader promises, for every object that is looked at.

#include <algorithm>

#include "core/contract/faults.hpp"
#include "core/contract/tests_list.hpp"

namespace godwit::contract {
namespace {

// Runs `test` with a connection and the whole of each object, read once.
struct Source {
  Subject& subject;
  Trial& trial;
  Connection& connection;
  std::string object;
  Drained whole;
  std::string until;  // the position where `whole` ends, when the object goes on behind it; else ""

  ReadRequest request() const {
    ReadRequest out;
    out.object = object, out.until = until, out.batch_rows = 512;
    return out;
  }
  Drained read(const ReadRequest& r) const { return drain(connection.open_reader(r)); }
  // Rows [from, to) of the whole.
  std::vector<std::string> part(std::size_t from, std::size_t to) const {
    return {whole.rows.begin() + static_cast<std::ptrdiff_t>(from), whole.rows.begin() + static_cast<std::ptrdiff_t>(to)};
  }
  bool same(const std::string& place, const std::vector<std::string>& seen, const std::vector<std::string>& expected) const {
    if (seen == expected) return true;
    std::size_t at = 0;
    while (at < seen.size() && at < expected.size() && seen[at] == expected[at]) ++at;
    trial.fail("contract.rows_differ", {{"place", object + " " + place}, {"seen", std::to_string(seen.size())}, {"expected", std::to_string(expected.size())},
                                        {"at", std::to_string(at)}, {"row", at < seen.size() ? seen[at] : "-"}, {"wanted", at < expected.size() ? expected[at] : "-"}});
    return false;
  }
  bool fine(const std::string& place, const Drained& read) const {
    if (!read.error) return true;
    trial.refused(object + " " + place, *read.error);
    return false;
  }
};

void for_each_object(Subject& s, Trial& t, void (*test)(Source&)) {
  auto connection = s.open();
  if (!connection) return t.refused("open", connection.error());
  if (!(*connection)->can_read()) return t.skip("contract.skip.no_reader");
  const auto objects = s.objects();
  if (!objects) return t.refused("check", objects.error());
  if (objects->empty()) return t.skip("contract.skip.no_objects");
  for (const std::string& object : *objects) {
    Source source{s, t, **connection, object, {}, ""};
    ReadRequest request = source.request();
    // Small batches, so that there are many places to stop at.
    request.batch_rows = 7;
    source.whole = drain((*connection)->open_reader(request), s.options().rows);
    if (!source.fine("read", source.whole)) continue;
    if (!source.whole.ended) source.until = source.whole.stops.back().position;
    test(source);
  }
}

// At most `most` of the numbers [0, n), spread evenly, the first and the last among them.
std::vector<std::size_t> spread(std::size_t n, std::int64_t most) {
  std::vector<std::size_t> out;
  const auto m = static_cast<std::size_t>(std::max<std::int64_t>(most, 2));
  for (std::size_t i = 0; i < std::min(n, m); ++i) out.push_back(n <= m ? i : i * (n - 1) / (m - 1));
  return out;
}

void whole(Source& x) {
  const auto described = x.connection.describe(x.object);
  if (!described) return x.trial.refused("describe " + x.object, described.error());
  if (described->rows && x.until.empty())
    x.trial.expect_same(x.object + ": rows", std::to_string(x.whole.rows.size() + x.whole.unreadable.size()), std::to_string(*described->rows));
  auto reader = x.connection.open_reader(x.request());
  if (!reader) return x.trial.refused("open_reader " + x.object, reader.error());
  x.trial.expect((*reader)->schema() == described->schema(), "contract.schema_differs", {{"place", x.object}});
  std::set<std::string> places;
  for (const std::string& row : x.whole.rows)
    if (!x.trial.expect(places.insert(row.substr(0, row.find('\x1f'))).second, "contract.twice", {{"place", x.object + ": @place"}, {"seen", row.substr(0, row.find('\x1f'))}})) break;
  // The size of a batch is nobody's business.
  for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{100}, std::int64_t{100000}}) {
    ReadRequest request = x.request();
    request.batch_rows = rows;
    const Drained again = x.read(request);
    if (x.fine("read", again)) x.same("batch_rows " + std::to_string(rows), again.rows, x.whole.rows);
  }
  ReadRequest narrow = x.request();
  narrow.batch_bytes = 1;
  const Drained again = x.read(narrow);
  if (x.fine("read", again)) x.same("batch_bytes 1", again.rows, x.whole.rows);
  x.trial.note("contract.tried_rows", {{"object", x.object}, {"count", std::to_string(x.whole.rows.size())}});
}

void resume(Source& x) {
  std::size_t count = 0;
  for (const std::size_t i : spread(x.whole.stops.size(), x.subject.options().points)) {
    const Drained::Stop& stop = x.whole.stops[i];
    ReadRequest request = x.request();
    request.position = stop.position;
    if (request.position == request.until && !request.until.empty()) continue;
    const Drained rest = x.read(request);
    if (x.fine("at " + stop.position, rest)) x.same("resumed at " + stop.position, rest.rows, x.part(stop.rows, x.whole.rows.size()));
    ++count;
  }
  x.trial.note("contract.tried_positions", {{"object", x.object}, {"count", std::to_string(count)}, {"of", std::to_string(x.whole.stops.size())}});
}

void until(Source& x) {
  const auto& stops = x.whole.stops;
  for (const std::size_t i : spread(stops.size(), 12))
    for (const std::size_t j : spread(stops.size(), 12)) {
      if (j <= i || stops[i].position == stops[j].position) continue;
      ReadRequest request = x.request();
      request.position = stops[i].position, request.until = stops[j].position;
      const Drained between = x.read(request);
      if (!x.fine("until " + stops[j].position, between)) return;
      if (!x.same("between " + stops[i].position + " and " + stops[j].position, between.rows, x.part(stops[i].rows, stops[j].rows))) return;
    }
}

void splits(Source& x) {
  if (!x.until.empty()) return x.trial.note("contract.too_large", {{"object", x.object}});
  for (const int wanted : {1, 2, 3, 7, 64}) {
    const auto parts = x.connection.splits(x.object, wanted);
    if (!parts) return x.trial.refused("splits " + x.object, parts.error());
    x.trial.expect(static_cast<int>(parts->size()) <= wanted, "contract.differs", {{"place", x.object + ": splits"}, {"seen", std::to_string(parts->size())}, {"expected", "<= " + std::to_string(wanted)}});
    std::vector<std::string> all;
    for (const std::string& split : *parts) {
      ReadRequest request = x.request();
      request.split = split, request.batch_rows = 7;
      const Drained part = x.read(request);
      if (!x.fine("split " + split, part)) return;
      // Each split can be resumed as the whole can.
      if (!part.stops.empty()) {
        const Drained::Stop& stop = part.stops[part.stops.size() / 2];
        request.position = stop.position;
        const Drained rest = x.read(request);
        if (x.fine("split " + split + " at " + stop.position, rest))
          x.same("split " + split + " resumed at " + stop.position, rest.rows, {part.rows.begin() + static_cast<std::ptrdiff_t>(stop.rows), part.rows.end()});
      }
      all.insert(all.end(), part.rows.begin(), part.rows.end());
    }
    if (!x.same(std::to_string(parts->size()) + " splits", all, x.whole.rows)) return;
  }
}

void columns(Source& x) {
  const auto described = x.connection.describe(x.object);
  if (!described) return x.trial.refused("describe " + x.object, described.error());
  ReadRequest request = x.request();
  for (const ObjectField& f : described->fields) request.columns.insert(request.columns.begin(), f.name);
  const auto compare = [&](const std::string& place) {
    const Drained some = x.read(request);
    if (!x.fine(place, some)) return;
    std::vector<std::string> expected;
    for (const std::string& row : x.whole.rows) {
      std::vector<std::string> values;
      for (std::size_t from = 0; from <= row.size();) {
        const std::size_t to = std::min(row.find('\x1f', from), row.size());
        values.push_back(row.substr(from, to - from));
        from = to + 1;
      }
      std::string out = values.front();
      for (const std::string& name : request.columns)
        out += '\x1f' + values[1 + static_cast<std::size_t>(described->find(name) - described->fields.data())];
      expected.push_back(std::move(out));
    }
    x.same(place, some.rows, expected);
  };
  compare("columns reversed");
  if (request.columns.size() > 1) request.columns.resize(1), compare("last column alone");
  request.columns = {"no such column 0"};
  const Drained none = x.read(request);
  if (!none.error) x.trial.fail("contract.taken", {{"place", x.object + ": column " + request.columns.front()}});
  else x.trial.expect(none.error->kind == ErrorKind::bad_config, "contract.wrong_kind", {{"place", x.object}, {"seen", describe(*none.error)}});
}

void positions(Source& x) {
  for (const char* wrong : {"no position of ours", "-1", "{}", "99999999999999999999999999", "\x01"}) {
    ReadRequest request = x.request();
    request.position = wrong;
    const Drained read = x.read(request);
    // Whatever it is taken for, rows must not come twice: from the start is the one thing that it cannot mean.
    if (!read.error && !x.whole.rows.empty()) x.trial.expect(read.rows != x.whole.rows, "contract.position_ignored", {{"place", x.object}, {"seen", wrong}});
    request.position.clear(), request.split = wrong;
    const Drained split = x.read(request);
    if (!split.error) x.trial.fail("contract.taken", {{"place", x.object + ": split " + std::string(wrong)}});
  }
}

void side_by_side(Source& x) {
  auto first = x.connection.open_reader(x.request()), second = x.connection.open_reader(x.request());
  if (!first || !second) return x.trial.refused("open_reader", first ? second.error() : first.error());
  std::vector<std::string> rows[2];
  bool ended[2] = {false, false};
  while (!ended[0] || !ended[1])
    for (const int i : {0, 1}) {
      if (ended[i]) continue;
      const auto read = (i == 0 ? *first : *second)->read();
      if (!read) return x.trial.refused("read " + x.object, read.error());
      for (std::int64_t r = 0; r < read->batch.rows; ++r) rows[i].push_back(row_text(read->batch, r));
      ended[i] = read->end;
    }
  for (const int i : {0, 1}) x.same("two readers at once", rows[i], x.whole.rows);
  // A reader that is given up in the middle leaves nothing behind that hinders the next.
  {
    ReadRequest request = x.request();
    request.batch_rows = 1;
    auto given_up = x.connection.open_reader(request);
    if (given_up) (void)(*given_up)->read();
  }
  const Drained again = x.read(x.request());
  if (x.fine("read", again)) x.same("after one that was given up", again.rows, x.whole.rows);
}

// Everything from open() on, with operation `at` failing. The connection it makes is its own.
Drained read_with_fault(Source& x, long at, long* operations) {
  Drained out;
  Faults faults(at);
  auto connection = x.subject.open();
  if (!connection) {
    out.error = connection.error();
  } else {
    ReadRequest request = x.request();
    request.batch_rows = 7;
    out = drain((*connection)->open_reader(request));
  }
  *operations = faults.disarm();
  return out;
}

void faults(Source& x) {
  if (!can_fail()) return x.trial.skip("contract.skip.no_faults");
  long operations = 0;
  const Drained counted = read_with_fault(x, 0, &operations);
  if (!x.fine("read", counted)) return;
  const std::vector<std::size_t> points = spread(static_cast<std::size_t>(operations), x.subject.options().points);
  for (const std::size_t p : points) {
    const long at = static_cast<long>(p) + 1;
    long ignored = 0;
    const Drained read = read_with_fault(x, at, &ignored);
    const std::string place = "operation " + std::to_string(at);
    if (!read.error) {
      x.same(place, read.rows, x.whole.rows);
      continue;
    }
    x.trial.expect(read.error->kind != ErrorKind::row_rejected && read.error->number != 3010, "contract.wrong_kind", {{"place", x.object + " " + place}, {"seen", describe(*read.error)}});
    if (!x.same(place, read.rows, x.part(0, std::min(read.rows.size(), x.whole.rows.size())))) continue;
    ReadRequest rest = x.request();
    if (!read.stops.empty()) rest.position = read.stops.back().position;
    auto connection = x.subject.open();
    if (!connection) return x.trial.refused("open", connection.error());
    const Drained after = drain((*connection)->open_reader(rest));
    if (x.fine(place + ", resumed", after)) x.same(place + ", resumed", after.rows, x.part(read.rows.size(), x.whole.rows.size()));
  }
  x.trial.note("contract.tried_faults", {{"object", x.object}, {"count", std::to_string(points.size())}, {"of", std::to_string(operations)}});
}

void cancel(Source& x) {
  const auto host = x.subject.new_host();
  auto connection = x.subject.open_on(*host);
  if (!connection) return x.trial.refused("open", connection.error());
  ReadRequest request = x.request();
  request.batch_rows = 1;
  auto reader = (*connection)->open_reader(request);
  if (!reader) return x.trial.refused("open_reader", reader.error());
  std::vector<std::string> rows;
  const auto first = (*reader)->read();
  if (!first) return x.trial.refused("read " + x.object, first.error());
  for (std::int64_t r = 0; r < first->batch.rows; ++r) rows.push_back(row_text(first->batch, r));
  if (first->end) return;  // nobody reads on behind the end
  host->request_cancel();
  const Drained rest = drain(**reader);
  rows.insert(rows.end(), rest.rows.begin(), rest.rows.end());
  if (!rest.error) return void(x.same("asked to stop", rows, x.whole.rows));
  x.trial.expect(rest.error->kind == ErrorKind::cancelled, "contract.wrong_kind", {{"place", x.object}, {"seen", describe(*rest.error)}});
  x.same("asked to stop", rows, x.part(0, std::min(rows.size(), x.whole.rows.size())));
}

template <void (*test)(Source&)>
void each(Subject& s, Trial& t) {
  for_each_object(s, t, test);
}

}  // namespace

const std::vector<Test>& reading_tests() {
  static const std::vector<Test> all{{"read", each<whole>}, {"resume", each<resume>}, {"until", each<until>}, {"splits", each<splits>}, {"columns", each<columns>},
                                     {"positions", each<positions>}, {"side_by_side", each<side_by_side>}, {"read_faults", each<faults>}, {"read_cancel", each<cancel>}};
  return all;
}

}  // namespace godwit::contract
