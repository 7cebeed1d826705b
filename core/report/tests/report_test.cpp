#include "core/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <random>

#include "core/report/render.hpp"
#include "core/report/tests/journal_fixture.hpp"
#include "core/report/workbook.hpp"

namespace godwit::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Output of a program, or nullopt when it is not there or fails.
std::optional<std::string> run_program(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string out;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), got);
  return ::pclose(pipe) == 0 ? std::optional(out) : std::nullopt;
}

FileState state_of(const std::filesystem::path& file, Database* journal = nullptr) {
  const auto check = check_report(file, journal);
  EXPECT_TRUE(check.has_value());
  return check ? check->state : FileState::no_report;
}

struct Written {
  Sample sample;
  CutoverReport report;
  ReportFiles files;
};

Written written(Ending ending, const std::string& name, Language language = Language::zh_cn,
                const std::filesystem::path& key = {}) {
  Written out{make_sample(ending, name), {}, {}};
  out.report = make_report(out.sample, key);
  auto files = write_report(out.report, language, out.sample.folder / "out", "report");
  EXPECT_TRUE(files.has_value());
  if (files) out.files = *files;
  return out;
}

TEST(Report, EveryVariantIsWellFormedInBothLanguages) {
  for (const Ending ending : {Ending::clean, Ending::with_conditions, Ending::failed, Ending::unverified})
    for (const Language language : {Language::en, Language::zh_cn}) {
      const Written w = written(
          ending, "variant-" + std::to_string(static_cast<int>(ending)) + (language == Language::en ? "-en" : "-zh"),
          language);
      const std::string html = slurp(w.files.html);
      pugi::xml_document document;
      const auto parsed = document.load_string(html.c_str());
      EXPECT_TRUE(parsed) << parsed.description() << " at " << html.substr(static_cast<std::size_t>(parsed.offset), 80);
      EXPECT_STREQ(document.child("html").attribute("lang").value(), language == Language::en ? "en" : "zh-CN");
      EXPECT_THAT(html, HasSubstr(w.report.seal.digest));
    }
}

// The files of these tests lie in <build>/report-tests/variant-*, for people to look at.
TEST(Report, NothingIsFetchedAndNothingRuns) {
  const std::string html = slurp(written(Ending::with_conditions, "self-contained").files.html);
  for (const char* outside : {"http://", "src=", "href=", "url(", "@import", "onload", "<script>", "<link"})
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  // A value of the customer's that is markup stays text.
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
}

TEST(Report, AGateOverManyFlowsIsOneLine) {
  Sample sample = make_sample(Ending::with_conditions, "one-line");
  Gate differing;
  differing.name = "differing", differing.rows = 5;
  sample.project.gates = {differing};
  const CutoverReport report = make_report(sample);
  const std::string html = render_html(report, Language::en);
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = html.find("<th scope=\"row\">Fields that differ</th>", at)) != std::string::npos; ++at)
    ++lines;
  EXPECT_EQ(lines, 1U);
  EXPECT_THAT(html, HasSubstr("307 (0.24%) <span class=\"soft\">contacts</span>"));
  EXPECT_THAT(canonical_json(report),
              HasSubstr("{\"action\":\"report\",\"allowed\":\"5\",\"approver\":\"\",\"flow\":\"users\""));
}

TEST(Report, TheSameDataGiveTheSameFiles) {
  Written first = written(Ending::with_conditions, "same-1"), second = written(Ending::with_conditions, "same-2");
  EXPECT_EQ(first.report.seal.digest, second.report.seal.digest);
  EXPECT_EQ(slurp(first.files.html), slurp(second.files.html));
  EXPECT_EQ(slurp(first.files.json), slurp(second.files.json));
  EXPECT_EQ(slurp(first.files.xlsx), slurp(second.files.xlsx));
}

TEST(Report, TheDigestCanBeComputedWithoutUs) {
  const Written w = written(Ending::with_conditions, "outside");
  const auto digest = run_program(
      "python3 -c \"import json,hashlib,sys; r=json.load(open(sys.argv[1],encoding='utf-8'))['report']; "
      "print(hashlib.sha256(json.dumps(r,sort_keys=True,separators=(',',':'),ensure_ascii=False).encode()).hexdigest(),"
      "end='')\" '" +
      w.files.json.string() + "'");
  if (!digest) GTEST_SKIP() << "python3 is not there";
  EXPECT_EQ(*digest, w.report.seal.digest);
}

TEST(Report, CanonicalJsonHoldsNoFloatingPoint) {
  const Written w = written(Ending::with_conditions, "floats");
  const auto json = nlohmann::json::parse(canonical_json(w.report));
  const std::function<void(const nlohmann::json&)> look = [&](const nlohmann::json& value) {
    EXPECT_FALSE(value.is_number_float()) << value;
    if (value.is_structured())
      for (const auto& inner : value) look(inner);
  };
  look(json);
  EXPECT_EQ(json["money"][0]["read"], "128394220.55");
}

