// Holds the functions against what Python's own libraries make of the same values (make_truth.py).

#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/expr/tests/functions_call.hpp"
#include "core/model/catalogue.hpp"

namespace godwit::testing {
namespace {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= line.size();) {
    const std::size_t to = std::min(line.find(separator, from), line.size());
    parts.push_back(line.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// What make_truth.py prints, line by line; nothing when there is no Python.
std::vector<std::string> truth(const std::string& kind) {
  const std::string command = "python3 '" GODWIT_SOURCE_DIR "/core/expr/tests/make_truth.py' " + kind;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::vector<std::string> lines;
  std::string line;
  for (int c; pipe != nullptr && (c = std::fgetc(pipe.get())) != EOF;) {
    if (c == '\n') {
      lines.push_back(std::move(line));
      line.clear();
    } else {
      line += static_cast<char>(c);
    }
  }
  return lines;
}

int128 parse_int128(std::string_view text) {
  const bool negative = text.starts_with('-');
  int128 value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

// "i:5" and its like.
void append(std::optional<ColumnBuilder>& builder, const std::string& argument) {
  const std::size_t colon = argument.find(':');
  const std::string value = argument.substr(colon + 1);
  const auto start = [&](Type type) -> ColumnBuilder& {
    if (!builder) builder.emplace(type);
    return *builder;
  };
  switch (argument[0]) {
    case 't':
      start(TypeId::utf8).append_text(percent_decoded(value));
      break;
    case 'i':
      start(TypeId::int64).append_int64(std::stoll(value));
      break;
    case 'd':
      start(TypeId::date32).append_date32(std::stoi(value));
      break;
    case 's':
      start(TypeId::timestamp).append_int64(std::stoll(value));
      break;
    case 'z':
      start(TypeId::timestamp_tz).append_int64(std::stoll(value));
      break;
    case 'f':
      start(TypeId::float64).append_float64(std::stod(value));
      break;
    default:
      start(Type::decimal(38, std::stoi(argument.substr(1)))).append_decimal(parse_int128(value));
  }
}

std::vector<Given> constants_of(const std::string& function, const std::string& text) {
  std::vector<Given> out;
  for (const std::string& one : text.empty() ? std::vector<std::string>() : split(text, ';')) {
    const std::size_t equals = one.find('=');
    const std::string name = one.substr(0, equals), value = one.substr(equals + 1);
    for (const Parameter& parameter : find_function(function)->parameters) {
      if (parameter.name != name) continue;
      const bool integer = (parameter.types & kText) == 0;
      out.push_back(integer ? constant_integer(name, std::stoll(value)) : constant_text(name, value));
    }
  }
  return out;
}

// One call for all lines of one function and one set of constants.
void check_group(const std::vector<std::vector<std::string>>& cases) {
  const std::string &function = cases[0][0], &constants = cases[0][1];
  std::vector<std::optional<ColumnBuilder>> builders(cases[0].size() - 3);
  for (const auto& one : cases) {
    for (std::size_t i = 0; i < builders.size(); ++i) {
      if (one[i + 3] != "skip") append(builders[i], one[i + 3]);
    }
  }
  std::vector<Given> arguments = constants_of(function, constants);
  const std::vector<Parameter>& parameters = find_function(function)->parameters;
  for (std::size_t i = 0; i < builders.size(); ++i) {
    if (builders[i]) arguments.push_back({std::string(parameters[i].name), builders[i]->finish(), false});
  }
  const auto answer = call(function, arguments, static_cast<std::int64_t>(cases.size()));
  ASSERT_TRUE(answer) << function << '(' << constants << "): " << describe(answer.error());
  int wrong = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (answer->values[i] == percent_decoded(cases[i][2])) continue;
    std::string seen;
    for (std::size_t k = 3; k < cases[i].size(); ++k) seen += ' ' + percent_decoded(cases[i][k]);
    ADD_FAILURE() << function << '(' << constants << ')' << seen << ": " << answer->values[i] << ", Python has "
                  << percent_decoded(cases[i][2]);
    if (++wrong == 10) break;
  }
}

class FunctionsTruth : public ::testing::TestWithParam<const char*> {};

TEST_P(FunctionsTruth, EqualsWhatPythonComputes) {
  const std::vector<std::string> lines = truth(GetParam());
  if (lines.empty()) GTEST_SKIP() << "python3 is not there to compare with";
  std::vector<std::vector<std::string>> group;
  for (const std::string& line : lines) {
    std::vector<std::string> one = split(line, '\t');
    if (!group.empty() && (group[0][0] != one[0] || group[0][1] != one[1] || group[0].size() != one.size())) {
      check_group(group);
      group.clear();
    }
    group.push_back(std::move(one));
  }
  check_group(group);
  EXPECT_GT(lines.size(), 500u);
}

INSTANTIATE_TEST_SUITE_P(All, FunctionsTruth, ::testing::Values("unicode", "numbers", "dates", "zones", "hashes"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace godwit::testing
