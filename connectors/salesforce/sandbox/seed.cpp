// What a new org has: itself, profiles, roles, users, queues, record types, the standard price book.
#include <nlohmann/json.hpp>
#include <tuple>

#include "connectors/salesforce/sandbox/org.hpp"

namespace godwit::sandbox::salesforce {
namespace {

class Seeder {
 public:
  explicit Seeder(Org& org) : org_(org), now_(iso_time(org.world().clock.now_ms(), Zone::plus_0000, true)) {}

  void run() {
    org_.organization_id = insert("Organization", {{"Name", "Godwit Sandbox"}, {"InstanceName", "SBX1"}, {"IsSandbox", one(true)}, {"OrganizationType", "Developer Edition"},
                                                   {"LanguageLocaleKey", "en_US"}, {"TimeZoneSidKey", "UTC"}, {"DefaultLocaleSidKey", "en_US"}});
    const std::string admin = insert("Profile", {{"Name", "System Administrator"}}), standard = insert("Profile", {{"Name", "Standard User"}});
    const std::string lead = insert("UserRole", {{"Name", "Sales Lead"}, {"DeveloperName", "SalesLead"}});
    org_.admin_id = user("Ada", "Admin", org_.setting("username"), "E0001", admin, lead, true);
    user("Sven", "Seller", "sven.seller@sandbox.example", "E0002", standard, lead, true);
    user("Mei", "Wang", "mei.wang@sandbox.example", "E0003", standard, lead, true);
    user("Lena", "Leaver", "lena.leaver@sandbox.example", "E0004", standard, lead, false);
    for (const char* name : {"Inbound", "Support"}) {
      const std::string queue = insert("Group", {{"Name", std::string(name) + " Queue"}, {"DeveloperName", std::string(name) + "_Queue"}, {"Type", "Queue"}, {"DoesIncludeBosses", one(true)}});
      for (const char* object : {"Lead", "Case", "Task"}) insert("QueueSobject", {{"QueueId", queue}, {"SobjectType", object}});
    }
    if (org_.world().model.object("CurrencyType") != nullptr)
      for (const auto& [code, rate, decimals] : {std::tuple{"USD", 1.0, 2}, {"EUR", 0.92, 2}, {"CNY", 7.1, 2}, {"JPY", 150.0, 0}})
        insert("CurrencyType", {{"IsoCode", code}, {"ConversionRate", rate}, {"DecimalPlaces", std::int64_t{decimals}}, {"IsActive", one(true)}, {"IsCorporate", one(std::string_view(code) == "USD")}});
    insert("Pricebook2", {{"Name", "Standard Price Book"}, {"IsActive", one(true)}, {"IsStandard", one(true)}});
    for (const Object& object : org_.world().model.objects()) {
      const auto types = object.raw->find("record_types");
      if (types == object.raw->end()) continue;
      for (const Json& type : *types)
        insert("RecordType", {{"Name", word(type, "name")}, {"DeveloperName", word(type, "developer_name")}, {"SobjectType", object.name}, {"IsActive", one(flag(type, "active", true))}});
    }
  }

 private:
  static Value one(bool value) { return static_cast<std::int64_t>(value); }

  std::string insert(const std::string& object_name, const Columns& given) {
    const Object& object = org_.object(object_name);
    Columns columns{{"Id", org_.new_id(object)}};
    columns.insert(columns.end(), given.begin(), given.end());
    for (const char* name : {"CreatedDate", "LastModifiedDate", "SystemModstamp"})
      if (object.field(name) != nullptr) columns.emplace_back(name, now_);
    for (const char* name : {"CreatedById", "LastModifiedById"})
      if (object.field(name) != nullptr) columns.emplace_back(name, org_.admin_id.empty() ? Value() : Value(org_.admin_id));
    if (object.field("IsDeleted") != nullptr) columns.emplace_back("IsDeleted", one(false));
    org_.store().insert(object, columns, 0);
    return to_text(columns.front().second);
  }

  std::string user(const std::string& first, const std::string& last, const std::string& username, const std::string& number, const std::string& profile, const std::string& role, bool active) {
    return insert("User", {{"Username", username}, {"FirstName", first}, {"LastName", last}, {"Name", first + " " + last}, {"Email", username}, {"Alias", last.substr(0, 8)}, {"IsActive", one(active)},
                           {"ProfileId", profile}, {"UserRoleId", role}, {"TimeZoneSidKey", "UTC"}, {"LocaleSidKey", "en_US"}, {"EmailEncodingKey", "UTF-8"}, {"LanguageLocaleKey", "en_US"},
                           {"UserType", "Standard"}, {"EmployeeNumber", number}, {"FederationIdentifier", number}, {"Legacy_Id__c", number}});
  }

  Org& org_;
  std::string now_;
};

}  // namespace

void seed(Org& org) {
  if (!org.database().fact("seeded")) {
    Seeder(org).run();
    org.database().set_fact("seeded", "1");
  }
  org.organization_id = to_text(org.database().value("select Id from Organization"));
  org.admin_id = to_text(org.database().value("select Id from User where Username = ? collate nocase and Username is not null", {org.setting("username")}));
  if (org.admin_id.empty()) org.admin_id = to_text(org.database().value("select Id from User order by Id limit 1"));
}

}  // namespace godwit::sandbox::salesforce
