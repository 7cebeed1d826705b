#pragma once
// What the author of a connector writes: a `Connector` value, a ConnectionImpl, and a Reader and a Writer of
// core/model/exchange.hpp. plugins/sdk/README.md shows a whole connector.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"
#include "core/model/result.hpp"
#include "plugins/abi/godwit_abi.h"
#include "plugins/sdk/error.hpp"
#include "plugins/sdk/setting.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::sdk {

enum class LogLevel { debug = GW_LOG_DEBUG, info = GW_LOG_INFO, warn = GW_LOG_WARN, error = GW_LOG_ERROR };

// Services of the host; valid until the process ends, callable from any thread.
class HostServices {
 public:
  explicit HostServices(const gw_host* host = nullptr) : host_(host) {}
  // A line for the operator: no secrets, no customer data.
  void log(LogLevel level, std::string_view message) const {
    if (host_ != nullptr && host_->log != nullptr)
      host_->log(host_->ctx, static_cast<std::int32_t>(level), gw_str{message.data(), message.size()});
  }
  // Microseconds since 1970-01-01T00:00Z; tests move it. 0 when the connector was made without a host.
  std::int64_t now_us() const { return host_ != nullptr && host_->now_us != nullptr ? host_->now_us(host_->ctx) : 0; }
  // The operator asked to stop: give up soon, with an error of kind cancelled (GW-3018).
  bool cancelled() const { return host_ != nullptr && host_->cancelled != nullptr && host_->cancelled(host_->ctx) != 0; }
  // The table itself, for the faces of further services (plugins/sdk/http.hpp); null without a host.
  const gw_host* table() const { return host_; }

 private:
  const gw_host* host_;
};

// One configured connection. Its calls come from one thread at a time; the readers and writers that it opened
// run in threads of their own at the same time, so what they share must be guarded. They are gone before it is.
class ConnectionImpl {
 public:
  virtual ~ConnectionImpl() = default;
  // One cheap call: can we sign in, what is this, may we write?
  virtual Result<ConnectionFacts> check() = 0;
  // An object that is not there: GW-3030 with "seen" and "nearest".
  virtual Result<ObjectDescription> describe(std::string_view object) = 0;
  // Up to `wanted` opaque UTF-8 texts that together cover the object exactly once, in source order. One empty
  // text means the whole object.
  virtual Result<std::vector<std::string>> splits(std::string_view object, int wanted) {
    (void)object, (void)wanted;
    return std::vector<std::string>{""};
  }
  virtual Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) {
    return fail(3015, ErrorKind::bad_config, {{"seen", request.object}});
  }
  virtual Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) {
    return fail(3016, ErrorKind::bad_config, {{"seen", request.object}});
  }
  // Sums that the system computes itself. aggregate: sum, count, min, max; `field` may be empty for count;
  // `where` is in the system's own language; empty `group_by`: one group.
  virtual Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate,
                                                    std::string_view field, std::string_view where,
                                                    std::string_view group_by) {
    (void)aggregate, (void)field, (void)where, (void)group_by;
    return fail(3017, ErrorKind::bad_config, {{"seen", std::string(object)}});
  }
  // What the work would cost here: calls, jobs, time and what is counted by the day. nullopt: the system counts nothing.
  virtual Result<std::optional<Estimate>> estimate(const Work& work) {
    (void)work;
    return std::nullopt;
  }
};

// What the core may ask of the connector at once; 0: no limit of its own.
struct Limits {
  std::int64_t rows_per_write = 0;
  int writes_in_flight = 1;
  int readers = 1;  // splits that may be read at the same time
};

// A connector, declared as a constexpr value at namespace scope.
struct Connector {
  std::string_view name;   // snake_case, as connections name it
  std::string_view title;  // for people: "CSV and other delimited text files"
  std::string_view version = "0.1.0";
  std::span<const Setting> settings;
  Delivery delivery = Delivery::none;  // none: cannot write
  bool reads = true;
  bool aggregates = false;
  // ".csv|.tsv": files that `godwit read FILE` gives to this connector, in the setting named "path".
  std::string_view extensions;
  Limits limits;
  std::string_view messages;  // text of messages.json (kMessagesJson of the generated connector_messages.hpp)
  // Cheap: no network call before check(). What is wrong with the settings' meaning is an error here.
  Result<std::unique_ptr<ConnectionImpl>> (*open)(const Settings& settings, const HostServices& host) = nullptr;
};

}  // namespace godwit::sdk
