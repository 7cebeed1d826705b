#pragma once
// The cutover report, from journal to sealed files. docs/guide/cutover-report.md says what it holds.
//
//   GW_ASSIGN(CutoverReport report, collect(journal.database(), run, project, {.made_at = journal.now()}));
//   GW_TRY(seal(report, project));
//   GW_ASSIGN(ReportFiles files, write_report(report, project.language, folder, "cutover-report-run-7"));
//   GW_TRY(record(journal.database(), report, files));

#include <filesystem>
#include <optional>
#include <string>

#include "core/config/project.hpp"
#include "core/journal/sqlite.hpp"
#include "core/report/collect.hpp"
#include "core/report/keys.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// Hashes the views in both languages, then digests the canonical JSON; signs the digest when `signing_key` names a file
// (read_private_key: GW-4203, GW-4206). After this the report must not be changed. Sealing twice gives the same seal.
Result<> seal(CutoverReport& report, const std::filesystem::path& signing_key = {});
// With the project's key, whose path is relative to the project's folder.
Result<> seal(CutoverReport& report, const Project& project);

struct ReportFiles {
  std::filesystem::path html, json, xlsx;
};
// Writes <folder>/<name>.html, .json and .xlsx, replacing older ones; the folder is made. `report` is sealed.
// GW-4202 and GW-4207 when a file cannot be written.
Result<ReportFiles> write_report(const CutoverReport& report, Language language, const std::filesystem::path& folder,
                                 const std::string& name);

// Keeps digest, signature and path in the journal's table `report`, which check_report() holds files against.
Result<> record(Database& journal, const CutoverReport& report, const ReportFiles& files);

enum class FileState {
  unchanged,   // as it was made: journal or key say so
  consistent,  // the file agrees with itself, and there was nothing to hold it against
  changed,     // it does not, or the journal and key say otherwise
  no_report,   // no report of ours
};
struct FileCheck {
  FileState state = FileState::no_report;
  std::string digest, project, made_at, signed_by;  // signed_by: public key, base64, when the signature is right
  std::int64_t run = 0;
  // Key of a text "report.check.<why>" in the catalogue that says what decided.
  std::string why;
};

// Holds a report file (HTML, JSON or XLSX, told by content) against itself and, when given, against the journal and a
// public key file. GW-4203 when the file cannot be read, GW-4206 for a bad key file; a damaged or strange file is a
// state.
Result<FileCheck> check_report(const std::filesystem::path& file, Database* journal = nullptr,
                               const std::optional<std::filesystem::path>& public_key = std::nullopt);

// One or two sentences about it, for people.
std::string describe(const FileCheck& check, Language language);

}  // namespace godwit::report
