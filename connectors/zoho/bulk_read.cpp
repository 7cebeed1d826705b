#include "connectors/zoho/bulk_read.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "connectors/zoho/archive.hpp"
#include "connectors/zoho/bulk_job.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/csv.hpp"
#include "plugins/kits/rest/exact_json.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

constexpr std::int64_t kRowsAtOnce = 2000;  // of what is given on at once; a job's result is read from disk
constexpr double kReadCredits = 50;

// A file that only this user may read, gone with its object.
class SpoolFile {
 public:
  Result<> make() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "godwit-zoho-XXXXXX").string();
    const int fd = error ? -1 : mkstemp(name.data());
    if (fd < 0) return sdk::fail(3712, ErrorKind::broken, {{"seen", name}});
    ::close(fd);
    drop();
    path_ = name;
    return {};
  }
  ~SpoolFile() { drop(); }
  SpoolFile() = default;
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  void drop() const {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  std::string path_;
};

// "<job>": its first rows; "<job>:<rows>": what follows those; "<job>+": the first rows of the job behind it.
struct Cursor {
  std::string job;
  std::int64_t rows = 0;
  bool behind = false;
};
std::optional<Cursor> parse_cursor(std::string_view text) {
  Cursor out;
  if (text.ends_with('+')) out.behind = true, text.remove_suffix(1);
  const std::size_t colon = text.find(':');
  out.job = text.substr(0, colon);
  if (!is_record_id(out.job) || (out.behind && colon != std::string_view::npos)) return std::nullopt;
  if (colon == std::string_view::npos) return out;
  const std::string_view rows = text.substr(colon + 1);
  const auto parsed = std::from_chars(rows.data(), rows.data() + rows.size(), out.rows);
  return parsed.ec == std::errc() && parsed.ptr == rows.data() + rows.size() && out.rows >= 0 ? std::optional(out) : std::nullopt;
}

class BulkPages final : public rest::PageSource {
 public:
  BulkPages(Org& org, std::shared_ptr<const ModuleInfo> module, std::vector<std::string> fields)
      : org_(org), module_(std::move(module)), fields_(std::move(fields)), place_(org.options().place() + " " + module_->name) {}

  Result<rest::Page> page(const std::string& text) override {
    Cursor cursor = parse_cursor(text).value_or(Cursor{});
    rest::Page out;
    if (cursor.job.empty() || cursor.behind) {
      std::string token;
      if (cursor.behind) {
        GW_ASSIGN(const json before, described(cursor.job));
        token = text_of(before, "/data/0/result/next_page_token");
        if (token.empty()) return rest::not_understood(place_, rest::exact_text(before));
      }
      GW_ASSIGN(cursor.job, create(token));
      cursor.rows = 0, out.self = cursor.job;
    }
    if (cursor.job != job_ || cursor.rows != at_) {
      GW_TRY(open(cursor.job));
      std::vector<std::string> skipped;
      while (at_ < cursor.rows && csv_->next(&skipped)) ++at_;
    }
    std::vector<std::string> values;
    while (static_cast<std::int64_t>(out.rows.size()) < kRowsAtOnce && csv_->next(&values)) {
      out.rows.push_back(row_of(values));
      ++at_;
    }
    if (csv_->broken()) return rest::not_understood(place_, "the result of job " + job_ + " is cut");
    if (at_ < count_) {
      if (out.rows.empty()) return rest::not_understood(place_, std::to_string(at_) + " rows of " + std::to_string(count_));
      out.next = job_ + ":" + std::to_string(at_);
    } else if (more_) {
      out.next = job_ + "+";
    }
    return out;
  }

  bool is_cursor(std::string_view text) const override { return parse_cursor(text).has_value(); }

 private:
  static std::string text_of(const json& value, const char* path) {
    const json* found = rest::find_at(value, path);
    return found == nullptr ? std::string() : rest::scalar_text(*found).value_or("");
  }
  std::string url(const std::string& rest) const { return "/crm/bulk/" + org_.options().version + "/read" + rest; }
  Result<json> described(const std::string& job) { return wait_for_job(org_, url("/" + job), "/data/0/state", job, module_->name); }

