#pragma once
// Several records in one go, with the rows that they hold: what single calls, collections, composites and chunks of jobs do alike.

#include <nlohmann/json.hpp>
#include <vector>

#include "connectors/salesforce/sandbox/writer.hpp"

namespace godwit::sandbox::salesforce {

struct WriteItem {
  enum class Kind { create, update, upsert, remove, hard_remove } kind;
  const Object* object = nullptr;
  std::string id;              // update, remove
  const Field* key = nullptr;  // upsert
  Json key_value;
  Json fields = Json::object();
  std::vector<Problem> problems;  // found before: the item is not tried
};

struct WriteCall {
  Author author;
  WriteOptions options;
  bool all_or_none = false;
  bool locked = false;          // a `lock` fault: about half of the records, the first always, are held by somebody else
  std::uint64_t number = 0;     // which half
};

// What may happen on the way.
struct WriteHooks {
  std::function<void(const std::vector<Outcome>&)> record;  // in the transaction of the work: what is written here stays exactly if the work does
  std::function<void()> during;  // while the rows are held, after the work is committed: what makes a chunk take its time
};

// One outcome per item, in order. Takes Database::lock() itself.
std::vector<Outcome> write_items(Org& org, const WriteCall& call, const std::vector<WriteItem>& items, const WriteHooks& hooks = {});

// What the headers of a call say about it.
WriteCall write_call(const Org& org, const Call& call);

}  // namespace godwit::sandbox::salesforce
