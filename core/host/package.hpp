#pragma once
// Connectors as single files that can be handed on: made from a built library, installed, taken away. docs/boundary.md has the format.

#include <filesystem>
#include <string>
#include <vector>

#include "core/host/options.hpp"
#include "core/model/result.hpp"

namespace godwit {

// What a package says of itself, all of it read from the library when it was made.
struct PackageFacts {
  std::string name, title, version;
  int abi = 0;                         // boundary version
  std::string machine, libc;           // see LibraryNeeds
  std::vector<std::string> libraries;  // that must be on the machine
  std::string sha256;                  // of all that follows it in the file, hexadecimal
};

// The manifest as the library itself has it. The library is tried out in a process of its own first; errors are those of probe_library.
Result<std::string> library_manifest(const std::filesystem::path& library, const HostOptions& options);

// Writes library and manifest as one file. An existing file is replaced once the new one is whole. Errors: those of library_manifest, GW-3038
// when the file cannot be written.
Result<PackageFacts> pack_connector(const std::filesystem::path& library, const std::filesystem::path& package, const HostOptions& options);

// Name of the file that pack_connector() makes where none is given: godwit-acme_crm-0.1.0-x86_64.gwc.
std::string package_name(const PackageFacts& facts);

// Checks the package (GW-3036 damaged or none, 3004 other boundary, 3034 newer libc, 3035 other machine), tries the library out (see
// library_manifest) and puts both files into `folder`, replacing what was installed there under that name. Nothing is changed
// when it fails.
Result<PackageFacts> install_connector(const std::filesystem::path& package, const std::filesystem::path& folder, const HostOptions& options);

// GW-3037 when the connector is not installed in `folder`.
Result<> remove_connector(const std::string& name, const std::filesystem::path& folder);

// Where connectors are installed for one user: $XDG_DATA_HOME/godwit/plugins or ~/.local/share/godwit/plugins; empty without a home.
std::filesystem::path user_plugin_folder();
// Where they are installed beside the program, for everybody.
std::filesystem::path shared_plugin_folder();

}  // namespace godwit
