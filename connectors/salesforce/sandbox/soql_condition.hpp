#pragma once
// The parts of the SOQL compiler: the words read so far, the objects that a query sees, and its conditions.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/salesforce/sandbox/soql.hpp"

namespace godwit::sandbox::salesforce {

class SoqlReader {
 public:
  explicit SoqlReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  const Token& peek() const { return tokens_[at_]; }
  bool done() const { return peek().kind == Token::Kind::end; }
  bool is(std::string_view word) const;
  bool is_sign(std::string_view sign) const;
  bool take(std::string_view word);
  bool take_sign(std::string_view sign);
  void expect(std::string_view word);
  void expect_sign(std::string_view sign);
  std::string take_word();
  Token take_any();
  std::int64_t take_number();
  [[noreturn]] void unexpected() const;

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

// The object of one SELECT and the parents that its fields lead to.
class Scope {
 public:
  struct Source {
    const Object* object;
    std::string alias;
  };
  struct Join {
    std::string key, sql;
    std::vector<std::string> path;  // as the relationships are called
    std::vector<Source> sources;
    const Field* field = nullptr;
  };
  struct Named {
    const Field* field = nullptr;
    std::string sql;
    std::vector<std::string> path;
  };
  // `depth`: of semi-joins, so that aliases differ.
  Scope(Org& org, int depth) : org_(org), depth_(depth) {}
  const Object& from(const std::string& name);
  // "Account.Owner.Name". Throws SoqlError where there is no such field.
  Named field(const std::string& text);
  const std::string& alias() const { return alias_; }
  const Object& object() const { return *object_; }
  const std::deque<Join>& joins() const { return joins_; }
  int depth() const { return depth_; }

 private:
  const Join& join(const std::vector<std::string>& path);
  std::string column(const Source& source, const Field& field) const;
  Org& org_;
  int depth_;
  const Object* object_ = nullptr;
  std::string alias_;
  std::deque<Join> joins_;  // references to its entries stay good
};

// What follows WHERE, up to the first word that is no part of it. Values are appended in the order of their places.
std::string compile_condition(Org& org, SoqlReader& reader, Scope& scope, std::vector<Value>& values, const SoqlOptions& options, int nesting);

}  // namespace godwit::sandbox::salesforce
