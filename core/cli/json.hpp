#pragma once
// JSON as the program prints it: members in the order they were set, numbers exact. Small on purpose, so that the many commands
// compile without a JSON library; parsing is done by one, behind this face.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace godwit::cli {

class Json {
 public:
  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : kind_(Kind::plain), text_(value ? "true" : "false") {}
  template <typename T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Json(T value) : kind_(Kind::plain), text_(std::to_string(value)) {}
  Json(double value);
  Json(std::string value) : kind_(Kind::text), text_(std::move(value)) {}
  Json(std::string_view value) : Json(std::string(value)) {}
  Json(const char* value) : Json(std::string(value)) {}
  template <typename T>
  Json(const std::optional<T>& value) {
    if (value) *this = Json(*value);
  }
  Json(std::initializer_list<std::pair<std::string_view, Json>> members) : kind_(Kind::object) {
    for (const auto& [name, value] : members) members_.emplace_back(name, value);
  }
  static Json array() { return of(Kind::array); }
  static Json array(const std::vector<std::string>& texts) {
    Json out = array();
    for (const std::string& t : texts) out.push_back(t);
    return out;
  }
  static Json object() { return of(Kind::object); }
  // Text that is JSON already, put in as it is; a string when it is none.
  static Json raw(std::string text);
  // nullopt for a text that is no JSON.
  static std::optional<Json> parse(std::string_view text);
  static bool accepts(std::string_view text);
  // The object of that text; an empty one for a text that is none.
  static Json object_of(std::string_view text) {
    std::optional<Json> out = parse(text);
    return out && out->is_object() ? std::move(*out) : object();
  }

  // The member, made where it is missing; only of objects (a null becomes one).
  Json& operator[](std::string_view name);
  void push_back(Json value) { kind_ = Kind::array, members_.emplace_back(std::string(), std::move(value)); }
  // Behind all others, or in place of the member of that name.
  void set(std::string_view name, Json value) { (*this)[name] = std::move(value); }

  bool is_null() const { return kind_ == Kind::null; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_true() const { return kind_ == Kind::plain && text_ == "true"; }
  // The member, or null when there is none.
  const Json* find(std::string_view name) const;
  // A text's value, a number's digits; "" for all else.
  const std::string& text() const { return text_; }
  // text() of a member, or "".
  std::string text(std::string_view member) const {
    const Json* found = find(member);
    return found == nullptr ? std::string() : found->text_;
  }
  bool has(std::string_view member) const { return find(member) != nullptr; }
  void erase(std::string_view member) {
    std::erase_if(members_, [&](const auto& m) { return m.first == member; });
  }
  // Members of an object with their names, elements of an array without.
  const std::vector<std::pair<std::string, Json>>& items() const { return members_; }

  // On one line; bytes that are no UTF-8 become U+FFFD.
  std::string dump() const;

 private:
  enum class Kind { null, plain, text, array, object };
  static Json of(Kind kind) {
    Json out;
    out.kind_ = kind;
    return out;
  }
  void append(std::string& out) const;

  Kind kind_ = Kind::null;
  std::string text_;  // plain: as it is printed
  std::vector<std::pair<std::string, Json>> members_;
};

}  // namespace godwit::cli
