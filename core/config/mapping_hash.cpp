// The mapping's version: a digest of what the flows mean, not of how their files are laid out.

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <map>

#include "core/config/parts.hpp"

namespace godwit::config {
namespace {

constexpr std::size_t kLargestMapFile = 256 << 20;  // bytes

// Collects parts, each with its length before it, so that no two contents run together to the same bytes.
class Digest {
 public:
  void part(std::string_view text) { bytes_ += fmt::format("{}:", text.size()), bytes_ += text; }
  void part(std::int64_t number) { part(fmt::format("{}", number)); }
  void parts(const std::vector<std::string>& texts) {
    part(static_cast<std::int64_t>(texts.size()));
    for (const auto& t : texts) part(t);
  }
  std::string hex() const {
    const XXH128_hash_t h = XXH3_128bits(bytes_.data(), bytes_.size());
    return fmt::format("{:016x}{:016x}", h.high64, h.low64);
  }

 private:
  std::string bytes_;
};

// White space outside quotations as single blanks: reformatting is no change.
std::string canonical(const ExpressionText& expression) {
  if (expression.is_constant) return "const " + expression.text;
  std::string out;
  char quote = 0;
  for (char c : expression.text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (quote == 0 && blank) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      continue;
    }
    if (quote == 0 ? c == '\'' || c == '"' : c == quote) quote = quote == 0 ? c : 0;
    out += c;
  }
  return out;
}

void add(Digest& digest, const std::optional<ExpressionText>& expression) {
  digest.part(expression ? canonical(*expression) : "");
}

void add(Digest& digest, std::vector<NamedExpression> entries) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  digest.part(static_cast<std::int64_t>(entries.size()));
  for (const auto& e : entries) digest.part(e.name), digest.part(canonical(e.expression));
}

void add(Digest& digest, const ValidateRule& rule) {
  digest.part(static_cast<std::int64_t>(rule.kind));
  digest.parts(rule.fields);
  digest.part(canonical(rule.check));
  digest.parts(rule.values);
  digest.part(rule.pattern);
  digest.part(rule.min ? fmt::format("{}", *rule.min) : "");
  digest.part(rule.max ? fmt::format("{}", *rule.max) : "");
  digest.parts(rule.flows);
  digest.part(rule.warning ? "warning" : "error");
  digest.part(rule.say);
}

std::string flow_digest(const Flow& flow, const std::vector<std::pair<std::string, std::string>>& files) {
  Digest d;
  d.part(flow.name);
  d.part(static_cast<std::int64_t>(flow.from.size()));
  for (const auto& from : flow.from) d.part(from.connection), d.part(from.asked());
  d.part(flow.to.connection), d.part(flow.to.object);
  add(d, flow.where), add(d, flow.delete_when), add(d, flow.key), add(d, flow.let), add(d, flow.map);
  d.parts(flow.source_key);
  d.part(static_cast<std::int64_t>(flow.validate.size()));
  for (const auto& rule : flow.validate) add(d, rule);
  d.part(static_cast<std::int64_t>(flow.on_double));
  d.part(static_cast<std::int64_t>(flow.on_conflict));
  d.part(static_cast<std::int64_t>(flow.compare));
  d.part(flow.keep_prior ? 1 : 0);
  for (const auto& [field, value] : flow.tolerance) d.part(field), d.part(value);
  d.parts(flow.after);
  d.part(flow.id);
  d.part(flow.zone);
  for (const auto& [path, hash] : files) d.part(path), d.part(hash);
  return d.hex();
}

std::string project_digest(const Project& project) {
  Digest d;
  for (const auto& [name, hash] : project.flow_hashes) d.part(name), d.part(hash);
  for (const auto& g : project.gates) {
    d.part(g.name), d.part(g.flow), d.part(g.approver);
    d.part(g.share ? fmt::format("{:.9g}", *g.share) : ""), d.part(g.rows ? fmt::format("{}", *g.rows) : "");
    d.part(g.min_rows), d.part(g.stop ? "stop" : "report");
  }
  for (const auto& t : project.totals) {
    d.part(t.name), d.part(t.flow), d.part(canonical(t.source)), d.part(t.target), d.part(t.currency);
    add(d, t.source_currency);
    d.part(t.expected), d.part(t.tolerance);
  }
  return d.hex();
}

