#pragma once
// What stands in which row, decided row by row: any file can ask what became of a row of another one without
// having it at hand.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/sample/random.hpp"
#include "core/sample/sample.hpp"
#include "core/sample/words.hpp"

namespace godwit::sample {

enum class Table : std::uint8_t { customers, branches, contacts, activities };

// Where the pipeline of harbour-trading must put a row.
enum class Bucket : std::uint8_t { created, merged, filtered, filtered_unknown, set_aside };
std::string_view to_string(Bucket bucket);

struct Defect {
  std::string_view name;
  int weight;  // how often, against the others of its table
  Bucket bucket;
  bool warned = false;            // loaded with a warning
  bool obligation_fails = false;  // loaded, but the second pass finds no parent
  bool unreadable = false;        // not even the key can be read
};

enum class Repeat : std::uint8_t {
  none,
  double_key,  // the key of an earlier row, other contents
  exact,       // an earlier row, byte for byte
  similar,     // the firm of an earlier row, under a key of its own and spelled otherwise
};

struct Slot {
  Repeat repeat = Repeat::none;
  Table base_table = Table::customers;
  std::int64_t base = 0;  // slot of the row that is repeated
  const Defect* defect = nullptr;
  std::int64_t born = 0;  // revision in which the row first appears
};

// Immutable; cheap to ask.
class World {
 public:
  explicit World(const SampleOptions& options);

  std::uint64_t seed() const { return seed_; }
  int revision() const { return revision_; }
  std::int64_t users() const { return users_; }
  // Rows of a file in this revision.
  std::int64_t slots(Table table) const { return slots_at(table, revision_); }
  Random random(std::string_view stream, std::int64_t index) const { return Random(seed_, stream, index); }

  Slot slot(Table table, std::int64_t index) const;
  std::string key(Table table, std::int64_t index) const;  // of the row itself: K100042, B20007, P..., T...
  Bucket outcome(Table table, std::int64_t index) const;
  Land land(Table table, std::int64_t index) const;
  // The last revision that changed the row, 0: none.
  int changed(Table table, std::int64_t index) const;

  // Users: every ninth has left, the last has no status.
  bool user_active(std::int64_t index) const { return index % 9 != 8 && index != users_ - 1; }
  std::string user_code(std::int64_t index) const;
  std::int64_t active_user(Random& random) const;

  // The account a contact belongs to, and the contact of an activity. Never a row whose key cannot be read.
  struct Account {
    Table table;
    std::int64_t slot;
  };
  Account account_of(std::int64_t contact) const;
  std::int64_t contact_of(std::int64_t activity) const;
  // The parent of a firm: earlier or later in its file, never in a circle. Rows with the defect parent_missing name
  // nobody.
  std::optional<std::int64_t> parent_of(std::int64_t customer) const;

 private:
  std::int64_t slots_at(Table table, int revision) const;
  bool repeats(Table table, std::int64_t index) const;
  const Defect* defect_of(Table table, std::int64_t index) const;
  bool wants_parent(std::int64_t customer) const;
  bool root(std::int64_t customer) const;

  std::uint64_t seed_;
  int revision_;
  std::int64_t dirty_, duplicates_;  // millionths
  std::int64_t users_, base_[4];
};

}  // namespace godwit::sample
