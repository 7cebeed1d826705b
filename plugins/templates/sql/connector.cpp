// The declaration: what the connector is called, what it can do, and how a connection is opened.

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
  Session(Options options, const sdk::HostServices& host) : options_(std::move(options)), host_(host) {}

  Result<ConnectionFacts> check() override {
    GW_ASSIGN(const Database* database, this->database());
    ConnectionFacts facts;
    GW_ASSIGN(facts.objects, database->tables());
    // The same file by whatever path is the same system.
    std::error_code failed;
    facts.identity = std::filesystem::weakly_canonical(options_.path, failed).string();
    facts.display = options_.path.string(), facts.writable = true;
    return facts;
  }
  Result<ObjectDescription> describe(std::string_view object) override {
    GW_ASSIGN(const Database* database, this->database());
    return database->describe(object);
  }
  Result<std::vector<std::string>> splits(std::string_view object, int wanted) override {
    GW_ASSIGN(const Database* database, this->database());
    return split_table(*database, object, wanted);
  }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override { return acme::open_reader(options_, host_, request); }
  // writer{
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return acme::open_writer(options_, host_, request); }
  // }writer

 private:
  // Opened when first needed, since a connection must be cheap to make. Readers and writers have sessions of their own.
  Result<const Database*> database() {
    if (database_ == nullptr) {
      GW_ASSIGN(database_, Database::open(options_));
    }
    return database_.get();
  }

  const Options options_;
  const sdk::HostServices host_;
  std::unique_ptr<Database> database_;
};

constexpr sdk::Connector kConnector{
    .name = "acme",
    .title = "Tables of an SQL database",
    .settings = kSettings,
    // writer{
    .delivery = Delivery::transactional,
    // }writer
    .limits = {.readers = 8},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      return std::make_unique<Session>(Options{settings.path("path"), static_cast<int>(settings.integer("busy_timeout"))}, host);
    },
};

}  // namespace
}  // namespace acme

GODWIT_EXPORT_CONNECTOR(acme::kConnector)
