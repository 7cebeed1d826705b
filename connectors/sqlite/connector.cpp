// The declaration of the SQLite connector.
#include <optional>

#include "connector_messages.hpp"
#include "connectors/sqlite/aggregate.hpp"
#include "connectors/sqlite/database.hpp"
#include "connectors/sqlite/file_state.hpp"
#include "connectors/sqlite/reader.hpp"
#include "connectors/sqlite/table.hpp"
#include "connectors/sqlite/writer.hpp"
#include "plugins/sdk/export.hpp"

namespace godwit::sqlite {
namespace {

class Connection final : public sdk::ConnectionImpl {
 public:
  Connection(Options options, sdk::HostServices host) : options_(std::move(options)), host_(host) {}

  Result<ConnectionFacts> check() override {
    GW_ASSIGN(const Database* db, database());
    ConnectionFacts facts;
    GW_ASSIGN(facts.identity, file_identity(*db));
    facts.display = options_.path.string();
    facts.version = std::string("SQLite ") + sqlite3_libversion();
    GW_ASSIGN(facts.objects, list_objects(*db));
    // Asked of a second handle, since this one never writes.
    facts.writable = !options_.read_only && Database::open(options_, Access::write, host_).has_value();
    return facts;
  }

  Result<ObjectDescription> describe(std::string_view object) override {
    GW_ASSIGN(const Database* db, database());
    GW_ASSIGN(ObjectDescription out, describe_table(*db, object));
    GW_ASSIGN(out.hash, file_state(*db));
    return out;
  }

  Result<std::vector<std::string>> splits(std::string_view object, int wanted) override {
    GW_ASSIGN(const Database* db, database());
    return split_object(*db, object, wanted);
  }

  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override {
    return sqlite::open_reader(options_, host_, request);
  }

  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override {
    return sqlite::open_writer(options_, host_, request);
  }

  Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate, std::string_view field,
                                            std::string_view where, std::string_view group_by) override {
    GW_ASSIGN(const Database* db, database());
    return aggregate_table(*db, object, aggregate, field, where, group_by);
  }

 private:
  // Opened when first needed. With `create`, an empty file is made first: what is asked is then the same before and
  // after the first write.
  Result<const Database*> database() {
    if (!database_) {
      std::error_code ignored;
      if (options_.create && !options_.read_only && !std::filesystem::exists(options_.path, ignored)) {
        GW_ASSIGN(const Database made, Database::open(options_, Access::write, host_));
        (void)made;
      }
      GW_ASSIGN(Database opened, Database::open(options_, Access::read, host_));
      database_ = std::move(opened);
    }
    return &*database_;
  }

  Options options_;
  sdk::HostServices host_;
  std::optional<Database> database_;  // for questions; readers and writers have handles of their own
};

constexpr sdk::Connector kConnector{
    .name = "sqlite",
    .title = "SQLite 3 database files",
    .settings = kSettings,
    .delivery = Delivery::transactional,
    .reads = true,
    .aggregates = true,
    .extensions = ".sqlite|.sqlite3|.db|.db3",
    .limits = {.rows_per_write = 0, .writes_in_flight = 1, .readers = 8},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings,
               const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      return std::make_unique<Connection>(read_options(settings), host);
    },
};

}  // namespace
}  // namespace godwit::sqlite

GODWIT_EXPORT_CONNECTOR(godwit::sqlite::kConnector)
