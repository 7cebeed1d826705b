// users.csv, contacts.csv and activities.csv.

#include "core/sample/tables.hpp"

namespace godwit::sample {
namespace {

constexpr const char* kTeams[] = {"Vertrieb Nord", "华东", "华南", "Export", "東京"};
constexpr const char* kKinds[] = {"TEL", "MAIL", "BESUCH", "WECHAT", "MESSE"};
constexpr const char* kStates[] = {"offen", "erledigt", "erledigt"};

std::string two(std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); }

// Why a clean row is set aside: what it hangs on was.
std::string_view inherited(Bucket parent, bool account) {
  const bool filtered = parent == Bucket::filtered || parent == Bucket::filtered_unknown;
  if (account) return filtered ? "account_filtered" : "account_set_aside";
  return filtered ? "contact_filtered" : "contact_set_aside";
}

}  // namespace

Result<> write_users(const World& w, CsvOut& out, Truth& truth) {
  GW_TRY(out.row({"user_code", "login", "name", "email", "team", "active"}));
  for (std::int64_t i = 0; i < w.users(); ++i) {
    Random r = w.random("users.row", i);
    const Land land = r.chance(600'000) ? Land::china : r.chance(600'000) ? Land::germany : Land::japan;
    const Person person = sample::person(land, r);
    const std::string login = person.ascii + std::to_string(i + 1);
    const bool unknown = i == w.users() - 1;
    const Bucket bucket = unknown ? Bucket::filtered_unknown : w.user_active(i) ? Bucket::created : Bucket::filtered;
    GW_TRY(truth.row({.file = "users.csv",
                      .flow = "users",
                      .defect = unknown            ? "no_status"
                                : w.user_active(i) ? ""
                                                   : "user_left",
                      .line = out.line(),
                      .key = w.user_code(i),
                      .bucket = bucket}));
    GW_TRY(out.row({w.user_code(i), login, person.full, login + "@harbour.example", r.pick(kTeams),
                    unknown            ? ""
                    : w.user_active(i) ? "Y"
                                       : "N"}));
  }
  return {};
}

