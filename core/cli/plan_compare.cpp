#include "core/cli/plan_compare.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "core/cli/progress.hpp"
#include "core/cli/table.hpp"
#include "core/report/workbook.hpp"

namespace godwit::cli {
namespace {

using NeedKind = SetupNeed::Kind;

std::vector<std::string> candidate_names(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::string name = text.substr(at, comma - at);
    std::erase(name, ' ');
    if (!name.empty()) out.push_back(std::move(name));
    at = comma + 1;
  }
  return out;
}

// The project with that environment, or with that connection in the place of the one that the flows write into.
Result<Project> candidate_project(const Project& base, const std::string& name) {
  const ConnectionConfig* stand_in = base.connection(name);
  if (stand_in == nullptr) return load_project(base.folder, name);
  std::set<std::string> targets;
  for (const Flow& f : base.flows) targets.insert(f.to.connection);
  if (targets.size() != 1) return fail(2385, {{"seen", name}});
  Project out = base;
  for (ConnectionConfig& c : out.connections)
    if (c.name == *targets.begin()) {
      ConnectionConfig other = *stand_in;
      other.name = c.name, c = std::move(other);
    }
  return out;
}

// One line of the comparison: what is compared, and each candidate's answer.
struct ComparedLine {
  std::string key;  // cli.compare.<key>
  std::vector<std::string> answers;
};

std::int64_t needs_of(const PlanResult& plan, NeedKind kind, bool values) {
  std::int64_t n = 0;
  for (const FlowPlan& f : plan.flows)
    for (const SetupNeed& need : f.setup)
      if (need.kind == kind) n += values ? static_cast<std::int64_t>(need.values.size()) : 1;
  return n;
}

std::int64_t sum_of(const PlanResult& plan, std::int64_t Counts::*count) {
  std::int64_t n = 0;
  for (const FlowPlan& f : plan.flows) n += f.counts.*count;
  return n;
}

std::string comma_list(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : ", ") + w;
  return out;
}

std::string compared_time(double seconds) { return duration_text(static_cast<std::int64_t>(seconds + 0.5)); }

class TargetComparison {
 public:
  TargetComparison(Context& context, const std::vector<Candidate>& candidates) : context_(context), candidates_(candidates) {
    add("target", [](const PlanResult& p) { return p.target; });
    add("delivery", [](const PlanResult& p) {
      std::set<std::string> all;
      for (const FlowPlan& f : p.flows) all.insert(f.delivery);
      return comma_list(all);
    });
    for (const auto& [key, kind, values] : {std::tuple("objects", NeedKind::object, false), {"fields", NeedKind::field, false}, {"rights", NeedKind::right, false}, {"required", NeedKind::required, false},
                                            {"types", NeedKind::type, false}, {"choices", NeedKind::choices, true}, {"records", NeedKind::records, true}})
      add(key, [kind = kind, values = values](const PlanResult& p) { return grouped(needs_of(p, kind, values)); });
    add("read", [](const PlanResult& p) { return grouped(sum_of(p, &Counts::read)); });
    add("written", [](const PlanResult& p) { return grouped(sum_of(p, &Counts::created) + sum_of(p, &Counts::updated)); });
    add("refused", [](const PlanResult& p) { return grouped(sum_of(p, &Counts::set_aside)); });
    add("unjudged", [](const PlanResult& p) {
      std::int64_t n = 0;
      for (const FlowPlan& f : p.flows) n += static_cast<std::int64_t>(f.unjudged.size());
      return grouped(n);
    });
    // Where a target counts nothing there is nothing to say of cost, which is no cost of zero.
    const auto counted = [](const PlanResult& p, std::string text) { return p.cost.calls > 0 ? text : std::string("-"); };
    add("calls", [=](const PlanResult& p) { return counted(p, grouped(p.cost.calls)); });
    add("jobs", [=](const PlanResult& p) { return counted(p, grouped(p.cost.jobs)); });
    add("time", [=](const PlanResult& p) { return counted(p, compared_time(p.cost.seconds)); });
    add("windows", [=](const PlanResult& p) {
      std::int64_t most = 1;
      for (const PlannedBudget& b : p.cost.budgets) most = std::max(most, b.windows);
      return counted(p, grouped(most));
    });
    add("undo_time", [=](const PlanResult& p) { return counted(p, compared_time(p.cost.undo_seconds)); });
    add("undo", [this](const PlanResult& p) {
      std::set<std::string> not_back;
      for (const FlowPlan& f : p.flows)
        if (!f.undoable) not_back.insert(f.flow);
      return not_back.empty() ? context_.say("cli.compare.whole") : context_.say("cli.compare.not_of", {{"flows", comma_list(not_back)}});
    });
    add("bulk", [this, counted](const PlanResult& p) { return counted(p, context_.say(p.cost.jobs > 0 ? "cli.compare.yes" : "cli.compare.no")); });
    add("forecast", [this, counted](const PlanResult& p) { return counted(p, context_.say(p.cost.simulated ? "cli.compare.sandbox" : "cli.compare.real")); });
    collect();
  }

