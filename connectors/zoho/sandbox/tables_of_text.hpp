#pragma once
// CSV and ZIP as bulk jobs take and give them.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::sandbox::zoho {

// Records of a CSV text, the header among them; the delimiter is the one of , ; : | that the first line has most of. Empty lines are passed
// over, quotes may hold delimiters and line ends. nullopt: a quote is never closed.
std::optional<std::vector<std::vector<std::string>>> read_csv(std::string_view text);
// One record with its line end; cells are quoted where they must be.
std::string csv_line(const std::vector<std::string>& cells);

// Name and content of each file. nullopt: the bytes are no ZIP, or unpack to more than `limit` bytes.
std::optional<std::vector<std::pair<std::string, std::string>>> unzip(std::string_view bytes, std::size_t limit);
// A ZIP of one file. Throws std::runtime_error when there is no memory.
std::string zip_of(const std::string& name, const std::string& content);

}  // namespace godwit::sandbox::zoho
