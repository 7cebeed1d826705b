#include "connectors/zoho/sandbox/record_check.hpp"

#include <nlohmann/json.hpp>

namespace godwit::sandbox::zoho {
namespace {

const char* expected_type(const Field& field) {
  switch (field.kind) {
    case Kind::integer: return "integer";
    case Kind::exact_decimal: return "bigint";
    case Kind::decimal: return "double";
    case Kind::boolean: return "boolean";
    case Kind::date: return "date";
    case Kind::datetime: return "datetime";
    case Kind::choices: return "jsonarray";
    case Kind::reference: return "jsonobject";
    case Kind::json: return "jsonarray";
    case Kind::email: return "email";
    default: return "text";
  }
}

class Checker {
 public:
  Checker(Org& org, const Object& module, const Json& sent, const Record* before, std::string path, const External& external, const Source& source)
      : org_(org), module_(module), sent_(sent), before_(before), path_(std::move(path)), external_(external), source_(source),
        refuse_unknown_(org.world().setting("unknown_fields") == "refuse"), restricted_(org.world().setting("pick_lists") == "restricted") {
    rules_.empty_is_null = true;
    rules_.check_email = org.world().on("check_email");
    rules_.lists = !source.csv;
    rules_.numbers_as_text = source.csv;
    rules_.texts_for_all = source.csv;
  }

  Checked run() {
    for (const auto& [name, value] : sent_.items()) field(name, value);
    mandatory();
    for (const Field& f : module_.fields) dependent(f);
    pipeline();
    contact_of_account();
    return std::move(out_);
  }

 private:
  std::string at(const std::string& name) const { return path_ + "." + name; }
  void problem(Problem one) { out_.problems.push_back(std::move(one)); }

  void field(const std::string& name, const Json& value) {
    if (name == "id" || name == "Tag" || name == "$append_values" || name == "$se_module" || name == "se_module" || name == "_delete") return;
    if (name == "Layout") return layout(value);
    const Field* f = module_.field(name);
    if (f == nullptr) {
      // A key with $ is no field and never was.
      if (refuse_unknown_ && !name.starts_with('$')) problem({"INVALID_DATA", "invalid field", {{"api_name", name}, {"json_path", at(name)}}});
      return;
    }
    const bool history = name == "Created_Time" || name == "Modified_Time" || name == "Created_By";
    if (is_read_only(*f) && !(history && source_.keep_system_times)) return;  // taken and not looked at
    if (f->type == "subform") return subform(*f, value);
    if (is_lookup(*f)) return lookup(*f, value);
    if (f->type == "fileupload") return files(*f, value);
    plain(*f, value);
  }

  void layout(const Json& value) {
    if (value.is_null()) return;
    if (text_in(value, "id") != layout_id(module_)) problem(invalid_data({{"api_name", "Layout"}, {"json_path", at("Layout")}}));
  }

  void plain(const Field& f, const Json& in) {
    const bool wrong_time = f.kind == Kind::datetime && in.is_string() && !in.get_ref<const std::string&>().empty() && !source_.csv && !travels_as_time(in);
    Rules rules = rules_;
    if (f.kind == Kind::exact_decimal) rules.texts_for_all = true;  // long numbers come as texts, so that nobody's double spoils them
    Value value;
    const auto wrong = wrong_time ? std::optional(Violation{Wrong::type, &f, ""}) : check_value(f, in, rules, value);
    if (wrong) return problem(violation(*wrong, f));
    if (restricted_ && !is_null(value) && (f.kind == Kind::choice || f.kind == Kind::choices) && !allowed(f, to_text(value))) return;
    if (f.kind == Kind::choices) append(f, value);
    put(out_.columns, f.name, std::move(value));
  }

  // 2026-01-02T03:04:05+08:00 and nothing else.
  static bool travels_as_time(const Json& in) {
    const std::string& text = in.get_ref<const std::string&>();
    return text.size() == 25 && text[10] == 'T' && text[22] == ':' && (text[19] == '+' || text[19] == '-');
  }

  Problem violation(const Violation& wrong, const Field& f) const {
    if (wrong.wrong == Wrong::too_long) return invalid_data({{"maximum_length", f.length}, {"api_name", f.name}, {"json_path", at(f.name)}});
    if (wrong.wrong == Wrong::out_of_range) return invalid_data({{"maximum_length", f.precision}, {"api_name", f.name}, {"json_path", at(f.name)}});
    return invalid_type(f.name, at(f.name), expected_type(f));
  }

