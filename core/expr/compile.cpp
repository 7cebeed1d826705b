#include <algorithm>
#include <cstring>

#include "core/expr/binder.hpp"
#include "core/expr/expression.hpp"

namespace godwit::expr {
namespace {

class Compiled final : public Expression {
 public:
  Compiled(NodePtr root, Uses uses, int bare) : root_(std::move(root)), uses_(std::move(uses)), bare_(bare) {}

  Type type() const override { return root_->type(); }
  const std::vector<int>& columns_used() const override { return uses_.columns; }
  const std::vector<int>& lets_used() const override { return uses_.lets; }
  const std::vector<int>& source_used() const override { return uses_.source; }
  const std::vector<std::string>& parents_used() const override { return uses_.parents; }
  const std::vector<std::string>& lookups_used() const override { return uses_.lookups; }
  const std::vector<std::string>& files_used() const override { return uses_.files; }
  bool deferred() const override { return uses_.deferred; }
  int bare_column() const override { return bare_; }

  Result<Evaluation> evaluate(const EvalInput& input, const std::vector<std::int32_t>* selection) const override {
    Run run(input);
    GW_ASSIGN(Vector v, root_->evaluate(run, selection == nullptr ? Rows() : Rows(*selection)));
    Evaluation out;
    out.set = set_of(v, run.size());
    out.column = v.constant ? repeated(v.column, run.size()) : std::move(v.column);
    if (selection != nullptr || run.stopped() != 0) {
      // Rows that were not asked for, failed or wait hold whatever the operators left there: null instead.
      const Rows rows = selection == nullptr ? Rows() : Rows(*selection);
      const Buffer keep = bitmap_of(run, rows, [&](std::int64_t row) { return !run.is_stopped(row); });
      out.column = with_nulls(std::move(out.column), keep.data());
    }
    out.errors = std::move(run.errors), out.pending = std::move(run.pending);
    std::sort(out.errors.begin(), out.errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
    std::sort(out.pending.begin(), out.pending.end());
    return out;
  }

 private:
  static Buffer set_of(const Vector& v, std::int64_t rows) {
    if (!v.set || !v.constant) return v.set;
    return filled(bitmap_bytes(rows), v.is_set(0) ? 0xFF : 0).finish();
  }

  NodePtr root_;
  Uses uses_;
  int bare_;
};

// `argument` of a call is a plain word that stands for itself.
bool is_word_argument(const Syntax& call, std::size_t i) {
  const Syntax& argument = *call.children[i];
  if (argument.kind != SyntaxKind::name || argument.quoted) return false;
  const Function* function = find_function(call.text);
  if (function == nullptr) return false;
  for (std::size_t p = 0; p < function->parameters.size(); ++p)
    if (call.names[i].empty() ? p == i : function->parameters[p].name == call.names[i]) return function->parameters[p].constant;
  return false;
}

void add_name(std::vector<std::string>* list, std::string item) {
  if (!item.empty() && std::find(list->begin(), list->end(), item) == list->end()) list->push_back(std::move(item));
}

void add_names(const Syntax& syntax, std::vector<std::string>* out) {
  if (syntax.kind != SyntaxKind::list) return add_name(out, written_name(syntax));
  for (const SyntaxPtr& child : syntax.children) add_name(out, written_name(*child));
}

// The arguments that name things rather than compute values, of the calls that look outside the row.
bool collect_call(const Syntax& call, Mentions* out) {
  const bool map = same_word(call.text, "value_map"), parent = same_word(call.text, "parent"), lookup = same_word(call.text, "lookup");
  if (!map && !parent && !lookup) return false;
  std::size_t position = 0;
  for (std::size_t i = 0; i < call.children.size(); ++i) {
    const Syntax& argument = *call.children[i];
    if (!call.names[i].empty()) {
      const bool word = argument.kind == SyntaxKind::name && !argument.quoted && call.names[i] != "otherwise_value";
      if (!word && call.names[i] != "from" && call.names[i] != "to" && call.names[i] != "give") collect_mentions(argument, out);
      continue;
    }
    if (parent && position == 0) add_names(argument, &out->parents);
    else if (lookup && position == 0) add_names(argument, &out->lookups);
    else if (map && position == 1) add_names(argument, &out->files);
    else if (!(lookup && position == 1)) collect_mentions(argument, out);
    ++position;
  }
  return true;
}

}  // namespace

void collect_mentions(const Syntax& syntax, Mentions* out) {
  if (syntax.kind == SyntaxKind::name) return add_name(&out->columns, syntax.text);
  if (syntax.kind == SyntaxKind::member && syntax.children[0]->kind == SyntaxKind::name)
    return add_name(&out->columns, syntax.children[0]->text == "source" ? syntax.text : syntax.children[0]->text);
  if (syntax.kind == SyntaxKind::call && collect_call(syntax, out)) return;
  for (std::size_t i = 0; i < syntax.children.size(); ++i)
    if (syntax.kind != SyntaxKind::call || !is_word_argument(syntax, i)) collect_mentions(*syntax.children[i], out);
}

}  // namespace godwit::expr

namespace godwit {

Result<std::shared_ptr<const Expression>> compile(std::string_view text, const CompileOptions& options) {
  const expr::SourceText source(text, options);
  GW_ASSIGN(const expr::SyntaxPtr syntax, expr::parse(source));
  expr::Binder binder(source, options);
  GW_ASSIGN(expr::NodePtr root, binder.bind(*syntax));
  const expr::Uses& uses = binder.uses();
  const int bare = syntax->kind == expr::SyntaxKind::name && uses.columns.size() == 1 ? uses.columns.front() : -1;
  return std::make_shared<const expr::Compiled>(std::move(root), uses, bare);
}

std::shared_ptr<const Expression> constant(std::string_view value) {
  ColumnBuilder text(TypeId::utf8);
  text.append_text(value);
  return std::make_shared<const expr::Compiled>(expr::literal_node(text.finish()), expr::Uses(), -1);
}

Result<Mentions> mentions(std::string_view text, const CompileOptions& options) {
  const expr::SourceText source(text, options);
  GW_ASSIGN(const expr::SyntaxPtr syntax, expr::parse(source));
  Mentions out;
  expr::collect_mentions(*syntax, &out);
  return out;
}

}  // namespace godwit
