#include "core/cli/explainer.hpp"

#include <algorithm>
#include <map>

#include "core/expr/expression.hpp"
#include "core/journal/journal.hpp"
#include "core/model/nearest.hpp"
#include "core/run/flow_source.hpp"
#include "core/run/moment.hpp"
#include "core/run/workspace.hpp"

namespace godwit::cli {
namespace {

std::optional<std::string> value_of(const Column& column, std::int64_t row) {
  if (column.type.id == TypeId::null_type || column.is_null(row)) return std::nullopt;
  return value_text(column, row);
}

bool is_word(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c & 0x80) != 0; }

// Explains rows of one flow.
class FlowExplainer {
 public:
  FlowExplainer(Context& context, Workspace& workspace, const CompiledFlow& flow, std::int64_t now_us) : context_(context), workspace_(workspace), flow_(flow), now_us_(now_us) {}

  // Compiles the pieces of every expression; references bind while they are compiled, and are loaded after.
  Result<> prepare() {
    RunReferences& references = workspace_.references();
    references.compiling(flow_.flow->name);
    for (std::size_t l = 0; l < flow_.flow->let.size(); ++l) lets_.push_back(pieces(flow_.flow->let[l], l));
    for (const NamedExpression& key : flow_.flow->key) fields_.push_back(pieces(key, flow_.let_schema.size()));
    for (const NamedExpression& map : flow_.flow->map) fields_.push_back(pieces(map, flow_.let_schema.size()));
    references.set_final(true);
    return references.begin_flow(flow_.flow->name);
  }

  Result<ExplainedRow> explain(const MappedBatch& mapped, std::int64_t row) {
    ExplainedRow out;
    out.flow = flow_.flow->name, out.object = flow_.flow->to.connection + "." + flow_.flow->to.object;
    out.key = row_key(flow_, mapped, row), out.place = row_place(flow_, mapped, row);
    out.fate = mapped.fates[static_cast<std::size_t>(row)];
    const std::int32_t index[] = {static_cast<std::int32_t>(row)};
    const Batch one = take(mapped.read.batch, index);
    for (std::size_t c = 0; c < one.columns.size(); ++c) out.source.emplace_back(one.schema[c].name, value_of(one.columns[c], 0));
    for (const RowNote& note : mapped.set_aside)
      if (note.row == row) out.reasons.push_back(note.error);
    for (const RowNote& note : mapped.warnings)
      if (note.row == row) out.reasons.push_back(note.error);
    std::vector<Column> lets;
    for (std::size_t l = 0; l < lets_.size(); ++l) {
      GW_ASSIGN(ExplainedField field, explain_pieces(lets_[l], flow_.flow->let[l], one.columns, lets));
      out.lets.push_back(std::move(field));
      GW_ASSIGN(Evaluation evaluation, flow_.lets[l]->evaluate({.rows = 1, .columns = one.columns, .lets = lets, .source = {}}));
      lets.push_back(std::move(evaluation.column));
    }
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const std::size_t keys = flow_.flow->key.size();
      GW_ASSIGN(ExplainedField field, explain_pieces(fields_[f], f < keys ? flow_.flow->key[f] : flow_.flow->map[f - keys], one.columns, lets));
      if (f < mapped.columns.size()) field.written = value_of(mapped.columns[f], row);
      out.fields.push_back(std::move(field));
    }
    GW_TRY(read_target(mapped, row, out));
    return out;
  }

 private:
  struct Piece {
    std::string text;
    std::shared_ptr<const Expression> expression;
  };

  CompileOptions options(const ExpressionText& text, const Schema& lets) {
    CompileOptions how;
    how.scope.columns = &flow_.source_schema, how.scope.lets = &lets;
    how.file = text.place.file, how.line = text.place.line, how.column = text.place.column;
    how.zone = flow_.flow->zone, how.folder = workspace_.project().folder;
    how.references = &workspace_.references(), how.now_us = now_us_;
    return how;
  }

  // The pieces of an expression that sees the first `lets` names of `let:`. One that cannot stand for itself is left out; the
  // whole always can.
  std::vector<Piece> pieces(const NamedExpression& named, std::size_t lets) {
    std::vector<Piece> out;
    const Schema seen(flow_.let_schema.begin(), flow_.let_schema.begin() + static_cast<std::ptrdiff_t>(lets));
    if (named.expression.is_constant) return {{named.expression.text, constant(named.expression.text)}};
    for (const std::size_t end : pipe_ends(named.expression.text)) {
      std::string text = named.expression.text.substr(0, end);
      while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
      auto compiled = compile(text, options(named.expression, seen));
      if (compiled) out.push_back({std::move(text), std::move(*compiled)});
    }
    return out;
  }