  void print() const {
    std::ostream& out = context_.out();
    {
      std::vector<Table::Column> columns{{""}};
      for (const Candidate& c : candidates_) columns.push_back({c.name, Align::right});
      Table table(out, columns, 60);
      for (const ComparedLine& line : lines_) {
        std::vector<std::string> row{context_.say("cli.compare." + line.key)};
        row.insert(row.end(), line.answers.begin(), line.answers.end());
        table.row(std::move(row));
      }
    }
    for (const Candidate& c : candidates_)
      if (c.failure) out << '\n' << context_.say("cli.compare.failed", {{"name", c.name}}) << ' ' << describe(*c.failure, context_.language()) << '\n';
    if (details_.empty()) return;
    out << '\n' << context_.say("cli.compare.differ") << '\n';
    for (const auto& [text, who] : details_) out << "  " << comma_list(who) << ": " << text << '\n';
  }

  void print_json() const {
    Json out{{"candidates", Json::array()}, {"differences", Json::array()}};
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& c = candidates_[i];
      Json one{{"name", c.name}, {"lines", Json::object()}};
      for (const ComparedLine& line : lines_) one["lines"].set(line.key, line.answers[i]);
      if (c.plan) one.set("number", c.plan->record.number), one.set("plan", Json::raw(c.plan->record.json));
      if (c.failure) one.set("failure", error_json(*c.failure, context_.language()));
      out["candidates"].push_back(std::move(one));
    }
    for (const auto& [text, who] : details_) out["differences"].push_back({{"text", text}, {"of", Json::array(std::vector<std::string>(who.begin(), who.end()))}});
    context_.print_json(out);
  }

  Result<> write(const std::string& file) const {
    using report::Cell;
    const auto cell = [](std::string value, Cell::Look look = Cell::Look::plain) { return Cell{std::move(value), Cell::Kind::text, look}; };
    report::Sheet sheet, details;
    sheet.name = context_.say("cli.compare.sheet"), sheet.head_rows = 1, sheet.widths.push_back(44);
    auto& head = sheet.rows.emplace_back();
    head.push_back(cell("", Cell::Look::head));
    for (const Candidate& c : candidates_) head.push_back(cell(c.name, Cell::Look::head)), sheet.widths.push_back(34);
    for (const ComparedLine& line : lines_) {
      auto& row = sheet.rows.emplace_back();
      row.push_back(cell(context_.say("cli.compare." + line.key)));
      for (const std::string& answer : line.answers) row.push_back(cell(answer));
    }
    details.name = context_.say("cli.compare.details"), details.widths = {24, 110};
    for (const auto& [text, who] : details_) details.rows.push_back({cell(comma_list(who)), cell(text)});
    report::Workbook book;
    book.push_back(std::move(sheet)), book.push_back(std::move(details));
    std::string made_at = "1970-01-01T00:00:01Z";
    for (const Candidate& c : candidates_)
      if (c.plan) made_at = c.plan->record.created_at;
    return report::write_plain_workbook(book, context_.say("cli.compare.sheet"), made_at, context_.path(file));
  }

 private:
  template <typename Answer>
  void add(const char* key, const Answer& answer) {
    ComparedLine& line = lines_.emplace_back();
    line.key = key;
    for (const Candidate& c : candidates_) line.answers.push_back(c.plan ? answer(*c.plan) : "?");
  }

  // What some lack or refuse and others do not.
  void collect() {
    std::map<std::string, std::set<std::string>> all;
    std::size_t planned = 0;
    for (const Candidate& c : candidates_) {
      if (!c.plan) continue;
      ++planned;
      for (const FlowPlan& f : c.plan->flows) {
        for (const SetupNeed& need : f.setup) all[f.flow + "  " + need_text(need, context_.language())].insert(c.name);
        for (const PlanCause& cause : f.causes)
          if (!cause.warning)
            all[f.flow + "  " + context_.say("cli.compare.cause", {{"rows", grouped(cause.rows)}, {"number", "GW-" + std::to_string(cause.error.number)},
                                                                  {"field", cause.field.empty() ? "-" : cause.field}, {"reason", sentence(cause.error, context_.language())}})].insert(c.name);
      }
    }
    for (auto& [text, who] : all)
      if (who.size() < planned) details_.emplace_back(text, who);
  }

  Context& context_;
  const std::vector<Candidate>& candidates_;
  std::vector<ComparedLine> lines_;
  std::vector<std::pair<std::string, std::set<std::string>>> details_;
};

}  // namespace

Result<std::vector<Candidate>> plan_candidates(Context& context, const std::string& names, const PlanRequest& request) {
  const std::vector<std::string> wanted = candidate_names(names);
  if (wanted.size() < 2) return fail(2384, {{"seen", names}});
  GW_ASSIGN(const Project* base, context.project());
  std::vector<Candidate> out;
  for (const std::string& name : wanted) {
    GW_ASSIGN(Project project, candidate_project(*base, name));
    Candidate& candidate = out.emplace_back();
    candidate.name = name;
    ProgressView progress(context);
    Result<PlanResult> planned = plan_project(std::move(project), context.host(), request, progress.sink());
    progress.clear();
    if (planned) candidate.plan = std::move(*planned);
    else candidate.failure = std::move(planned).error();
  }
  return out;
}

Result<> show_comparison(Context& context, const std::vector<Candidate>& candidates, const std::string& file) {
  const TargetComparison comparison(context, candidates);
  if (!file.empty()) GW_TRY(comparison.write(file));
  context.json() ? comparison.print_json() : comparison.print();
  return {};
}

}  // namespace godwit::cli
