#pragma once
// What the gateway answers when it does not do what it was asked: always HTTP 200, a number, and words.

#include <string>

namespace godwit::sandbox::fxiaoke {

// Thrown by whatever serves a call, caught where the answer is written; nothing of the call has been done then.
struct Rejected {
  int code;
  std::string message;
};

// The contract numbers what the platform itself refuses ...
inline constexpr int kBadSecretOrPath = 10006, kOffsetTooFar = 10013, kPermanentCodeInvalid = 20015, kTokenWrong = 20016,
                     kTokenMissing = 20017, kQuotaUsedUp = 30002, kNoQuota = 30003, kParameterError = 32000;
// ... but not what a tenant's rules refuse: "other non-zero codes with Chinese text". These numbers are ours.
inline constexpr int kRequired = 40010, kBadValue = 40011, kNotUnique = 40020, kDuplicateFound = 40021, kRuleBroken = 40030,
                     kNotThere = 40040, kLocked = 40050, kWrongState = 40060;
// What all of those are with --set business_codes=same.
inline constexpr int kAnyBusinessRefusal = 40000;

}  // namespace godwit::sandbox::fxiaoke
