#include "connectors/rest/api.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "plugins/kits/rest/address.hpp"
#include "plugins/kits/rest/times.hpp"

namespace godwit::restapi {
namespace {

using Json = nlohmann::ordered_json;

// A member of the description, with its place; what is wrong is noted, the first of it told.
class Look {
 public:
  Look(const Json& json, std::string place, std::string* wrong) : json_(&json), place_(std::move(place)), wrong_(wrong) {}
  void note(const std::string& expected) const {
    if (wrong_->empty()) *wrong_ = (place_.empty() ? "/" : place_) + ": " + expected;
  }
  bool object(std::initializer_list<std::string_view> known) const {
    if (!json_->is_object()) return note("an object is expected"), false;
    for (const auto& [name, value] : json_->items())
      if (std::find(known.begin(), known.end(), name) == known.end()) note("\"" + name + "\" is not known");
    return true;
  }
  bool has(const char* name) const { return json_->is_object() && json_->contains(name) && !(*json_)[name].is_null(); }
  Look at(const char* name) const {
    static const Json none;
    return Look(has(name) ? (*json_)[name] : none, place_ + "/" + name, wrong_);
  }
  std::string text(const char* name, std::string otherwise = "", bool needed = false) const {
    if (!has(name)) {
      if (needed) at(name).note("a text is missing");
      return otherwise;
    }
    const Json& v = (*json_)[name];
    if (v.is_string()) return v.get<std::string>();
    at(name).note("a text is expected");
    return otherwise;
  }
  std::int64_t number(const char* name, std::int64_t otherwise, std::int64_t least, std::int64_t most) const {
    if (!has(name)) return otherwise;
    const Json& v = (*json_)[name];
    if (v.is_number_integer() && v.get<std::int64_t>() >= least && v.get<std::int64_t>() <= most) return v.get<std::int64_t>();
    at(name).note("a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is expected");
    return otherwise;
  }
  bool flag(const char* name, bool otherwise) const {
    if (!has(name)) return otherwise;
    const Json& v = (*json_)[name];
    if (v.is_boolean()) return v.get<bool>();
    at(name).note("true or false is expected");
    return otherwise;
  }
  std::size_t word(const char* name, std::initializer_list<std::string_view> words, std::size_t otherwise) const {
    if (!has(name)) return otherwise;
    const std::string given = text(name);
    std::string all;
    for (const auto& w : words) {
      if (w == given) return static_cast<std::size_t>(&w - words.begin());
      all += (all.empty() ? "" : ", ") + std::string(w);
    }
    at(name).note("one of " + all + " is expected");
    return otherwise;
  }
  std::vector<std::string> texts(const char* name) const {
    std::vector<std::string> out;
    if (!has(name)) return out;
    if (!(*json_)[name].is_array()) return at(name).note("a list of texts is expected"), out;
    for (const Json& v : (*json_)[name]) v.is_string() ? out.push_back(v.get<std::string>()) : at(name).note("a list of texts is expected");
    return out;
  }
  const Json& json() const { return *json_; }
  const std::string& place() const { return place_; }
  std::string* wrong() const { return wrong_; }