  Result<ExplainedField> explain_pieces(const std::vector<Piece>& pieces, const NamedExpression& named, const std::vector<Column>& columns, const std::vector<Column>& lets) {
    ExplainedField out;
    out.name = named.name, out.expression = named.expression.text, out.place = named.expression.place.to_string();
    if (!pieces.empty()) {
      const Expression& whole = *pieces.back().expression;
      const auto shown = [&](const std::string& name) { return std::any_of(pieces.begin(), pieces.end(), [&](const Piece& p) { return p.text == name; }); };
      for (const int c : whole.columns_used()) {
        const Field& field = flow_.source_schema[static_cast<std::size_t>(c)];
        if (!shown(field.name)) out.steps.push_back({field.name, to_string(field.type), value_of(columns[static_cast<std::size_t>(c)], 0), ""});
      }
      for (const int l : whole.lets_used()) {
        const Field& field = flow_.let_schema[static_cast<std::size_t>(l)];
        if (!shown(field.name)) out.steps.push_back({field.name, to_string(field.type), value_of(lets[static_cast<std::size_t>(l)], 0), ""});
      }
    }
    for (const Piece& piece : pieces) {
      GW_ASSIGN(const Evaluation e, piece.expression->evaluate({.rows = 1, .columns = columns, .lets = lets, .source = {}}));
      ExplainedStep step{piece.text, to_string(piece.expression->type()), value_of(e.column, 0), ""};
      if (!e.errors.empty()) step.note = "GW-" + std::to_string(e.errors.front().error.number) + " " + sentence(e.errors.front().error, context_.language());
      else if (!e.pending.empty()) step.note = context_.say("cli.explain.pending");
      else if (e.set && !bit_is_set(e.set.data(), 0)) step.note = context_.say("cli.explain.unset");
      out.steps.push_back(std::move(step));
    }
    return out;
  }

  Result<> read_target(const MappedBatch& mapped, std::int64_t row, ExplainedRow& out) {
    if (flow_.insert_only() || out.fate != Fate::kept) return {};
    if (!writer_) {
      GW_ASSIGN(writer_, workspace_.open_writer(flow_, "explain"));
    }
    const std::int32_t index[] = {static_cast<std::int32_t>(row)};
    std::vector<Column> keys;
    for (std::size_t k = 0; k < flow_.key_count; ++k) keys.push_back(take(mapped.columns[k], index));
    GW_ASSIGN(const Writer::Rows held, writer_->read_back(keys));
    out.found = held.found[0];
    for (std::size_t f = 0; out.found && f < out.fields.size() && f < held.batch.columns.size(); ++f) out.fields[f].now = value_of(held.batch.columns[f], 0);
    return {};
  }

  Context& context_;
  Workspace& workspace_;
  const CompiledFlow& flow_;
  std::int64_t now_us_;
  std::vector<std::vector<Piece>> lets_, fields_;
  std::unique_ptr<Writer> writer_;
};

// What parents earlier runs loaded, for parent(); only read.
class Parents {
 public:
  Result<> open(Journal& journal, std::int64_t scope, Workspace& workspace) {
    for (const Flow& flow : workspace.project().flows) {
      if (!workspace.is_parent(flow.name)) continue;
      GW_ASSIGN(const ObjectDescription target, workspace.describe(flow.to));
      const IdShape shape = id_shape(flow, target);
      const auto folder = journal.state_folder(scope, "parents-" + flow.name);
      if (!std::filesystem::exists(folder)) continue;
      GW_ASSIGN(open_[flow.name], ParentIndex::open(folder, shape.type, shape.identity, 8 << 20, true, [&journal](const UnitId& unit) { return journal.is_settled(unit); }));
      workspace.references().set_parent(flow.name, open_[flow.name].get());
    }
    return {};
  }

 private:
  std::map<std::string, std::unique_ptr<ParentIndex>> open_;
};

// The readable target key of a mapped row.
std::string target_key(const CompiledFlow& flow, const MappedBatch& mapped, std::int64_t row) {
  std::string out;
  for (std::size_t k = 0; k < flow.key_count; ++k) out += (k == 0 ? "" : " / ") + value_text(mapped.columns[k], row);
  return out;
}

// Calls `visit` for mapped batches that may hold the rows wanted.
Result<> each_batch(Workspace& workspace, const CompiledFlow& flow, const std::unordered_set<std::string>* keys, const std::function<Result<>(const MappedBatch&)>& visit) {
  FlowSource::Options options;
  options.keys = keys, options.corrections = &workspace.corrections();
  FlowSource source(flow, workspace.source_connections(flow), options);
  GW_TRY(source.open("", ""));
  const Mapper mapper(flow);
  for (bool end = false; !end;) {
    GW_ASSIGN(SourceBatch batch, source.next());
    end = batch.end;
    if (batch.read.batch.rows == 0) continue;
    GW_ASSIGN(const MappedBatch mapped, mapper.map(std::move(batch.read), batch.source));
    GW_TRY(visit(mapped));
  }
  return {};
}

