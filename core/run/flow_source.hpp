#pragma once
// The rows of a flow's sources, one after another, as the run wants them: from a position, up to a limit, with the
// project's corrections laid over them.

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/host/connection.hpp"
#include "core/model/hash.hpp"
#include "core/run/compiled_flow.hpp"
#include "core/run/corrections.hpp"

namespace godwit {

// "1|<position>": index of the source and the connector's own position. "" is the very start.
struct FlowPosition {
  int source = 0;
  std::string within;
  std::string to_string() const;
  static FlowPosition parse(std::string_view text);
};

struct SourceBatch {
  ReadBatch read;
  int source = 0;
  std::string position;  // FlowPosition after this batch
  std::int64_t rows_skipped = 0;  // rows that `keys` or a replay leaves out
  bool end_of_source = false, end = false;
};

struct HashOfKey {
  std::size_t operator()(const Hash128& h) const { return static_cast<std::size_t>(h.low); }
};

class FlowSource {
 public:
  struct Options {
    std::int64_t limit = -1;                          // rows of this flow; -1: all
    std::int64_t batch_rows = 8192;                   // rows of one batch, at most
    const std::unordered_set<std::string>* keys = nullptr;  // readable source keys to take
    const std::unordered_set<Hash128, HashOfKey>* key_hashes = nullptr;  // replay: only these
    const Corrections* corrections = nullptr;
  };
  // One connection per source, in the order of Flow::from; not owned.
  FlowSource(const CompiledFlow& flow, std::vector<Connection*> connections, Options options)
      : flow_(flow), connections_(std::move(connections)), options_(options) {}

  // Rows after `from` (FlowPosition text); `until` (of the same source, or "") ends the reading exactly there.
  Result<> open(const std::string& from, const std::string& until);
  // The next batch; its `end` is set on the last one (which may hold no rows). Not to be called after that.
  Result<SourceBatch> next();
  // Rows that carried a correction, and corrections whose row has changed since (void), so far.
  std::int64_t corrected() const { return corrected_; }
  const std::vector<std::string>& voided() const { return voided_; }

 private:
  Result<> open_reader();
  void keep_wanted(SourceBatch& batch) const;

  const CompiledFlow& flow_;
  std::vector<Connection*> connections_;
  Options options_;
  FlowPosition at_;
  std::string until_;
  std::unique_ptr<Reader> reader_;
  std::int64_t rows_ = 0, asked_ = 0;
  std::int64_t corrected_ = 0;
  std::vector<std::string> voided_;
};

}  // namespace godwit
