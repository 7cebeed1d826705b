#include "core/sample/world.hpp"

#include <algorithm>
#include <span>

namespace godwit::sample {
namespace {

constexpr Defect kFirmDefects[] = {
    {"deleted_status", 10, Bucket::filtered},
    {"no_status", 3, Bucket::created},
    {"wrong_status", 4, Bucket::set_aside},
    {"empty_name", 4, Bucket::set_aside},
    {"long_name", 2, Bucket::set_aside},
    {"negative_revenue", 4, Bucket::set_aside},
    {"garbled_revenue", 4, Bucket::set_aside},
    {"bad_date", 3, Bucket::set_aside},
    {"owner_unknown", 3, Bucket::set_aside},
    {"owner_left", 3, Bucket::set_aside},
    {"wrong_branch", 3, Bucket::set_aside},
    {"bad_email", 4, Bucket::created, true},
    {"ragged", 4, Bucket::set_aside, false, false, true},
    {"nul_byte", 1, Bucket::set_aside, false, false, true},
    // The last two only among customers: branches have no parents, and to windows-1252 every byte is a letter.
    {"parent_missing", 4, Bucket::created, false, true},
    {"broken_bytes", 2, Bucket::set_aside, false, false, true},
};
constexpr std::size_t kBranchDefects = std::size(kFirmDefects) - 2;

constexpr Defect kContactDefects[] = {
    {"deleted_status", 8, Bucket::filtered},
    {"no_status", 4, Bucket::filtered_unknown},
    {"orphan", 5, Bucket::set_aside},
    {"empty_name", 3, Bucket::set_aside},
    {"bad_email", 4, Bucket::set_aside},
    {"bad_birthday", 4, Bucket::set_aside},
    {"long_job", 2, Bucket::set_aside},
    {"wrong_language", 3, Bucket::set_aside},
    {"ragged", 4, Bucket::set_aside, false, false, true},
};
constexpr Defect kActivityDefects[] = {
    {"cancelled", 8, Bucket::filtered},
    {"wrong_kind", 5, Bucket::set_aside},
    {"bad_date", 4, Bucket::set_aside},
    {"orphan", 4, Bucket::set_aside},
    {"empty_subject", 3, Bucket::set_aside},
    {"ragged", 3, Bucket::set_aside, false, false, true},
    {"stray_quote", 3, Bucket::set_aside, false, false, true},
};

std::span<const Defect> defects(Table table) {
  switch (table) {
    case Table::customers:
      return kFirmDefects;
    case Table::branches:
      return std::span(kFirmDefects).first(kBranchDefects);
    case Table::contacts:
      return kContactDefects;
    case Table::activities:
      break;
  }
  return kActivityDefects;
}

// A stream of its own for each decision, so that one more question changes no other answer.
std::string stream(Table table, std::string_view what) {
  constexpr std::string_view kNames[] = {"customers.", "branches.", "contacts.", "activities."};
  return std::string(kNames[static_cast<std::size_t>(table)]).append(what);
}

constexpr std::int64_t kGrowth = 10'000, kChanges = 30'000;  // millionths of the rows, per revision

std::string number(char letter, std::int64_t base, std::int64_t index) { return letter + std::to_string(base + index); }

}  // namespace

std::string_view to_string(Bucket bucket) {
  constexpr std::string_view kNames[] = {"created", "merged", "filtered", "filtered_unknown", "set_aside"};
  return kNames[static_cast<std::size_t>(bucket)];
}

World::World(const SampleOptions& options)
    : seed_(options.seed),
      revision_(options.revision),
      dirty_(static_cast<std::int64_t>(options.dirty_rate * 1e6 + 0.5)),
      duplicates_(static_cast<std::int64_t>(options.duplicate_rate * 1e6 + 0.5)) {
  users_ = std::clamp<std::int64_t>(options.rows / 500, 10, 5000);
  const std::int64_t rest = options.rows - users_;
  base_[0] = rest * 30 / 100;
  base_[1] = rest * 4 / 100;
  base_[2] = rest * 41 / 100;
  base_[3] = rest - base_[0] - base_[1] - base_[2];
}

std::int64_t World::slots_at(Table table, int revision) const {
  const std::int64_t base = base_[static_cast<std::size_t>(table)];
  return base + base * kGrowth / 1'000'000 * revision;
}

bool World::repeats(Table table, std::int64_t index) const {
  return random(stream(table, "repeats"), index).chance(duplicates_);
}

const Defect* World::defect_of(Table table, std::int64_t index) const {
  Random r = random(stream(table, "defect"), index);
  if (!r.chance(dirty_)) return nullptr;
  const auto all = defects(table);
  std::int64_t sum = 0;
  for (const Defect& d : all) sum += d.weight;
  std::int64_t at = r.below(sum);
  for (const Defect& d : all) {
    if ((at -= d.weight) < 0) return &d;
  }
  return nullptr;
}

Slot World::slot(Table table, std::int64_t index) const {
  Slot out;
  while (index >= slots_at(table, static_cast<int>(out.born))) ++out.born;
  if (!repeats(table, index)) {
    out.defect = defect_of(table, index);
    return out;
  }
  // Repeats a row that is itself neither a repeat nor in any way wrong, so that what becomes of both is certain.
  Random r = random(stream(table, "base"), index);
  const std::int64_t kind = r.below(2);
  out.base_table = table == Table::branches ? Table::customers : table;
  for (int attempt = 0; attempt < 8; ++attempt) {
    std::int64_t base = 0;
    if (table == Table::branches) {
      base = r.below(slots_at(Table::customers, 0));
    } else {
      if (index == 0) return out;
      base = index - 1 - r.below(std::min<std::int64_t>(index, 300));
    }
    if (repeats(out.base_table, base) || defect_of(out.base_table, base) != nullptr) continue;
    if (outcome(out.base_table, base) != Bucket::created) continue;
    out.base = base;
    if (table == Table::contacts || table == Table::activities) {
      out.repeat = Repeat::exact;
    } else {
      out.repeat = table == Table::customers && kind == 1 ? Repeat::similar : Repeat::double_key;
    }
    return out;
  }
  return out;
}

std::string World::key(Table table, std::int64_t index) const {
  switch (table) {
    case Table::customers:
      return number('K', 100'000, index);
    case Table::branches:
      return number('B', 20'000, index);
    case Table::contacts:
      return number('P', 500'000, index);
    case Table::activities:
      break;
  }
  return number('T', 1'000'000, index);
}

Bucket World::outcome(Table table, std::int64_t index) const {
  const Slot s = slot(table, index);
  if (s.repeat == Repeat::double_key) return Bucket::set_aside;
  if (s.repeat == Repeat::exact) return table == Table::contacts ? Bucket::merged : Bucket::set_aside;
  const Bucket own = s.defect == nullptr ? Bucket::created : s.defect->bucket;
  // Filtered before anyone looks for a parent.
  if (own != Bucket::created) return own;
  if (table == Table::contacts) {
    const Account account = account_of(index);
    if (outcome(account.table, account.slot) != Bucket::created) return Bucket::set_aside;
  } else if (table == Table::activities) {
    if (outcome(Table::contacts, contact_of(index)) != Bucket::created) return Bucket::set_aside;
  }
  return own;
}

Land World::land(Table table, std::int64_t index) const {
  if (table == Table::branches) return Land::germany;
  if (table == Table::contacts) {
    const Account account = account_of(index);
    return land(account.table, account.slot);
  }
  if (table == Table::activities) return land(Table::contacts, contact_of(index));
  if (repeats(table, index)) {
    const Slot s = slot(table, index);
    if (s.repeat == Repeat::similar) return land(table, s.base);  // the same firm is in the same land
  }
  const std::int64_t at = random(stream(table, "land"), index).below(100);
  return at < 60 ? Land::china : at < 80 ? Land::germany : at < 93 ? Land::japan : Land::britain;
}

int World::changed(Table table, std::int64_t index) const {
  for (int revision = revision_; revision > 0; --revision) {
    // A row that is new in this revision has nothing to change from.
    if (index >= slots_at(table, revision - 1)) continue;
    if (random(stream(table, "changed"), index * 64 + revision).chance(kChanges)) return revision;
  }
  return 0;
}

std::string World::user_code(std::int64_t index) const {
  std::string code = std::to_string(index + 1);
  return "U" + std::string(code.size() < 4 ? 4 - code.size() : 0, '0') + code;
}

std::int64_t World::active_user(Random& random) const {
  while (true) {
    const std::int64_t user = random.below(users_);
    if (user_active(user)) return user;
  }
}

World::Account World::account_of(std::int64_t contact) const {
  Random r = random("contacts.account", contact);
  while (true) {
    Account account{Table::customers, 0};
    // The extract of the branch is small; so is its share of the people.
    if (r.below(100) < 12) account.table = Table::branches;
    account.slot = r.below(slots_at(account.table, 0));
    const Slot s = slot(account.table, account.slot);
    if (s.repeat == Repeat::double_key) account = {s.base_table, s.base};
    if (s.defect == nullptr || !s.defect->unreadable) return account;
  }
}

std::int64_t World::contact_of(std::int64_t activity) const {
  Random r = random("activities.contact", activity);
  while (true) {
    std::int64_t contact = r.below(slots_at(Table::contacts, 0));
    const Slot s = slot(Table::contacts, contact);
    if (s.repeat == Repeat::exact) contact = s.base;
    if (s.defect == nullptr || !s.defect->unreadable) return contact;
  }
}

bool World::wants_parent(std::int64_t customer) const { return random("customers.parent", customer).chance(250'000); }

bool World::root(std::int64_t customer) const {
  return !repeats(Table::customers, customer) && defect_of(Table::customers, customer) == nullptr &&
         !wants_parent(customer);
}

std::optional<std::int64_t> World::parent_of(std::int64_t customer) const {
  if (!wants_parent(customer)) return std::nullopt;
  Random r = random("customers.parent.which", customer);
  const std::int64_t count = slots_at(Table::customers, 0);
  // One in five stands later in the file; those have no parent themselves, so there are no circles.
  const bool later = r.chance(200'000);
  for (int attempt = 0; attempt < 16; ++attempt) {
    const std::int64_t low = later ? customer + 1 : 0, high = later ? count : std::min(customer, count);
    if (low >= high) return std::nullopt;
    const std::int64_t parent = low + r.below(high - low);
    if (later ? root(parent) : !repeats(Table::customers, parent) && defect_of(Table::customers, parent) == nullptr)
      return parent;
  }
  return std::nullopt;
}

}  // namespace godwit::sample
