#pragma once
// What became of a source row, out of the journal: which runs loaded, set aside, merged or filtered it.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/journal.hpp"
#include "core/model/catalogue.hpp"
#include "core/model/result.hpp"

namespace godwit::cli {

enum class RowFate { loaded, set_aside, merged, filtered, filtered_unknown };

// One entry of a row's history.
struct RowEvent {
  std::string flow, key;       // key: readable source key
  RowFate fate = RowFate::loaded;
  std::int64_t run = 0;
  std::string object;          // target object of the flow
  std::string id;              // loaded: target id, the key itself where the crosswalk is identity
  std::string place;           // set aside and merged: where the row stood
  std::string survivor;        // merged
  std::optional<Error> reason; // set aside
  bool open = false;           // set aside and neither replayed nor read anew
  std::int64_t undone_by = 0;  // run that took `run` back, or 0
};

class Crosswalks;

// Reads the journal of one scope. One thread.
class RowHistory {
 public:
  // GW-5010 and its like when the journal cannot be read.
  static Result<std::unique_ptr<RowHistory>> open(Journal& journal, std::int64_t scope);
  ~RowHistory();

  // Events of rows whose readable source key is `key`, newest run first within each flow, in order of the flows.
  Result<std::vector<RowEvent>> of_key(const std::string& key);
  // Source keys of rows whose target id is `id`, as "flow", "key".
  Result<std::vector<std::pair<std::string, std::string>>> keys_of_id(const std::string& id);

 private:
  struct FlowFacts {
    std::string flow, object, crosswalk;  // of the newest run that had the flow
  };
  RowHistory(Journal& journal, std::int64_t scope);
  Result<> load_flows();
  Result<> load_undone();
  Result<> add_exceptions(const FlowFacts& flow, const std::string& key, std::vector<RowEvent>& out, std::vector<Hash128>& hashes);
  Result<> add_loaded(const FlowFacts& flow, const std::string& key, const std::vector<Hash128>& hashes, std::vector<RowEvent>& out);
  Result<> add_filtered(const FlowFacts& flow, const std::string& key, const std::vector<Hash128>& hashes, std::vector<RowEvent>& out);

  Journal& journal_;
  std::int64_t scope_;
  std::vector<FlowFacts> flows_;
  std::map<std::int64_t, std::int64_t> undone_;  // run -> run that took it back
  std::unique_ptr<Crosswalks> crosswalks_;
};

// The event as one sentence.
std::string sentence_of(const RowEvent& event, Language language);
std::string_view fate_name(RowFate fate);

// Hashes that a readable key may have: each part as text and, where it is one, as an integer.
std::vector<Hash128> possible_hashes(const std::string& key);

}  // namespace godwit::cli
