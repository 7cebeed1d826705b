#include "core/cli/setup_sheet.hpp"

#include "core/report/workbook.hpp"

namespace godwit::cli {
namespace {

using report::Cell;
using report::Sheet;
using Look = Cell::Look;
using Kind = SetupNeed::Kind;

Cell setup_cell(std::string value, Look look = Look::plain) { return {std::move(value), Cell::Kind::text, look}; }
Cell setup_count(std::int64_t n) { return {std::to_string(n), Cell::Kind::number, Look::count}; }

Sheet setup_sheet_of(const Context& context, const char* name, std::initializer_list<std::pair<const char*, double>> columns) {
  Sheet out;
  out.name = context.say(std::string("cli.setup.") + name), out.head_rows = 1;
  auto& head = out.rows.emplace_back();
  for (const auto& [title, width] : columns) head.push_back(setup_cell(context.say(std::string("cli.setup.") + title), Look::head)), out.widths.push_back(width);
  return out;
}

std::string value_list(const SetupNeed& need) {
  std::string out;
  for (const SetupValue& v : need.values) out += (out.empty() ? "" : "\n") + v.value;
  return std::string(report::fitting(out));
}

}  // namespace

Result<> write_setup_sheet(const Context& context, const PlanResult& plan, const std::filesystem::path& file) {
  Sheet fields = setup_sheet_of(context, "fields", {{"object", 24}, {"field", 26}, {"label", 24}, {"what", 46}, {"type", 16}, {"length", 9}, {"unique", 9}, {"rows", 11},
                                             {"longest", 11}, {"source", 36}, {"values", 30}, {"nearest", 20}, {"flow", 16}, {"place", 26}});
  Sheet values = setup_sheet_of(context, "choices", {{"object", 24}, {"field", 26}, {"value", 40}, {"rows", 11}, {"example", 24}, {"flow", 16}});
  Sheet records = setup_sheet_of(context, "records", {{"object", 24}, {"value", 40}, {"rows", 11}, {"example", 24}, {"flow", 16}});
  for (const FlowPlan& f : plan.flows)
    for (const SetupNeed& n : f.setup) {
      const std::string object = n.target.substr(n.target.find('.') + 1);
      if (n.kind == Kind::choices || n.kind == Kind::records) {
        for (const SetupValue& v : n.values) {
          auto& row = (n.kind == Kind::choices ? values : records).rows.emplace_back();
          row.push_back(setup_cell(object));
          if (n.kind == Kind::choices) row.push_back(setup_cell(n.field));
          row.insert(row.end(), {setup_cell(v.value), setup_count(v.rows), setup_cell(v.example), setup_cell(n.flow)});
        }
        continue;
      }
      fields.rows.push_back({setup_cell(object), setup_cell(n.field), setup_cell(n.label), setup_cell(need_text(n, context.language())), setup_cell(n.type), n.length ? setup_count(*n.length) : setup_cell(""),
                             setup_cell(n.key ? context.say("cli.setup.yes") : ""), setup_count(n.rows), setup_count(n.longest), setup_cell(n.source), setup_cell(value_list(n)), setup_cell(n.nearest), setup_cell(n.flow), setup_cell(n.place)});
    }
  report::Workbook book;
  book.push_back(std::move(fields)), book.push_back(std::move(values)), book.push_back(std::move(records));
  return report::write_plain_workbook(book, context.say("cli.setup.title", {{"plan", std::to_string(plan.record.number)}}), plan.record.created_at, file);
}

}  // namespace godwit::cli
