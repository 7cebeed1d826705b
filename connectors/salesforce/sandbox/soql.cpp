#include "connectors/salesforce/sandbox/soql.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "connectors/salesforce/sandbox/soql_condition.hpp"

namespace godwit::sandbox::salesforce {
namespace {

constexpr std::array<std::string_view, 5> kAggregates{"COUNT", "SUM", "AVG", "MIN", "MAX"};

// Parts of a compound field: JSON name -> end of the column's name.
struct Part {
  const char* name;
  const char* column;
};
constexpr std::array kAddressParts{Part{"city", "City"},           Part{"country", "Country"},       Part{"countryCode", "CountryCode"}, Part{"latitude", "Latitude"},
                                   Part{"longitude", "Longitude"}, Part{"postalCode", "PostalCode"}, Part{"state", "State"},             Part{"street", "Street"}};

}  // namespace

bool SoqlReader::is(std::string_view word) const { return peek().kind == Token::Kind::word && same_word(peek().text, word); }
bool SoqlReader::is_sign(std::string_view sign) const { return peek().kind == Token::Kind::sign && peek().text == sign; }

bool SoqlReader::take(std::string_view word) {
  if (!is(word)) return false;
  ++at_;
  return true;
}

bool SoqlReader::take_sign(std::string_view sign) {
  if (!is_sign(sign)) return false;
  ++at_;
  return true;
}

void SoqlReader::expect(std::string_view word) {
  if (!take(word)) unexpected();
}

void SoqlReader::expect_sign(std::string_view sign) {
  if (!take_sign(sign)) unexpected();
}

std::string SoqlReader::take_word() {
  if (peek().kind != Token::Kind::word) unexpected();
  return tokens_[at_++].text;
}

Token SoqlReader::take_any() {
  if (peek().kind == Token::Kind::end) unexpected();
  return tokens_[at_++];
}

std::int64_t SoqlReader::take_number() {
  std::int64_t out = 0;
  const Token token = peek();
  const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), out);
  if (token.kind != Token::Kind::number || error != std::errc() || end != token.text.data() + token.text.size() || out < 0) unexpected();
  ++at_;
  return out;
}

void SoqlReader::unexpected() const {
  throw SoqlError{"MALFORMED_QUERY", peek().kind == Token::Kind::end ? "unexpected end of query" : "unexpected token: '" + peek().text + "' at character " + std::to_string(peek().at + 1)};
}

const Object& Scope::from(const std::string& name) {
  const Object* found = org_.world().model.object(name, true);
  if (found == nullptr || !flag(*found->raw, "queryable", true))
    throw SoqlError{"INVALID_TYPE", "sObject type '" + name + "' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name."};
  object_ = found;
  alias_ = "t" + std::to_string(depth_ * 100);
  return *found;
}

// The aliases of the parent that a path leads to; more than one when it is polymorphic.
const Scope::Join& Scope::join(const std::vector<std::string>& path) {
  std::string key;
  for (const std::string& part : path) key += key.empty() ? part : "." + part;
  for (const Join& known : joins_)
    if (same_word(known.key, key)) return known;
  std::vector<Source> sources{{object_, alias_}};
  if (path.size() > 1) sources = join({path.begin(), path.end() - 1}).sources;
  Join out;
  out.key = key;
  for (const Source& source : sources) {
    const Field* field = source.object->by_relationship(path.back(), true);
    if (field == nullptr) continue;
    out.field = field;
    for (const std::string& target : field->references) {
      const Object* parent = org_.world().model.object(target);
      if (parent == nullptr) continue;
      const std::string alias = alias_ + "j" + std::to_string(joins_.size()) + "_" + std::to_string(out.sources.size());
      out.sql += " left join " + quote_name(parent->name) + " " + alias + " on " + alias + ".Id = " + source.alias + "." + quote_name(field->name);
      out.sources.push_back({parent, alias});
    }
  }
  if (out.sources.empty()) throw SoqlError{"INVALID_FIELD", "Didn't understand relationship '" + path.back() + "' in field path."};
  out.path = path;
  out.path.back() = out.field->relationship;
  if (path.size() > 1) {
    const std::vector<std::string> before = join({path.begin(), path.end() - 1}).path;
    std::copy(before.begin(), before.end(), out.path.begin());
  }
  joins_.push_back(std::move(out));
  return joins_.back();
}

