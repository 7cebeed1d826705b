#pragma once
// What the core and a connector say to each other, as values. The core reaches a connector through the C
// tables of plugins/abi; these are the C++ values on either side of them: core/host turns the tables into
// them, plugins/sdk turns them into the tables. Header-only, so that a plugin needs no core library.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/batch.hpp"
#include "core/model/result.hpp"

namespace godwit {

// How a connector's writes are made safe (docs/design.md, delivery); none: it does not write.
enum class Delivery { transactional, job, upsert_by_key, append_only, none };

// As manifests, journal and reports write it.
inline std::string_view to_string(Delivery delivery) {
  switch (delivery) {
    case Delivery::transactional: return "transactional";
    case Delivery::job: return "job";
    case Delivery::upsert_by_key: return "upsert_by_key";
    case Delivery::append_only: return "append_only";
    case Delivery::none: break;
  }
  return "none";
}
// The reverse; nullopt for a name that is none.
inline std::optional<Delivery> parse_delivery(std::string_view name) {
  for (Delivery d : {Delivery::transactional, Delivery::job, Delivery::upsert_by_key, Delivery::append_only, Delivery::none})
    if (name == to_string(d)) return d;
  return std::nullopt;
}

// One field of an object, as the system describes it.
struct ObjectField {
  std::string name;
  Type type;
  bool nullable = true;
  std::optional<std::int64_t> length;  // longest text in characters
  bool has_default = false;
  bool unique = false;     // alone
  bool generated = false;  // the target makes the value (auto id, generated column)
  std::vector<std::string> choices;  // picklist; empty: free
};
struct ObjectReference {
  std::vector<std::string> columns;
  std::string object;
  std::vector<std::string> to;
};
struct ObjectDescription {
  std::string object;
  std::optional<std::int64_t> rows, bytes;
  std::vector<ObjectField> fields;
  std::vector<std::string> key;                   // primary key
  std::vector<std::vector<std::string>> uniques;  // unique constraints and indexes, composite ones included
  std::vector<std::string> checks;                // as the system words them
  std::vector<ObjectReference> references;
  std::string hash;  // changes when the extract changes (size, time, header ...)
  bool independent = false;  // no rule, trigger or number ties its rows: inserted at once by several writers, they become the same

