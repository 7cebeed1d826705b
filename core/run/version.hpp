#pragma once
namespace godwit {
inline constexpr const char* kVersion = "0.1.0";
}
