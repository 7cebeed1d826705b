#pragma once
// The cutover report as plain values: everything that its pages, its workbook and its JSON show.
//
// Free text that comes from customers' data or from a system stands here made presentable (format.hpp): valid
// UTF-8 in NFC, control and direction marks spelled out, masked when the project masks. Money is text.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/catalogue.hpp"

namespace godwit::report {

// One text in both languages of the product.
struct Localized {
  std::string en, zh;
  const std::string& in(Language language) const { return language == Language::zh_cn ? zh : en; }
};

enum class Verdict { passed, condition, failed };
std::string_view name_of(Verdict verdict);  // "passed", "condition", "failed"

// One line under the verdict: a gate of the project, or one of the three that every run has to pass
// ("run": it finished; "books": every row is in one bucket; "verified": the target was read back).
struct GateLine {
  std::string name, flow;
  Verdict verdict = Verdict::passed;
  std::string seen, allowed;  // neutral of language: "312 / 20014 (1.56%)"
  std::string action;         // "stop", "report" or ""
  std::string approver;
};

// A control total of one flow in one currency ("" when it has none). Sums that were not taken are nullopt.
struct MoneyLine {
  std::string total, flow, currency;
  std::optional<std::string> expected, read, loaded, merged, filtered, set_aside, deleted, in_doubt, target;
  std::optional<std::string> due;         // read - filtered - merged - deleted
  std::optional<std::string> difference;  // due - target
  std::optional<std::string> off_source;  // read - expected: does the extract hold what the old system reported?
  std::optional<std::string> off_target;  // target - loaded: does the target hold what was sent?
  std::optional<std::string> open;        // due - loaded - set_aside - in_doubt; anything but 0 is a gap
  std::string tolerance = "0";
  std::int64_t rows_read = 0;
  bool source_agrees = false, target_agrees = false;  // off_source, off_target were taken and lie within the tolerance
  Verdict verdict = Verdict::passed;
};

// What verification found for one flow: through the mapping.
struct FieldFigures {
  std::string field;
  std::int64_t compared = 0, differing = 0, tolerated = 0;
  std::map<std::string, std::int64_t> classes;  // of differing
};
struct VerificationLine {
  std::string at;  // ISO 8601, UTC
  std::int64_t expected_rows = 0, found_rows = 0, missing = 0, extra = 0, orphans = 0;
  std::int64_t fields_compared = 0, fields_differing = 0, fields_tolerated = 0;
  std::vector<FieldFigures> fields;
};

// Why a flow's difference is what it is; the rows of all reasons add up to FlowLine::difference().
struct Reason {
  std::string kind;  // "set_aside", "in_doubt", "missing", "unexplained"
  std::int64_t rows = 0;
};

// One line of the check table: a flow and its books.
struct FlowLine {
  std::string name, source, target, delivery, crosswalk, stage;
  std::int64_t seq = 0;
  std::optional<std::int64_t> source_figure;  // rows by the old system's own report
  std::int64_t read = 0, derived = 0, created = 0, updated = 0, unchanged = 0, merged = 0, filtered = 0,
               filtered_unknown = 0, set_aside = 0, deleted = 0, in_doubt = 0, warned = 0;
  std::int64_t obligations_open = 0, obligations_set = 0, obligations_failed = 0;
  std::int64_t bytes_read = 0, milliseconds = 0, journal_milliseconds = 0;
  std::optional<std::int64_t> target_before;
  std::optional<VerificationLine> verification;

