#pragma once
// Reads the values of a parsed file into what they mean, and reports what they cannot mean.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/yaml_tree.hpp"

namespace godwit::config {

// Nearest of several names; "" of none.
std::string nearest_name(std::string_view word, std::span<const std::string> known);

// The values of one file. Each function reports what is wrong at the node's place and gives nothing then.
class ValueReader {
 public:
  ValueReader(const SourceText& source, Findings& findings) : source_(source), findings_(findings) {}

  const SourceText& source() const { return source_; }
  SourcePlace place(const Node& node) const { return source_.place(node.offset); }
  void report(int number, const Node& node, std::initializer_list<Argument> arguments = {}) {
    findings_.add(number, place(node), arguments);
  }

  // A map whose keys are all among `known`. `what` names it in messages. False when it is no map at all.
  bool map(const Node& node, std::string_view what, std::span<const std::string_view> known);
  // A map with free keys (connections, target fields): the keys must be names.
  bool free_map(const Node& node, std::string_view what);
  // A word or path that the file's structure needs: not empty, no full-width punctuation outside quotes.
  std::optional<std::string> name(const Node& node, std::string_view what);
  // Prose or a setting: any scalar, empty allowed when quoted.
  std::optional<std::string> text(const Node& node, std::string_view what);
  // One name, or a list of names.
  std::vector<std::string> names(const Node& node, std::string_view what);
  std::optional<bool> boolean(const Node& node, std::string_view what);
  std::optional<std::int64_t> integer(const Node& node, std::string_view what, std::int64_t least);
  std::optional<double> share(const Node& node, std::string_view what);         // "1%" -> 0.01
  std::optional<std::int64_t> bytes(const Node& node, std::string_view what);   // "64 MB" -> 67108864
  std::optional<std::string> decimal(const Node& node, std::string_view what);  // "0.05", not negative
  std::optional<std::string> zone(const Node& node);                            // IANA name
  // Index into `choices`.
  std::optional<std::size_t> choice(const Node& node, std::string_view what, std::span<const std::string_view> choices);
  // An expression, or {const: value}.
  std::optional<ExpressionText> expression(const Node& node, std::string_view what);
  std::optional<ObjectRef> object(const Node& node, std::string_view what);  // connection.object

  // Reports `number` with "seen" and "nearest" when `word` is not among `known`.
  bool expect_known(const std::string& word, const Node& node, std::span<const std::string> known, int number);

  // The nodes of a list, or the node itself.
  static std::vector<const Node*> items(const Node& node);

 private:
  bool full_width(const Node& node, std::string_view among);

  const SourceText& source_;
  Findings& findings_;
};

}  // namespace godwit::config
