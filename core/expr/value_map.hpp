#pragma once
// A list of old and new values that people keep in a CSV file of the project.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expr/node.hpp"
#include "core/model/result.hpp"

namespace godwit::expr {

// Loaded once, when the expression is compiled; immutable then.
class ValueMap {
 public:
  struct Options {
    std::string from, to;  // column names; "": the first and the second column
    bool ignore_case = false;
  };
  // Errors have the place of the line in the map file, or none: then the caller adds its own.
  static Result<std::shared_ptr<const ValueMap>> load(const std::filesystem::path& folder, const std::string& file,
                                                      const Options& options);
  // The same from the file's content; `file` is its name in messages.
  static Result<std::shared_ptr<const ValueMap>> parse(std::string_view text, const std::string& file, const Options& options);

  // Index of the entry for `key`, or -1. `scratch` keeps its memory between calls.
  std::int64_t find(std::string_view key, std::string* scratch) const;
  // Its new value; nullopt for an empty cell.
  std::optional<std::string_view> value(std::int64_t index) const;

 private:
  struct Entry {
    std::string key, value;
    int line = 0;
  };
  std::size_t slot_of(std::string_view key) const;
  Result<> insert(Entry entry, const std::string& file, const Options& options);
  void grow();

  std::vector<Entry> entries_;
  std::vector<std::int32_t> slots_;  // open addressing; -1 is free
  bool ignore_case_ = false;
};

// The text as it is compared when case does not matter: Unicode's full case folding.
void fold_case(std::string_view text, std::string* out);

// What becomes of a value that the map does not hold.
enum class Unmapped : std::uint8_t { set_aside, keep, null, value };
// `value` is text or integer; `otherwise` is text and used with Unmapped::value.
NodePtr value_map_node(std::shared_ptr<const ValueMap> map, std::string file, NodePtr value, Unmapped unmapped, NodePtr otherwise);

}  // namespace godwit::expr