// Every expression of a flow.
std::vector<const ExpressionText*> expressions_of(const Flow& flow) {
  std::vector<const ExpressionText*> out;
  if (flow.where) out.push_back(&*flow.where);
  if (flow.delete_when) out.push_back(&*flow.delete_when);
  for (const auto* list : {&flow.key, &flow.let, &flow.map}) {
    for (const auto& e : *list) out.push_back(&e.expression);
  }
  for (const auto& rule : flow.validate) out.push_back(&rule.check);
  return out;
}

}  // namespace

std::vector<std::string> value_map_files(std::string_view text) {
  constexpr std::string_view kCall = "value_map";
  std::vector<std::string> out;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != 0 || text[i] == '\'' || text[i] == '"') {
      if (quote == 0) {
        quote = text[i];
      } else if (text[i] == quote) {
        quote = 0;
      }
      continue;
    }
    if (!text.substr(i).starts_with(kCall)) continue;
    std::size_t at = text.find_first_not_of(" \t\n", i + kCall.size());
    if (at == std::string_view::npos || text[at] != '(') continue;
    // The second argument; in `branch | value_map(maps/x.csv)` the first.
    const std::size_t before = text.find_last_not_of(" \t\n", i == 0 ? std::string_view::npos : i - 1);
    const bool piped = i > 0 && before != std::string_view::npos && text[before] == '|' && (before == 0 || text[before - 1] != '|');
    int wanted = piped ? 0 : 1;
    std::string argument;
    char inner = 0;
    int depth = 0;
    for (++at; at < text.size(); ++at) {
      const char c = text[at];
      if (inner != 0 ? c == inner : c == '\'' || c == '"') {
        inner = inner == 0 ? c : 0;
        continue;
      }
      if (inner == 0 && depth == 0 && (c == ',' || c == ')')) {
        if (wanted-- == 0 && !argument.empty() && argument.find("=>") == std::string::npos) out.push_back(argument);
        argument.clear();
        if (c == ')') break;
        continue;
      }
      if (inner == 0) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (inner != 0 || (c != ' ' && c != '\t' && c != '\n')) argument += c;
    }
    i += kCall.size() - 1;
  }
  return out;
}

void hash_mapping(const ProjectFiles& files, Findings& findings, Project& project) {
  std::map<std::string, std::string> hashes;  // of map files, read once each
  for (Flow& flow : project.flows) {
    std::map<std::string, SourcePlace> named;
    for (const std::string& sheet : flow.files) named.emplace(sheet, flow.place);
    const std::vector<std::string> sheets = flow.files;
    for (const ExpressionText* e : expressions_of(flow)) {
      if (e->is_constant) continue;
      for (auto& path : value_map_files(e->text)) named.emplace(std::move(path), e->place);
    }
    std::vector<std::pair<std::string, std::string>> contents;
    flow.files.clear();
    for (const auto& [path, place] : named) {
      flow.files.push_back(path);
      const bool is_sheet = std::find(sheets.begin(), sheets.end(), path) != sheets.end();
      if (is_sheet) continue;  // its lines are in flow.map; its layout is no matter
      auto known = hashes.find(path);
      if (known == hashes.end()) {
        const FileText file = files.read(path, kLargestMapFile);
        std::string hash;
        if (file.state == FileText::State::ok) {
          const XXH128_hash_t h = XXH3_128bits(file.bytes.data(), file.bytes.size());
          hash = fmt::format("{:016x}{:016x}", h.high64, h.low64);
        }
        if (file.state == FileText::State::missing) findings.add(2050, place, {{"seen", path}});
        if (file.state == FileText::State::unreadable)
          findings.add(2002, place, {{"seen", path}, {"reason", file.reason}});
        if (file.state == FileText::State::too_large) {
          findings.add(2003, place, {{"seen", file.reason}, {"expected", std::to_string(kLargestMapFile)}});
        }
        known = hashes.emplace(path, std::move(hash)).first;
      }
      contents.emplace_back(path, known->second);
    }
    project.flow_hashes[flow.name] = flow_digest(flow, contents);
  }
  project.mapping_hash = project_digest(project);
}

}  // namespace godwit::config
