#pragma once
// Which handler answers a call: by method and by a pattern of the path.
//
//   router.on("GET", "/things/{id}", [&](Request& r) { return json_answer(200, thing(r.param("id"))); });
//   router.on("GET", "/files/{rest*}", ...);   // the rest of the path, slashes included
//
// Where several patterns fit, the one that is longest in fixed segments from the left wins. Routes are added before the
// server starts; from then on a Router is only read, by many threads.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/kits/sandbox/exchange.hpp"

namespace godwit::sandbox {

using Handler = std::function<Answer(Request&)>;

// What the program does around a handler.
enum class Run {
  in_transaction,  // alone, in a transaction of the store that is committed when it returns
  free,            // the handler locks the store itself; for handlers that wait or send much
};

struct Route {
  std::string method, pattern;
  std::vector<std::string> segments;
  Handler handler;
  Run run = Run::in_transaction;
};

class Router {
 public:
  void on(std::string method, std::string pattern, Handler handler, Run run = Run::in_transaction);

  struct Match {
    const Route* route = nullptr;     // nullptr: nobody answers this path with this method
    bool path_known = false;          // some route has the path, with another method
  };
  // Fills request.pattern and request.params.
  Match match(Request& request) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace godwit::sandbox
