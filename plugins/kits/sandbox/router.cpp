#include "plugins/kits/sandbox/router.hpp"

#include <algorithm>

namespace godwit::sandbox {
namespace {

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out;
  if (path.starts_with('/')) path.remove_prefix(1);
  // A slash at the end makes no difference, as with all vendors so far.
  if (path.ends_with('/')) path.remove_suffix(1);
  while (true) {
    const std::size_t end = path.find('/');
    out.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) return out;
    path.remove_prefix(end + 1);
  }
}

bool is_place(const std::string& segment) { return segment.starts_with('{'); }
bool is_rest(const std::string& segment) { return segment.ends_with("*}"); }

bool fits(const Route& route, const std::vector<std::string>& path) {
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    if (is_rest(route.segments[i])) return path.size() > i;
    if (i >= path.size() || (!is_place(route.segments[i]) && route.segments[i] != path[i])) return false;
  }
  return path.size() == route.segments.size();
}

// True: `a` is the more exact pattern of two that fit the same path.
bool more_exact(const Route& a, const Route& b) {
  for (std::size_t i = 0; i < std::min(a.segments.size(), b.segments.size()); ++i) {
    const int x = is_rest(a.segments[i]) ? 2 : is_place(a.segments[i]), y = is_rest(b.segments[i]) ? 2 : is_place(b.segments[i]);
    if (x != y) return x < y;
  }
  return a.segments.size() > b.segments.size();
}

void fill(Request& request, const Route& route, const std::vector<std::string>& path) {
  request.pattern = route.pattern;
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const std::string& segment = route.segments[i];
    if (!is_place(segment)) continue;
    if (is_rest(segment)) {
      std::string rest;
      for (std::size_t j = i; j < path.size(); ++j) rest += (j > i ? "/" : "") + path[j];
      request.params[segment.substr(1, segment.size() - 3)] = percent_decode(rest, false);
      return;
    }
    request.params[segment.substr(1, segment.size() - 2)] = percent_decode(path[i], false);
  }
}

}  // namespace

void Router::on(std::string method, std::string pattern, Handler handler, Run run) {
  std::vector<std::string> segments = split_path(pattern);
  routes_.push_back({std::move(method), std::move(pattern), std::move(segments), std::move(handler), run});
}

Router::Match Router::match(Request& request) const {
  const std::vector<std::string> path = split_path(request.path);
  Match out;
  for (const Route& route : routes_) {
    if (!fits(route, path)) continue;
    out.path_known = true;
    // A client that wants only the head is answered like one that wants all; the server leaves out the body.
    const bool method = route.method == request.method || (request.method == "HEAD" && route.method == "GET");
    if (method && (out.route == nullptr || more_exact(route, *out.route))) out.route = &route;
  }
  if (out.route != nullptr) fill(request, *out.route, path);
  return out;
}

}  // namespace godwit::sandbox
