#include "connectors/fxiaoke/sandbox/query.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/fxiaoke/sandbox/rejected.hpp"
#include "connectors/fxiaoke/sandbox/values.hpp"

namespace godwit::sandbox::fxiaoke {

namespace {

constexpr long kMostRows = 100;
constexpr long kFarthestOffset = 10'000;

Rejected parameter_error(const std::string& what) { return {kParameterError, "参数错误: " + what}; }

// A value of a filter as text: the wire has strings, and tolerates numbers and booleans.
std::string as_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// One filter on one column. Values are bound in the order in which their question marks appear.
class Condition {
 public:
  Condition(const Object& object, const Json& filter, const QueryRules& rules, std::vector<Value>& bound)
      : bound_(bound), rules_(rules) {
    if (!filter.is_object() || !filter.contains("field_name") || !filter.contains("operator"))
      throw parameter_error("filters 需要 field_name, field_values, operator");
    const std::string name = filter["field_name"].is_string() ? filter["field_name"].get<std::string>() : "";
    field_ = object.field(name);
    if (!field_ || kept(*field_) == Kept::computed) throw parameter_error("字段 " + name + " 不可用于筛选");
    operation_ = as_text(filter["operator"]);
    const Json values = filter.value("field_values", Json::array());
    if (!values.is_array()) throw parameter_error("field_values 必须是数组");
    for (const Json& value : values) values_.push_back(value);
    column_ = quote_name(name);
    if (kept(*field_) == Kept::decimal) column_ = "cast(" + column_ + " as real)";
  }

  std::string sql() {
    const std::string& op = operation_;
    if (op == "IS") return "(" + empty() + ")";
    if (op == "ISN") return "not (" + empty() + ")";
    if (kept(*field_) == Kept::list) return on_list();
    if (op == "EQ") return column_ + " = " + one();
    if (op == "N") return "(" + column_ + " <> " + one() + " or " + column_ + " is null)";
    if (op == "GT") return column_ + " > " + one();
    if (op == "GTE") return column_ + " >= " + one();
    if (op == "LT") return column_ + " < " + one();
    if (op == "LTE") return column_ + " <= " + one();
    if (op == "BETWEEN" || op == "NBETWEEN") return between(op == "NBETWEEN");
    if (op == "IN" || op == "HASANYOF") return column_ + " in " + many();
    if (op == "NIN" || op == "NHASANYOF") return column_ + " not in " + many();
    if (op == "LIKE" || op == "CONTAINS") return like("%", "%", false);
    if (op == "NLIKE") return like("%", "%", true);
    if (op == "STARTWITH") return like("", "%", false);
    if (op == "ENDWITH") return like("%", "", false);
    throw parameter_error("operator " + op + " 不支持");
  }

 private:
  std::string empty() const {
    return kept(*field_) == Kept::list ? column_ + " is null or " + column_ + " = '[]'" : column_ + " is null";
  }

  void expect_values(std::size_t count) const {
    if (values_.size() != count)
      throw parameter_error(operation_ + " 需要 " + std::to_string(count) + " 个 field_values, 收到 " +
                            std::to_string(values_.size()));
  }

  std::string bind(const Json& value) {
    const std::string text = as_text(value);
    switch (kept(*field_)) {
      case Kept::integer: {
        long long number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size())
          throw parameter_error(field_->name + " 的值 " + text + " 不是毫秒时间戳");
        bound_.emplace_back(static_cast<std::int64_t>(number));
        return "?";
      }
      case Kept::boolean:
        if (text != "true" && text != "false" && text != "1" && text != "0")
          throw parameter_error(field_->name + " 的值 " + text + " 不是布尔值");
        bound_.emplace_back(std::int64_t{text == "true" || text == "1"});
        return "?";
      case Kept::decimal: bound_.emplace_back(text); return "cast(? as real)";
      default: bound_.emplace_back(text); return "?";
    }
  }

  std::string one() {
    expect_values(1);
    return bind(values_[0]);
  }

  std::string many() {
    if (values_.empty()) throw parameter_error(operation_ + " 需要 field_values");
    std::string list = "(";
    for (const Json& value : values_) list += (list.size() > 1 ? ", " : "") + bind(value);
    return list + ")";
  }

  std::string between(bool negated) {
    expect_values(2);
    const std::string low = bind(values_[0]);
    const std::string high = bind(values_[1]);
    return column_ + (negated ? " not between " : " between ") + low + " and " + high;
  }