Result<> write_contacts(const World& w, CsvOut& out, Truth& truth) {
  GW_TRY(out.row({"contact_no", "cust_no", "salutation", "name", "job", "tel", "email", "birthday", "language",
                  "newsletter", "status", "remark"}));
  for (std::int64_t i = 0; i < w.slots(Table::contacts); ++i) {
    const Slot slot = w.slot(Table::contacts, i);
    const std::int64_t source = slot.repeat == Repeat::exact ? slot.base : i;
    const World::Account account = w.account_of(source);
    const Land land = w.land(Table::contacts, source);
    Random r = w.random("contacts.row", source),
           call = w.random("contacts.tel", source * 64 + w.changed(Table::contacts, source));
    Truth::Row told{.file = "contacts.csv",
                    .flow = "contacts",
                    .defect = "",
                    .line = out.line(),
                    .key = w.key(Table::contacts, source),
                    .bucket = w.outcome(Table::contacts, i)};
    const Person person = sample::person(land, r);
    std::string cust_no = w.key(account.table, account.slot), name = person.full, title = job(land, r),
                language = sample::language(land), email = person.ascii + "@firma.example", status = "A",
                note = r.chance(150'000) ? remark(land, r, true) : "",
                birthday = r.chance(600'000) ? date_text(land, r, 1955, 2003) : "";
    const std::string newsletter = r.chance(400'000) ? "ja" : "nein";
    const std::string salutation = land == Land::china ? "" : r.chance(500'000) ? "Herr" : "Frau";
    if (r.chance(100'000)) email.clear();
    bool raw_note = false;
    const Bucket parent = w.outcome(account.table, account.slot);
    if (slot.repeat == Repeat::exact) {
      GW_TRY(truth.duplicate(told, "exact", told.key));
    } else if (slot.defect != nullptr) {
      told.defect = slot.defect->name;
      Random spoil = w.random("contacts.spoil", i);
      if (told.defect == "deleted_status") status = "X";
      if (told.defect == "no_status") status.clear();
      if (told.defect == "orphan") cust_no = "K9" + std::to_string(900'000 + spoil.below(99'999));
      if (told.defect == "empty_name") name.clear();
      if (told.defect == "bad_email") email = spoil.chance(500'000) ? person.ascii + "@firma" : "siehe Visitenkarte";
      if (told.defect == "bad_birthday") birthday = land == Land::germany ? "30.02.1971" : "1971-13-01";
      if (told.defect == "wrong_language") language = "xx";
      if (told.defect == "long_job") {
        while (title.size() < 300) title += " / " + title;
      }
      if (told.defect == "ragged")
        note = stray("Tel. privat|abends|nicht vor 18 Uhr", out.delimiter()), raw_note = true;
    } else if (told.bucket == Bucket::set_aside) {
      told.defect = inherited(parent, true);
    }
    GW_TRY(truth.row(told));
    if (w.revision() > 0 && slot.repeat == Repeat::none) {
      if (slot.born == w.revision()) GW_TRY(truth.change(told.file, told.key, "new"));
      if (w.changed(Table::contacts, i) == w.revision()) GW_TRY(truth.change(told.file, told.key, "tel"));
    }
    GW_TRY(out.row({told.key,
                    cust_no,
                    salutation,
                    name,
                    title,
                    telephone(land, call),
                    email,
                    birthday,
                    language,
                    newsletter,
                    status,
                    {note, raw_note}}));
  }
  return {};
}

Result<> write_activities(const World& w, CsvOut& out, Truth& truth) {
  GW_TRY(
      out.row({"activity_no", "contact_no", "kind", "subject", "planned", "minutes", "owner_code", "state", "notes"}));
  for (std::int64_t i = 0; i < w.slots(Table::activities); ++i) {
    const Slot slot = w.slot(Table::activities, i);
    const std::int64_t source = slot.repeat == Repeat::exact ? slot.base : i;
    const std::int64_t contact = w.contact_of(source);
    const Land land = w.land(Table::activities, source);
    Random r = w.random("activities.row", source);
    Truth::Row told{.file = "activities.csv",
                    .flow = "activities",
                    .defect = "",
                    .line = out.line(),
                    .key = w.key(Table::activities, source),
                    .bucket = w.outcome(Table::activities, i)};
    std::string contact_no = w.key(Table::contacts, contact), kind = r.pick(kKinds), text = subject(land, r);
    std::string planned = "2023-" + two(1 + r.below(12)) + "-" + two(1 + r.below(28)) + " " + two(8 + r.below(10)) +
                          ":" + two(5 * r.below(12));
    const std::string minutes = r.chance(200'000) ? "" : std::to_string(5 * (1 + r.below(24))),
                      owner = w.user_code(w.active_user(r));
    std::string state = r.pick(kStates);
    const std::string notes = r.chance(350'000) ? remark(land, r, true) : "";
    Cell note = notes;
    if (slot.repeat == Repeat::exact) {
      told.defect = "double_key";
      GW_TRY(truth.duplicate(told, "exact", told.key));
    } else if (slot.defect != nullptr) {
      told.defect = slot.defect->name;
      Random spoil = w.random("activities.spoil", i);
      if (told.defect == "cancelled") state = "storniert";
      if (told.defect == "wrong_kind") kind = "FAX";
      if (told.defect == "bad_date") planned = spoil.chance(500'000) ? "2023-06-31 10:00" : "demnächst";
      if (told.defect == "orphan") contact_no = "P9" + std::to_string(900'000 + spoil.below(99'999));
      if (told.defect == "empty_subject") text.clear();
      if (told.defect == "ragged") note = Cell(stray("zuerst anrufen|dann mailen", out.delimiter()), true);
      if (told.defect == "stray_quote") note = Cell("\"Muster\" liegen bei", true);
    } else if (told.bucket == Bucket::set_aside) {
      told.defect = inherited(w.outcome(Table::contacts, contact), false);
    }
    GW_TRY(truth.row(told));
    if (w.revision() > 0 && slot.repeat == Repeat::none && slot.born == w.revision())
      GW_TRY(truth.change(told.file, told.key, "new"));
    GW_TRY(out.row({told.key, contact_no, kind, text, planned, minutes, owner, state, note}));
  }
  return {};
}

}  // namespace godwit::sample