Scope::Named Scope::field(const std::string& text) {
  std::vector<std::string> path;
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    path.push_back(text.substr(at, end - at));
    if (end == text.size()) break;
    at = end + 1;
  }
  // FROM's own name in front means nothing: SELECT Account.Name FROM Account.
  if (path.size() > 1 && same_word(path.front(), object_->name) && object_->by_relationship(path.front(), true) == nullptr) path.erase(path.begin());
  const std::string name = path.back();
  path.pop_back();
  std::vector<Source> sources{{object_, alias_}};
  Named out;
  if (!path.empty()) {
    const Join& found = join(path);
    sources = found.sources;
    out.path = found.path;
    if (same_word(name, "Type") && found.field->references.size() > 1) {
      out.sql = "case";
      for (const Source& source : sources) out.sql += " when " + source.alias + ".Id is not null then '" + source.object->name + "'";
      out.sql += " end";
      static const Field kType = [] {
        Field type;
        type.name = "Type", type.type = "string", type.kind = Kind::text;
        return type;
      }();
      out.field = &kType;
      return out;
    }
  }
  std::vector<std::string> parts;
  for (const Source& source : sources) {
    const Field* field = source.object->field(name, true);
    if (field == nullptr) continue;
    out.field = field;
    parts.push_back(column(source, *field));
  }
  if (parts.empty()) {
    const std::string& object = sources.size() == 1 ? sources.front().object->name : "Name";
    throw SoqlError{"INVALID_FIELD", "No such column '" + name + "' on entity '" + object + "'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."};
  }
  out.sql = parts.front();
  if (parts.size() > 1) {
    out.sql = "coalesce(";
    for (std::size_t i = 0; i < parts.size(); ++i) out.sql += (i > 0 ? ", " : "") + parts[i];
    out.sql += ")";
  }
  return out;
}

std::string Scope::column(const Source& source, const Field& field) const {
  if (field.name == "IsDeleted") return "(" + source.alias + ".sandbox_deleted_ms is not null)";
  if (field.kind != Kind::computed) return source.alias + "." + quote_name(field.name);
  const std::string prefix = field.name.substr(0, field.name.size() - std::string_view("Address").size());
  std::string out = "json_object('geocodeAccuracy', null", any;
  for (const auto& [name, end] : kAddressParts) {
    if (source.object->field(prefix + end) == nullptr) continue;
    const std::string part = source.alias + "." + quote_name(prefix + end);
    out += ", '" + std::string(name) + "', " + part;
    any += (any.empty() ? "" : ", ") + part;
  }
  return "case when coalesce(" + any + ") is null then null else " + out + ") end";
}

namespace {

class Compiler {
 public:
  Compiler(Org& org, SoqlReader& reader, const SoqlOptions& options) : org_(org), reader_(reader), options_(options), scope_(org, 0) {}

  Soql run() {
    reader_.expect("SELECT");
    const std::vector<Wanted> wanted = select_list();
    reader_.expect("FROM");
    out_.object = &scope_.from(reader_.take_word());
    if (!reader_.is("WHERE") && !reader_.is("GROUP") && !reader_.is("ORDER") && !reader_.is("LIMIT") && !reader_.is("OFFSET") && !reader_.done()) unsupported_or_unexpected();
    std::string where = visible();
    if (reader_.take("WHERE")) where += " and " + compile_condition(org_, reader_, scope_, out_.values, options_, 0);
    std::string group = group_by();
    const std::string order = order_by();
    const std::string page = limit_and_offset();
    if (!reader_.done()) reader_.unexpected();
    build(wanted, where, group, order, page);
    return std::move(out_);
  }

