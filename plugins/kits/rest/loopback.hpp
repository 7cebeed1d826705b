#pragma once
// Whether a system is on this very machine: nobody's CRM is, so that its limits are a rehearsal's.

#include <string_view>

namespace godwit::rest {

// `url` begins with scheme://. True for localhost, 127.x.x.x and [::1].
inline bool is_loopback(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view host = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  if (const std::size_t user = host.rfind('@'); user != std::string_view::npos) host.remove_prefix(user + 1);
  if (host.starts_with('[')) return host.starts_with("[::1]");
  host = host.substr(0, host.find(':'));
  if (host == "localhost") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace godwit::rest
