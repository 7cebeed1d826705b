// godwit-probe: loads one plugin library and says whether it can be used. Started by the host.

#include "core/host/probe.hpp"

int main(int argc, char** argv) { return godwit::probe_main(argc, argv); }
