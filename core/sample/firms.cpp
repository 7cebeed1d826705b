// customers.csv and branches.csv.

#include "core/sample/tables.hpp"

namespace godwit::sample {
namespace {

constexpr const char* kBranches[] = {"SCHIFF", "SPED",   "HANDEL", "LEBENSM", "MASCH",
                                     "CHEMIE", "TEXTIL", "VERP",   "SONST"};

// 123456789 -> "1,234,567.89" or "1.234.567,89"; yen have no hundredths.
std::string amount(Land land, std::int64_t cents) {
  const char group = land == Land::germany ? '.' : ',', point = land == Land::germany ? ',' : '.';
  std::string whole = std::to_string((cents < 0 ? -cents : cents) / 100), out;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) out += group;
    out += whole[i];
  }
  if (land != Land::japan) {
    const std::string tail = std::to_string((cents < 0 ? -cents : cents) % 100);
    out += point + std::string(tail.size() < 2 ? "0" : "") + tail;
  }
  return (cents < 0 ? "-" : "") + out;
}

// The same firm as a second clerk typed it.
std::string spelled_otherwise(Land land, const std::string& name, Random& random) {
  std::string out = name;
  const auto swap = [&](std::string_view from, std::string_view to) {
    const std::size_t at = out.find(from);
    if (at == std::string::npos) return false;
    out.replace(at, from.size(), to);
    return true;
  };
  if (land == Land::china &&
      (swap("有限责任公司", "有限公司") || swap("（", "(") || swap("有限公司", "有限责任公司"))) {
    swap("）", ")");
    return out;
  }
  if (land == Land::germany &&
      (swap("ö", "oe") || swap("ü", "ue") || swap("ß", "ss") || swap("GmbH", "Gmbh") || swap(" & ", " und ")))
    return out;
  if (land == Land::japan && (swap("株式会社", "（株）"))) return out;
  if (land == Land::britain && (swap("Limited", "Ltd.") || swap("Ltd", "LTD"))) return out;
  const std::size_t blank = out.find(' ');
  if (blank != std::string::npos && random.chance(500'000)) return out.insert(blank, " ");
  return out + " ";
}

struct FirmRow {
  std::string no, name, parent, country, email, revenue, currency, branch, owner, status, since, remark;
  std::int64_t cents = 0;
};

FirmRow firm_row(const World& w, Table table, std::int64_t index, const Slot& slot, Truth::Row& truth) {
  const std::string file = table == Table::customers ? "customers." : "branches.";
  const Land land = w.land(table, index);
  Random r = w.random(file + "row", index);
  FirmRow row;
  row.no = slot.repeat == Repeat::double_key ? w.key(slot.base_table, slot.base) : w.key(table, index);
  Firm firm = sample::firm(land, r);
  row.name = firm.name;
  if (slot.repeat == Repeat::similar) {
    const Land base_land = w.land(table, slot.base);
    Random base = w.random(file + "row", slot.base);
    row.name = spelled_otherwise(base_land, sample::firm(base_land, base).name, r);
  }
  row.country = country_word(land, r);
  row.email = "info@" + firm.domain;
  row.currency = currency(land);
  row.branch = r.pick(kBranches);
  row.owner = w.user_code(w.active_user(r));
  row.status = r.chance(150'000) ? "P" : "A";
  row.since = date_text(land, r, 1995, 2023);
  row.remark = r.chance(300'000) ? remark(land, r, false) : "";
  Random money = w.random(file + "revenue", index * 64 + w.changed(table, index));
  if (!money.chance(80'000)) {
    row.cents = (1 + money.below(9'999)) * (1 + money.below(9'999)) * (land == Land::japan ? 10'000 : 100);
    if (land != Land::japan) row.cents += money.below(100);
    row.revenue = amount(land, row.cents);
  }
  if (table == Table::customers && slot.repeat == Repeat::none && slot.defect == nullptr) {
    if (const auto parent = w.parent_of(index)) {
      row.parent = w.key(Table::customers, *parent);
      truth.obligation_set = true;
    }
  }
  return row;
}

// Puts the defect into the row. Rows that cannot be read have no revenue: the old system's own figures must still be
// right.
void spoil(const World& w, Table table, std::int64_t index, const Defect& defect, char delimiter, FirmRow& row,
           bool& raw_remark) {
  Random r = w.random(table == Table::customers ? "customers.spoil" : "branches.spoil", index);
  const Land land = w.land(table, index);
  const std::string_view name = defect.name;
  if (defect.unreadable) row.revenue.clear(), row.cents = 0;
  if (name == "deleted_status") {
    row.status = "X";
  } else if (name == "no_status") {
    row.status.clear();
  } else if (name == "wrong_status") {
    row.status = r.chance(500'000) ? "Z9" : "a ktiv";
  } else if (name == "empty_name") {
    row.name = r.chance(500'000) ? "" : "  ";
  } else if (name == "long_name") {
    while (row.name.size() < 400) row.name += " / " + row.name;
  } else if (name == "negative_revenue") {
    row.cents = -(1 + r.below(900'000)) * (land == Land::japan ? 100 : 1);
    row.revenue = amount(land, row.cents);
  } else if (name == "garbled_revenue") {
    row.revenue = r.chance(500'000) ? "12.34.56,7" : "ca. 3 Mio";
    row.cents = 0;
  } else if (name == "bad_date") {
    row.since = land == Land::germany ? "31.02.2011" : r.chance(500'000) ? "2019-02-30" : "0000-00-00";
  } else if (name == "owner_unknown") {
    row.owner = "U9999";
  } else if (name == "owner_left") {
    row.owner = w.user_code(8);
  } else if (name == "wrong_branch") {
    row.branch = "RAKETE";
  } else if (name == "bad_email") {
    row.email = r.chance(500'000) ? "info(at)" + row.email.substr(5) : "-";
  } else if (name == "parent_missing") {
    row.parent = "K9" + std::to_string(900'000 + r.below(99'999));
  } else if (name == "ragged") {
    row.remark = stray(table == Table::branches ? "alt|siehe Akte|geprüft" : "两个电话|见备注|勿删", delimiter);
    raw_remark = true;
  } else if (name == "nul_byte") {
    row.remark = std::string("x\0y", 3);
  } else if (name == "broken_bytes") {
    row.remark = std::string("??") + kBrokenByte + "??";
    raw_remark = true;
  }
}

}  // namespace

std::string stray(std::string text, char delimiter) {
  for (char& c : text) c = c == '|' ? delimiter : c;
  return text;
}

std::string date_text(Land land, Random& random, int first_year, int last_year) {
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string year = std::to_string(first_year + random.below(last_year - first_year + 1));
  const std::int64_t month = 1 + random.below(12), day = 1 + random.below(28), style = random.below(10);
  if (land == Land::germany) return two(day) + "." + two(month) + "." + year;
  if (style < 5) return year + "-" + two(month) + "-" + two(day);
  if (style < 8) return year + "/" + std::to_string(month) + "/" + std::to_string(day);
  return year + two(month) + two(day);
}

Result<> write_firms(const World& w, Table table, CsvOut& out, Truth& truth) {
  const std::string_view file = table == Table::customers ? "customers.csv" : "branches.csv";
  GW_TRY(out.row({"cust_no", "name", "parent_no", "country", "town", "street", "postcode", "tel", "email", "revenue",
                  "currency", "branch", "owner_code", "status", "since", "remark"}));
  for (std::int64_t i = 0; i < w.slots(table); ++i) {
    const Slot slot = w.slot(table, i);
    Truth::Row told{
        .file = file, .flow = "accounts", .defect = "", .line = out.line(), .key = "", .bucket = w.outcome(table, i)};
    FirmRow row = firm_row(w, table, i, slot, told);
    told.key = row.no;
    bool raw_remark = false;
    if (slot.defect != nullptr) {
      spoil(w, table, i, *slot.defect, out.delimiter(), row, raw_remark);
      told.defect = slot.defect->name, told.warned = slot.defect->warned,
      told.obligation_failed = slot.defect->obligation_fails;
    }
    if (slot.repeat == Repeat::double_key) told.defect = "double_key";
    const Land land = w.land(table, i);
    const std::string stream = table == Table::customers ? "customers." : "branches.";
    Random where = w.random(stream + "place", i), call = w.random(stream + "tel", i * 64 + w.changed(table, i));
    const Place place = sample::place(land, where);
    truth.revenue(row.currency, row.cents);
    GW_TRY(truth.row(told));
    if (slot.repeat == Repeat::double_key) GW_TRY(truth.duplicate(told, "double_key", row.no));
    if (slot.repeat == Repeat::similar) GW_TRY(truth.duplicate(told, "similar", w.key(table, slot.base)));
    if (w.revision() > 0) {
      if (slot.born == w.revision()) GW_TRY(truth.change(file, row.no, "new"));
      if (w.changed(table, i) == w.revision()) GW_TRY(truth.change(file, row.no, "tel revenue"));
    }
    GW_TRY(out.row({row.no,
                    row.name,
                    row.parent,
                    row.country,
                    place.town,
                    place.street,
                    place.postcode,
                    telephone(land, call),
                    row.email,
                    row.revenue,
                    row.currency,
                    row.branch,
                    row.owner,
                    row.status,
                    row.since,
                    {row.remark, raw_remark}}));
  }
  return {};
}

}  // namespace godwit::sample
