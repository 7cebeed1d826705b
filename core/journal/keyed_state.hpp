#pragma once
// Keyed state: what parents, unique, compare and lookups remember. Key hash -> a tag byte and an integer or a text,
// for tens of millions of keys in a fixed share of memory.
//
// Entries of a unit gather in memory; seal(unit) writes them as one sorted, immutable run file and notes it in the
// manifest. Runs of similar size are merged. A filter and a small directory per run stay in memory, the runs
// themselves only while they fit the share. Files are read with pread, so that resident memory stays flat.
//
// A unit's entries are final once the journal has settled it. The order is always: put ... seal(unit), then
// Journal::settle(unit), then settled(unit). When the process dies between the first two, open() finds a sealed unit
// that the journal does not know and drops its entries, so the state equals what the journal says. Nothing is rebuilt.
// docs/journal.md has the layout of the files.
//
// Any number of threads may probe; put, insert_new, erase, seal, settled and compact exclude each other and probes.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/unit_id.hpp"
#include "core/model/hash.hpp"
#include "core/model/result.hpp"

namespace godwit {

// What is kept beside the tag.
enum class StateKind : std::uint8_t { integer = 1, bytes = 2 };

// Tags 0..254 are the caller's; 255 is how an erased key is written.
struct StateEntry {
  std::int64_t value = 0;
  std::uint8_t tag = 0;
  bool found = false;  // in answers only
};

// Answers of a state of StateKind::bytes: texts side by side in one block.
struct StateTexts {
  std::vector<StateEntry> entries;  // value: start in `bytes`
  std::vector<std::uint32_t> lengths;
  std::string bytes;
  std::string_view text(std::size_t i) const {
    return std::string_view(bytes).substr(static_cast<std::size_t>(entries[i].value), lengths[i]);
  }
};

class KeyedState {
 public:
  struct Options {
    std::filesystem::path folder;        // made when missing (0700); one state per folder
    StateKind kind = StateKind::integer;
    std::size_t memory_bytes = 16 << 20; // its share; at least 256 KiB is used
    bool fresh = false;                  // forget whatever the folder holds
    bool read_only = false;              // never writes (for status, explain, verify beside a run)
    // Is this unit settled in the journal? Asked once, at open, for each unit that is still a file of its own.
    // Empty: all are.
    std::function<bool(const UnitId&)> is_settled;
  };
  // Opens without reading the runs. GW-5030: a file is missing, cut off or damaged (the state must be rebuilt from the
  // journal's segments); GW-5031: folder made by a newer version or of another kind; GW-5011: disk full.
  static Result<std::unique_ptr<KeyedState>> open(Options options);
  virtual ~KeyedState() = default;

  // ---- integers (StateKind::integer) ----

  // out[i]: what keys[i] has. Sizes equal. Batches of 8 k to 64 k keys are fastest; any order, repeats allowed.
  virtual Result<> probe(std::span<const Hash128> keys, std::span<StateEntry> out) = 0;
  // Later entries of a key replace earlier ones.
  virtual Result<> put(std::span<const Hash128> keys, std::span<const StateEntry> entries) = 0;
  // In order of `keys`: a key that is not there yet gets its entry and existing[i].found = false; for one that is there
  // (from before or from earlier in this call) nothing changes and existing[i] is what it has.
  virtual Result<> insert_new(std::span<const Hash128> keys, std::span<const StateEntry> entries,
                              std::span<StateEntry> existing) = 0;

  // ---- texts and other bytes (StateKind::bytes); at most 16 MiB each ----

  virtual Result<> probe_bytes(std::span<const Hash128> keys, StateTexts* out) = 0;
  virtual Result<> put_bytes(std::span<const Hash128> keys, std::span<const std::uint8_t> tags,
                             std::span<const std::string_view> values) = 0;

  // ---- both ----

  virtual Result<> erase(std::span<const Hash128> keys) = 0;

  // Everything put, inserted or erased since the last seal belongs to `unit` and is on disk (not fsynced) afterwards.
  // A unit without entries may be sealed, too: covers() then knows it.
  virtual Result<> seal(const UnitId& unit) = 0;
  // The journal settled the unit: its run may be merged with others.
  virtual Result<> settled(const UnitId& unit) = 0;
  // Was the unit sealed into this state? False for one that a power cut or a removed folder lost.
  virtual bool covers(const UnitId& unit) const = 0;

  // Merges all settled runs into one: after a flow, before many probes.
  virtual Result<> compact() = 0;
  // fsync of everything sealed so far: at the end of a flow, and per unit where the target has no transactions.
  virtual Result<> sync() = 0;

  // Each living key once, in order of the key's hash; unsealed entries included. `bytes` is empty for integers. The
  // function must not call this state.
  using Visit = std::function<Result<>(const Hash128& key, const StateEntry& entry, std::string_view bytes)>;
  virtual Result<> scan(const Visit& visit) = 0;

  struct Figures {
    std::int64_t entries = 0;       // in runs and unsealed; a key in several runs counts several times
    std::int64_t runs = 0;
    std::int64_t disk_bytes = 0;
    std::size_t memory_bytes = 0;   // that this state holds now
    std::int64_t blocks_read = 0;   // from files, since open
    std::int64_t merged_entries = 0;
  };
  virtual Figures figures() const = 0;

  // Another share of memory from now on: a larger one before many probes, so that runs are read into memory and stay there. GW-5030, GW-5011.
  virtual Result<> set_share(std::size_t memory_bytes) = 0;
};

}  // namespace godwit
