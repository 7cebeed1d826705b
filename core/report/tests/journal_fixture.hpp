#pragma once
// A journal as a real run leaves it: a trading company's migration of four objects, some 20,000 rows.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/config/project.hpp"
#include "core/journal/sqlite.hpp"
#include "core/report/report.hpp"

namespace godwit::report {

inline constexpr const char* kMadeAt = "2025-03-08T20:41:07.000000Z";

// What the run came to.
enum class Ending { clean, with_conditions, failed, unverified };

struct Sample {
  std::filesystem::path folder;
  Database journal;
  Project project;
};

// Run 7 (a cutover after six others) in a new journal below the build folder. Dies when SQL fails.
Sample make_sample(Ending ending, const std::string& name);

// collect() and seal(), which must succeed.
CutoverReport make_report(Sample& sample, const std::filesystem::path& key = {});

// A folder of this test's own, empty.
std::filesystem::path fresh_folder(const std::string& name);

// Runs SQL, which must succeed.
void must(Database& journal, const std::string& sql);

std::string slurp(const std::filesystem::path& path);
void spill(const std::filesystem::path& path, const std::string& content);

}  // namespace godwit::report