 private:
  struct Wanted {
    std::string function, field, alias;  // function "": a plain field
  };

  [[noreturn]] void unsupported_or_unexpected() { reader_.unexpected(); }

  std::vector<Wanted> select_list() {
    std::vector<Wanted> out;
    do {
      if (reader_.is_sign("(")) throw SoqlError{"MALFORMED_QUERY", "nested queries on children are not simulated by this sandbox"};
      Wanted one;
      one.field = reader_.take_word();
      if (reader_.take_sign("(")) {
        one.function = one.field;
        for (char& c : one.function) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (std::find(kAggregates.begin(), kAggregates.end(), one.function) == kAggregates.end()) throw SoqlError{"MALFORMED_QUERY", "unknown function: " + one.field};
        one.field = reader_.is_sign(")") ? "" : reader_.take_word();
        if (one.field.empty() && one.function != "COUNT") reader_.unexpected();
        reader_.expect_sign(")");
        if (!reader_.is_sign(",") && !reader_.is("FROM")) one.alias = reader_.take_word();
      }
      out.push_back(std::move(one));
    } while (reader_.take_sign(","));
    return out;
  }

  std::string visible() {
    out_.values.emplace_back(options_.now_ms);
    std::string out = scope_.alias() + ".sandbox_visible_ms <= ?";
    if (options_.all) return out;
    out += " and " + scope_.alias() + ".sandbox_deleted_ms is null";
    const bool activity = out_.object->name == "Task" || out_.object->name == "Event";
    if (activity && org_.on("hide_archived")) {
      out_.values.emplace_back(iso_date(options_.now_ms - 365LL * 86'400'000));
      out += " and not coalesce(" + scope_.alias() + ".ActivityDate < ?" + (out_.object->name == "Task" ? " and " + scope_.alias() + ".IsClosed = 1" : "") + ", 0)";
    }
    return out;
  }

  std::string group_by() {
    if (!reader_.take("GROUP")) return {};
    reader_.expect("BY");
    out_.grouped = true;
    std::string out;
    do {
      const std::string text = reader_.take_word();
      groups_.push_back(text);
      out += (out.empty() ? " group by " : ", ") + scope_.field(text).sql;
    } while (reader_.take_sign(","));
    return out;
  }

  std::string order_by() {
    if (!reader_.take("ORDER")) return {};
    reader_.expect("BY");
    std::string out;
    do {
      const Scope::Named named = scope_.field(reader_.take_word());
      const bool down = reader_.take("DESC");
      if (!down) reader_.take("ASC");
      // The vendor puts rows without a value first, in both directions.
      bool last = false;
      if (reader_.take("NULLS")) {
        last = reader_.take("LAST");
        if (!last) reader_.expect("FIRST");
      }
      const bool text = named.field->kind == Kind::text || named.field->kind == Kind::long_text || named.field->kind == Kind::email || named.field->kind == Kind::choice;
      out += (out.empty() ? " order by " : ", ") + named.sql + (text ? " collate nocase" : "") + (down ? " desc" : " asc") + (last ? " nulls last" : " nulls first");
    } while (reader_.take_sign(","));
    return out;
  }

  std::string limit_and_offset() {
    std::string out = " limit ";
    out += reader_.take("LIMIT") ? std::to_string(reader_.take_number()) : "-1";
    if (reader_.take("OFFSET")) {
      const std::int64_t offset = reader_.take_number();
      if (options_.bulk && !org_.on("bulk_query_offset")) throw SoqlError{"FEATURENOTENABLED", "OFFSET is not supported in bulk queries"};
      if (offset > org_.number("offset_max")) throw SoqlError{"NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is " + org_.setting("offset_max")};
      out += " offset " + std::to_string(offset);
    }
    return out;
  }

