#include "core/run/mapper.hpp"

#include "core/journal/segment.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace godwit {
namespace {

std::int64_t characters(std::string_view text) {
  std::int64_t n = 0;
  for (char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

// One batch on its way through the mapping. Rows leave `alive` as soon as something decides over them.
class Mapping {
 public:
  Mapping(const CompiledFlow& flow, MappedBatch& out) : flow_(flow), out_(out), rows_(out.rows()) {
    out_.fates.assign(static_cast<std::size_t>(rows_), Fate::kept);
    alive_.resize(static_cast<std::size_t>(rows_));
    for (std::size_t i = 0; i < alive_.size(); ++i) alive_[i] = static_cast<std::int32_t>(i);
  }

  Result<> run() {
    lets_.resize(flow_.lets.size());
    hash_source();
    GW_TRY(totals());
    GW_TRY(evaluate_lets(true));
    GW_TRY(filter());
    GW_TRY(mark_deletes());
    GW_TRY(evaluate_lets(false));
    for (const LackingField& field : flow_.lacking) GW_TRY(map_lacking(field));  // first: the list of what to set up is of all rows
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) GW_TRY(map_column(c));
    for (std::size_t c = 0; c < flow_.key_count; ++c) refuse_null_key(c);
    for (std::size_t c = flow_.key_count; c < flow_.columns.size(); ++c) target_rules(c);
    for (std::size_t c = 0; c < flow_.key_count; ++c) target_rules(c);
    for (const CompiledRule& rule : flow_.rules) GW_TRY(validate(rule));
    finish_notes();
    hash_target();
    return {};
  }

 private:
  EvalInput input() const { return {rows_, out_.read.batch.columns, lets_, {}}; }
  const std::vector<std::int32_t>* selection() const { return alive_.size() == static_cast<std::size_t>(rows_) ? nullptr : &alive_; }

  void set_aside(std::int64_t row, Error error, std::string field = {}) {
    Fate& fate = out_.fates[static_cast<std::size_t>(row)];
    if (fate != Fate::kept) return;
    fate = Fate::set_aside;
    notes_.push_back({row, std::move(error), std::move(field)});
    any_left_ = true;
  }

  void shrink() {
    if (!any_left_) return;
    std::erase_if(alive_, [&](std::int32_t i) { return out_.fates[static_cast<std::size_t>(i)] != Fate::kept; });
    any_left_ = false;
  }

  void blame(std::vector<RowError>& errors, const std::string& field) {
    for (RowError& e : errors) {
      if (!field.empty() && e.error.argument("field").empty()) e.error.arguments.emplace_back("field", field);
      set_aside(e.row, std::move(e.error), field);
    }
    shrink();
  }

  void hash_source() {
    // Rows that are only inserted are compared with nothing, unless a second pass comes back to them.
    if (!flow_.insert_only() || flow_.has_deferred) {
      const auto n = static_cast<std::size_t>(rows_);
      out_.source_hashes.assign(n, 0);
      column_hashes_.resize(out_.read.batch.columns.size());
      for (std::size_t c = 0; c < column_hashes_.size(); ++c) {
        column_hashes_[c].resize(n);
        hash_values(out_.read.batch.columns[c], column_hashes_[c]);
        combine_row_hash(column_hashes_[c], out_.source_hashes);
      }
    }
    if (flow_.source_key.empty()) return;
    std::vector<Column> key;
    for (int c : flow_.source_key) key.push_back(out_.read.batch.column(c));
    out_.source_keys = hash_keys(key);
  }

  // Lets that `where` reads come first and fail only rows that `where` keeps or cannot decide.
  Result<> evaluate_lets(bool of_where) {
    for (std::size_t i = 0; i < flow_.lets.size(); ++i) {
      if (flow_.let_used_by_where[i] != of_where) continue;
      EvalInput in = input();
      in.lets = std::span<const Column>(lets_.data(), i);
      GW_ASSIGN(Evaluation e, flow_.lets[i]->evaluate(in, selection()));
      lets_[i] = std::move(e.column);
      blame(e.errors, flow_.let_schema[i].name);
    }
    return {};
  }

  Result<> filter() {
    if (!flow_.where) return {};
    GW_ASSIGN(Evaluation e, flow_.where->evaluate(input(), selection()));
    blame(e.errors, "where");
    for (std::int32_t i : alive_) {
      Fate& fate = out_.fates[static_cast<std::size_t>(i)];
      if (e.column.is_null(i)) fate = Fate::filtered_unknown, any_left_ = true;
      else if (!e.column.boolean(i)) fate = Fate::filtered, any_left_ = true;
    }
    shrink();
    return {};
  }

  Result<> mark_deletes() {
    if (!flow_.delete_when) return {};
    GW_ASSIGN(Evaluation e, flow_.delete_when->evaluate(input(), selection()));
    blame(e.errors, "delete_when");
    out_.deletes.assign(static_cast<std::size_t>(rows_), false);
    for (std::int32_t i : alive_)
      if (!e.column.is_null(i) && e.column.boolean(i)) out_.deletes[static_cast<std::size_t>(i)] = true;
    return {};
  }
  bool is_delete(std::int64_t row) const { return !out_.deletes.empty() && out_.deletes[static_cast<std::size_t>(row)]; }

  // Over every row, whatever becomes of it: the money must close over all buckets.
  Result<> totals() {
    for (const CompiledTotal& t : flow_.totals) {
      MappedBatch::TotalCells cells;
      GW_ASSIGN(Evaluation value, t.value->evaluate(input(), nullptr));
      cells.value = std::move(value.column);
      for (RowError& e : value.errors) cells.errors.push_back({e.row, std::move(e.error), t.total->name});
      if (t.currency) {
        GW_ASSIGN(Evaluation currency, t.currency->evaluate(input(), nullptr));
        cells.currency = std::move(currency.column);
      }
      out_.totals.push_back(std::move(cells));
    }
    return {};
  }

  Result<> map_column(std::size_t c) {
    const TargetColumn& column = flow_.columns[c];
    if (column.pass_through >= 0) {
      out_.columns.push_back(out_.read.batch.column(column.pass_through));
      out_.set.emplace_back();
      return {};
    }
    GW_ASSIGN(Evaluation e, column.expression->evaluate(input(), selection()));
    // A record that goes needs its key alone.
    const auto of_no_use = [&](const RowError& r) { return c >= flow_.key_count && is_delete(r.row); };
    std::erase_if(e.errors, of_no_use);
    // A reference that the second pass cannot fill leaves the record without it, and does not take the record away.
    if (column.deferred)
      for (RowError& r : e.errors) out_.link_errors.push_back({r.row, std::move(r.error), column.name});
    else blame(e.errors, column.name);
    for (std::int64_t row : e.pending)
      if (out_.fates[static_cast<std::size_t>(row)] == Fate::kept) out_.pending.push_back(row);
    if (e.column.type != column.type) {
      Fitted fitted = fit(e.column, column.type);
      std::erase_if(fitted.errors, [&](const RowError& r) { return of_no_use(r) || out_.fates[static_cast<std::size_t>(r.row)] != Fate::kept; });
      blame(fitted.errors, column.name);
      e.column = std::move(fitted.column);
    }
    out_.columns.push_back(std::move(e.column));
    out_.set.push_back(std::move(e.set));
    return {};
  }

  // What a field would hold that the target lacks yet. A value that cannot be worked out will set its row aside once the field is there.
  Result<> map_lacking(const LackingField& field) {
    Column& out = out_.lacking.emplace_back();
    if (field.key || !field.expression) return {};
    GW_ASSIGN(Evaluation e, field.expression->evaluate(input(), selection()));
    std::erase_if(e.errors, [&](const RowError& r) { return is_delete(r.row); });
    if (!field.expression->deferred()) blame(e.errors, field.name);
    out = std::move(e.column);
    return {};
  }

  void refuse_null_key(std::size_t c) {
    const Column& column = out_.columns[c];
    if (!column.has_nulls() && column.type.id != TypeId::utf8) return;
    for (std::int32_t i : alive_)
      if (column.is_null(i) || (column.type.id == TypeId::utf8 && column.text(i).empty()) || !field_is_set(out_.set[c], i))
        set_aside(i, make_error(1410, {{"field", flow_.columns[c].name}}), flow_.columns[c].name);
    shrink();
  }

  // What the target has described would refuse the row: said here, so that plan and run agree.
  void target_rules(std::size_t c) {
    const TargetColumn& rule = flow_.columns[c];
    const Column& column = out_.columns[c];
    const Buffer& set = out_.set[c];
    const bool text = column.type.id == TypeId::utf8;
    if (!rule.nullable && !rule.deferred && (column.has_nulls() || set)) {
      for (std::int32_t i : alive_) {
        if (is_delete(i) || !column.is_null(i) || (!field_is_set(set, i) && rule.has_default)) continue;
        set_aside(i, make_error(1420, {{"field", rule.name}}), rule.name);
      }
    }
    if (text && rule.length) {
      // Bytes are never fewer than characters: most values need no counting.
      for (std::int32_t i : alive_) {
        if (column.is_null(i) || static_cast<std::int64_t>(column.text(i).size()) <= *rule.length) continue;
        const std::int64_t n = characters(column.text(i));
        if (n <= *rule.length || is_delete(i)) continue;
        set_aside(i, make_error(1421, {{"field", rule.name}, {"seen", std::to_string(n)}, {"expected", std::to_string(*rule.length)}, {"value", std::string(column.text(i).substr(0, 200))}}), rule.name);
      }
    }
    if (!rule.choices.empty()) {
      for (std::int32_t i : alive_) {
        if (column.is_null(i) || !field_is_set(set, i) || is_delete(i)) continue;
        std::string value = value_text(column, i);
        if (!rule.choices.contains(value)) set_aside(i, make_error(1422, {{"field", rule.name}, {"seen", std::move(value)}}), rule.name);
      }
    }
    shrink();
  }

  Result<> validate(const CompiledRule& rule) {
    const ValidateRule& r = *rule.rule;
    switch (r.kind) {
      case RuleKind::require:
        for (int f : rule.fields) {
          const Column& c = out_.columns[static_cast<std::size_t>(f)];
          for_each(rule, f, [&](std::int32_t i) {
            return c.is_null(i) || (c.type.id == TypeId::utf8 && c.text(i).empty()) ? 1413 : 0;
          });
        }
        break;
      case RuleKind::check: return check(rule);
      case RuleKind::in:
        for (int f : rule.fields) {
          const Column& c = out_.columns[static_cast<std::size_t>(f)];
          for_each(rule, f, [&](std::int32_t i) { return c.is_null(i) || rule.values.contains(value_text(c, i)) ? 0 : 1415; });
        }
        break;
      case RuleKind::pattern:
        for (int f : rule.fields) {
          const Column& c = out_.columns[static_cast<std::size_t>(f)];
          for_each(rule, f, [&](std::int32_t i) {
            return c.is_null(i) || re2::RE2::FullMatch(c.type.id == TypeId::utf8 ? std::string(c.text(i)) : value_text(c, i), *rule.pattern) ? 0 : 1416;
          });
        }
        break;
      case RuleKind::length:
        for (int f : rule.fields) {
          const Column& c = out_.columns[static_cast<std::size_t>(f)];
          for_each(rule, f, [&](std::int32_t i) {
            if (c.is_null(i)) return 0;
            const std::int64_t n = characters(c.type.id == TypeId::utf8 ? c.text(i) : std::string_view(value_text(c, i)));
            return (r.min && n < *r.min) || (r.max && n > *r.max) ? 1417 : 0;
          });
        }
        break;
      case RuleKind::reference: return reference(rule);
      case RuleKind::unique: break;  // needs every row of the run: the sequencer's
    }
    shrink();
    return {};
  }

  template <typename Broken>
  void for_each(const CompiledRule& rule, int field, Broken broken) {
    for (std::int32_t i : alive_) {
      if (is_delete(i)) continue;
      if (const int number = broken(i); number != 0) break_rule(rule, i, number, field);
    }
  }

  void break_rule(const CompiledRule& rule, std::int32_t i, int number, int field) {
    const ValidateRule& r = *rule.rule;
    const std::string name = field < 0 ? std::string() : flow_.columns[static_cast<std::size_t>(field)].name;
    Error e = make_error(number, {{"field", name},
                                  {"seen", field < 0 ? std::string() : value_text(out_.columns[static_cast<std::size_t>(field)], i).substr(0, 200)},
                                  {"rule", r.place.to_string()}, {"say", r.say}});
    if (number == 1414 && r.say.empty()) e.arguments.back().second = r.check.text;
    if (number == 1416) e.arguments.emplace_back("expected", r.pattern);
    if (number == 1417)
      e.arguments.emplace_back("expected", (r.min ? std::to_string(*r.min) : "0") + ".." + (r.max ? std::to_string(*r.max) : ""));
    if (r.warning) out_.warnings.push_back({i, std::move(e), name});
    else set_aside(i, std::move(e), name);
  }

  Result<> check(const CompiledRule& rule) {
    const EvalInput in{rows_, out_.columns, {}, out_.read.batch.columns};
    GW_ASSIGN(Evaluation e, rule.check->evaluate(in, selection()));
    blame(e.errors, "");
    for_each(rule, -1, [&](std::int32_t i) { return e.column.is_null(i) || e.column.boolean(i) ? 0 : 1414; });
    shrink();
    return {};
  }

  Result<> reference(const CompiledRule& rule) {
    std::vector<Column> keys;
    for (int f : rule.fields) keys.push_back(out_.columns[static_cast<std::size_t>(f)]);
    Column ids;
    std::vector<ReferenceState> states;
    GW_TRY(flow_.references->resolve(rule.reference.handle, keys, &ids, &states));
    for_each(rule, rule.fields.front(), [&](std::int32_t i) {
      const ReferenceState s = states[static_cast<std::size_t>(i)];
      return s == ReferenceState::found || s == ReferenceState::merged || s == ReferenceState::pending ? 0 : 1418;
    });
    shrink();
    return {};
  }

  void finish_notes() {
    auto by_row = [](const RowNote& a, const RowNote& b) { return a.row < b.row; };
    std::ranges::stable_sort(notes_, by_row);
    out_.set_aside = std::move(notes_);
    auto still_kept = [&](std::int64_t row) { return out_.fates[static_cast<std::size_t>(row)] == Fate::kept; };
    std::erase_if(out_.warnings, [&](const RowNote& n) { return !still_kept(n.row); });
    std::ranges::stable_sort(out_.warnings, by_row);
    std::ranges::stable_sort(out_.link_errors, by_row);
    std::ranges::sort(out_.pending);
    out_.pending.erase(std::unique(out_.pending.begin(), out_.pending.end()), out_.pending.end());
    std::erase_if(out_.pending, [&](std::int64_t row) { return !still_kept(row); });
  }

  void hash_target() {
    if (flow_.insert_only()) return;
    const auto n = static_cast<std::size_t>(rows_);
    if (!flow_.identity) {
      out_.target_keys = hash_keys(std::span<const Column>(out_.columns.data(), flow_.key_count));
      if (out_.source_keys.empty()) out_.source_keys = out_.target_keys;
    }
    out_.row_hashes.assign(n, 0);
    out_.field_hashes.resize(flow_.columns.size());
    std::vector<std::uint64_t> own;
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
      const TargetColumn& column = flow_.columns[c];
      const std::vector<std::uint64_t>* hashes = &own;
      if (column.pass_through >= 0) hashes = &column_hashes_[static_cast<std::size_t>(column.pass_through)];
      else own.resize(n), hash_values(out_.columns[c], own);
      std::vector<std::uint32_t>& narrow = out_.field_hashes[c];
      narrow.resize(n);
      for (std::size_t i = 0; i < n; ++i) narrow[i] = field_hash((*hashes)[i]);
      if (const Buffer& set = out_.set[c])
        for (std::size_t i = 0; i < n; ++i)
          if (!bit_is_set(set.data(), static_cast<std::int64_t>(i))) narrow[i] = 0;
      if (!column.deferred) combine_row_hash(*hashes, out_.row_hashes);
    }
  }

  const CompiledFlow& flow_;
  MappedBatch& out_;
  const std::int64_t rows_;
  std::vector<std::int32_t> alive_;  // rows that nothing has decided over yet
  bool any_left_ = false;
  std::vector<Column> lets_;
  std::vector<std::vector<std::uint64_t>> column_hashes_;  // per source column
  std::vector<RowNote> notes_;
};

}  // namespace

Result<MappedBatch> Mapper::map(ReadBatch read, int source) const {
  MappedBatch out;
  out.read = std::move(read);
  out.source = source;
  GW_TRY(Mapping(flow_, out).run());
  return out;
}

}  // namespace godwit
