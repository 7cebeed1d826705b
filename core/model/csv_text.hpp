#pragma once
// Small tables that people keep in the project as CSV: value maps, mapping sheets, corrections, expected totals. RFC 4180, UTF-8
// with or without BOM, LF or CRLF. (Extracts of any size and dialect are the csv connector's work, not this one's.)

#include <string>
#include <string_view>
#include <vector>

#include "core/model/result.hpp"

namespace godwit {

struct CsvRecord {
  int line = 1;                     // where the record begins, from 1
  std::vector<std::string> fields;
};

// All records, the header among them; empty lines are left out. GW-5910 for text that is no UTF-8 or has a quote that
// never ends ("place" = file:line).
Result<std::vector<CsvRecord>> parse_csv_text(std::string_view text, std::string_view file);

// The file's content, at most `max_bytes`; GW-5911 when it cannot be read, GW-5912 when it is larger.
Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes = 256u << 20);

// `value` as a CSV field: quoted when it needs to be.
std::string csv_field(std::string_view value);

}  // namespace godwit
