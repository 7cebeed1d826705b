#include "connectors/fxiaoke/sandbox/sandbox.hpp"

int main(int argc, char** argv) {
  using namespace godwit::sandbox;
  // Some switches shape the metadata, which comes first; a line that cannot be understood is told by run_sandbox().
  Options options;
  std::string error;
  fxiaoke::ModelSwitches switches;
  if (parse_options(argc, argv, options, error))
    for (const auto& [name, value] : options.switches) {
      if (name == "leads_pool_name" && !value.empty()) switches.leads_pool = value;
      if (name == "unconfirmed_objects") switches.unconfirmed_objects = value != "no";
      if (name == "version_field") switches.version_field = value != "no";
    }
  fxiaoke::Fxiaoke vendor(switches);
  return run_sandbox(argc, argv, vendor);
}
