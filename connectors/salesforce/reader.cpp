#include "connectors/salesforce/reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

bool is_id(std::string_view text) {
  return (text.size() == 15 || text.size() == 18) &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// Queries in the order of ids. Cursors are ids: the page behind one begins with the next.
class KeysetPages final : public rest::PageSource {
 public:
  KeysetPages(Org& org, Selection selection) : org_(org), selection_(std::move(selection)), all_(reads_deleted(org.options(), selection_.object())) {}

  Result<rest::Page> page(const std::string& cursor) override {
    rest::Page out;
    const Options& o = org_.options();
    if (o.deleted == Options::Deleted::only && !all_) return out;  // an object that deletes for good
    auto answer = org_.get(cursor.starts_with('/') ? cursor : first_of(cursor), "query", selection_.object().name);
    // A server's own cursor lives for a while only; the last id does not age.
    if (!answer && cursor.starts_with('/') && answer.error().kind == ErrorKind::bad_config)
      answer = org_.get(first_of(last_), "query", selection_.object().name);
    if (!answer) return Failure(answer.error());
    const json* records = rest::find_at(*answer, "/records");
    if (records == nullptr || !records->is_array()) return rest::not_understood(o.place() + " " + selection_.object().name, rest::exact_text(*answer));
    out.rows = records->get<std::vector<json>>();
    GW_TRY(selection_.complete(out.rows));
    if (out.rows.empty()) return out;
    last_ = behind(out.rows.back()).value_or("");
    if (last_.empty()) return rest::not_understood(o.place() + " " + selection_.object().name, "a record without Id");
    const json* next = rest::find_at(*answer, "/nextRecordsUrl");
    if (next != nullptr && next->is_string()) out.next = next->get<std::string>();
    else if (out.rows.size() >= o.page_rows) out.next = last_;
    return out;
  }

  std::optional<std::string> behind(const json& row) const override {
    const json* id = rest::find_at(row, "/Id");
    return id != nullptr && id->is_string() ? std::optional(id->get<std::string>()) : std::nullopt;
  }
  bool is_cursor(std::string_view text) const override { return is_id(text); }
  void end_at(const std::string& cursor) override { end_ = cursor; }

 private:
  std::string first_of(const std::string& after) const {
    std::string where = read_condition(org_.options(), selection_.object());
    const auto add = [&](const std::string& condition) { where += (where.empty() ? "" : " AND ") + condition; };
    if (!after.empty()) add("Id > " + soql_text(after));
    if (!end_.empty()) add("Id <= " + soql_text(end_));
    return org_.query_url("SELECT " + selection_.list() + " FROM " + selection_.object().name + (where.empty() ? "" : " WHERE " + where) + " ORDER BY Id LIMIT " +
                              std::to_string(org_.options().page_rows),
                          all_);
  }

  Org& org_;
  Selection selection_;
  const bool all_;
  std::string last_, end_;
};

}  // namespace

bool reads_deleted(const Options& options, const SObject& object) {
  return options.deleted != Options::Deleted::exclude && object.find("IsDeleted") != nullptr;
}

std::string read_condition(const Options& options, const SObject& object) {
  std::string out;
  const auto add = [&](const std::string& condition) { out += (out.empty() ? "" : " AND ") + condition; };
  if (!options.filter.empty()) add("(" + options.filter + ")");
  if (!options.changed_since.empty() && object.find("SystemModstamp") != nullptr) add("SystemModstamp >= " + options.changed_since);
  if (options.deleted == Options::Deleted::only && reads_deleted(options, object)) add("IsDeleted = true");
  return out;
}

Result<std::unique_ptr<Reader>> open_reader(Org& org, const ReadRequest& request) {
  GW_ASSIGN(const auto object, org.object(request.object));
  GW_ASSIGN(Selection selection, Selection::make(org, object, request.columns));
  const Options& o = org.options();
  // A reader goes on in the way in which its positions were made.
  ReadRequest asked = request;
  std::string job = bulk_job_of(request.position);
  if (job.empty() && request.position.empty()) job = bulk_job_of(request.until);
  bool bulk = !job.empty();
  if (!bulk && request.position.empty() && request.until.empty() && o.bulk_query_from > 0 && selection.fits_bulk()) {
    GW_ASSIGN(const std::int64_t rows, org.rough_count(object->name));
    bulk = rows >= o.bulk_query_from;
  }
  if (!bulk) {
    rest::RowShape shape = selection.shape(false);
    return rest::read_pages(std::make_unique<KeysetPages>(org, std::move(selection)), std::move(shape), asked, org.host());
  }
  if (asked.position.empty() && !job.empty()) asked.position = "page:0:0:" + job;
  std::string soql = "SELECT " + selection.list() + " FROM " + object->name;
  if (const std::string where = read_condition(o, *object); !where.empty()) soql += " WHERE " + where;
  rest::RowShape shape = selection.shape(true);
  return rest::read_pages(bulk_pages(org, std::move(selection), std::move(soql), reads_deleted(o, *object)), std::move(shape), asked, org.host());
}

}  // namespace godwit::salesforce
