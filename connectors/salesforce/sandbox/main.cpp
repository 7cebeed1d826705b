// godwit-sandbox-salesforce: see README.md.
#include "connectors/salesforce/sandbox/org.hpp"

int main(int argc, char** argv) {
  godwit::sandbox::salesforce::Org org;
  return godwit::sandbox::run_sandbox(argc, argv, org);
}