  std::int64_t due() const { return read + derived - filtered - merged - deleted; }
  std::int64_t written() const { return created + updated + unchanged; }
  // 0 when the books close.
  std::int64_t open_rows() const { return due() - written() - set_aside - in_doubt; }
  // Rows found in the target, as verification read them back; nullopt before that.
  std::optional<std::int64_t> found() const;
  // Rows due that are not in the target: read back where verified, as written where not.
  std::int64_t difference() const;
  std::vector<Reason> reasons() const;
};

// One row of a group, shown as an example.
struct Example {
  std::string place, key;
  Localized words;
};

// Rows set aside (or warned about) for one cause.
struct Cause {
  std::string flow, field;
  int number = 0;  // GW number
  std::int64_t rows = 0, open = 0;
  Localized title, remedy;
  std::vector<Example> examples;
};

struct DifferenceExample {
  std::string key, expected, found;
  bool expected_null = false, found_null = false;
};
struct DifferenceGroup {
  std::string flow, field, kind;  // kind: class of schema.sql's table `difference`
  std::int64_t rows = 0;
  std::vector<DifferenceExample> examples;
};

struct FailedObligations {
  std::string flow, field;
  std::int64_t rows = 0;
  std::vector<Example> examples;
};

// What is left to do; `rows` is never 0.
struct OpenItem {
  std::string kind;  // set_aside, set_aside_earlier, failed_obligations, open_obligations, in_doubt, missing, extra,
                     // differing, orphans, totals
  std::string flow;
  std::int64_t rows = 0;
};

struct HistoryFlow {
  std::int64_t read = 0, written = 0, set_aside = 0, in_doubt = 0;
};
struct HistoryRun {
  std::int64_t number = 0;
  std::string kind, state, started_at, ended_at;
  std::optional<std::int64_t> exit_code, plan, undone_by;
  int mapping_version = 0;
  std::map<std::string, HistoryFlow> flows;
};

// Every row set aside, for the workbook alone: not part of the sealed JSON (the workbook's own hash is).
struct SetAsideRow {
  std::string flow, place, key, field, state, original;
  int number = 0;
  Localized words;
};

// SHA-256 of what a reader sees, the seal itself left out: an edit of a visible figure is found by any later version.
struct ViewHashes {
  std::string html_en, html_zh, xlsx_en, xlsx_zh;  // hex
};

struct Seal {
  std::string digest;      // SHA-256 of canonical_json(), hex
  std::string signature;   // Ed25519 over signed_text(digest), base64, or ""
  std::string public_key;  // base64 of 32 bytes, or ""
};

struct CutoverReport {
  std::string made_at;  // ISO 8601, UTC
  std::string project, environment;
  bool production = false, masked = false;
  std::string target_identity, target_display;
  std::int64_t run = 0;
  std::string run_id, kind, state, started_at, ended_at;
  std::optional<std::int64_t> exit_code, of_run, undone_by;
  std::optional<std::int64_t> plan, plan_sampled;
  std::string plan_hash;  // SHA-256 of the stored plan, hex, or ""
  std::string mapping_hash, extract_hash;
  int mapping_version = 0;  // n-th mapping that a run of this journal used, from 1
  std::string options;      // JSON as the run kept it

  Verdict verdict = Verdict::failed;
  std::vector<GateLine> gates;
  std::vector<FlowLine> flows;  // in order of the run
  std::vector<MoneyLine> money;
  std::vector<OpenItem> open_items;
  std::vector<Cause> causes, warnings;
  std::vector<DifferenceGroup> differences;
  std::vector<FailedObligations> failed_obligations;
  std::vector<std::pair<std::string, std::string>> versions;
  std::vector<HistoryRun> history;  // newest first, this run included
  std::vector<SetAsideRow> rows_set_aside;
  std::int64_t rows_set_aside_total = 0;  // may be more than were collected

  ViewHashes views;  // by seal()
  Seal seal;         // by seal()

  // The flow of that name, or null.
  FlowLine* flow(std::string_view name);
};

// The sealed part of the report: UTF-8, keys sorted by code point, no insignificant space, whole numbers and text only.
// `rows_set_aside` and `seal` are not in it.
std::string canonical_json(const CutoverReport& report);

// What the report's JSON file holds and its HTML embeds: {"digest","public_key","report","signature"}, canonical as
// well.
std::string envelope_json(const CutoverReport& report);

}  // namespace godwit::report
