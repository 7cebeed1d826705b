#pragma once
// Bodies on their way out.

#include <optional>
#include <string>
#include <string_view>

namespace godwit::http {

// The bytes as a file of gzip, the fastest way that still gains most of it. Nothing where zlib has no memory; the body then goes as it is.
std::optional<std::string> gzip(std::string_view bytes);

}  // namespace godwit::http