TEST(Check, AnUntouchedFileIsConsistentAloneAndUnchangedWithItsJournal) {
  Written w = written(Ending::with_conditions, "untouched");
  for (const auto& file : {w.files.html, w.files.json, w.files.xlsx})
    EXPECT_EQ(state_of(file), FileState::consistent) << file;
  // The journal knows the run, but no report was kept: someone made this file without it.
  EXPECT_EQ(state_of(w.files.html, &w.sample.journal), FileState::changed);
  ASSERT_TRUE(record(w.sample.journal, w.report, w.files).has_value());
  for (const auto& file : {w.files.html, w.files.json, w.files.xlsx})
    EXPECT_EQ(state_of(file, &w.sample.journal), FileState::unchanged) << file;
  must(w.sample.journal, "delete from report; update run set id = 'another' where number = 7");
  EXPECT_EQ(state_of(w.files.html, &w.sample.journal), FileState::consistent);
}

TEST(Check, LineEndsAndByteOrderMarksAreNoChange) {
  const Written w = written(Ending::clean, "mailed");
  std::string html = slurp(w.files.html), crlf = "\xEF\xBB\xBF";
  for (const char c : html) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  spill(w.files.html, crlf);
  EXPECT_EQ(state_of(w.files.html), FileState::consistent);
}

// Whatever byte of the file is touched, it is found.
TEST(Check, NoSingleByteOfTheHtmlCanBeEdited) {
  const Written w = written(Ending::clean, "bytes");
  const std::string html = slurp(w.files.html);
  std::mt19937 random(11);
  for (int i = 0; i < 200; ++i) {
    std::string edited = html;
    const std::size_t at = random() % edited.size();
    edited[at] = static_cast<char>(edited[at] == '7' ? '8' : '7');
    spill(w.files.html, edited);
    const FileState state = state_of(w.files.html);
    EXPECT_TRUE(state == FileState::changed || state == FileState::no_report)
        << "byte " << at << ": " << html.substr(at > 30 ? at - 30 : 0, 60);
  }
}

TEST(Check, AVisibleFigureOrHiddenDataEditedIsFound) {
  const Written w = written(Ending::with_conditions, "figures");
  const std::string html = slurp(w.files.html);
  const auto edited = [&](std::string_view what, std::string_view with) {
    std::string text = html;
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    if (at != std::string::npos) text.replace(at, what.size(), with);
    spill(w.files.html, text);
    const auto check = check_report(w.files.html);
    EXPECT_EQ(check->state, FileState::changed) << what;
    return check->why;
  };
  EXPECT_EQ(edited("126,918,004.10", "126,918,004.11"), "page");
  EXPECT_EQ(edited("\"126918004.10\"", "\"126918004.11\""), "data");
  EXPECT_EQ(edited("</main>", "<p>approved</p></main>"), "page");
  EXPECT_EQ(edited(".failed{", ".failed{display:none;"), "page");
  EXPECT_EQ(edited("\"public_key\":", "\"7ublic_key\":"), "data");
  EXPECT_EQ(edited("{\"digest\":", "{\"digest\":\"\",\"digest\":"), "data");
  EXPECT_EQ(edited("{\"digest\":", "{ \"digest\":"), "data");
  EXPECT_EQ(edited("</script>", ""), "data");
}

TEST(Check, JsonMayBeLaidOutAnewButNotEdited) {
  const Written w = written(Ending::with_conditions, "json");
  const auto json = nlohmann::json::parse(slurp(w.files.json));
  spill(w.files.json, json.dump(2));
  EXPECT_EQ(state_of(w.files.json), FileState::consistent);
  auto edited = json;
  edited["report"]["flows"][1]["read"] = 6219;
  spill(w.files.json, edited.dump());
  EXPECT_EQ(state_of(w.files.json), FileState::changed);
  std::string doubled = json.dump();
  doubled.insert(doubled.find("\"report\":{") + 10, "\"verdict\":\"passed\",");
  spill(w.files.json, doubled);
  EXPECT_NE(state_of(w.files.json), FileState::consistent);
}

