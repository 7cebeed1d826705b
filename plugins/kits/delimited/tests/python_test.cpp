// Random texts of nasty characters, read by us and by Python's csv module.

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "plugins/kits/delimited/tests/support.hpp"

namespace godwit::delimited {
namespace {

struct Case {
  std::string text, delimiter = ",", quote = "\"", escape;
  bool skip_initial_space = false;
};

std::string from_latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto b = static_cast<unsigned char>(c);
    if (b < 0x80) out += c;
    else out += static_cast<char>(0xc0 | b >> 6), out += static_cast<char>(0x80 | (b & 0x3f));
  }
  return out;
}

// A text that is mostly regular, with now and then a character anywhere.
std::string make_text(std::mt19937& random, const Case& c, std::size_t rows, unsigned wild) {
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  static constexpr std::string_view kChars[] = {"a", "b", " ", "\t", "'", "x", "0", "\xc3\xa9", "-", "\xe4\xb8\xad"};
  std::string out;
  const std::size_t width = 1 + pick(4);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t f = 0; f < width; ++f) {
      if (f != 0) out += c.delimiter;
      const bool quoted = !c.quote.empty() && pick(3) == 0;
      std::string value;
      for (std::size_t n = pick(pick(20) == 0 ? 200 : 9); n > 0; --n) {
        const std::size_t kind = pick(20);
        if (kind == 0 && quoted) value += pick(2) == 0 ? "\n" : "\r\n";
        else if (kind == 1 && quoted) value += c.delimiter;
        else if (kind == 2 && quoted) value += c.quote + c.quote;
        else if (kind == 3 && !c.quote.empty() && !quoted && !value.empty()) value += c.quote;
        else if (kind == 4 && quoted) value += pick(2) == 0 ? "\r" : "\n\n";
        else if (kind == 5 && !c.escape.empty()) value += c.escape + std::string(1, "ab\"n"[pick(4)]);
        else value += kChars[pick(std::size(kChars))];
      }
      if (quoted) value = c.quote + value + c.quote;
      out += value;
    }
    const std::size_t end = pick(10);
    out += end < 7 ? "\n" : end < 9 ? "\r\n" : "\r";
    if (pick(15) == 0) out += pick(2) == 0 ? "\n" : "\r\n";
  }
  for (unsigned i = 0; i < wild; ++i) {
    const std::string inserted[] = {"\"", ",", "\n", "\r", c.quote, c.delimiter};
    std::size_t at = pick(out.size() + 1);
    while (at < out.size() && (static_cast<unsigned char>(out[at]) & 0xc0) == 0x80) ++at;  // not within a character
    out.insert(at, inserted[pick(6)]);
  }
  if (pick(3) == 0 && !out.empty() && static_cast<unsigned char>(out.back()) < 0x80) out.pop_back();
  return out;
}

std::vector<nlohmann::json> ask_python(const std::vector<Case>& cases) {
  const auto folder = std::filesystem::temp_directory_path() / ("godwit-csv-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto in = folder / "cases.jsonl", answers = folder / "answers.jsonl";
  {
    std::ofstream file(in);
    for (const Case& c : cases) {
      // Python sees every byte as one character.
      const nlohmann::json json{{"text", from_latin1(c.text)}, {"delimiter", c.delimiter}, {"quote", c.quote},
                                {"escape", c.escape}, {"skip_initial_space", c.skip_initial_space}};
      file << json.dump() << "\n";
    }
  }
  const std::string command = "python3 '" GODWIT_SOURCE_DIR "/plugins/kits/delimited/tests/reference.py' < '" + in.string() + "' > '" + answers.string() + "'";
  std::vector<nlohmann::json> out;
  if (std::system(command.c_str()) == 0) {
    std::ifstream file(answers);
    for (std::string line; std::getline(file, line);) out.push_back(nlohmann::json::parse(line));
  }
  std::filesystem::remove_all(folder);
  return out;
}

TableOptions options_of(const Case& c) {
  TableOptions options = options_for();
  options.dialect.delimiter = c.delimiter;
  options.dialect.quote = c.quote.empty() ? '\0' : c.quote[0];
  options.dialect.escape = c.escape.empty() ? '\0' : c.escape[0];
  options.dialect.skip_initial_space = c.skip_initial_space;
  return options;
}

std::string latin1_of_json(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto b = static_cast<unsigned char>(utf8[i]);
    if (b < 0x80) out += utf8[i];
    else out += static_cast<char>((b & 0x1f) << 6 | (static_cast<unsigned char>(utf8[++i]) & 0x3f));
  }
  return out;
}

