#pragma once
// What a target must be given before a load can go through: fields, picklist values, records that lookups ask for. Found by a
// plan, which reads every row; a consultant, or the vendor's own tools, set it up from the list.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/model/catalogue.hpp"
#include "core/run/formed_unit.hpp"

namespace godwit {

// A value that mapped rows carry.
struct SetupValue {
  std::string value;
  std::int64_t rows = 0;
  std::string example;  // readable source key of the first row
};

struct SetupNeed {
  enum class Kind {
    object,    // the object itself is missing
    field,     // a field that the mapping writes
    right,     // a field that is there, and that this user may not write
    required,  // the target demands a value that no mapping gives
    type,      // the field takes another type
    choices,   // values that the picklist does not list
    records    // records of another object that a lookup did not find
  };
  Kind kind = Kind::field;
  std::string flow, target;   // "crm.Account"; of `records` the object that was looked up in
  std::string field, label;   // label: a proposal
  std::string type;           // proposal: text, picklist, integer, decimal(12,2) ...
  std::optional<std::int64_t> length;  // proposal, in characters; texts only
  bool key = false;           // the flow's records are found by it: it must be unique
  std::string source;         // expression of the mapping
  std::string place;          // in the project
  std::string nearest;        // name of a field that is there and may be meant
  std::int64_t rows = 0;      // that carry a value, or are refused
  std::int64_t longest = 0;   // characters of the longest value seen
  std::vector<SetupValue> values;  // most rows first; of `field` only where they are few
  bool more_values = false;   // the list is cut off
};

std::string_view to_string(SetupNeed::Kind kind);
// The need as a sentence, without its values.
std::string need_text(const SetupNeed& need, Language language);

// Watches the rows of one flow. `flow` must outlive it. One thread.
class SetupCollector {
 public:
  explicit SetupCollector(const CompiledFlow& flow);
  void add(const SequencedBatch& batch);
  std::vector<SetupNeed> finish();

 private:
  struct Values {
    std::unordered_map<std::string, SetupValue> seen;
    bool more = false;
    void count(std::string_view value, const CompiledFlow& flow, const SequencedBatch& batch, std::int64_t row);
    std::vector<SetupValue> take();
  };
  struct Watched {
    std::int64_t rows = 0, longest = 0;
    std::int64_t digits = 0, scale = 0;  // of numbers
    Values values;
  };
  void watch(const LackingField& field, const Column& column, const SequencedBatch& batch, Watched& out);
  SetupNeed need_of(const LackingField& field, Watched& watched);

  const CompiledFlow& flow_;
  std::vector<Watched> watched_;               // per flow_.lacking
  std::map<int, Values> choices_;              // per index of a column
  std::map<std::string, Values> records_;      // per object that was looked up in
  std::int64_t rows_ = 0;                      // that would be written
};

}  // namespace godwit
