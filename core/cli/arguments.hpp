#pragma once
// What a command takes on its line, declared once: parsing and help are made from it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace godwit::cli {

// One option, flag or positional. The value is written to `target` when the line is parsed; it must live as
// long as the Arguments do.
struct Argument {
  using Target = std::variant<bool*, std::string*, std::optional<std::int64_t>*, std::vector<std::string>*>;
  std::string name;     // "--limit", or "FILE" of a positional
  std::string letter;   // "-n", or ""
  std::string value;    // what stands for the value in help: "N"; "" for flags and positionals
  std::string help;     // key of a text in the catalogue
  Target target;
  bool positional = false, required = false;
  bool hidden = false;  // not in help
  bool rest = false;    // everything behind the first positional, options included, untouched
};

class Arguments {
 public:
  // A text in this place of the line.
  void positional(std::string& target, std::string name, std::string help, bool required) {
    all_.push_back({std::move(name), "", "", std::move(help), &target, true, required, false});
  }
  void option(std::string& target, std::string name, std::string value, std::string help, std::string letter = "") {
    all_.push_back({std::move(name), std::move(letter), std::move(value), std::move(help), &target});
  }
  // A whole number, not negative.
  void option(std::optional<std::int64_t>& target, std::string name, std::string value, std::string help, std::string letter = "") {
    all_.push_back({std::move(name), std::move(letter), std::move(value), std::move(help), &target});
  }
  // May be given several times.
  void option(std::vector<std::string>& target, std::string name, std::string value, std::string help, std::string letter = "") {
    all_.push_back({std::move(name), std::move(letter), std::move(value), std::move(help), &target});
  }
  void flag(bool& target, std::string name, std::string help, std::string letter = "") {
    all_.push_back({std::move(name), std::move(letter), "", std::move(help), &target});
  }
  // Everything behind the first positional, for a program that understands it itself.
  void rest(std::vector<std::string>& target, std::string name, std::string help) {
    all_.push_back({std::move(name), "", "", std::move(help), &target, true, false, false, true});
  }
  const std::vector<Argument>& all() const { return all_; }

 private:
  std::vector<Argument> all_;
};

}  // namespace godwit::cli