// Flows named by `what`: a flow's own name, or the object that they write into.
Result<std::vector<std::string>> flows_of(const Project& project, const std::string& what) {
  std::vector<std::string> out;
  std::vector<std::string> names;
  for (const Flow& f : project.flows) {
    const std::string object = f.to.connection + "." + f.to.object;
    if (what.empty() || f.name == what || object == what || f.to.object == what) out.push_back(f.name);
    names.push_back(f.name), names.push_back(object);
  }
  if (!out.empty()) return out;
  const std::vector<std::string_view> known(names.begin(), names.end());
  return fail(2354, {{"seen", what}, {"nearest", std::string(nearest(what, known))}});
}

}  // namespace

std::vector<std::size_t> pipe_ends(std::string_view text) {
  std::vector<std::size_t> out;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '"') {  // a doubled quote is two texts side by side, which comes to the same here
      const std::size_t close = text.find(c, i + 1);
      if (close == std::string_view::npos) break;
      i = close;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      --depth;
    } else if (is_word(c)) {
      std::size_t end = i;
      while (end < text.size() && is_word(text[end])) ++end;
      std::string word(text.substr(i, end - i));
      std::transform(word.begin(), word.end(), word.begin(), [](char w) { return w >= 'A' && w <= 'Z' ? static_cast<char>(w + 32) : w; });
      depth += word == "case" ? 1 : word == "end" ? -1 : 0;
      i = end - 1;
    } else if (c == '|' && depth == 0) {
      if (i + 1 < text.size() && text[i + 1] == '|') ++i;
      else out.push_back(i);
    }
  }
  out.push_back(text.size());
  return out;
}

Result<std::vector<ExplainedRow>> explain(Context& context, const std::string& what, const std::string& key) {
  GW_ASSIGN(const Project* project, context.project());
  Workspace::Options options;
  GW_ASSIGN(options.only, flows_of(*project, what));
  auto journal = context.journal();  // nothing may have run yet: then there is no history to tell
  std::int64_t now_us = system_now_us(), scope = 0;
  options.now = [&](Workspace& w) -> Result<std::int64_t> {
    if (!journal) return now_us;
    GW_ASSIGN(const auto found, (*journal)->find_scope(w.project().environment, w.target_identity()));
    if (!found) return now_us;
    scope = found->id;
    GW_ASSIGN(const auto run, (*journal)->latest_finished(scope));
    if (!run) return now_us;
    GW_ASSIGN(now_us, parse_moment(run->started_at));
    return now_us;
  };
  GW_ASSIGN(const auto workspace, Workspace::open(*project, context.host(), options));
  Parents parents;
  std::unique_ptr<RowHistory> history;
  std::unordered_set<std::string> wanted{key};
  if (scope != 0) {
    GW_TRY(parents.open(**journal, scope, *workspace));
    GW_ASSIGN(history, RowHistory::open(**journal, scope));
    GW_ASSIGN(const auto by_id, history->keys_of_id(key));
    for (const auto& [flow, source_key] : by_id) wanted.insert(source_key);
  }
  std::vector<ExplainedRow> out;
  for (const bool every_row : {false, true}) {  // by source key first; by the target's own key every row must be mapped
    for (const auto& flow : workspace->flows()) {
      FlowExplainer explainer(context, *workspace, *flow, now_us);
      GW_TRY(explainer.prepare());
      GW_TRY(each_batch(*workspace, *flow, every_row ? nullptr : &wanted, [&](const MappedBatch& mapped) -> Result<> {
        for (std::int64_t row = 0; row < mapped.rows(); ++row) {
          if (every_row && (mapped.fates[static_cast<std::size_t>(row)] != Fate::kept || target_key(*flow, mapped, row) != key)) continue;
          GW_ASSIGN(ExplainedRow explained, explainer.explain(mapped, row));
          if (history) {
            GW_ASSIGN(explained.history, history->of_key(explained.key));
            std::erase_if(explained.history, [&](const RowEvent& e) { return e.flow != flow->flow->name; });
          }
          out.push_back(std::move(explained));
        }
        return {};
      }));
      workspace->references().end_flow();
    }
    if (!out.empty()) return out;
  }
  return fail(2347, {{"seen", key}});
}

}  // namespace godwit::cli
