#include "connectors/zoho/sandbox/sandbox.hpp"

int main(int argc, char** argv) {
  using namespace godwit::sandbox;
  // The edition decides the limits, which come before the switches; a line that cannot be understood is told by run_sandbox().
  Options options;
  std::string error, edition = "enterprise";
  if (parse_options(argc, argv, options, error))
    for (const auto& [name, value] : options.switches)
      if (name == "edition") edition = value;
  zoho::Zoho vendor(edition);
  return run_sandbox(argc, argv, vendor);
}