  std::string like(std::string_view before, std::string_view after, bool negated) {
    expect_values(1);
    std::string pattern(before);
    for (const char c : as_text(values_[0])) {
      if (c == '%' || c == '_' || c == '\\') pattern += '\\';
      pattern += c;
    }
    pattern += after;
    bound_.emplace_back(std::move(pattern));
    return column_ + (negated ? " not like ? escape '\\'" : " like ? escape '\\'");
  }

  // Lists (people, departments, several options) are compared element by element.
  std::string on_list() {
    const std::string& op = operation_;
    if (op == "EQ") expect_values(1);
    if (op == "EQ" || op == "IN" || op == "HASANYOF") return has_any();
    if (op == "N") {
      expect_values(1);
      return "(" + empty() + " or not " + has_any() + ")";
    }
    if (op == "NIN" || op == "NHASANYOF") return "(" + column_ + " is not null and not " + has_any() + ")";
    if (op == "CONTAINS" || op == "LIKE") {
      if (values_.empty()) throw parameter_error(op + " 需要 field_values");
      std::string all;
      for (const Json& value : values_) {
        bound_.push_back(element(value));
        all += (all.empty() ? "" : " and ") + ("exists (select 1 from json_each(" + column_ + ") where value = ?)");
      }
      return "(" + all + ")";
    }
    throw parameter_error("operator " + op + " 不适用于字段 " + field_->name);
  }

  std::string has_any() {
    if (values_.empty()) throw parameter_error(operation_ + " 需要 field_values");
    std::string marks;
    for (const Json& value : values_) {
      marks += marks.empty() ? "?" : ", ?";
      bound_.push_back(element(value));
    }
    return "exists (select 1 from json_each(" + column_ + ") where value in (" + marks + "))";
  }

  Value element(const Json& value) const {
    std::string text = as_text(value);
    if (field_->type == "employee" && rules_.convert_people) text = from_open_user(text);
    return text;
  }

  std::vector<Value>& bound_;
  const QueryRules& rules_;
  const Field* field_ = nullptr;
  std::string operation_;
  std::string column_;
  std::vector<Json> values_;
};

long whole_number(const Json& info, const char* name, long otherwise) {
  if (!info.contains(name)) return otherwise;
  const Json& value = info[name];
  if (value.is_number_integer()) return value.get<long>();
  throw parameter_error(std::string(name) + " 必须是整数");
}

std::string order_of(const Object& object, const Json& orders) {
  // Who asks for no order is promised none: the newest come first here, so that paging by offset shows its weakness.
  if (!orders.is_array() || orders.empty()) return "\"last_modified_time\" desc, \"_id\" desc";
  std::string sql;
  for (const Json& order : orders) {
    const std::string name = order.is_object() ? order.value("fieldName", "") : "";
    const Field* field = object.field(name);
    if (!field || kept(*field) == Kept::computed) throw parameter_error("排序字段 " + name + " 不存在");
    const std::string column = kept(*field) == Kept::decimal ? "cast(" + quote_name(name) + " as real)" : quote_name(name);
    sql += (sql.empty() ? "" : ", ") + column + (order.value("isAsc", true) ? " asc" : " desc");
  }
  return sql;
}

}  // namespace

CompiledQuery compile_query(const Object& object, const Json& info, const QueryRules& rules) {
  if (!info.is_object()) throw parameter_error("search_query_info 缺失");
  CompiledQuery out;
  out.limit = whole_number(info, "limit", 10);
  out.offset = whole_number(info, "offset", 0);
  if (out.limit < 1 || out.limit > kMostRows) throw parameter_error("limit 必须在 1 和 100 之间");
  if (out.offset > kFarthestOffset) throw Rejected{kOffsetTooFar, "offset out of range 10000"};
  if (out.offset < 0 || out.offset % out.limit != 0) throw parameter_error("offset 必须是 limit 的整数倍");

  bool asks_for_invalid = false;
  const Json filters = info.value("filters", Json::array());
  if (!filters.is_array()) throw parameter_error("filters 必须是数组");
  for (const Json& filter : filters) {
    Condition condition(object, filter, rules, out.values);
    out.where += (out.where.empty() ? "" : " and ") + condition.sql();
    const std::string name = filter["field_name"];
    asks_for_invalid = asks_for_invalid || name == "is_deleted" || name == "life_status";
  }
  if (!rules.returns_invalid && !asks_for_invalid) out.where += (out.where.empty() ? "" : " and ") + std::string("\"is_deleted\" = 0");
  if (out.where.empty()) out.where = "1";
  out.order_by = order_of(object, info.value("orders", Json::array()));
  return out;
}

}  // namespace godwit::sandbox::fxiaoke