void compare(const Case& c, const nlohmann::json& answer, std::uint32_t window) {
  TableOptions options = options_of(c);
  options.window = window;
  const ReadTable seen = read_table(c.text, options);
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : answer["rows"]) {
    auto& r = rows.emplace_back();
    for (const auto& v : row) r.push_back(latin1_of_json(v.get<std::string>()));
  }
  // The header is the first record that is not an empty line.
  std::size_t first = 0;
  while (first < rows.size() && rows[first].empty()) ++first;
  const bool wrong = answer["wrong"].get<bool>();
  if (first == rows.size()) {
    EXPECT_NE(seen.failed, 0) << "no header, and none was missed";
    return;
  }
  ASSERT_EQ(seen.failed, 0);
  const std::size_t width = rows[first].size();
  ASSERT_EQ(seen.columns.size(), width);
  std::vector<std::vector<std::string>> expected;
  std::size_t ragged = 0;
  for (std::size_t i = first + 1; i < rows.size(); ++i) {
    auto row = rows[i];
    if (row.empty()) {
      if (width != 1) continue;
      row = {""};
    }
    if (row.size() == width) expected.push_back(row);
    else ++ragged;
  }
  std::size_t seen_ragged = 0, seen_header = 0, malformed = 0;
  for (const ReadBad& b : seen.bad) {
    if (b.number == kTooFewFields || b.number == kTooManyFields) ++seen_ragged;
    else if (b.number == kHeaderAgain) ++seen_header;
    else if (b.number == kTextAfterQuote || b.number == kOpenQuote) ++malformed;
  }
  std::vector<std::vector<std::string>> got;
  for (const ReadRow& r : seen.rows) {
    auto& row = got.emplace_back();
    for (const Value& v : r.values) row.push_back(v.value_or("NULL"));
  }
  if (seen_header != 0) return;  // by chance a row equals the header: that is a rule of ours
  if (!wrong) {
    EXPECT_EQ(got, expected);
    EXPECT_EQ(seen_ragged, ragged);
    EXPECT_EQ(malformed, 0u);
  } else {
    EXPECT_GE(malformed, 1u);
    ASSERT_GE(got.size(), expected.size());
    got.resize(expected.size());
    EXPECT_EQ(got, expected) << "before the malformed record";
  }
}

void run(unsigned seed, const Case& like, unsigned wild) {
  std::mt19937 random(seed);
  std::vector<Case> cases;
  for (int i = 0; i < 400; ++i) {
    Case c = like;
    c.text = make_text(random, c, 1 + random() % 40, wild == 0 ? 0 : random() % wild);
    cases.push_back(std::move(c));
  }
  const auto answers = ask_python(cases);
  if (answers.empty()) GTEST_SKIP() << "python3 is not here to compare with";
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("case " + std::to_string(i) + ": " + nlohmann::json(from_latin1(cases[i].text)).dump());
    compare(cases[i], answers[i], i % 3 == 0 ? 256 : RecordStream::kWindow);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(PythonCsv, ReadsRegularTextsAlike) { run(1, {}, 0); }
TEST(PythonCsv, ReadsTextsWithStrayCharactersAlike) { run(2, {}, 4); }
TEST(PythonCsv, ReadsSemicolonsAndSingleQuotesAlike) { run(3, {.text = "", .delimiter = ";", .quote = "'"}, 3); }
TEST(PythonCsv, ReadsTextsWithoutQuotesAlike) { run(4, {.text = "", .delimiter = "\t", .quote = ""}, 3); }
TEST(PythonCsv, SkipsInitialSpacesAlike) { run(5, {.text = "", .delimiter = ",", .quote = "\"", .escape = "", .skip_initial_space = true}, 2); }
TEST(PythonCsv, TakesEscapedCharactersAlike) { run(6, {.text = "", .delimiter = ",", .quote = "\"", .escape = "\\"}, 0); }

}  // namespace
}  // namespace godwit::delimited