  void build(const std::vector<Wanted>& wanted, const std::string& where, const std::string& group, std::string order, const std::string& page) {
    if (wanted.size() == 1 && wanted.front().function == "COUNT" && wanted.front().field.empty()) out_.count_only = true;
    else for (const Wanted& one : wanted) out_.grouped = out_.grouped || !one.function.empty();
    if (options_.bulk && (out_.grouped || out_.count_only) && !org_.on("bulk_query_offset")) throw SoqlError{"FEATURENOTENABLED", "aggregates are not supported in bulk queries"};
    std::string columns;
    int unnamed = 0;
    for (const Wanted& one : wanted) {
      if (out_.count_only) break;
      const std::string sql = one.function.empty() ? plain(one.field) : aggregate(one, unnamed);
      columns += ", " + sql;
    }
    std::string ids = out_.grouped ? "null" : scope_.alias() + ".Id";
    std::string from = " from " + quote_name(out_.object->name) + " " + scope_.alias();
    for (const Scope::Join& join : scope_.joins()) {
      from += join.sql;
      if (out_.grouped) continue;
      std::string id = "coalesce(";
      for (const auto& source : join.sources) id += (id.size() > 9 ? ", " : "") + source.alias + ".Id";
      ids += ", " + (join.sources.size() > 1 ? id + ")" : join.sources.front().alias + ".Id");
      out_.parents.emplace_back(join.path, out_.hidden++);
    }
    if (order.empty() && !out_.grouped) order = " order by " + scope_.alias() + ".Id";
    const std::string rest = from + " where " + where + group;
    out_.count = "select count(*) from (select 1" + rest + page + ")";
    out_.select = "select " + ids + columns + rest + order + page;
    for (ResultColumn& column : out_.columns)
      for (const auto& [path, at] : out_.parents)
        if (path == column.parents) column.parent_at = at;
  }

  std::string plain(const std::string& text) {
    const Scope::Named named = scope_.field(text);
    if (out_.grouped && std::none_of(groups_.begin(), groups_.end(), [&](const std::string& one) { return same_word(one, text); }))
      throw SoqlError{"MALFORMED_QUERY", "Field must be grouped or aggregated: " + text};
    std::string name;
    for (const std::string& part : named.path) name += part + ".";
    out_.columns.push_back({out_.grouped ? named.field->name : name + named.field->name, out_.grouped ? std::vector<std::string>() : named.path, named.field});
    if (named.field->kind == Kind::bytes)
      return "'/services/data/v" + options_.version + "/sobjects/" + out_.object->name + "/' || " + scope_.alias() + ".Id || '/" + named.field->name + "'";
    return named.sql;
  }

  std::string aggregate(const Wanted& one, int& unnamed) {
    const std::string name = one.alias.empty() ? "expr" + std::to_string(unnamed++) : one.alias;
    if (one.field.empty()) return out_.columns.push_back({name, {}, nullptr}), "count(*)";
    const Scope::Named named = scope_.field(one.field);
    const bool number = named.field->kind == Kind::integer || named.field->kind == Kind::decimal;
    if ((one.function == "SUM" || one.function == "AVG") && !number) throw SoqlError{"MALFORMED_QUERY", "field " + one.field + " does not support aggregate operator " + one.function};
    out_.columns.push_back({name, {}, one.function == "MIN" || one.function == "MAX" ? named.field : nullptr});
    return one.function + "(" + named.sql + ")";
  }

  Org& org_;
  SoqlReader& reader_;
  const SoqlOptions& options_;
  Scope scope_;
  Soql out_;
  std::vector<std::string> groups_;
};

}  // namespace

Soql compile_soql(Org& org, std::string_view text, const SoqlOptions& options) {
  SoqlReader reader(soql_tokens(text));
  return Compiler(org, reader, options).run();
}

}  // namespace godwit::sandbox::salesforce
