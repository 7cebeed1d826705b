#include "core/run/compiled_flow.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "core/model/nearest.hpp"

namespace godwit {
namespace {

std::string nearest_field(const ObjectDescription& object, const std::string& name) {
  std::vector<std::string_view> known;
  for (const ObjectField& f : object.fields) known.push_back(f.name);
  return std::string(nearest(name, known));
}

// The name that a bare column stands for, quotes taken off.
std::string bare_name(const ExpressionText& e) {
  const std::string& text = e.text;
  return text.size() > 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

// Collects the mistakes of one flow; the first carries the others.
class Mistakes {
 public:
  void add(Error error) {
    std::vector<Error> more = std::move(error.more);
    error.more.clear();
    all_.push_back(std::move(error));
    for (Error& e : more) all_.push_back(std::move(e));
  }
  bool any() const { return !all_.empty(); }
  Error take() {
    Error first = std::move(all_.front());
    first.more.assign(std::make_move_iterator(all_.begin() + 1), std::make_move_iterator(all_.end()));
    return first;
  }

 private:
  std::vector<Error> all_;
};

class FlowCompiler {
 public:
  FlowCompiler(const Flow& flow, const CompileContext& context, CompiledFlow& out)
      : flow_(flow), context_(context), out_(out) {}

  void run() {
    source_key();
    lets();
    if (flow_.where) out_.where = condition(*flow_.where, source_scope(), "where");
    if (flow_.delete_when) out_.delete_when = condition(*flow_.delete_when, source_scope(), "delete_when");
    mark_lets_of_where();
    for (const NamedExpression& k : flow_.key) column(k, true);
    out_.key_count = out_.columns.size();
    if (out_.key_count != 0 && out_.key_count == flow_.key.size() && flow_.source_key.empty())
      mistakes.add(make_error(4014, {{"place", flow_.key.front().place.to_string()}, {"flow", flow_.name}}));
    for (const NamedExpression& m : flow_.map) column(m, false);
    for (const TargetColumn& c : out_.columns) out_.target_schema.push_back({c.name, c.type});
    required_fields();
    key_is_unique();
    unmapped();
    for (const ValidateRule& r : flow_.validate) rule(r);
    totals();
  }

  Mistakes mistakes;

 private:
  Scope source_scope() const { return {&out_.source_schema, &out_.let_schema, nullptr}; }
  Scope target_scope() const { return {&out_.target_schema, nullptr, &out_.source_schema}; }

  CompileOptions options(const ExpressionText& text, Scope scope) const {
    CompileOptions o;
    o.scope = scope;
    o.file = text.place.file, o.line = text.place.line, o.column = text.place.column;
    o.folder = context_.project->folder;
    o.references = context_.references;
    o.now_us = context_.now_us;
    o.zone = flow_.zone;
    if (const ConnectionConfig* c = context_.project->connection(flow_.from.front().connection); o.zone.empty() && c != nullptr)
      o.zone = c->zone;
    return o;
  }

  std::shared_ptr<const Expression> expression(const ExpressionText& text, Scope scope) {
    if (text.is_constant) return constant(text.text);
    auto compiled = compile(text.text, options(text, scope));
    if (compiled) return *compiled;
    mistakes.add(std::move(compiled).error());
    return nullptr;
  }

  std::shared_ptr<const Expression> condition(const ExpressionText& text, Scope scope, std::string_view what) {
    auto e = expression(text, scope);
    if (e && e->type().id != TypeId::boolean) {
      mistakes.add(make_error(4001, {{"place", text.place.to_string()}, {"what", std::string(what)}, {"seen", to_string(e->type())}}));
      return nullptr;
    }
    return e;
  }

  void source_key() {
    for (const std::string& name : flow_.source_key) {
      const int at = find_field(out_.source_schema, name);
      if (at >= 0) out_.source_key.push_back(at);
      else unknown_column(name, flow_.place);
    }
  }

  void unknown_column(const std::string& name, const SourcePlace& place) {
    std::vector<std::string_view> known;
    for (const Field& f : out_.source_schema) known.push_back(f.name);
    mistakes.add(make_error(4002, {{"place", place.to_string()}, {"seen", name}, {"object", out_.sources.front().object},
                                   {"nearest", std::string(nearest(name, known))}}));
  }

  void unknown_field(const std::string& name, const SourcePlace& place) {
    mistakes.add(make_error(4003, {{"place", place.to_string()}, {"seen", name}, {"object", out_.target.object},
                                   {"nearest", nearest_field(out_.target, name)}}));
  }

  bool is_lacking(const std::string& name) const {
    return std::ranges::any_of(out_.lacking, [&](const LackingField& f) { return f.name == name; });
  }

  // Notes what the target lacks for this field of `map`; the value is worked out all the same, for what it would be.
  void lack(LackingField::Why why, const NamedExpression& named, std::shared_ptr<const Expression> e) {
    if (!e) e = expression(named.expression, source_scope());
    if (!e) return;
    LackingField& f = out_.lacking.emplace_back();
    f.why = why, f.name = named.name, f.type = e->type();
    f.source = named.expression.text, f.place = named.place.to_string();
    if (why == LackingField::Why::absent) f.nearest = nearest_field(out_.target, named.name);
    if (const int at = e->bare_column(); at >= 0)
      if (const ObjectField* from = out_.sources.front().find(out_.source_schema[static_cast<std::size_t>(at)].name)) f.length = from->length;
    f.expression = std::move(e);
  }

  void lets() {
    for (const NamedExpression& l : flow_.let) {
      auto e = expression(l.expression, source_scope());
      if (!e) continue;
      out_.let_schema.push_back({l.name, e->type()});
      out_.lets.push_back(std::move(e));
    }
  }

  void mark_lets_of_where() {
    out_.let_used_by_where.assign(out_.lets.size(), false);
    std::vector<int> todo;
    for (const auto& e : {out_.where, out_.delete_when})
      if (e) todo.insert(todo.end(), e->lets_used().begin(), e->lets_used().end());
    while (!todo.empty()) {
      const auto i = static_cast<std::size_t>(todo.back());
      todo.pop_back();
      if (out_.let_used_by_where[i]) continue;
      out_.let_used_by_where[i] = true;
      todo.insert(todo.end(), out_.lets[i]->lets_used().begin(), out_.lets[i]->lets_used().end());
    }
  }

  void column(const NamedExpression& named, bool key) {
    const ObjectField* field = out_.target.find(named.name);
    const bool lists = context_.lists_lacking && !key;
    if (field == nullptr) return lists ? lack(LackingField::Why::absent, named, nullptr) : unknown_field(named.name, named.place);
    if (field->generated && lists) return lack(LackingField::Why::read_only, named, nullptr);
    if (field->generated) {
      mistakes.add(make_error(4004, {{"place", named.place.to_string()}, {"seen", named.name}, {"object", out_.target.object}}));
      return;
    }
    auto e = expression(named.expression, source_scope());
    if (!e) return;
    TargetColumn c;
    c.name = named.name, c.type = field->type, c.key = key;
    // A constant is text that takes the field's type; everything else must already fit.
    if (named.expression.is_constant && field->type.id != TypeId::utf8) e = typed_constant(named, field->type);
    if (!e) return;
    if (!fits(e->type(), field->type)) {
      if (lists) return lack(LackingField::Why::type, named, std::move(e));
      mistakes.add(make_error(4005, {{"place", named.expression.place.to_string()}, {"field", named.name},
                                     {"seen", to_string(e->type())}, {"expected", to_string(field->type)}}));
      return;
    }
    c.deferred = e->deferred();
    if (e->bare_column() >= 0 && e->type() == field->type) c.pass_through = e->bare_column();
    c.nullable = field->nullable, c.has_default = field->has_default, c.length = field->length;
    c.choices.insert(field->choices.begin(), field->choices.end());
    if (c.deferred && key) {
      mistakes.add(make_error(4006, {{"place", named.expression.place.to_string()}, {"field", named.name}}));
      return;
    }
    if (c.deferred && !c.nullable) {
      mistakes.add(make_error(4007, {{"place", named.expression.place.to_string()}, {"field", named.name}, {"flow", flow_.name}}));
      return;
    }
    out_.has_deferred |= c.deferred;
    c.expression = std::move(e);
    out_.columns.push_back(std::move(c));
  }

  // {const: 5} into an integer field: the text is read as a literal of the language; dates and booleans likewise.
  std::shared_ptr<const Expression> typed_constant(const NamedExpression& named, Type type) {
    const std::string& value = named.expression.text;
    std::string literal = value;
    if (type.id == TypeId::date32) literal = "date '" + value + "'";
    if (type.id == TypeId::timestamp) literal = "timestamp '" + value + "'";
    ExpressionText text{literal, named.expression.place, false};
    return expression(text, source_scope());
  }

  void required_fields() {
    for (const ObjectField& f : out_.target.fields) {
      if (f.nullable || f.has_default || f.generated) continue;
      if (find_field(out_.target_schema, f.name) >= 0) continue;
      if (std::ranges::any_of(flow_.map, [&](const NamedExpression& m) { return m.name == f.name; }) ||
          std::ranges::any_of(flow_.key, [&](const NamedExpression& m) { return m.name == f.name; }))
        continue;  // mapped with a mistake that was named already
      if (context_.lists_lacking) {
        LackingField& lacking = out_.lacking.emplace_back();
        lacking.why = LackingField::Why::required, lacking.name = f.name, lacking.type = f.type, lacking.length = f.length, lacking.place = flow_.place.to_string();
        continue;
      }
      mistakes.add(make_error(4008, {{"place", flow_.place.to_string()}, {"field", f.name}, {"object", out_.target.object}}));
    }
  }

  // A deleted record can come back whole only if all that it held was kept, what no mapping knows included.
  void unmapped() {
    if (!out_.delete_when) return;
    for (const ObjectField& f : out_.target.fields)
      if (!f.generated && f.name != out_.id_field && std::ranges::none_of(out_.columns, [&](const TargetColumn& c) { return c.name == f.name; }))
        out_.unmapped_schema.push_back({f.name, f.type});
  }

  // Upserts by a key that the target does not hold unique would write into more than one record.
  void key_is_unique() {
    if (flow_.key.empty() || out_.columns.size() < flow_.key.size()) return;
    std::set<std::string> key;
    for (const NamedExpression& k : flow_.key) key.insert(k.name);
    auto same = [&](const std::vector<std::string>& fields) { return std::set<std::string>(fields.begin(), fields.end()) == key; };
    if (same(out_.target.key) || std::ranges::any_of(out_.target.uniques, same)) return;
    if (key.size() == 1)
      if (const ObjectField* f = out_.target.find(*key.begin()); f != nullptr && f->unique) return;
    std::string names;
    for (const NamedExpression& k : flow_.key) names += (names.empty() ? "" : ", ") + k.name;
    mistakes.add(make_error(4009, {{"place", flow_.key.front().place.to_string()}, {"seen", names}, {"object", out_.target.object}}));
  }

  void rule(const ValidateRule& r) {
    CompiledRule c;
    c.rule = &r;
    for (const std::string& name : r.fields) {
      const int at = find_field(out_.target_schema, name);
      if (at >= 0) {
        c.fields.push_back(at);
        continue;
      }
      if (is_lacking(name)) return out_.unjudged_rules.push_back(r.place.to_string());
      std::vector<std::string_view> known;
      for (const Field& f : out_.target_schema) known.push_back(f.name);
      mistakes.add(make_error(4010, {{"place", r.place.to_string()}, {"seen", name}, {"nearest", std::string(nearest(name, known))}}));
      return;
    }
    if (r.kind == RuleKind::check) {
      // A rule about a field that is lacking cannot be compiled, and is no mistake of its own.
      if (!out_.lacking.empty() && !compile(r.check.text, options(r.check, target_scope()))) return out_.unjudged_rules.push_back(r.place.to_string());
      c.check = condition(r.check, target_scope(), "check");
      if (!c.check) return;
    }
    if (r.kind == RuleKind::pattern) {
      auto pattern = std::make_shared<re2::RE2>(r.pattern, re2::RE2::Quiet);
      if (!pattern->ok()) {
        mistakes.add(make_error(4011, {{"place", r.place.to_string()}, {"seen", r.pattern}, {"reason", pattern->error()}}));
        return;
      }
      c.pattern = std::move(pattern);
    }
    c.values.insert(r.values.begin(), r.values.end());
    if (r.kind == RuleKind::reference) {
      std::vector<Type> types;
      for (int f : c.fields) types.push_back(out_.columns[static_cast<std::size_t>(f)].type);
      auto bound = context_.references->bind_parent(r.flows, types);
      if (!bound) {
        Error e = std::move(bound).error();
        e.arguments.emplace_back("place", r.place.to_string());
        mistakes.add(std::move(e));
        return;
      }
      c.reference = *bound;
    }
    out_.rules.push_back(std::move(c));
  }

  void totals() {
    for (const Total& t : context_.project->totals) {
      if (t.flow != flow_.name) continue;
      const Scope scope{&out_.source_schema, nullptr, nullptr};  // no lets: a total is computed apart from the mapping
      CompiledTotal c{&t, expression(t.source, scope), nullptr};
      if (c.value && !c.value->type().is_numeric()) {
        mistakes.add(make_error(4012, {{"place", t.source.place.to_string()}, {"name", t.name}, {"seen", to_string(c.value->type())}}));
        continue;
      }
      if (t.source_currency) {
        c.currency = expression(*t.source_currency, scope);
        if (!c.currency) continue;
      }
      if (is_lacking(t.target) || is_lacking(t.currency)) continue;
      for (const std::string* name : {&t.target, &t.currency})
        if (!name->empty() && out_.target.find(*name) == nullptr) unknown_field(*name, t.place);
      if (c.value) out_.totals.push_back(std::move(c));
    }
  }

  const Flow& flow_;
  const CompileContext& context_;
  CompiledFlow& out_;
};

}  // namespace

IdShape id_shape(const Flow& flow, const ObjectDescription& target) {
  IdShape shape;
  shape.id_field = flow.id;
  if (shape.id_field.empty())
    for (const ObjectField& f : target.fields)
      if (f.generated && target.key.size() == 1 && target.key.front() == f.name) shape.id_field = f.name;
  if (!shape.id_field.empty()) {
    const ObjectField* f = target.find(shape.id_field);
    shape.type = f == nullptr ? Type(TypeId::utf8) : f->type;
    return shape;
  }
  // Without a generated id a child refers to the key itself.
  if (!flow.key.empty())
    if (const ObjectField* f = target.find(flow.key.front().name)) shape.type = f->type;
  shape.identity = !flow.key.empty() && flow.source_key.size() == flow.key.size();
  for (std::size_t i = 0; shape.identity && i < flow.key.size(); ++i) {
    const ExpressionText& e = flow.key[i].expression;
    shape.identity = !e.is_constant && bare_name(e) == flow.source_key[i];
  }
  return shape;
}

std::vector<LackingField> supply_key_fields(const Flow& flow, const ObjectDescription& source, ObjectDescription& target) {
  std::vector<LackingField> out;
  for (const NamedExpression& k : flow.key) {
    if (target.find(k.name) != nullptr) continue;
    LackingField& f = out.emplace_back();
    f.name = k.name, f.key = true, f.source = k.expression.text, f.place = k.place.to_string(), f.nearest = nearest_field(target, k.name), f.type = TypeId::utf8;
    if (const ObjectField* from = source.find(bare_name(k.expression)); from != nullptr && !k.expression.is_constant) f.type = from->type, f.length = from->length;
  }
  if (out.empty()) return out;
  std::vector<std::string> unique;
  for (const NamedExpression& k : flow.key) unique.push_back(k.name);
  for (const LackingField& f : out) {
    ObjectField& field = target.fields.emplace_back();
    field.name = f.name, field.type = f.type;
  }
  target.uniques.push_back(std::move(unique));
  return out;
}

Result<CompiledFlow> compile_flow(const Flow& flow, std::vector<ObjectDescription> sources, ObjectDescription target,
                                  const CompileContext& context) {
  CompiledFlow out;
  out.flow = &flow;
  out.sources = std::move(sources), out.target = std::move(target);
  out.source_schema = out.sources.front().schema();
  out.references = context.references;
  for (std::size_t i = 1; i < out.sources.size(); ++i)
    if (out.sources[i].schema() != out.source_schema)
      return fail(4013, {{"place", flow.from[i].place.to_string()}, {"flow", flow.name}, {"seen", flow.from[i].object},
                         {"expected", flow.from.front().object}});
  const IdShape shape = id_shape(flow, out.target);
  out.identity = shape.identity, out.id_field = shape.id_field, out.id_type = shape.type;
  FlowCompiler compiler(flow, context, out);
  compiler.run();
  if (compiler.mistakes.any()) return Failure(compiler.mistakes.take());
  return out;
}

}  // namespace godwit
