#pragma once
// A file of JSON lines: what it is called, which columns it has, one line of it as texts.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"

namespace acme {

// Member -> text; nullopt is JSON's null. A member that is missing is read as null, too.
using Record = std::map<std::string, std::optional<std::string>>;

// nullopt for a line that is no object of plain values.
std::optional<Record> parse_record(std::string_view line);
// False when a text is no UTF-8: `field` names it.
bool write_record(const Record& record, std::string* out, std::string* field);

class Folder {
 public:
  Folder(std::filesystem::path path, std::string key) : path_(std::move(path)), key_(std::move(key)) {}
  const std::filesystem::path& path() const { return path_; }
  const std::string& key() const { return key_; }
  // Names of the objects; GW-3902 when the folder cannot be listed.
  godwit::Result<std::vector<std::string>> objects() const;
  // The file of an object that is there; GW-3030 with the nearest name when it is not.
  godwit::Result<std::filesystem::path> file(std::string_view object) const;
  godwit::Result<godwit::ObjectDescription> describe(std::string_view object) const;

 private:
  std::filesystem::path path_;
  std::string key_;
};

}  // namespace acme
