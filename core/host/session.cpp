#include "core/host/session.hpp"

#include <nlohmann/json.hpp>

#include "core/host/wire.hpp"

namespace godwit {
namespace {

class PluginConnection : public Connection {
 public:
  PluginConnection(std::shared_ptr<Session> session, Delivery delivery, int writes_in_flight)
      : session_(std::move(session)), delivery_(delivery), writes_in_flight_(writes_in_flight) {}

  const std::string& connector() const override { return session_->connector; }
  Delivery delivery() const override { return delivery_; }
  int writes_in_flight() const override { return writes_in_flight_; }
  bool can_read() const override { return api().reader != nullptr; }
  bool can_write() const override { return api().writer != nullptr; }
  bool can_aggregate() const override { return api().struct_size >= offsetof(gw_connector_api, aggregate) + sizeof(void*) && api().aggregate != nullptr; }

  Result<ConnectionFacts> check() override {
    GW_ASSIGN(const std::string text, answer("check", api().check, session_->handle));
    auto facts = named(wire::parse_facts(text));
    if (facts && facts->delivery) delivery_ = *facts->delivery;
    return facts;
  }

  Result<ObjectDescription> describe(std::string_view object) override {
    GW_ASSIGN(const std::string text, answer("describe", api().describe, session_->handle, wire::str(object)));
    return named(wire::parse_description(text));
  }

  Result<std::vector<std::string>> splits(std::string_view object, int wanted) override {
    if (api().splits == nullptr) return std::vector<std::string>{""};
    GW_ASSIGN(const std::string text, answer("splits", api().splits, session_->handle, wire::str(object), std::int32_t{wanted}));
    return named(wire::parse_splits(text));
  }

  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override {
    if (!can_read()) return fail(3015, {{"connector", connector()}, {"seen", request.object}});
    gw_reader* handle = nullptr;
    const std::string json = wire::to_json(request);
    GW_TRY(named(wire::call("open_reader", api().open_reader, session_->handle, wire::str(json), &handle)));
    if (handle == nullptr) return fail(3012, {{"connector", connector()}, {"call", "open_reader"}, {"seen", "null"}});
    return named(wrap_reader(session_, handle, request));
  }

  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override {
    if (!can_write()) return fail(3016, {{"connector", connector()}, {"seen", request.object}});
    gw_writer* handle = nullptr;
    const std::string json = wire::to_json(request);
    GW_TRY(named(wire::call("open_writer", api().open_writer, session_->handle, wire::str(json), &handle)));
    if (handle == nullptr) return fail(3012, {{"connector", connector()}, {"call", "open_writer"}, {"seen", "null"}});
    return wrap_writer(session_, handle, request);
  }

  Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate, std::string_view field,
                                            std::string_view where, std::string_view group_by) override {
    if (!can_aggregate()) return fail(3017, {{"connector", connector()}, {"seen", std::string(object)}});
    const auto or_null = [](std::string_view s) { return s.empty() ? nlohmann::json() : nlohmann::json(s); };
    const std::string json = nlohmann::json{{"object", object}, {"aggregate", aggregate}, {"field", or_null(field)},
                                            {"where", or_null(where)}, {"group_by", or_null(group_by)}}
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    GW_ASSIGN(const std::string text, answer("aggregate", api().aggregate, session_->handle, wire::str(json)));
    return named(wire::parse_groups(text));
  }

  Result<std::optional<Estimate>> estimate(const Work& work) override {
    if (api().struct_size < offsetof(gw_connector_api, estimate) + sizeof(void*) || api().estimate == nullptr) return std::nullopt;
    const std::string json = wire::to_json(work);
    GW_ASSIGN(const std::string text, answer("estimate", api().estimate, session_->handle, wire::str(json)));
    return named(wire::parse_estimate(text));
  }

 private:
  const gw_connector_api& api() const { return *session_->api; }

  template <typename T>
  Result<T> named(Result<T> result) const {
    if (!result) return Failure(with_connector(std::move(result).error(), connector()));
    return result;
  }

  template <typename Function, typename... Arguments>
  Result<std::string> answer(std::string_view name, Function function, Arguments... arguments) {
    gw_text text{};
    const Result<> done = named(wire::call(name, function, arguments..., &text));
    std::string out = wire::take(&text);
    if (!done) return Failure(done.error());
    return out;
  }

  std::shared_ptr<Session> session_;
  Delivery delivery_;
  int writes_in_flight_;
};

}  // namespace

Error with_connector(Error error, const std::string& connector) {
  if (error.argument("connector").empty()) error.arguments.emplace_back("connector", connector);
  for (Error& more : error.more) more = with_connector(std::move(more), connector);
  return error;
}

std::unique_ptr<Connection> wrap_connection(std::shared_ptr<Session> session, Delivery delivery, int writes_in_flight) {
  return std::make_unique<PluginConnection>(std::move(session), delivery, writes_in_flight);
}

}  // namespace godwit