TEST(Check, StrangeFilesAreNoReports) {
  const std::filesystem::path folder = fresh_folder("strange");
  const auto state = [&](const std::string& content) {
    spill(folder / "file", content);
    return state_of(folder / "file");
  };
  EXPECT_EQ(state(""), FileState::no_report);
  EXPECT_EQ(state("<html><body>hello</body></html>"), FileState::no_report);
  EXPECT_EQ(state("{\"report\":{}}"), FileState::no_report);
  EXPECT_EQ(state("[1,2,3]"), FileState::no_report);
  EXPECT_EQ(state("PK\x03\x04 not really"), FileState::no_report);
  EXPECT_EQ(state(std::string(200'000, '[')), FileState::no_report);
  EXPECT_EQ(state(std::string(kJsonOpening) + std::string(100'000, '{')), FileState::changed);
  EXPECT_EQ(check_report(folder / "absent").error().number, 4203);
}

TEST(Check, AWorkbookCutAnywhereIsNeverTakenForWhole) {
  const Written w = written(Ending::clean, "cut");
  const std::string bytes = slurp(w.files.xlsx);
  for (std::size_t length = 0; length < bytes.size(); length += bytes.size() / 40 + 1) {
    spill(w.files.xlsx, bytes.substr(0, length));
    const FileState state = state_of(w.files.xlsx);
    EXPECT_TRUE(state == FileState::no_report || state == FileState::changed) << length;
  }
}

TEST(Check, SignedReportsAreHeldAgainstTheKey) {
  const std::filesystem::path folder = fresh_folder("keys");
  const auto key = new_key(folder / "sign.pem"), other = new_key(folder / "other.pem");
  ASSERT_TRUE(key.has_value() && other.has_value());
  EXPECT_EQ(new_key(folder / "sign.pem").error().number, 4205);
  EXPECT_EQ(std::filesystem::status(key->private_key).permissions() & std::filesystem::perms::mask,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const Written w = written(Ending::with_conditions, "signed", Language::en, key->private_key);
  for (const auto& file : {w.files.html, w.files.json, w.files.xlsx}) {
    EXPECT_EQ(check_report(file, nullptr, key->public_key)->state, FileState::unchanged) << file;
    EXPECT_EQ(check_report(file, nullptr, other->public_key)->why, "other_key") << file;
    EXPECT_EQ(check_report(file)->state, FileState::consistent) << file;
  }
  EXPECT_EQ(check_report(written(Ending::clean, "unsigned").files.html, nullptr, key->public_key)->why, "unsigned");
  EXPECT_EQ(check_report(w.files.html, nullptr, w.files.json).error().number, 4206);
  // The signature of another digest.
  auto json = nlohmann::json::parse(slurp(w.files.json));
  json["signature"] = sign(*read_private_key(other->private_key), w.report.seal.digest).signature;
  spill(w.files.json, json.dump());
  EXPECT_EQ(check_report(w.files.json)->why, "signature");
}

TEST(Check, OpenSslAgreesWithKeysAndSignatures) {
  const std::filesystem::path folder = fresh_folder("openssl");
  if (!run_program("openssl genpkey -algorithm ed25519 -out '" + (folder / "key.pem").string() + "'"))
    GTEST_SKIP() << "openssl is not there";
  const Written w = written(Ending::clean, "by-openssl", Language::en, folder / "key.pem");
  ASSERT_TRUE(run_program("openssl pkey -in '" + (folder / "key.pem").string() + "' -pubout -out '" +
                          (folder / "pub.pem").string() + "'"));
  EXPECT_EQ(check_report(w.files.html, nullptr, folder / "pub.pem")->state, FileState::unchanged);
  spill(folder / "message", signed_text(w.report.seal.digest));
  spill(folder / "signature.b64", w.report.seal.signature + "\n");
  const std::string in = "cd '" + folder.string() + "' && ";
  ASSERT_TRUE(run_program(in + "openssl base64 -d -A -in signature.b64 -out signature"));
  EXPECT_TRUE(run_program(in + "openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in message -sigfile signature"));
  // A key of ours, read by OpenSSL.
  ASSERT_TRUE(new_key(folder / "ours.pem").has_value());
  const auto theirs = run_program(in + "openssl pkey -in ours.pem -pubout");
  ASSERT_TRUE(theirs.has_value());
  EXPECT_EQ(*theirs, slurp(folder / "ours.pem.pub"));
}

TEST(Workbook, NumbersAreNumbersAndTextIsNeverAFormula) {
  const Written w = written(Ending::with_conditions, "workbook");
  const auto sheets = read_workbook(slurp(w.files.xlsx));
  ASSERT_TRUE(sheets.has_value()) << godwit::describe(sheets.error());
  ASSERT_EQ(sheets->size(), 8U);
  EXPECT_EQ((*sheets)[0].name, "签核");
  EXPECT_EQ((*sheets)[1].name, "对象核对");
  EXPECT_TRUE((*sheets)[7].hidden);
  const Sheet& objects = (*sheets)[1];
  EXPECT_EQ(objects.rows[2][4].value, "6218");
  EXPECT_EQ(objects.rows[2][4].kind, Cell::Kind::number);
  EXPECT_EQ((*sheets)[2].rows[1][4].kind, Cell::Kind::number);
  std::size_t formulas = 0;
  for (const Sheet& sheet : *sheets)
    for (const auto& row : sheet.rows)
      for (const Cell& cell : row) formulas += cell.value.starts_with("=");
  EXPECT_EQ(formulas, 0U);
  EXPECT_EQ((*sheets)[4].rows.size(), 161U);  // head and every row set aside
}

TEST(Workbook, FormulasInCustomersDataStayText) {
  Sample sample = make_sample(Ending::with_conditions, "formulas");
  must(sample.journal,
       "update set_aside set source_key = '=1+1' where id = 1; update set_aside set source_key = '+A1' where id = 2;"
       "update set_aside set source_key = '@x' where id = 3; update set_aside set source_key = '_x0041_' where id = 4");
  const CutoverReport report = make_report(sample);
  const auto files = write_report(report, Language::en, sample.folder / "out", "r");
  ASSERT_TRUE(files.has_value());
  const auto unzip = run_program("unzip -p '" + files->xlsx.string() + "' 'xl/worksheets/*.xml'");
  if (unzip) {
    EXPECT_THAT(*unzip, Not(HasSubstr("<f>")));
  }
  const auto sheets = read_workbook(slurp(files->xlsx));
  ASSERT_TRUE(sheets.has_value());
  EXPECT_EQ((*sheets)[4].rows[1][2].value, "=1+1");
  EXPECT_EQ((*sheets)[4].rows[4][2].value, "_x0041_");
  EXPECT_EQ(state_of(files->xlsx), FileState::consistent);
}

TEST(Workbook, RowsTooLongForACellAreCutAndTheSealStillHolds) {
  Sample sample = make_sample(Ending::with_conditions, "long-rows");
  std::string row = "{";
  for (int i = 0; i < 400; ++i)
    row += (i == 0 ? "" : ",") + ("\"c" + std::to_string(i)) + "\":\"_x0041__x0041_ 字段值字段值字段值字段值字段值\"";
  must(sample.journal, "update set_aside set original = '" + row + "}' where id = 1");
  const CutoverReport report = make_report(sample);
  const auto files = write_report(report, Language::zh_cn, sample.folder / "out", "r");
  ASSERT_TRUE(files.has_value());
  EXPECT_EQ(state_of(files->xlsx), FileState::consistent);
  const auto sheets = read_workbook(slurp(files->xlsx));
  EXPECT_TRUE((*sheets)[4].rows[1][7].value.ends_with("…"));
}

TEST(Workbook, SumsLongerThanASpreadsheetHoldsStayExact) {
  Sample sample = make_sample(Ending::clean, "long-sums");
  must(sample.journal,
       "update total set value = '12345678901234567890.12' where bucket = 'expected' and currency = 'CNY'");
  const CutoverReport report = make_report(sample);
  const Workbook book = build_workbook(report, Language::en, report.seal);
  EXPECT_EQ(book[2].rows[1][3].value, "12345678901234567890.12");
  EXPECT_EQ(book[2].rows[1][3].kind, Cell::Kind::text);
}

TEST(Workbook, ACellEditedIsFound) {
  Written w = written(Ending::with_conditions, "cell");
  Workbook book = build_workbook(w.report, Language::zh_cn, w.report.seal);
  book[1].rows[2][4].value = "6219";
  ASSERT_TRUE(write_workbook(book, envelope_json(w.report), w.report, w.files.xlsx).has_value());
  const auto check = check_report(w.files.xlsx);
  EXPECT_EQ(check->state, FileState::changed);
  EXPECT_EQ(check->why, "page");
  book[1].rows[2][4].value = "6218";
  book.push_back({"approved", {}, {{{"yes", Cell::Kind::text, Cell::Look::plain}}}, 0, false});
  ASSERT_TRUE(write_workbook(book, envelope_json(w.report), w.report, w.files.xlsx).has_value());
  EXPECT_EQ(state_of(w.files.xlsx), FileState::changed);
}

TEST(Report, AFolderThatCannotBeWrittenIsANumberedError) {
  Sample sample = make_sample(Ending::clean, "unwritable");
  const CutoverReport report = make_report(sample);
  spill(sample.folder / "file", "x");
  EXPECT_EQ(write_report(report, Language::en, sample.folder / "file" / "out", "r").error().number, 4202);
  std::filesystem::create_directories(sample.folder / "taken" / "r.xlsx");  // a folder where the file should be
  EXPECT_EQ(write_report(report, Language::en, sample.folder / "taken", "r").error().number, 4202);
}

}  // namespace
}  // namespace godwit::report