  bool allowed(const Field& f, const std::string& text) {
    std::string_view rest = text;
    while (true) {
      const std::size_t end = f.kind == Kind::choices ? std::min(rest.find(';'), rest.size()) : rest.size();
      const Choice* choice = f.choice(rest.substr(0, end));
      if (choice == nullptr || !choice->active) {
        Json supported = Json::array();
        for (const Choice& one : f.values) supported.push_back(one.value);
        problem(invalid_data({{"supported_values", std::move(supported)}, {"api_name", f.name}, {"json_path", at(f.name)}}));
        return false;
      }
      if (end == rest.size()) return true;
      rest.remove_prefix(end + 1);
    }
  }

  // $append_values: what is sent is added to what is there.
  void append(const Field& f, Value& value) const {
    const auto wanted = sent_.find("$append_values");
    if (before_ == nullptr || wanted == sent_.end() || !wanted->is_object() || !wanted->contains(f.name) || (*wanted)[f.name] != true) return;
    std::string joined = to_text((*before_)[f.name]);
    std::string_view rest;
    const std::string added = to_text(value);
    for (rest = added; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string one(rest.substr(0, end));
      if ((";" + joined + ";").find(";" + one + ";") == std::string::npos) joined += (joined.empty() ? "" : ";") + one;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    value = joined.empty() ? Value() : Value(joined);
  }

  void lookup(const Field& f, const Json& in) {
    if (in.is_null() || (source_.csv && in == "")) return put(out_.columns, f.name, {});
    std::string id;
    if (in.is_object() && in.contains("id") && in["id"].is_string()) id = in["id"];
    else if (source_.csv && in.is_string()) id = in;
    else return problem(invalid_type(f.name, at(f.name), "jsonobject"));
    const std::vector<std::string> modules = named_modules(f, in);
    if (modules.empty()) return;
    const Field* key = external_.of_lookup(f);
    for (const std::string& name : modules) {
      const Object* target = org_.model().object(name);
      if (target == nullptr) continue;
      const auto found = org_.id_of(*target, key, id);
      if (!found) continue;
      // Whoever has left owns nothing new.
      if (name == "Users" && org_.world().setting("inactive_owner") == "refuse" && to_text((*org_.store().get(*target, *found))["status"]) != "active") break;
      return put(out_.columns, f.name, *found);
    }
    problem(invalid_data({{"api_name", f.name}, {"json_path", at(f.name) + ".id"}}));
  }

  // The modules among which the id is looked up; none when a problem was noted.
  std::vector<std::string> named_modules(const Field& f, const Json& in) {
    std::string named;
    if (flag(f, "polymorphic") && !source_.csv) {
      if (sent_.contains("$se_module") && sent_["$se_module"].is_string()) named = sent_["$se_module"];
      else if (org_.world().setting("se_module") == "required") {
        problem({"MANDATORY_NOT_FOUND", "required field not found", {{"api_name", "$se_module"}, {"json_path", at("$se_module")}}});
        return {};
      }
    } else if (flag(f, "any_module") && !source_.csv) {
      if (in.contains("module")) named = text_in(in["module"], "api_name");
      else if (sent_.contains("se_module") && sent_["se_module"].is_string()) named = sent_["se_module"];
      if (named.empty() && org_.world().setting("lookup_module") == "required") {
        problem({"MANDATORY_NOT_FOUND", "required field not found", {{"api_name", "module"}, {"json_path", at(f.name) + ".module"}}});
        return {};
      }
    }
    if (named.empty()) return f.references;
    for (const std::string& one : f.references)
      if (one == named) return {named};
    problem(invalid_data({{"api_name", flag(f, "polymorphic") ? "$se_module" : f.name}, {"json_path", at(flag(f, "polymorphic") ? "$se_module" : f.name)}}));
    return {};
  }

  void files(const Field& f, const Json& in) {
    if (in.is_null()) return put(out_.columns, f.name, {});
    if (!in.is_array()) return problem(invalid_type(f.name, at(f.name), "jsonarray"));
    for (const Json& file : in) {
      const std::string id = text_in(file, "File_Id__s");
      if (!org_.database().row("select 1 from sandbox_file where id = ?", {id})) return problem(invalid_data({{"api_name", "File_Id__s"}, {"json_path", at(f.name)}}));
    }
    put(out_.columns, f.name, in.empty() ? Value() : Value(in.dump()));
  }

  void subform(const Field& f, const Json& in) {
    if (!in.is_array() && !in.is_null()) return problem(invalid_type(f.name, at(f.name), "jsonarray"));
    out_.subforms.push_back({&f, in.is_null() ? Json::array() : in});
  }

  // What the field will hold.
  const Value& after(const std::string& name) const {
    static const Value kNull;
    if (const Value* sent = find_column(out_.columns, name)) return *sent;
    return before_ == nullptr ? kNull : (*before_)[name];
  }

  bool blamed(const std::string& name) const {
    const std::string path = at(name);
    for (const Problem& one : out_.problems) {
      const std::string where = one.details.value("json_path", "");
      if (where == path || where.starts_with(path + ".") || where.starts_with(path + "[")) return true;
    }
    return false;
  }

  void mandatory() {
    const bool by_layout = org_.world().on("layout_required");
    for (const Field& f : module_.fields) {
      if ((!f.required && !(by_layout && flag(f, "layout_required"))) || blamed(f.name)) continue;
      if (before_ != nullptr && find_column(out_.columns, f.name) == nullptr) continue;
      if (is_null(after(f.name))) problem({"MANDATORY_NOT_FOUND", "required field not found", {{"api_name", f.name}, {"json_path", at(f.name)}}});
    }
  }

  void dependent(const Field& f) {
    if (f.controller.empty() || is_null(after(f.name)) || blamed(f.name)) return;
    if (find_column(out_.columns, f.name) == nullptr && find_column(out_.columns, f.controller) == nullptr) return;
    const Json dependee = {{"api_name", f.controller}, {"json_path", at(f.controller)}};
    if (is_null(after(f.controller)))
      return problem({"DEPENDENT_FIELD_MISSING", "dependent field missing", {{"dependee", dependee}, {"api_name", f.name}, {"json_path", at(f.name)}}});
    const Choice* choice = f.choice(to_text(after(f.name)));
    if (choice != nullptr && !allowed_for(*choice, to_text(after(f.controller))))
      problem({"DEPENDENT_MISMATCH", "dependent value mismatch", {{"dependee", dependee}, {"api_name", f.name}, {"json_path", at(f.name)}}});
  }

  void pipeline() {
    if (module_.field("Stage") == nullptr || org_.world().setting("pipelines") != "yes" || is_null(after("Stage")) || blamed("Stage")) return;
    if (find_column(out_.columns, "Stage") == nullptr && find_column(out_.columns, "Pipeline") == nullptr) return;
    if (!stage_in_pipeline(module_, to_text(after("Pipeline")), to_text(after("Stage"))))
      problem({"MAPPING_MISMATCH", "the stage is not one of the pipeline", {{"api_name", "Stage"}, {"json_path", at("Stage")}, {"mapped_field", {{"api_name", "Pipeline"}}}}});
  }

  // A deal's contact works for the deal's account.
  void contact_of_account() {
    if (org_.world().setting("contact_of_account") != "yes" || module_.name != "Deals" || is_null(after("Contact_Name")) || is_null(after("Account_Name"))) return;
    const std::optional<Record> contact = org_.store().get(*org_.model().object("Contacts"), to_text(after("Contact_Name")));
    if (contact && to_text((*contact)["Account_Name"]) != to_text(after("Account_Name")))
      problem({"MAPPING_MISMATCH", "the contact is not one of the account", {{"api_name", "Contact_Name"}, {"json_path", at("Contact_Name")}, {"mapped_field", {{"api_name", "Account_Name"}}}}});
  }

  Org& org_;
  const Object& module_;
  const Json& sent_;
  const Record* before_;
  std::string path_;
  const External& external_;
  const Source& source_;
  bool refuse_unknown_, restricted_;
  Rules rules_;
  Checked out_;
};

}  // namespace

Checked check_record(Org& org, const Object& module, const Json& sent, const Record* before, const std::string& path, const External& external, const Source& source) {
  return Checker(org, module, sent, before, path, external, source).run();
}

std::optional<Problem> check_unique(Org& org, const Object& module, const Columns& columns, const std::string& own_id, const std::string& path) {
  const auto taken = org.store().unique_conflict(module, columns, own_id);
  if (!taken) return std::nullopt;
  return duplicate_problem(org, module, *taken->field, path, taken->other, false);
}

Problem duplicate_problem(Org& org, const Object& module, const Field& field, const std::string& path, const std::string& other, bool more) {
  const std::optional<Record> record = org.store().get(module, other);
  Json owner = record && module.field("Owner") != nullptr ? org.user_json(to_text((*record)["Owner"])) : Json();
  return {"DUPLICATE_DATA", "duplicate data",
          {{"api_name", field.name},
           {"json_path", path + "." + field.name},
           {"more_records", more},
           {"duplicate_record", {{"id", other}, {"Owner", owner}, {"module", {{"api_name", module.name}, {"id", module_id(module)}}}}}}};
}

std::string text_in(const Json& in, const char* name) {
  if (!in.is_object()) return {};
  const auto found = in.find(name);
  return found != in.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Value* find_column(const Columns& columns, std::string_view name) {
  for (const auto& [column, value] : columns)
    if (column == name) return &value;
  return nullptr;
}

void put(Columns& columns, std::string_view name, Value value) {
  for (auto& [column, old] : columns)
    if (column == name) {
      old = std::move(value);
      return;
    }
  columns.emplace_back(std::string(name), std::move(value));
}

}  // namespace godwit::sandbox::zoho