  // The field of that name (compared byte for byte), or null.
  const ObjectField* find(std::string_view field) const {
    for (const ObjectField& f : fields)
      if (f.name == field) return &f;
    return nullptr;
  }
  // Names and types of all fields, in order.
  Schema schema() const {
    Schema all;
    all.reserve(fields.size());
    for (const ObjectField& f : fields) all.push_back({f.name, f.type});
    return all;
  }
};

// What one cheap call learns about a connection.
struct ConnectionFacts {
  std::string identity;  // what scopes journal and crosswalk: org id, database id, absolute path ...
  std::string display;   // for people
  std::string version;   // of the system
  bool writable = false;
  std::vector<std::string> objects;
  std::optional<Delivery> delivery;  // where it is weaker than what the connector can do elsewhere: a right is missing
};

struct ReadRequest {
  std::string object;
  std::vector<std::string> columns;  // empty: all
  std::string split;                 // one of splits(), unchanged; or empty: the whole object
  std::string position;              // of a ReadBatch, UTF-8; "": from the start
  std::string until;                 // a later position of a ReadBatch: stop exactly there, as at the end; "": the object's end
  std::int64_t batch_rows = 8192;
  std::int64_t batch_bytes = 4 << 20;
  bool snapshot = false;             // rows as they stood when the first such reader of the connection was opened, where the system can
};

// A row that could not be read at all.
struct Unreadable {
  std::int64_t locator = 0, line = 0;  // line: 1-based, 0 when the source has no lines
  Error error;                         // of kind row_rejected
  std::string raw;                     // the row's bytes as they stood, at most 64 KiB
};

struct ReadBatch {
  Batch batch;  // with places: every row says where it stood
  std::vector<Unreadable> unreadable;
  std::string position;  // opening here yields exactly the rows after this batch; UTF-8
  std::int64_t bytes_read = 0;  // bytes of the source consumed so far by this reader, for progress
  bool end = false;             // nothing follows (the batch may still hold rows)
};

// Reads one object or one split of it. One thread at a time.
class Reader {
 public:
  virtual ~Reader() = default;
  // The columns that read() yields, in order, without "@place". Constant for the reader's life.
  virtual const Schema& schema() const = 0;
  // Type of Batch.places: int64 (byte offset, integer key) or utf8. Constant for the reader's life.
  virtual Type place_type() const { return TypeId::int64; }
  // The next rows; a batch of no rows without `end` is allowed. Not called again after `end` or an error.
  virtual Result<ReadBatch> read() = 0;
};

enum class Operation : std::uint8_t { insert = 1, update, upsert, remove, restore };
enum class OutcomeKind : std::uint8_t { created = 1, updated, unchanged, deleted, refused, unknown, missing };

struct WriteRequest {
  std::string object;
  Schema columns;                // the columns of every chunk, in order; holds the key fields
  std::vector<std::string> key;  // target fields that identify a row; empty: insert only
  std::string id;                // generated key to report back, or ""
  std::string run, flow;
  bool ledger = true;            // false: write without a ledger even where one is possible
};

struct Chunk {
  Batch batch;                        // columns as the request has them
  std::vector<Operation> operations;  // empty: all rows have `operation`
  Operation operation = Operation::insert;
  std::vector<Buffer> set;            // per column a bitmap (1 = sent), empty Buffer: all sent; or empty vector
  // Whether row `row` of column `column` is sent to the target.
  bool is_set(std::size_t column, std::int64_t row) const {
    return set.empty() || !set[column] || bit_is_set(set[column].data(), row);
  }
  Operation operation_of(std::int64_t row) const {
    return operations.empty() ? operation : operations[static_cast<std::size_t>(row)];
  }
};

// What a writer wants to know again about a unit when the process is killed in the midst of it. Gone once the unit is settled.
class UnitMemory {
 public:
  virtual ~UnitMemory() = default;
  // On disk when it returns. The same name again replaces. From one thread at a time.
  virtual Result<> put(std::string_view name, std::string_view text) = 0;
  // Name and text, of an earlier life of the unit and of this one, in the order in which they were first put.
  virtual std::vector<std::pair<std::string, std::string>> entries() = 0;
};

// A commit unit: rows that settle together.
struct Unit {
  std::string run, flow;
  int shard = 0;
  std::int64_t number = 0;  // from 1 within (run, flow, shard)
  std::string end_position;
  std::vector<Chunk> chunks;
  std::string note;  // JSON text found again in the ledger
  UnitMemory* memory = nullptr;  // valid during submit(); null: none is kept
  std::int64_t rows() const {
    std::int64_t sum = 0;
    for (const Chunk& chunk : chunks) sum += chunk.batch.rows;
    return sum;
  }
};

// Why the target did not take a row.
struct Refusal {
  std::int64_t row = 0;                    // index within the unit
  Error error;                             // numbered, with its arguments
  std::string error_class, field, words;   // class: data, lock, rate, auth, lost; words: the target's own
};

struct Outcomes {
  std::int64_t rows = 0;                       // as many as the unit has
  OutcomeKind kind = OutcomeKind::created;     // of all rows when `kinds` is empty
  std::vector<OutcomeKind> kinds;
  Column ids;                                  // int64 or utf8; length 0 when none
  std::vector<Refusal> refusals;               // one per refused row
  OutcomeKind at(std::int64_t i) const { return kinds.empty() ? kind : kinds[static_cast<std::size_t>(i)]; }
};

enum class Resolution { absent, done, unknown };
struct Resolved {
  Resolution resolution = Resolution::absent;
  Outcomes outcomes;               // of a unit that is done
  std::string end_position, note;  // as the unit had them
};

// Writes one object. One thread at a time.
class Writer {
 public:
  virtual ~Writer() = default;
  // Once per flow and run, before the first submit; makes the ledger where there is one. May be called again.
  virtual Result<> prepare() = 0;
  // Writes the unit and answers for every row of it. A transactional writer has committed, ledger row included,
  // when it gives outcomes, and has written nothing when it gives an error.
  virtual Result<Outcomes> submit(const Unit& unit) = 0;
  // What became of a unit of an earlier life; only run, flow, shard and number are looked at.
  virtual Result<Resolved> resolve(const Unit& unit) = 0;
  // One row per key; `found` tells which exist (the others are null in every column).
  struct Rows {
    Batch batch;              // the request's columns
    std::vector<bool> found;  // one per key
    Column ids;               // one per key; length 0 when the request names no id
  };
  // `keys`: the key columns in the request's order, of equal length.
  virtual Result<Rows> read_back(std::span<const Column> keys) = 0;
  // Last unit that the ledger knows for (run, flow, shard); 0 when none.
  virtual Result<std::int64_t> last_unit(std::string_view run, std::string_view flow, int shard) = 0;
};

// One sum of a control total.
// Work that is to be done at a system, in rows.
struct Work {
  std::string object;
  std::int64_t inserts = 0, updates = 0, deletes = 0, reads = 0;
};
// Something that a system counts and limits: calls of the day, jobs, credits.
struct Budget {
  std::string name;              // as the vendor calls it
  std::int64_t needs = 0;        // what the work takes of it
  std::int64_t limit = 0;        // in a window, what is kept for others taken off
  std::int64_t remaining = 0;    // of it now
  double window_s = 86400;       // length of the window
  double resets_s = 0;           // until it begins anew; 0: it slides
};
struct Estimate {
  std::int64_t calls = 0, jobs = 0;
  double seconds = 0;            // at the allowed pace, nothing else in the way
  bool simulated = false;        // a sandbox answered: the figures are a rehearsal's
  std::vector<Budget> budgets;
};

struct GroupValue {
  std::optional<std::string> group;
  std::string value;  // exact number as text, "" for null
};

}  // namespace godwit
