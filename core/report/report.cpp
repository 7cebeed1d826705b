#include "core/report/report.hpp"

#include <sodium.h>

#include <system_error>

#include "core/report/files.hpp"
#include "core/report/hex.hpp"
#include "core/report/render.hpp"
#include "core/report/workbook.hpp"

namespace godwit::report {

Result<> seal(CutoverReport& report, const std::filesystem::path& signing_key) {
  std::string seed;
  if (!signing_key.empty()) {
    GW_ASSIGN(seed, read_private_key(signing_key));
  }
  const Seal blank = blank_seal(!seed.empty());
  report.views.html_en = sha256_hex(render_view(report, Language::en, blank));
  report.views.html_zh = sha256_hex(render_view(report, Language::zh_cn, blank));
  report.views.xlsx_en = sha256_hex(workbook_view(build_workbook(report, Language::en, blank)));
  report.views.xlsx_zh = sha256_hex(workbook_view(build_workbook(report, Language::zh_cn, blank)));
  report.seal = {sha256_hex(canonical_json(report)), "", ""};
  if (!seed.empty()) {
    const Signature made = sign(seed, report.seal.digest);
    report.seal.signature = made.signature, report.seal.public_key = made.public_key;
    sodium_memzero(seed.data(), seed.size());
  }
  return {};
}

Result<> seal(CutoverReport& report, const Project& project) {
  return seal(report, project.signing_key.empty() ? std::filesystem::path() : project.folder / project.signing_key);
}

Result<ReportFiles> write_report(const CutoverReport& report, Language language, const std::filesystem::path& folder,
                                 const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(4202, {{"place", folder.string()}, {"seen", error.message()}});
  const ReportFiles files{folder / (name + ".html"), folder / (name + ".json"), folder / (name + ".xlsx")};
  GW_TRY(write_file(files.html, render_html(report, language)));
  GW_TRY(write_file(files.json, envelope_json(report) + "\n"));
  GW_TRY(write_workbook(build_workbook(report, language, report.seal), envelope_json(report), report, files.xlsx));
  return files;
}

Result<> record(Database& journal, const CutoverReport& report, const ReportFiles& files) {
  GW_ASSIGN(Statement insert,
            journal.prepare("insert or replace into report (run, created_at, digest, signature, public_key, path)"
                            " values (?, ?, ?, ?, ?, ?)"));
  insert.bind(1, report.run)
      .bind(2, report.made_at)
      .bind(3, report.seal.digest)
      .bind(4, report.seal.signature)
      .bind(5, report.seal.public_key);
  insert.bind(6, files.html.string());
  return insert.run();
}

}  // namespace godwit::report
