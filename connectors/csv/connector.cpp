// CSV and other delimited text files: the declaration.

#include <unistd.h>

#include "connector_messages.hpp"
#include "connectors/csv/catalog.hpp"
#include "connectors/csv/reader.hpp"
#include "connectors/csv/settings.hpp"
#include "connectors/csv/writer.hpp"
#include "plugins/sdk/connector.hpp"
#include "plugins/sdk/export.hpp"

namespace godwit::csv {
namespace {

class Session : public sdk::ConnectionImpl {
 public:
  Session(Options options, const sdk::HostServices& host) : options_(std::move(options)), host_(host) {}

  Result<ConnectionFacts> check() override {
    ConnectionFacts facts;
    std::error_code error;
    const std::filesystem::path path = std::filesystem::weakly_canonical(options_.path(), error);
    facts.identity = (error ? std::filesystem::absolute(options_.path()) : path).string();
    facts.display = options_.path().string(), facts.version = "";
    GW_ASSIGN(const std::vector<ObjectFile> objects, list_objects(options_));
    for (const ObjectFile& o : objects) facts.objects.push_back(o.object);
    const bool folder = std::filesystem::is_directory(path, error);
    facts.writable = ::access(folder ? path.c_str() : path.parent_path().c_str(), W_OK) == 0 && (folder || ::access(path.c_str(), W_OK) == 0);
    return facts;
  }
  Result<ObjectDescription> describe(std::string_view object) override { return describe_object(options_, host_, object); }
  Result<std::vector<std::string>> splits(std::string_view object, int wanted) override { return split_object(options_, object, wanted); }
  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override { return csv::open_reader(options_, host_, request); }
  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override { return csv::open_writer(options_, host_, request); }

 private:
  const Options options_;
  const sdk::HostServices host_;
};

constexpr sdk::Connector kConnector{
    .name = "csv",
    .title = "CSV and other delimited text files",
    .settings = kSettings,
    .delivery = Delivery::transactional,
    .extensions = ".csv|.tsv|.tab",
    .limits = {.rows_per_write = 0, .writes_in_flight = 1, .readers = 8},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings, const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      GW_ASSIGN(Options options, Options::parse(settings));
      return std::make_unique<Session>(std::move(options), host);
    },
};

}  // namespace
}  // namespace godwit::csv

GODWIT_EXPORT_CONNECTOR(godwit::csv::kConnector)
