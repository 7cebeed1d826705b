// The declaration of the PostgreSQL connector.
#include "connector_messages.hpp"
#include "connectors/postgres/aggregate.hpp"
#include "connectors/postgres/ledger_table.hpp"
#include "connectors/postgres/reader.hpp"
#include "connectors/postgres/session.hpp"
#include "connectors/postgres/snapshot.hpp"
#include "connectors/postgres/table.hpp"
#include "connectors/postgres/writer.hpp"
#include "plugins/sdk/export.hpp"

namespace godwit::postgres {
namespace {

class Connection final : public sdk::ConnectionImpl {
 public:
  Connection(Options options, sdk::HostServices host) : options_(std::move(options)), host_(host) {}

  Result<ConnectionFacts> check() override {
    GW_ASSIGN(Session * db, session());
    GW_ASSIGN(const Answer a,
              db->run("select current_database(), coalesce(current_schema(), ''), current_setting('server_version'),"
                      " pg_catalog.pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'"));
    ConnectionFacts facts;
    GW_ASSIGN(const std::string system, system_identifier(*db));
    facts.identity = "postgres:" + system + "/" + a.string(0, 0) + "#" + a.string(0, 1);
    facts.display = db->place() + (a.text(0, 1).empty() ? "" : " schema " + a.string(0, 1));
    facts.version = "PostgreSQL " + a.string(0, 2);
    GW_ASSIGN(facts.objects, list_objects(*db));
    facts.writable = !options_.read_only && !a.boolean(0, 3) && !a.boolean(0, 4);
    if (facts.writable) {
      GW_ASSIGN(const bool ledger, ledger_is_possible(*db));
      if (!ledger) facts.delivery = Delivery::upsert_by_key;
    }
    return facts;
  }

  Result<ObjectDescription> describe(std::string_view object) override {
    GW_ASSIGN(Session * db, session());
    GW_ASSIGN(const TableInfo table, load_table(*db, object));
    return postgres::describe(table);
  }

  Result<std::vector<std::string>> splits(std::string_view object, int wanted) override {
    GW_ASSIGN(Session * db, session());
    return split_object(*db, object, wanted);
  }

  Result<std::unique_ptr<Reader>> open_reader(const ReadRequest& request) override {
    return postgres::open_reader(options_, host_, snapshot_, request);
  }

  Result<std::unique_ptr<Writer>> open_writer(const WriteRequest& request) override {
    return postgres::open_writer(options_, host_, request);
  }

  Result<std::vector<GroupValue>> aggregate(std::string_view object, std::string_view aggregate, std::string_view field,
                                            std::string_view where, std::string_view group_by) override {
    GW_ASSIGN(Session * db, session());
    return aggregate_table(*db, object, aggregate, field, where, group_by);
  }

 private:
  // For questions; readers and writers have sessions of their own. Opened when first needed, and again when it was
  // lost.
  Result<Session*> session() {
    if (session_ == nullptr || session_->is_lost()) {
      GW_ASSIGN(session_, Session::open(options_, host_));
    }
    return session_.get();
  }

  // The number that initdb gave the cluster; where the role may not ask for it, the server's address stands for it.
  static Result<std::string> system_identifier(Session& db) {
    const Result<Answer> a = db.run("select system_identifier::text from pg_catalog.pg_control_system()");
    if (a) return a->string(0, 0);
    if (db.is_lost() || db.last().state != "42501") return Failure(a.error());
    return std::string(PQhost(db.get())) + ":" + PQport(db.get());
  }

  Options options_;
  sdk::HostServices host_;
  Snapshot snapshot_;
  std::unique_ptr<Session> session_;
};

constexpr sdk::Connector kConnector{
    .name = "postgres",
    .title = "PostgreSQL 12 and later",
    .settings = kSettings,
    .delivery = Delivery::transactional,
    .reads = true,
    .aggregates = true,
    .limits = {.rows_per_write = 0, .writes_in_flight = 1, .readers = 8},
    .messages = kMessagesJson,
    .open = [](const sdk::Settings& settings,
               const sdk::HostServices& host) -> Result<std::unique_ptr<sdk::ConnectionImpl>> {
      return std::make_unique<Connection>(read_options(settings), host);
    },
};

}  // namespace
}  // namespace godwit::postgres

GODWIT_EXPORT_CONNECTOR(godwit::postgres::kConnector)
