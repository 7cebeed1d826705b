// The declaration: what the connector is called, what it can do, and how a connection is opened.

#include <unistd.h>

#include "connector_messages.hpp"  // kMessagesJson, made from messages.json
#include "plugins/sdk/export.hpp"
#include "reader.hpp"
#include "settings.hpp"
// writer{
#include "writer.hpp"
// }writer

namespace acme {
namespace {

using namespace godwit;

class Session : public sdk::ConnectionImpl {
 public:
  Session(Folder folder, const sdk::HostServices& host) : folder_(std::move(folder)), host_(host) {}

  Result<ConnectionFacts> check() override {
    ConnectionFacts facts;
    GW_ASSIGN(facts.objects, folder_.objects());
    // The same folder by whatever path is the same system.
    std::error_code failed;
    facts.identity = std::filesystem::weakly_canonical(folder_.path(), failed).string();
    facts.display = folder_.path().string();
    facts.writable = ::access(folder_.path().c_str(), W_OK) == 0;
    return facts;
  }
  Result<ObjectDescription> describe(std::string_view object) override { return folder_.describe(object); }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override { return acme::open_reader(folder_, host_, request); }
  // writer{
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return acme::open_writer(folder_, host_, request); }
  // }writer

 private:
  const Folder folder_;
  const sdk::HostServices host_;
};

constexpr sdk::Connector kConnector{
    .name = "acme",
    .title = "Files of JSON lines",
    .settings = kSettings,
    // writer{
    .delivery = Delivery::upsert_by_key,
    // }writer
    .extensions = "",
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      return std::make_unique<Session>(Folder(settings.path("path"), std::string(settings.text("key"))), host);
    },
};

}  // namespace
}  // namespace acme

GODWIT_EXPORT_CONNECTOR(acme::kConnector)
