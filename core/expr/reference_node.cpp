#include "core/expr/reference_node.hpp"

#include "core/expr/source_text.hpp"

namespace godwit::expr {
namespace {

class Reference final : public Node {
 public:
  Reference(ReferenceCall call, Nodes keys, NodePtr fallback)
      : Node(call.bound.type), call_(std::move(call)), keys_(std::move(keys)), fallback_(std::move(fallback)) {}

  Result<Vector> evaluate(Run& run, Rows rows) const override {
    std::vector<std::int32_t> store;
    std::vector<Vector> keys;
    for (const NodePtr& key : keys_) {
      const std::size_t before = run.stopped();
      GW_ASSIGN(Vector v, key->evaluate(run, rows));
      rows = run.live(rows, before, store);
      keys.push_back(std::move(v));
    }
    std::vector<std::int32_t> asked;
    run.each(rows, [&](std::int64_t row) {
      for (const Vector& key : keys)
        if (key.is_null(row)) return;  // no key: no reference, and no error
      asked.push_back(static_cast<std::int32_t>(row));
    });
    std::vector<Part> parts;
    std::vector<std::int32_t> unknown;
    GW_TRY(ask(run, keys, asked, fallback_ != nullptr ? &unknown : nullptr, &parts));
    if (!unknown.empty()) {
      std::vector<Vector> instead(1);
      const std::size_t before = run.stopped();
      GW_ASSIGN(instead[0], fallback_->evaluate(run, Rows(unknown)));
      std::vector<std::int32_t> with_key;
      run.each(run.live(Rows(unknown), before, store), [&](std::int64_t row) {
        if (!instead[0].is_null(row)) with_key.push_back(static_cast<std::int32_t>(row));
      });
      GW_TRY(ask(run, instead, with_key, nullptr, &parts));
    }
    return merged(run, type(), parts);
  }

 private:
  // Resolves the keys of `rows`. Rows that nothing is known of go to `unknown`, if there is such a list.
  Result<> ask(Run& run, const std::vector<Vector>& keys, const std::vector<std::int32_t>& rows,
               std::vector<std::int32_t>* unknown, std::vector<Part>* parts) const {
    if (rows.empty()) return {};
    std::vector<Column> columns;
    for (const Vector& key : keys)
      columns.push_back(key.constant ? repeated(key.column, static_cast<std::int64_t>(rows.size()))
                        : static_cast<std::int64_t>(rows.size()) == run.size() ? key.column
                                                                              : take(key.column, rows));
    Column values;
    std::vector<ReferenceState> states;
    GW_TRY(call_.references->resolve(call_.bound.handle, columns, &values, &states));
    if (values.length != static_cast<std::int64_t>(rows.size()) || states.size() != rows.size() || values.type != type())
      return fail(5900, {{"seen", call_.name + ": references answered " + std::to_string(values.length) + " values and " +
                                      std::to_string(states.size()) + " states for " + std::to_string(rows.size()) + " keys"}});
    Part found;
    found.vector.column = scatter(values, rows, run.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::int32_t row = rows[i];
      switch (states[i]) {
        case ReferenceState::found:
        case ReferenceState::merged: found.rows.push_back(row); break;
        case ReferenceState::pending: run.wait(row); break;
        case ReferenceState::unknown:
          if (unknown != nullptr) unknown->push_back(row);
          else if (!call_.null_if_unknown) run.fail(row, error(call_.is_parent ? 1400 : 1403, keys, row));
          break;  // in no part: null
        case ReferenceState::set_aside: run.fail(row, error(1401, keys, row)); break;
        case ReferenceState::filtered: run.fail(row, error(1402, keys, row)); break;
        case ReferenceState::ambiguous: run.fail(row, error(call_.is_parent ? 1405 : 1404, keys, row)); break;
      }
    }
    parts->push_back(std::move(found));
    return {};
  }

  Error error(int number, const std::vector<Vector>& keys, std::int64_t row) const {
    std::string key;
    for (const Vector& k : keys) key += (key.empty() ? "" : " / ") + seen_value(k, row);
    return make_error(number, {{"flow", call_.name}, {"key", key}, {"seen", key}});
  }

  ReferenceCall call_;
  Nodes keys_;
  NodePtr fallback_;
};

}  // namespace

NodePtr reference_node(ReferenceCall call, Nodes keys, NodePtr fallback) {
  return std::make_unique<Reference>(std::move(call), std::move(keys), std::move(fallback));
}

}  // namespace godwit::expr
