#pragma once
// What a shared library asks of the machine that loads it, read from its file without loading it.

#include <filesystem>
#include <string>
#include <vector>

#include "core/model/result.hpp"

namespace godwit {

struct LibraryNeeds {
  std::string machine;                 // "x86_64", "aarch64", or "machine <number>"
  std::string libc;                    // newest version of glibc that a symbol of it is bound to, "2.34"; "" when none is
  std::vector<std::string> libraries;  // as its linker noted them: libc.so.6, libpq.so.5 ...
};

// GW-3002 for a file that is no 64-bit little-endian ELF library, or one that is cut off.
Result<LibraryNeeds> read_needs(const std::filesystem::path& library);

// The machine and the glibc that this process runs on.
std::string this_machine();
std::string this_libc();

// GW-3034: built for a newer glibc than this one; GW-3035: for another machine. `place` is the file in the error.
Result<> check_needs(const LibraryNeeds& needs, const std::string& place);

// Whether version `a` ("2.4") comes before `b` ("2.34"), part by part.
bool is_older(std::string_view a, std::string_view b);

}  // namespace godwit
