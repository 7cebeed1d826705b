#pragma once
// What the settings mean for one object.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/kits/delimited/row_writer.hpp"
#include "plugins/kits/delimited/table.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::csv {

enum class Existing { refuse, append };

struct ObjectOptions {
  delimited::TableOptions table;
  delimited::Quoting quoting = delimited::Quoting::needed;
  std::string written_record_end = "\n";
  bool formula_guard = false, byte_order_mark = false;
  Existing existing = Existing::refuse;
};

// The connection's settings, with those that single objects have of their own.
class Options {
 public:
  // GW-3107 for `files` that cannot be understood; 3020 to 3025 for what it gives; 1050 and 1051 for dialects and
  // encodings that cannot be.
  static Result<Options> parse(const sdk::Settings& settings);

  const std::filesystem::path& path() const { return path_; }
  const std::vector<std::string>& patterns() const { return patterns_; }
  // For `object`, which is or will be the file `file`.
  Result<ObjectOptions> of(std::string_view object, const std::filesystem::path& file) const;

 private:
  using Given = std::vector<std::pair<std::string, std::string>>;
  std::filesystem::path path_;
  std::vector<std::string> patterns_;
  Given given_;                                         // settings of all objects, as text
  std::vector<std::pair<std::string, Given>> objects_;  // object, its own settings
};

}  // namespace godwit::csv
