// Is a report as it was made?

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/report/files.hpp"
#include "core/report/hex.hpp"
#include "core/report/query.hpp"
#include "core/report/render.hpp"
#include "core/report/report.hpp"
#include "core/report/workbook.hpp"

namespace godwit::report {
namespace {

using Json = nlohmann::json;

// A report as a file has it: its envelope, and the text that a reader sees (nothing for JSON, which is all data).
struct Found {
  std::string envelope;
  std::optional<std::string> view;
  const char* kind = "json";  // member of "views"
};

// Mail and version control change line ends and add marks of byte order; no reader sees that.
std::string normalized(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::erase(text, '\r');
  return text;
}

std::optional<Found> find_in_html(const std::string& bytes) {
  std::string text = normalized(bytes);
  const std::size_t opening = text.find(kJsonOpening);
  if (opening == std::string::npos) return std::nullopt;
  const std::size_t json = opening + kJsonOpening.size(), closing = text.find(kJsonClosing, json);
  if (closing == std::string::npos) return Found{"", text, "html"};
  Found found{text.substr(json, closing - json), std::nullopt, "html"};
  found.view = text.erase(opening, closing + kJsonClosing.size() - opening);
  return found;
}

std::optional<Found> find_in_workbook(std::string bytes) {
  const auto sheets = read_workbook(std::move(bytes));
  if (!sheets) return std::nullopt;
  Found found{"", workbook_view(*sheets), "xlsx"};
  for (const Sheet& sheet : *sheets) {
    if (sheet.name != kEnvelopeSheet) continue;
    for (const auto& row : sheet.rows)
      if (!row.empty()) found.envelope += row[0].value;
    return found;
  }
  return std::nullopt;
}

// Strict: a key given twice would let the text say one thing and the digest another.
std::optional<Json> parse_strict(const std::string& text) {
  std::vector<std::set<std::string>> keys;
  bool doubled = false, too_deep = false;
  const Json json = Json::parse(
      text,
      [&](int depth, Json::parse_event_t event, Json& value) {
        too_deep = too_deep || depth > 64;
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end) keys.pop_back();
        if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) doubled = true;
        return true;
      },
      false);
  if (json.is_discarded() || doubled || too_deep) return std::nullopt;
  return json;
}

std::string text_at(const Json& json, const char* name) {
  if (!json.is_object()) return {};
  const auto at = json.find(name);
  return at != json.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Json member(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto at = json.find(name);
  return at == json.end() ? Json(nullptr) : *at;
}

FileCheck changed(FileCheck check, const char* why) {
  check.state = FileState::changed;
  check.why = why;
  return check;
}

// What the file alone tells: `consistent`, `changed` or `no_report`.
FileCheck check_itself(const Found& found, std::string* run_id) {
  FileCheck check;
  const std::optional<Json> envelope = parse_strict(found.envelope);
  const bool looks_like_one = found.view.has_value();  // it had our markers
  if (!envelope || !envelope->is_object() ||
      text_at(member(*envelope, "report"), "format") != "godwit-cutover-report") {
    check.why = "not_one";
    return looks_like_one ? changed(std::move(check), "data") : check;
  }
  const Json report = member(*envelope, "report"), run = member(report, "run");
  const Seal seal{text_at(*envelope, "digest"), text_at(*envelope, "signature"), text_at(*envelope, "public_key")};
  check.project = text_at(report, "project"), check.made_at = text_at(report, "made_at"), check.digest = seal.digest;
  if (const Json number = member(run, "number"); number.is_number_integer()) check.run = number.get<std::int64_t>();
  *run_id = text_at(run, "id");
  if (sha256_hex(report.dump(-1, ' ', false, Json::error_handler_t::replace)) != seal.digest)
    return changed(std::move(check), "data");
  // Exactly the four members that we write: one that was renamed is an edit, too.
  bool whole = envelope->size() == 4;
  for (const char* name : {"digest", "signature", "public_key"}) whole = whole && member(*envelope, name).is_string();
  if (!whole) return changed(std::move(check), "data");
  if (!seal.signature.empty() || !seal.public_key.empty()) {
    if (!signature_is_right(seal.signature, seal.public_key, seal.digest))
      return changed(std::move(check), "signature");
    check.signed_by = seal.public_key;
  }
  if (found.view) {
    // The embedded data must be in the one form in which they were written; anything else is an edit, if a harmless
    // one.
    if (std::string_view(found.kind) == "html" &&
        found.envelope != embeddable(envelope->dump(-1, ' ', false, Json::error_handler_t::replace)))
      return changed(std::move(check), "data");
    const std::string hash = sha256_hex(without_seal(*found.view, seal));
    const Json views = member(member(report, "views"), found.kind);
    if (hash != text_at(views, "en") && hash != text_at(views, "zh-CN")) return changed(std::move(check), "page");
  }
  check.state = FileState::consistent;
  check.why = "alone";
  return check;
}

// Does the journal hold the digest (1), know the run but not the digest (-1), or not know the run at all (0)?
Result<int> ask_journal(Database& journal, const std::string& digest, const std::string& run_id) {
  Query held(journal, "select 1 from report where digest = ?");
  if (held.bind(digest).next()) return 1;
  GW_TRY(held.result());
  Query run(journal, "select 1 from run where id = ?");
  const bool known = run.bind(run_id).next();
  GW_TRY(run.result());
  return known ? -1 : 0;
}

}  // namespace

Result<FileCheck> check_report(const std::filesystem::path& file, Database* journal,
                               const std::optional<std::filesystem::path>& public_key) {
  std::string key;
  if (public_key) {
    GW_ASSIGN(const std::string bytes, read_public_key(*public_key));
    key = to_base64(bytes);
  }
  GW_ASSIGN(std::string bytes, read_file(file));
  std::optional<Found> found;
  if (bytes.starts_with("PK")) {
    found = find_in_workbook(std::move(bytes));
  } else if (found = find_in_html(bytes); !found) {
    found = Found{normalized(std::move(bytes)), std::nullopt, "json"};
  }
  FileCheck check;
  check.why = "not_one";
  if (!found) return check;
  std::string run_id;
  check = check_itself(*found, &run_id);
  if (check.state != FileState::consistent) return check;

  if (!key.empty()) {
    if (check.signed_by.empty()) return changed(std::move(check), "unsigned");
    if (check.signed_by != key) return changed(std::move(check), "other_key");
    check.state = FileState::unchanged, check.why = "by_key";
  }
  if (journal != nullptr) {
    GW_ASSIGN(const int held, ask_journal(*journal, check.digest, run_id));
    if (held < 0) return changed(std::move(check), "not_in_journal");
    if (held > 0) check.state = FileState::unchanged, check.why = "by_journal";
    if (held == 0 && check.state == FileState::consistent) check.why = "other_journal";
  }
  return check;
}

std::string describe(const FileCheck& check, Language language) {
  static constexpr std::array<const char*, 4> kStates{"unchanged", "consistent", "changed", "no_report"};
  std::string out = text(std::string("report.check.") + kStates[static_cast<std::size_t>(check.state)], language);
  out += ' ';
  out += text("report.check.because." + check.why, language,
              {{"digest", check.digest}, {"key", check.signed_by}, {"run", std::to_string(check.run)}});
  return out;
}

}  // namespace godwit::report
