#pragma once
// ZIP archives of one file, in memory: what the bulk interfaces take and give.

#include <optional>
#include <string>
#include <string_view>

namespace godwit::zoho {

// An archive that holds `content` under `name`. Nullopt: no memory.
std::optional<std::string> make_archive(std::string_view name, std::string_view content);

// The first file of an archive. Nullopt: it is none, it is damaged, or the file is larger than `most` bytes.
std::optional<std::string> first_file(std::string_view archive, std::size_t most);

// The first file of the archive at `from`, written to `to` piece by piece. False: it is none, it is damaged, or `to` cannot be written.
bool unpack_first(const std::string& from, const std::string& to);

}  // namespace godwit::zoho