 private:
  const Json* json_;
  std::string place_;
  std::string* wrong_;
};

CallShape read_call(const Look& look, const char* method, const std::string& endpoint) {
  CallShape out;
  out.method = look.text("method", method), out.path = look.text("path", "", true), out.endpoint = look.text("endpoint", endpoint);
  if (look.has("body")) out.body = look.at("body").json().is_string() ? look.text("body") : look.at("body").json().dump();
  return out;
}

ApiField read_field(const Look& look) {
  ApiField out;
  if (!look.object({"name", "type", "nullable", "length", "unique", "default", "generated", "choices", "path"})) return out;
  ObjectField& f = out.field;
  f.name = look.text("name", "", true);
  const auto type = parse_type(look.text("type", "text"));
  if (!type || type->id == TypeId::null_type) look.at("type").note("text, integer, decimal(18,2), date, timestamp with zone ... is expected");
  else f.type = *type;
  f.nullable = look.flag("nullable", true), f.unique = look.flag("unique", false), f.has_default = look.flag("default", false), f.generated = look.flag("generated", false);
  if (look.has("length")) f.length = look.number("length", 0, 1, INT64_MAX);
  f.choices = look.texts("choices");
  out.path = look.text("path", "/" + f.name);
  return out;
}

ApiObject read_object(const std::string& name, const Look& look) {
  ApiObject out;
  out.name = name;
  if (!look.object({"fields", "key", "id", "read", "write", "update", "delete", "lookup"})) return out;
  if (!look.has("fields") || !look.at("fields").json().is_array()) look.at("fields").note("a list of fields is expected");
  else
    for (const Json& f : look.at("fields").json()) out.fields.push_back(read_field(Look(f, look.place() + "/fields/" + std::to_string(out.fields.size()), look.wrong())));
  out.key = look.texts("key"), out.id = look.text("id");
  for (const std::string& k : out.key)
    if (out.find(k) == nullptr) look.at("key").note("\"" + k + "\" is none of the fields");
  if (!out.id.empty() && out.find(out.id) == nullptr) look.at("id").note("it is none of the fields");
  if (look.has("read")) {
    const Look r = look.at("read");
    ReadShape& read = out.read.emplace();
    if (r.object({"method", "path", "body", "endpoint", "rows", "by", "next", "cursor", "first", "page_rows"})) {
      read.call = read_call(r, "GET", "read"), read.rows = r.text("rows"), read.next = r.text("next"), read.first = r.text("first");
      read.by = static_cast<ReadShape::By>(r.word("by", {"id", "next", "token", "offset", "page"}, 0));
      read.cursor = r.text("cursor", out.id.empty() ? "" : "/" + out.id), read.page_rows = r.number("page_rows", 100, 1, 1'000'000);
      if (read.by == ReadShape::By::id && read.cursor.empty()) r.at("cursor").note("the place of what orders the rows is missing");
      if ((read.by == ReadShape::By::next || read.by == ReadShape::By::token) && read.next.empty()) r.at("next").note("the place of the next page is missing");
    }
  }
  if (look.has("write")) {
    const Look w = look.at("write");
    WriteShape& write = out.write.emplace();
    if (w.object({"method", "path", "body", "endpoint", "rows", "in", "results", "success", "id", "created", "code", "message", "field", "upserts"})) {
      write.call = read_call(w, "POST", "write"), write.in = w.text("in"), write.results = w.text("results"), write.success = w.text("success");
      write.id = w.text("id", out.id.empty() ? "" : "/" + out.id), write.created = w.text("created"), write.code = w.text("code", "/code"), write.message = w.text("message", "/message");
      write.field = w.text("field", "/field"), write.rows = static_cast<std::size_t>(w.number("rows", 100, 1, 100'000)), write.upserts = w.flag("upserts", false);
    }
  }
  for (const auto& [member, shape] : {std::pair("update", &out.update), std::pair("delete", &out.remove)}) {
    if (!look.has(member)) continue;
    const Look c = look.at(member);
    if (c.object({"method", "path", "body", "endpoint"})) *shape = read_call(c, std::string_view(member) == "update" ? "PATCH" : "DELETE", "write");
  }
  if (look.has("lookup")) {
    const Look l = look.at("lookup");
    LookupShape& lookup = out.lookup.emplace();
    if (l.object({"method", "path", "body", "endpoint", "field", "rows", "between", "most", "visible_after_ms"})) {
      lookup.call = read_call(l, "GET", "lookup"), lookup.field = l.text("field", out.key.empty() ? "" : out.key.front(), out.key.empty()), lookup.rows = l.text("rows");
      lookup.between = l.text("between", ","), lookup.most = static_cast<std::size_t>(l.number("most", 50, 1, 100'000));
      lookup.visible_after_ms = l.number("visible_after_ms", 0, 0, 3'600'000);
      if (out.find(lookup.field) == nullptr) l.at("field").note("it is none of the fields");
    }
  }
  return out;
}

rest::ValueForm read_form(const Look& look) {
  using Form = rest::ValueForm;
  Form out;
  if (!look.object({"numbers", "booleans", "dates", "date_offset_s", "moments", "second_digits", "blanks", "empty_is_null", "json_as_text"})) return out;
  static constexpr rest::MomentForm kMoments[] = {rest::MomentForm::iso_z, rest::MomentForm::iso_offset, rest::MomentForm::iso_compact, rest::MomentForm::epoch_s, rest::MomentForm::epoch_ms};
  out.numbers = static_cast<Form::Numbers>(look.word("numbers", {"exact", "double", "text"}, 0));
  out.booleans = static_cast<Form::Booleans>(look.word("booleans", {"json", "text", "digits"}, 0));
  out.dates = static_cast<rest::DateForm>(look.word("dates", {"iso", "epoch_s", "epoch_ms"}, 0));
  out.date_offset_s = look.number("date_offset_s", 0, -50400, 50400);
  out.moments = kMoments[look.word("moments", {"z", "offset", "compact", "epoch_s", "epoch_ms"}, 0)];
  out.fraction_digits = static_cast<int>(look.number("second_digits", 6, 0, 6));
  out.blanks = static_cast<Form::Blanks>(look.word("blanks", {"keep", "refuse", "trim"}, 0));
  out.empty_is_null = look.flag("empty_is_null", false), out.json_as_text = look.flag("json_as_text", false);
  return out;
}

}  // namespace

const ApiField* ApiObject::find(std::string_view wanted) const {
  for (const ApiField& f : fields)
    if (f.field.name == wanted) return &f;
  return nullptr;
}

ObjectDescription ApiObject::describe() const {
  ObjectDescription out;
  out.object = name, out.key = key;
  if (out.key.empty() && !id.empty()) out.key = {id};
  if (lookup && !lookup->field.empty() && lookup->field != id) out.uniques.push_back({lookup->field});
  std::string shape;
  for (const ApiField& f : fields) out.fields.push_back(f.field), shape += f.field.name + ' ' + to_string(f.field.type) + '\n';
  out.hash = std::to_string(std::hash<std::string>()(shape));
  return out;
}

Result<Api> read_api(const sdk::Settings& settings) {
  const std::filesystem::path path = settings.path("api");
  std::ifstream file(path, std::ios::binary);
  std::string text;
  for (char piece[16384]; file && (file.read(piece, sizeof piece), file.gcount() > 0);) text.append(piece, static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad()) return sdk::fail(3451, ErrorKind::bad_config, {{"place", path.string()}, {"seen", "the file cannot be read"}});
  Json json;
  try {
    json = Json::parse(text, nullptr, true, true);
  } catch (const Json::exception& e) {
    return sdk::fail(3451, ErrorKind::bad_config, {{"place", path.string()}, {"seen", e.what()}});
  }
  std::string wrong;
  const Look look(json, "", &wrong);
  Api out;
  out.url = settings.text("url");
  while (out.url.ends_with('/')) out.url.pop_back();
  out.form.fraction_digits = 6;
  if (look.object({"http", "check", "identity", "form", "objects"})) {
    if (look.has("check")) out.check = read_call(look.at("check"), "GET", "check");
    out.identity = look.text("identity");
    if (look.has("form")) out.form = read_form(look.at("form"));
    if (!look.has("objects") || !look.at("objects").json().is_object()) look.at("objects").note("an object for each object is expected");
    else
      for (const auto& [name, object] : look.at("objects").json().items()) out.objects.emplace(name, read_object(name, Look(object, "/objects/" + name, &wrong)));
  }
  if (!wrong.empty()) return sdk::fail(3452, ErrorKind::bad_config, {{"place", path.string()}, {"seen", wrong}});
  Json rules = look.has("http") ? json["http"] : Json::object();
  rules["base"] = out.url;
  if (!rules.contains("name")) rules["name"] = "rest";
  for (const char* name : {"user", "password", "token", "client_id", "client_secret", "refresh_token"})
    if (!settings.text(name).empty()) rules["session"][name] = std::string(settings.text(name));
  rest::add_network(settings, &rules);
  if (const std::int64_t most = settings.integer("concurrent"); most > 0) rules["budgets"].push_back({{"concurrent", most}});
  out.rules = rules.dump(-1, ' ', false, Json::error_handler_t::replace);
  return out;
}

std::string fill(std::string_view text, const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("{{")) {
      const std::size_t end = std::min(text.find("}}", at), text.size() - 2) + 2;
      out += text.substr(at, end - at), at = end;
      continue;
    }
    bool replaced = false;
    for (const auto& [name, value] : values) {
      if (text[at] != '{' || text.substr(at + 1, name.size()) != name || at + 1 + name.size() >= text.size() || text[at + 1 + name.size()] != '}') continue;
      out += value, at += name.size() + 2, replaced = true;
      break;
    }
    if (!replaced) out += text[at++];
  }
  return out;
}

}  // namespace godwit::restapi
