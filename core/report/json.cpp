#include <nlohmann/json.hpp>

#include "core/report/format.hpp"
#include "core/report/model.hpp"

namespace godwit::report {
namespace {

using Json = nlohmann::json;  // objects are sorted by key, bytewise: by code point in UTF-8

template <typename T>
Json maybe(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json both(const Localized& text) { return {{"en", text.en}, {"zh-CN", text.zh}}; }

template <typename T, typename Convert>
Json list(const std::vector<T>& values, const Convert& convert) {
  Json out = Json::array();
  for (const T& value : values) out.push_back(convert(value));
  return out;
}

Json to_json(const GateLine& g) {
  return {{"name", g.name},       {"flow", g.flow},     {"verdict", name_of(g.verdict)}, {"seen", g.seen},
          {"allowed", g.allowed}, {"action", g.action}, {"approver", g.approver}};
}

Json to_json(const MoneyLine& m) {
  return {{"total", m.total},
          {"flow", m.flow},
          {"currency", m.currency},
          {"expected", maybe(m.expected)},
          {"read", maybe(m.read)},
          {"loaded", maybe(m.loaded)},
          {"merged", maybe(m.merged)},
          {"filtered", maybe(m.filtered)},
          {"set_aside", maybe(m.set_aside)},
          {"deleted", maybe(m.deleted)},
          {"in_doubt", maybe(m.in_doubt)},
          {"target", maybe(m.target)},
          {"due", maybe(m.due)},
          {"difference", maybe(m.difference)},
          {"off_source", maybe(m.off_source)},
          {"off_target", maybe(m.off_target)},
          {"open", maybe(m.open)},
          {"tolerance", m.tolerance},
          {"rows_read", m.rows_read},
          {"source_agrees", m.source_agrees},
          {"target_agrees", m.target_agrees},
          {"verdict", name_of(m.verdict)}};
}

Json to_json(const VerificationLine& v) {
  return {
      {"at", v.at},
      {"expected_rows", v.expected_rows},
      {"found_rows", v.found_rows},
      {"missing", v.missing},
      {"extra", v.extra},
      {"orphans", v.orphans},
      {"fields_compared", v.fields_compared},
      {"fields_differing", v.fields_differing},
      {"fields_tolerated", v.fields_tolerated},
      {"fields", list(v.fields, [](const FieldFigures& f) -> Json {
         return {{"field", f.field}, {"compared", f.compared}, {"differing", f.differing}, {"tolerated", f.tolerated}};
       })}};
}

Json to_json(const FlowLine& f) {
  Json out{{"name", f.name},           {"seq", f.seq},
           {"source", f.source},       {"target", f.target},
           {"delivery", f.delivery},   {"crosswalk", f.crosswalk},
           {"stage", f.stage},         {"source_figure", maybe(f.source_figure)},
           {"read", f.read},           {"derived", f.derived},
           {"created", f.created},     {"updated", f.updated},
           {"unchanged", f.unchanged}, {"merged", f.merged},
           {"filtered", f.filtered},   {"filtered_unknown", f.filtered_unknown},
           {"set_aside", f.set_aside}, {"deleted", f.deleted},
           {"in_doubt", f.in_doubt},   {"warned", f.warned}};
  out["obligations"] = {{"open", f.obligations_open}, {"set", f.obligations_set}, {"failed", f.obligations_failed}};
  out["bytes_read"] = f.bytes_read, out["milliseconds"] = f.milliseconds,
  out["journal_milliseconds"] = f.journal_milliseconds;
  out["target_before"] = maybe(f.target_before);
  out["due"] = f.due(), out["found"] = maybe(f.found()), out["difference"] = f.difference(),
  out["open_rows"] = f.open_rows();
  out["reasons"] = list(f.reasons(), [](const Reason& r) -> Json { return {{"kind", r.kind}, {"rows", r.rows}}; });
  out["verification"] = f.verification ? to_json(*f.verification) : Json(nullptr);
  return out;
}

Json to_json(const Example& e) { return {{"place", e.place}, {"key", e.key}, {"words", both(e.words)}}; }

Json to_json(const Cause& c) {
  return {{"flow", c.flow},           {"field", c.field},
          {"number", c.number},       {"rows", c.rows},
          {"open", c.open},           {"title", both(c.title)},
          {"remedy", both(c.remedy)}, {"examples", list(c.examples, [](const Example& e) { return to_json(e); })}};
}

Json to_json(const DifferenceGroup& d) {
  return {{"flow", d.flow},
          {"field", d.field},
          {"class", d.kind},
          {"rows", d.rows},
          {"examples", list(d.examples, [](const DifferenceExample& e) -> Json {
             return {{"key", e.key},
                     {"expected", e.expected_null ? Json(nullptr) : Json(e.expected)},
                     {"found", e.found_null ? Json(nullptr) : Json(e.found)}};
           })}};
}

Json to_json(const HistoryRun& h) {
  Json flows = Json::object();
  for (const auto& [name, f] : h.flows)
    flows[name] = {{"read", f.read}, {"written", f.written}, {"set_aside", f.set_aside}, {"in_doubt", f.in_doubt}};
  return {{"number", h.number},
          {"kind", h.kind},
          {"state", h.state},
          {"started_at", h.started_at},
          {"ended_at", h.ended_at},
          {"exit_code", maybe(h.exit_code)},
          {"plan", maybe(h.plan)},
          {"undone_by", maybe(h.undone_by)},
          {"mapping_version", h.mapping_version},
          {"flows", flows}};
}

Json to_json(const CutoverReport& r) {
  const auto convert = [](const auto& value) { return to_json(value); };
  Json out;
  out["format"] = "godwit-cutover-report", out["format_version"] = 1;
  out["made_at"] = r.made_at, out["project"] = r.project, out["environment"] = r.environment,
  out["production"] = r.production;
  out["masked"] = r.masked;
  out["target"] = {{"identity", r.target_identity}, {"display", r.target_display}};
  out["run"] = {{"number", r.run},
                {"id", r.run_id},
                {"kind", r.kind},
                {"state", r.state},
                {"started_at", r.started_at},
                {"ended_at", r.ended_at},
                {"exit_code", maybe(r.exit_code)},
                {"of_run", maybe(r.of_run)},
                {"undone_by", maybe(r.undone_by)},
                {"options", r.options}};
  out["plan"] =
      r.plan ? Json{{"number", *r.plan}, {"hash", r.plan_hash}, {"sampled", maybe(r.plan_sampled)}} : Json(nullptr);
  out["mapping"] = {{"hash", r.mapping_hash}, {"version", r.mapping_version}};
  out["extract_hash"] = r.extract_hash;
  out["verdict"] = name_of(r.verdict);
  out["gates"] = list(r.gates, convert), out["flows"] = list(r.flows, convert), out["money"] = list(r.money, convert);
  out["open_items"] = list(r.open_items, [](const OpenItem& o) -> Json {
    return {{"kind", o.kind}, {"flow", o.flow}, {"rows", o.rows}};
  });
  out["set_aside_causes"] = list(r.causes, convert), out["warnings"] = list(r.warnings, convert);
  out["differences"] = list(r.differences, convert);
  out["failed_obligations"] = list(r.failed_obligations, [&](const FailedObligations& f) -> Json {
    return {{"flow", f.flow}, {"field", f.field}, {"rows", f.rows}, {"examples", list(f.examples, convert)}};
  });
  out["versions"] = list(r.versions, [](const auto& v) -> Json { return {{"name", v.first}, {"version", v.second}}; });
  out["history"] = list(r.history, convert);
  out["rows_set_aside_total"] = r.rows_set_aside_total;
  out["views"] = {{"html", {{"en", r.views.html_en}, {"zh-CN", r.views.html_zh}}},
                  {"xlsx", {{"en", r.views.xlsx_en}, {"zh-CN", r.views.xlsx_zh}}}};
  return out;
}

// Names of flows and files come as the file system has them, which need not be NFC.
Json normalized(const Json& json) {
  if (json.is_string()) return composed(json.get<std::string>());
  if (!json.is_structured()) return json;
  Json out = json.is_object() ? Json::object() : Json::array();
  for (const auto& [key, value] : json.items()) {
    if (json.is_object()) {
      out[composed(key)] = normalized(value);
    } else {
      out.push_back(normalized(value));
    }
  }
  return out;
}

std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string canonical_json(const CutoverReport& report) { return compact(normalized(to_json(report))); }

std::string envelope_json(const CutoverReport& report) {
  return compact({{"digest", report.seal.digest},
                  {"signature", report.seal.signature},
                  {"public_key", report.seal.public_key},
                  {"report", normalized(to_json(report))}});
}

}  // namespace godwit::report
