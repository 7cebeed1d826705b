#pragma once
// A folder that is gone after the test, and short ways to say what is expected of a Result.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/model/catalogue.hpp"
#include "core/model/hash.hpp"
#include "core/model/result.hpp"

namespace godwit {

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "godwit-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

template <typename T>
testing::AssertionResult is_ok(const Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure() << describe(result.error());
}
#define ASSERT_GOOD(expression) ASSERT_TRUE(::godwit::is_ok(expression))
#define EXPECT_GOOD(expression) EXPECT_TRUE(::godwit::is_ok(expression))

// The number of the error, or 0.
template <typename T>
int number_of(const Result<T>& result) {
  return result ? 0 : result.error().number;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
inline void copy_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

// The uniform key of a number: what a hash of a real key looks like.
inline Hash128 key_of(std::uint64_t n) {
  const auto mix = [](std::uint64_t x) {
    x += 0x9E3779B97F4A7C15u, x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u, x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  };
  return {mix(n), mix(n ^ 0x5851F42D4C957F2Du)};
}

}  // namespace godwit
