#pragma once
// The ledger beside a written file: which commit units the file holds, and where each ends.
//
// A text file has no transactions. Order makes up for it: a unit's rows are appended to the data file and synced; then one
// line is appended to <file>.godwit-ledger and synced. The line is the commit. Whatever the data file holds behind the
// end that the last whole line names was never committed, and is cut off before anything else is written; a line that
// is cut short or does not match its checksum is no line.
//
// Format, one JSON object a line, each with a checksum of the rest of its line:
//   {"godwit_ledger":1,"base":B,"start":S,"header":"..."}   once, first: the file had B bytes before Godwit; rows begin at S
//   {"run","flow","shard","unit","end":E,"rows":N,"refused":[[row,number,{arguments},field,words]...],"position","note"}

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/model/exchange.hpp"
#include "core/model/result.hpp"

namespace godwit::csv {

// What a line says of a unit.
struct LedgerEntry {
  std::string run, flow;
  int shard = 0;
  std::int64_t unit = 0;
  std::uint64_t end = 0;  // size of the data file when the unit is in it
  Outcomes outcomes;
  std::string position, note;
};

// An open ledger. The caller holds lock() while it uses anything else; another process may use the file in between.
class Ledger {
 public:
  Ledger() = default;
  ~Ledger() { close(); }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  static std::filesystem::path path_for(const std::filesystem::path& file);

  // Opens the ledger of `file`, making it when there is none. GW-3111 when that is not allowed.
  Result<> open(const std::filesystem::path& file);
  void close();

  // Keeps other writers out, waiting up to some seconds: GW-3116.
  Result<> lock();
  void unlock();

  // Reads what was appended since the last call, and cuts off a line that is not whole. GW-3115 for a ledger that is none.
  Result<> refresh();
  bool begun() const { return begun_; }
  std::uint64_t start() const { return start_; }   // where rows begin
  std::uint64_t base() const { return base_; }     // bytes that were there before Godwit
  std::uint64_t end() const { return end_; }       // where the last unit ends
  bool has_units() const { return !units_.empty(); }

  // The first line. Synced, and the folder's entry with it.
  Result<> begin(std::uint64_t base, std::uint64_t start);
  // Commits a unit. GW-3112: nothing was committed.
  Result<> append(const LedgerEntry& entry);
  // The unit's entry, or null when it is not committed. Reads it from the file.
  Result<bool> find(const Unit& unit, LedgerEntry* entry);
  std::int64_t last_unit(std::string_view run, std::string_view flow, int shard) const;

 private:
  struct Line {
    std::uint64_t offset = 0, size = 0;
  };
  using Key = std::tuple<std::string, std::string, int>;
  Result<> write_line(std::string line);
  Result<> take_line(std::string_view line, std::uint64_t offset);

  int descriptor_ = -1;
  std::filesystem::path file_, path_;
  bool begun_ = false;
  std::uint64_t base_ = 0, start_ = 0, end_ = 0;
  std::uint64_t read_ = 0;                           // bytes of the ledger that were read
  std::map<Key, std::map<std::int64_t, Line>> units_;
};

}  // namespace godwit::csv
