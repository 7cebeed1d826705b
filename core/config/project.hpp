#pragma once
// A migration project as written in godwit.yaml and flows/*.yaml, read and linted.

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/catalogue.hpp"
#include "core/model/result.hpp"

namespace godwit {

// Where something stands in a project file; line and column count from 1.
struct SourcePlace {
  std::string file;  // relative to the project folder
  int line = 0, column = 0;
  std::string to_string() const;  // "flows/accounts.yaml:12:9"
};

// An expression as written, not yet compiled.
struct ExpressionText {
  std::string text;
  SourcePlace place;         // of the first character of `text`
  bool is_constant = false;  // {const: value}: `text` is the value itself
};

struct ObjectRef {
  std::string connection, object;  // "legacy.customers"
  SourcePlace place;
  std::string query;  // a statement in the connection's own language that is read in the object's place, or ""
  // What the connection is asked for: the object, or "query:" and the statement.
  std::string asked() const { return query.empty() ? object : "query:" + query; }
};

struct ConnectionConfig {
  std::string name, connector;
  // Text as written, ${env:X} and ${file:X} resolved; a list or map is JSON text. Neither `connector` nor `zone` is in
  // it. Paths are as written: relative ones count from the project folder.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> secrets;  // values that came from ${env:} and ${file:}: never to be printed
  std::string zone;                  // IANA name: the connection's, else the project's, else ""
  SourcePlace place;
};

struct NamedExpression {
  std::string name;  // target field or let name
  ExpressionText expression;
  SourcePlace place;  // of the name
};

enum class RuleKind { require, unique, check, in, pattern, length, reference };
struct ValidateRule {
  RuleKind kind = RuleKind::check;
  std::vector<std::string> fields;       // require, unique, in, pattern, length, reference
  ExpressionText check;                  // check
  std::vector<std::string> values;       // in
  std::string pattern;                   // RE2 syntax, whole value
  std::optional<std::int64_t> min, max;  // length, in characters
  std::vector<std::string> flows;        // reference: the value must be a source key loaded by one of these flows
  bool warning = false;                  // level: warning
  std::string say;                       // own words instead of ours
  SourcePlace place;
};

enum class OnDouble { set_aside, merge };  // merge: later rows of the same key are `merged` into the first
enum class CompareMode { scan, journal };
enum class OnConflict { set_aside, source, target };  // delta: both sides changed the same field

struct Flow {
  std::string name;
  std::vector<ObjectRef> from;
  std::optional<ExpressionText> where;
  std::optional<ExpressionText> delete_when;  // rows that say that the record is gone: the target's is deleted
  ObjectRef to;
  std::vector<NamedExpression> key;       // target field <- expression; empty: insert only
  std::vector<std::string> source_key;    // source columns; as written, else the columns of `key` when each is a bare
                                          // name; empty: ask the compiled `key`
  std::vector<NamedExpression> let, map;  // map does not repeat the key fields
  std::vector<ValidateRule> validate;
  OnDouble on_double = OnDouble::set_aside;
  OnConflict on_conflict = OnConflict::set_aside;
  CompareMode compare = CompareMode::scan;
  bool keep_prior = true;
  std::map<std::string, std::string> tolerance;  // verify: target field -> "0.01" | "1s" | "case" | "space"
  std::vector<std::string> after;                // flows that must run before, beside those parent() names
  std::string id;                                // target's generated key; "" = ask the connector's description
  std::string zone;                              // the flow's, else that of all its source connections, else ""
  std::vector<std::string> files;                // map files and sheets it reads, relative to the project
  SourcePlace place;
};

struct Gate {
  std::string name;                  // set_aside, warned, differing, missing, in_doubt, obligations, totals, conflicts
  std::string flow;                  // "" : every flow
  std::optional<double> share;       // 0.01 for "1%"
  std::optional<std::int64_t> rows;  // absolute
  std::int64_t min_rows = 0;         // a share counts only from so many rows read
  bool stop = false;                 // on: stop | report
  std::string approver;
  SourcePlace place;
};

struct Total {
  std::string name, flow;
  ExpressionText source;  // over the source's columns, apart from the mapping
  std::string target;     // target field, summed by the target itself
  std::string currency;   // target field to group by, or ""
  std::optional<ExpressionText> source_currency;
  std::string expected;   // file of the old system's own figures, or ""
  std::string tolerance;  // "0.00"
  SourcePlace place;
};

struct Project {
  std::filesystem::path folder;
  std::string name;
  Language language = Language::en;
  std::string environment;  // "" when the project names none
  bool production = false;
  std::string mask;                // "" | "pii"
  std::int64_t memory = 64 << 20;  // bytes
  std::string signing_key;         // path of an Ed25519 key or ""
  std::vector<ConnectionConfig> connections;
  std::vector<Flow> flows;  // in file name order; `run` orders them by dependency
  std::vector<Gate> gates;
  std::vector<Total> totals;
  std::string mapping_hash;  // changes when flows, map files, gates or totals change (not when comments do)
  std::map<std::string, std::string> flow_hashes;  // per flow, map files and sheets it names included

  const ConnectionConfig* connection(std::string_view name) const;
  const Flow* flow(std::string_view name) const;
};

struct LoadOptions {
  bool resolve = true;  // false: ${env:X} and ${file:X} stay as written (commands that open no connection)
};

// Reads the folder's files for one environment. With "" the connections are used as they stand under `connections:`, no
// overlay is applied, and the project's environment is ""; it is never guessed, not even when only one is named. Every
// mistake found in the pass is in the error's `more`, ordered by place. Connector settings are checked where the
// connector is opened, expressions where they are compiled. May be called from several threads.
Result<Project> load_project(const std::filesystem::path& folder, std::string_view environment = {},
                             const LoadOptions& options = {});

// The folder that holds godwit.yaml, looking upwards from `start`; GW-2001 when there is none.
Result<std::filesystem::path> find_project(const std::filesystem::path& start);

// JSON Schema (draft 2020-12) of godwit.yaml ("project") and of a flow file ("flow"); the connectors'
// manifests, as JSON texts, give the settings of each connection.
nlohmann::json project_json_schema(std::string_view which, const std::vector<std::string>& manifests);

}  // namespace godwit
