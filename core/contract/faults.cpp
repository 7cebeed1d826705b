#include "core/contract/faults.hpp"

#include <dlfcn.h>

namespace godwit::contract {
namespace {

using Arm = void (*)(long);
using Disarm = long (*)();
Arm arm() { return reinterpret_cast<Arm>(dlsym(RTLD_DEFAULT, "godwit_faults_arm")); }
Disarm disarm() { return reinterpret_cast<Disarm>(dlsym(RTLD_DEFAULT, "godwit_faults_disarm")); }

}  // namespace

bool can_fail() { return arm() != nullptr && disarm() != nullptr; }

Faults::Faults(long at) {
  if (can_fail()) arm()(at);
}
Faults::~Faults() {
  if (armed_) Faults::disarm();
}
long Faults::disarm() {
  armed_ = false;
  return can_fail() ? contract::disarm()() : 0;
}

}  // namespace godwit::contract