  Result<std::string> create(const std::string& token) {
    json query{{"module", {{"api_name", module_->name}}}, {"fields", fields_}};
    if (!org_.options().changed_since.empty() && module_->find("Modified_Time") != nullptr)
      query["criteria"] = {{"field", {{"api_name", "Modified_Time"}}}, {"comparator", "greater_equal"}, {"value", org_.options().changed_since}};
    if (token.empty()) query["page"] = 1;
    else query["page_token"] = token;
    sdk::HttpRequest request;
    request.method = "POST", request.url = url(""), request.endpoint = "bulk", request.cost = kReadCredits, request.repeatable = true;
    request.body = json{{"query", query}, {"file_type", "csv"}}.dump(-1, ' ', false, json::error_handler_t::replace);
    request.headers.emplace_back("Content-Type", "application/json");
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_.refusal(answer, module_->name));
    const auto made = rest::parse_exact(answer.body);
    const std::string job = made ? text_of(*made, "/data/0/details/id") : "";
    return is_record_id(job) ? Result<std::string>(job) : rest::not_understood(place_, answer.body);
  }

  // Fetches the job's result and stands at its first row.
  Result<> open(const std::string& job) {
    job_.clear(), csv_.reset(), at_ = 0;
    GW_ASSIGN(const json told, described(job));
    const std::string state = text_of(told, "/data/0/state"), from = text_of(told, "/data/0/result/download_url"), count = text_of(told, "/data/0/result/count");
    if (state != "COMPLETED" || from.empty()) return sdk::fail(3711, ErrorKind::broken, {{"place", place_}, {"job", job}, {"seen", state}});
    const json* more = rest::find_at(told, "/data/0/result/more_records");
    more_ = more != nullptr && more->is_boolean() && more->get<bool>();
    const auto parsed = std::from_chars(count.data(), count.data() + count.size(), count_);
    if (count.empty() || parsed.ec != std::errc() || count_ < 0) return rest::not_understood(place_, rest::exact_text(told));
    SpoolFile archive;
    GW_TRY(archive.make());
    GW_TRY(spool_.make());
    sdk::HttpRequest request;
    request.url = from, request.endpoint = "bulk", request.save_to = archive.path(), request.repeatable = true;
    request.headers.emplace_back("Accept", "*/*");
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    GW_ASSIGN(const sdk::HttpAnswer answer, http->call(request));
    if (answer.verdict != sdk::Verdict::ok) return Failure(org_.refusal(answer, module_->name));
    if (!unpack_first(archive.path(), spool_.path())) return rest::not_understood(place_, "the result of job " + job + " is no archive, or there is no room for it");
    csv_ = std::make_unique<rest::CsvFile>();
    if (!csv_->open(spool_.path())) return rest::not_understood(place_, "the result of job " + job + " has no header");
    names_ = csv_->header();
    for (std::string& name : names_)
      if (name == "Id") name = "id";
    if (csv_->column("Id") < 0) return rest::not_understood(place_, "the result of job " + job + " has no column Id");
    job_ = job;
    return {};
  }

  json row_of(std::vector<std::string>& values) const {
    json row = json::object();
    for (std::size_t i = 0; i < std::min(values.size(), names_.size()); ++i) row[names_[i]] = values[i].empty() ? json() : json(std::move(values[i]));
    return row;
  }

  Org& org_;
  const std::shared_ptr<const ModuleInfo> module_;
  const std::vector<std::string> fields_;
  const std::string place_;
  SpoolFile spool_;
  std::unique_ptr<rest::CsvFile> csv_;
  std::vector<std::string> names_;
  std::string job_;                     // whose result is open
  std::int64_t at_ = 0, count_ = 0;     // rows of it that were given, and how many it has
  bool more_ = false;                   // there is a job behind it
};

}  // namespace

std::unique_ptr<rest::PageSource> bulk_pages(Org& org, std::shared_ptr<const ModuleInfo> module, std::vector<std::string> fields) {
  return std::make_unique<BulkPages>(org, std::move(module), std::move(fields));
}

bool is_bulk_position(std::string_view position) { return position.starts_with("page:"); }

}  // namespace godwit::zoho
