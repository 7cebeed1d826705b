// Fields that the org works out itself.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "connectors/salesforce/sandbox/writer.hpp"

namespace godwit::sandbox::salesforce {
namespace {

struct Stage {
  std::string_view name;
  int probability;
  const char* forecast;
};

// What a new org sets per stage; a stage of the customer's own counts as open with 50 %.
constexpr std::array kStages{
    Stage{"Prospecting", 10, "Pipeline"},          Stage{"Qualification", 10, "Pipeline"},        Stage{"Needs Analysis", 20, "Pipeline"},
    Stage{"Value Proposition", 50, "Pipeline"},    Stage{"Id. Decision Makers", 60, "Pipeline"},  Stage{"Perception Analysis", 70, "Pipeline"},
    Stage{"Proposal/Price Quote", 75, "Pipeline"}, Stage{"Negotiation/Review", 90, "Pipeline"},   Stage{"Closed Won", 100, "Closed"},
    Stage{"Closed Lost", 0, "Omitted"},
};

class Deriver {
 public:
  Deriver(Org& org, const Object& object, Columns& set, const Record* before, std::vector<Problem>& problems)
      : org_(org), object_(object), set_(set), before_(before), problems_(problems) {}

  void run() {
    full_name();
    if (object_.name == "Opportunity") opportunity();
    if (object_.name == "Task") task();
    if (object_.name == "Event") event();
    if (object_.name == "Case") put("IsClosed", std::int64_t{text("Status") == "Closed"});
    if (object_.name == "Attachment" && given("Body")) put("BodyLength", static_cast<std::int64_t>(text("Body").size()));
  }

 private:
  Value value(std::string_view name) const { return value_after(set_, before_, name); }
  std::string text(std::string_view name) const { return to_text(value(name)); }
  bool given(std::string_view name) const { return !is_null(value_after(set_, nullptr, name)); }
  void put(std::string_view name, Value value) { set_column(set_, name, std::move(value)); }

  void full_name() {
    const Field* name = object_.field("Name");
    if (name == nullptr || !name->raw->contains("name_of")) return;
    std::string out;
    for (const Json& part : (*name->raw)["name_of"]) {
      const std::string piece = text(part.get<std::string>());
      if (!piece.empty()) out += (out.empty() ? "" : " ") + piece;
    }
    put("Name", out);
  }

  void opportunity() {
    const std::string name = text("StageName");
    const auto stage = std::find_if(kStages.begin(), kStages.end(), [&](const Stage& one) { return one.name == name; });
    const bool known = stage != kStages.end();
    put("IsClosed", std::int64_t{known && name.starts_with("Closed")});
    put("IsWon", std::int64_t{name == "Closed Won"});
    const bool moved = before_ == nullptr || to_text((*before_)["StageName"]) != name;
    if (moved && !given("Probability")) put("Probability", std::int64_t{known ? stage->probability : 50});
    if (moved && !given("ForecastCategoryName")) put("ForecastCategoryName", std::string(known ? stage->forecast : "Pipeline"));
  }

  // The account that an activity counts for: that of what it is about, else that of whom.
  Value account() {
    const std::string what = text("WhatId"), who = text("WhoId");
    const Object* about = org_.object_of(what);
    if (about != nullptr && about->name == "Account") return what;
    if (about != nullptr && about->field("AccountId") != nullptr) return org_.database().value("select AccountId from " + quote_name(about->name) + " where Id = ?", {what});
    const Object* person = org_.object_of(who);
    if (person != nullptr && person->name == "Contact") return org_.database().value("select AccountId from Contact where Id = ?", {who});
    return {};
  }

  void task() {
    lead_has_no_subject();
    const bool closed = text("Status") == "Completed";
    put("IsClosed", std::int64_t{closed});
    put("IsHighPriority", std::int64_t{text("Priority") == "High"});
    if (closed && is_null(value("CompletedDateTime"))) put("CompletedDateTime", value("LastModifiedDate"));
    put("AccountId", account());
  }

  void lead_has_no_subject() {
    if (text("WhoId").starts_with("00Q") && !is_null(value("WhatId")))
      problems_.push_back({"FIELD_INTEGRITY_EXCEPTION", "Related To ID: can not relate to a record when Name ID is a lead", {"WhatId"}, ""});
  }

  void event() {
    lead_has_no_subject();
    put("AccountId", account());
    if (is_null(value("StartDateTime")) && !is_null(value("ActivityDateTime"))) put("StartDateTime", value("ActivityDateTime"));
    const bool whole_day = to_int(value("IsAllDayEvent")) != 0;
    if (is_null(value("StartDateTime")) && whole_day && !is_null(value("ActivityDate"))) put("StartDateTime", text("ActivityDate") + "T00:00:00.000+0000");
    const std::optional<std::int64_t> start = parse_iso_time(text("StartDateTime"));
    const std::optional<std::int64_t> end = parse_iso_time(text("EndDateTime"));
    if (!start || (!end && is_null(value("DurationInMinutes")) && !whole_day)) {
      problems_.push_back({"REQUIRED_FIELD_MISSING", "Required fields are missing: [DurationInMinutes, ActivityDateTime]", {"DurationInMinutes", "ActivityDateTime"}, ""});
      return;
    }
    const bool end_rules = end && (given("EndDateTime") || is_null(value("DurationInMinutes")));
    if (end_rules && *end < *start) {
      problems_.push_back({"FIELD_INTEGRITY_EXCEPTION", "End Date Time: the end of an event must be after its start", {"EndDateTime"}, ""});
      return;
    }
    const std::int64_t minutes = end_rules ? (*end - *start) / 60'000 : is_null(value("DurationInMinutes")) ? 1440 : to_int(value("DurationInMinutes"));
    put("DurationInMinutes", minutes);
    put("EndDateTime", iso_time(*start + minutes * 60'000, Zone::plus_0000, true));
    put("EndDate", iso_date(*start + minutes * 60'000));
    put("ActivityDate", iso_date(*start));
    put("ActivityDateTime", whole_day ? Value() : value("StartDateTime"));
  }

  Org& org_;
  const Object& object_;
  Columns& set_;
  const Record* before_;
  std::vector<Problem>& problems_;
};

}  // namespace

void derive_fields(Org& org, const Object& object, Columns& set, const Record* before, std::vector<Problem>& problems) { Deriver(org, object, set, before, problems).run(); }

}  // namespace godwit::sandbox::salesforce
