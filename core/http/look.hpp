#pragma once
// Reads JSON member by member and gathers every mistake with its place. For files that parse rules; needs the whole of nlohmann/json.

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/rules.hpp"

namespace godwit::http {

using Json = nlohmann::ordered_json;

// The text of a scalar: numbers and booleans as JSON writes them, texts as they are, anything else as JSON.
inline std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace); }

class Look {
 public:
  Look(const Json& at, std::string place, std::vector<Error>& mistakes) : at_(at), place_(std::move(place)), mistakes_(mistakes) {}

  const Json& json() const { return at_; }
  void wrong(std::string_view expected) const;
  // Names every member that is not among these, with the nearest of them. A value that is no object is a mistake.
  bool object(std::initializer_list<std::string_view> known) const;
  bool has(std::string_view name) const { return at_.is_object() && at_.contains(name) && !at_.at(std::string(name)).is_null(); }
  Look operator[](std::string_view name) const { return Look(at_.at(std::string(name)), place_ + "/" + std::string(name), mistakes_); }

  // A member, where it is there; else what is in `out` already.
  void text(std::string_view name, std::string& out) const;
  void flag(std::string_view name, bool& out) const;
  void number(std::string_view name, double& out, double least, double most) const;
  void whole(std::string_view name, int& out, int least, int most) const;
  // A scalar or a list of scalars, as texts.
  void texts(std::string_view name, std::vector<std::string>& out) const;
  void pairs(std::string_view name, std::vector<std::pair<std::string, std::string>>& out) const;
  void place(std::string_view name, std::optional<Place>& out) const;
  void places(std::string_view name, std::vector<Place>& out) const;
  void statuses(std::string_view name, std::vector<int>& out) const;
  // One of the words; answers its number in the list.
  std::size_t word(std::string_view name, std::initializer_list<std::string_view> words, std::size_t otherwise) const;
  // Calls `each` with every element of the list of this name.
  template <typename Each>
  void list(std::string_view name, Each&& each) const {
    if (!has(name)) return;
    const Look all = (*this)[name];
    if (!all.at_.is_array()) return all.wrong("a list");
    for (std::size_t i = 0; i < all.at_.size(); ++i) each(Look(all.at_[i], all.place_ + "/" + std::to_string(i), mistakes_));
  }

 private:
  const Json& at_;
  std::string place_;
  std::vector<Error>& mistakes_;
};

// Parts of the rules, each in a file of its own.
Place read_place(const Look& look);
void read_values(const Look& look, std::string_view name, std::vector<Computed>& out);
SuccessTest read_success(const Look& look);
SignIn read_sign_in(const Look& look);
Step read_step(const Look& look);
VerdictRule read_verdict(const Look& look);
BudgetRule read_budget(const Look& look);
int read_offset(const Look& look, std::string_view name);

}  // namespace godwit::http
