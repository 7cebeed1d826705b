// Search criteria in brackets, and the criteria of bulk read in JSON.

#include <nlohmann/json.hpp>

#include "connectors/zoho/sandbox/filters.hpp"
#include "plugins/kits/sandbox/rules.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr int kDeepestCriteria = 50;

// criteria := group | condition;  group := "(" criteria {("and"|"or") criteria} ")";  condition := "(" field ":" comparator ":" value ")"
class CriteriaParser {
 public:
  CriteriaParser(const Model& model, const Object& module, std::string_view text, bool escapes, int zone) : model_(model), module_(module), text_(text), escapes_(escapes), zone_(zone) {}

  std::optional<Condition> parse(std::string& error) {
    std::optional<Condition> out = chain(0);
    blanks();
    if (out && at_ != text_.size()) out.reset(), what_ = "something follows";
    if (!out) error = what_ + " at character " + std::to_string(at_ + 1);
    return out;
  }

 private:
  void blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::optional<Condition> fail(const char* what) { return what_ = what, std::nullopt; }

  bool word(std::string_view one) {
    if (!same_word(text_.substr(at_, one.size()), one)) return false;
    at_ += one.size();
    return true;
  }

  std::optional<Condition> chain(int depth) {
    if (depth > kDeepestCriteria) return fail("nested too deeply");
    std::optional<Condition> out = bracket(depth);
    while (out) {
      blanks();
      const bool both = word("and");
      if (!both && !word("or")) return out;
      const std::optional<Condition> right = bracket(depth);
      if (!right) return std::nullopt;
      out->sql = "(" + out->sql + (both ? " and " : " or ") + right->sql + ")";
      out->values.insert(out->values.end(), right->values.begin(), right->values.end());
    }
    return out;
  }

  std::optional<Condition> bracket(int depth) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != '(') return fail("an opening bracket is missing");
    ++at_;
    blanks();
    const bool inner = at_ < text_.size() && text_[at_] == '(';
    std::optional<Condition> out = inner ? chain(depth + 1) : condition();
    if (!out) return out;
    blanks();
    if (at_ >= text_.size() || text_[at_] != ')') return fail("a closing bracket is missing");
    ++at_;
    return out;
  }

  std::string until(char end) {
    const std::size_t from = at_;
    at_ = std::min(text_.find(end, at_), text_.size());
    return trimmed(text_.substr(from, at_ - from));
  }

  std::optional<Condition> condition() {
    const std::string path = until(':');
    const auto expression = expression_of(model_, module_, path);
    if (!expression) return fail("no such field");
    if (at_ < text_.size()) ++at_;
    const std::string comparator = until(':');
    if (at_ >= text_.size()) return fail("a value is missing");
    ++at_;
    std::vector<std::string> values = value_list(comparator == "in" || comparator == "not_in" || comparator == "between" || comparator == "not_between");
    if (values.size() == 1 && values[0] == "null") values.clear();
    auto out = compare(*expression, comparator, values, zone_);
    return out ? out : fail("the comparator does not fit the field");
  }

  // Up to the closing bracket that is not escaped; commas part the values of a list.
  std::vector<std::string> value_list(bool several) {
    std::vector<std::string> out(1);
    int open = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (escapes_ && c == '\\' && at_ + 1 < text_.size()) {
        out.back() += text_[++at_];
        continue;
      }
      if (!escapes_ && c == '(') ++open;
      if (c == ')' && open-- <= 0) break;
      if (c == ',' && several) out.emplace_back();
      else out.back() += c;
    }
    for (std::string& one : out) one = trimmed(one);
    return out;
  }

  const Model& model_;
  const Object& module_;
  std::string_view text_;
  bool escapes_;
  int zone_;
  std::size_t at_ = 0;
  std::string what_;
};

std::string plain(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::optional<Condition> json_group(const Model& model, const Object& module, const Json& criteria, int zone, int& lookups, int& count, int depth, std::string& error) {
  const auto group = criteria.find("group");
  const auto by = criteria.find("group_operator");
  if (group == criteria.end() || !group->is_array() || group->empty() || by == criteria.end() || depth > kDeepestCriteria) return error = "group", std::nullopt;
  const bool both = *by == "and" || *by == "AND";
  if (!both && *by != "or" && *by != "OR") return error = "group_operator", std::nullopt;
  Condition out;
  for (const Json& one : *group) {
    auto inner = json_criteria(model, module, one, zone, lookups, count, error);
    if (!inner) return std::nullopt;
    out.sql += (out.sql.empty() ? "(" : both ? " and " : " or ") + inner->sql;
    out.values.insert(out.values.end(), inner->values.begin(), inner->values.end());
  }
  out.sql += ")";
  return out;
}

}  // namespace

std::optional<Condition> parse_criteria(const Model& model, const Object& module, std::string_view text, bool backslash_escapes, int zone_minutes, std::string& error) {
  return CriteriaParser(model, module, text, backslash_escapes, zone_minutes).parse(error);
}

std::optional<Condition> json_criteria(const Model& model, const Object& module, const Json& criteria, int zone_minutes, int& lookups, int& count, std::string& error) {
  if (!criteria.is_object()) return error = "criteria", std::nullopt;
  if (criteria.contains("group")) return json_group(model, module, criteria, zone_minutes, lookups, count, 0, error);
  ++count;
  const Json field = criteria.value("field", Json());
  const std::string name = field.is_object() ? field.value("api_name", "") : "";
  const auto expression = expression_of(model, module, name);
  if (!expression) return error = name.empty() ? "field" : name, std::nullopt;
  lookups += expression->lookups > 0;
  const Json value = criteria.value("value", Json());
  std::vector<std::string> values;
  if (value.is_array())
    for (const Json& one : value) values.push_back(plain(one));
  else if (!value.is_null()) values.push_back(plain(value));
  auto out = compare(*expression, criteria.value("comparator", ""), values, zone_minutes);
  if (!out) error = name;
  return out;
}

}  // namespace godwit::sandbox::zoho
