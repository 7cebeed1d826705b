#include "core/run/description_change.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/model/catalogue.hpp"

namespace godwit {
namespace {

using json = nlohmann::ordered_json;
using What = DescriptionChange::What;

bool must_be_given(const ObjectField& f) { return !f.nullable && !f.has_default && !f.generated; }

std::string length_text(const std::optional<std::int64_t>& length) { return length ? std::to_string(*length) : "-"; }

class FieldChanges {
 public:
  FieldChanges(const std::vector<std::string>& mapped, std::vector<DescriptionChange>& out) : mapped_(mapped), out_(out) {}

  void field(const ObjectField& before, const ObjectField& now) {
    const bool mapped = is_mapped(now.name);
    if (before.type != now.type) add(What::type, now.name, to_string(before.type), to_string(now.type), mapped);
    if (before.length != now.length) {
      const bool shorter = now.length && (!before.length || *now.length < *before.length);
      add(shorter ? What::shorter : What::longer, now.name, length_text(before.length), length_text(now.length), shorter && mapped);
    }
    if (must_be_given(before) != must_be_given(now)) add(must_be_given(now) ? What::required : What::optional, now.name, "", "", must_be_given(now));
    if (before.unique != now.unique) add(now.unique ? What::unique : What::not_unique, now.name, "", "", now.unique && mapped);
    for (const std::string& c : before.choices)
      if (!std::ranges::count(now.choices, c) && !now.choices.empty()) add(What::choice_removed, now.name, c, "", mapped);
    for (const std::string& c : now.choices)
      if (!std::ranges::count(before.choices, c)) add(What::choice_added, now.name, "", c, before.choices.empty() && mapped);
  }
  void removed(const ObjectField& f) { add(What::removed, f.name, to_string(f.type), "", is_mapped(f.name)); }
  void added(const ObjectField& f) { add(must_be_given(f) ? What::added_required : What::added, f.name, "", to_string(f.type), must_be_given(f)); }

 private:
  bool is_mapped(const std::string& name) const { return std::ranges::count(mapped_, name) != 0; }
  void add(What what, const std::string& field, std::string was, std::string becomes, bool breaking) {
    out_.push_back({what, field, std::move(was), std::move(becomes), breaking});
  }
  const std::vector<std::string>& mapped_;
  std::vector<DescriptionChange>& out_;
};

}  // namespace

std::vector<DescriptionChange> compare_descriptions(const ObjectDescription& before, const ObjectDescription& now, const std::vector<std::string>& mapped) {
  std::vector<DescriptionChange> out;
  FieldChanges changes(mapped, out);
  for (const ObjectField& f : before.fields) {
    const ObjectField* still = now.find(f.name);
    still == nullptr ? changes.removed(f) : changes.field(f, *still);
  }
  for (const ObjectField& f : now.fields)
    if (before.find(f.name) == nullptr) changes.added(f);
  std::ranges::stable_sort(out, [](const DescriptionChange& a, const DescriptionChange& b) { return a.breaking > b.breaking; });
  return out;
}

std::string change_text(const DescriptionChange& c, Language language) {
  static constexpr const char* kKeys[] = {"removed", "type", "shorter", "longer", "required", "optional", "choice_removed", "choice_added", "unique", "not_unique", "added", "added_required"};
  return text("run.change." + std::string(kKeys[static_cast<int>(c.what)]), language, {{"field", c.field}, {"was", c.was}, {"becomes", c.becomes}});
}

std::string description_text(const ObjectDescription& description) {
  json out{{"object", description.object}, {"fields", json::array()}};
  for (const ObjectField& f : description.fields) {
    json field{{"name", f.name}, {"type", to_string(f.type)}, {"nullable", f.nullable}, {"default", f.has_default}, {"unique", f.unique}, {"generated", f.generated}};
    if (f.length) field["length"] = *f.length;
    if (!f.choices.empty()) field["choices"] = f.choices;
    out["fields"].push_back(std::move(field));
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ObjectDescription> parse_description_text(std::string_view text) {
  const json all = json::parse(text, nullptr, false);
  if (!all.is_object() || !all.contains("fields") || !all["fields"].is_array()) return fail(5902, {{"place", "description"}, {"seen", std::string(text.substr(0, 40))}});
  ObjectDescription out;
  out.object = all.value("object", "");
  for (const json& f : all["fields"]) {
    ObjectField& field = out.fields.emplace_back();
    field.name = f.value("name", ""), field.nullable = f.value("nullable", true), field.has_default = f.value("default", false);
    field.unique = f.value("unique", false), field.generated = f.value("generated", false);
    field.type = parse_type(f.value("type", "text")).value_or(TypeId::utf8);
    if (f.contains("length")) field.length = f["length"].get<std::int64_t>();
    field.choices = f.value("choices", std::vector<std::string>{});
  }
  return out;
}

}  // namespace godwit
