// A connector that crashes in the step that its settings name: the host must find out in another process.

#include <array>
#include <csignal>

#include "plugins/sdk/export.hpp"

namespace godwit {
namespace {

constexpr std::array kSettings{
    sdk::Setting{.name = "path", .help = "Anything."},
    sdk::Setting{.name = "step", .help = "Where it crashes."},
};

class Session : public sdk::ConnectionImpl {
 public:
  explicit Session(std::string step) : step_(std::move(step)) { crash_in("open"); }
  Result<ConnectionFacts> check() override {
    crash_in("check");
    ConnectionFacts facts;
    facts.identity = "here", facts.objects = {"one"};
    return facts;
  }
  Result<ObjectDescription> describe(std::string_view) override {
    crash_in("describe");
    return sdk::fail(3030, ErrorKind::bad_config, {{"seen", "one"}, {"nearest", ""}});
  }

 private:
  void crash_in(std::string_view step) const {
    if (step == step_) raise(SIGSEGV);
  }
  std::string step_;
};

constexpr sdk::Connector kConnector{
    .name = "crash_in_describe",
    .title = "A connector that crashes",
    .settings = kSettings,
    .open = [](const sdk::Settings& settings, const sdk::HostServices&) -> Result<std::unique_ptr<sdk::ConnectionImpl>> { return std::make_unique<Session>(std::string(settings.text("step"))); },
};

}  // namespace
}  // namespace godwit

GODWIT_EXPORT_CONNECTOR(godwit::kConnector)
