#pragma once
// What crosses the boundary, for people who look for a fault: each call on a line with its duration (--trace-boundary), or the whole exchange
// with its values masked (--record). Neither holds customer data or secrets.

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/host/connection.hpp"
#include "core/http/call.hpp"

namespace godwit {

// The shape of a text: letters become x and X, digits 9, characters of other scripts 文; punctuation stays. Longer than 200 characters: its
// beginning.
std::string masked(std::string_view text);

// Thread-safe. Lines of several threads come whole, each when its call has ended.
class BoundaryObserver {
 public:
  virtual ~BoundaryObserver() = default;
  struct Call {
    int connection = 0;        // from 1, in the order of open()
    std::string connector, name, object;
    std::int64_t us = 0;       // duration
    std::string summary;       // "512 rows, 40211 bytes"
    const Error* error = nullptr;
  };
  // Whether record() is wanted, which costs.
  virtual bool records() const = 0;
  // `request` and `answer` are masked by the caller.
  virtual void ended(const Call& call, const nlohmann::json& request, const nlohmann::json& answer) = 0;
  virtual int next_connection() = 0;
  // An exchange over HTTP; from the threads of HTTP clients.
  virtual void called(const http::LogEntry& entry) = 0;
};

// `trace`: where lines go, or null; outlives the observer. `record`: file of JSON lines that is made anew, or "". GW-3038 when it cannot be
// made.
Result<std::shared_ptr<BoundaryObserver>> make_observer(std::ostream* trace, const std::filesystem::path& record);

// The connection with everything that it opens, watched. `settings` as open() got them.
std::unique_ptr<Connection> observe(std::unique_ptr<Connection> connection, std::shared_ptr<BoundaryObserver> observer, int number);

// The settings as --record writes them: numbers, choices and booleans as they are, all else masked, secrets as ***.
nlohmann::json masked_settings(const nlohmann::json& settings, std::string_view manifest);

}  // namespace godwit
