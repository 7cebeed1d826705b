#pragma once
// The description of an API as values. README.md says what each member means.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"
#include "plugins/kits/rest/pages.hpp"
#include "plugins/sdk/settings.hpp"

namespace godwit::restapi {

// One kind of call. {name} in path and body is filled in; {{name}} is the HTTP client's.
struct CallShape {
  std::string method, path, body, endpoint;
};

// How an object is read: page after page.
struct ReadShape {
  CallShape call;              // {cursor}, {rows}
  std::string rows, next, cursor, first;  // places of the rows and of what leads to the next page; the first page's cursor
  enum class By { id, next, token, offset, page } by = By::id;
  std::int64_t page_rows = 100;
};

// How new records are written: several in a call.
struct WriteShape {
  CallShape call;
  std::string in, results, success, id, created, code, message, field;  // places in body, answer and results
  std::size_t rows = 100;
  bool upserts = false;  // a record that is there by its key is updated
};

// How records are found by a field.
struct LookupShape {
  CallShape call;  // {keys}
  std::string field, rows, between = ",";
  std::size_t most = 50;
  std::int64_t visible_after_ms = 0;  // how long a new record may take to be found
};

struct ApiField {
  ObjectField field;
  std::string path;
};

struct ApiObject {
  std::string name, id;
  std::vector<ApiField> fields;
  std::vector<std::string> key;
  std::optional<ReadShape> read;
  std::optional<WriteShape> write;
  std::optional<CallShape> update, remove;  // {key}, {id}
  std::optional<LookupShape> lookup;
  const ApiField* find(std::string_view field) const;
  ObjectDescription describe() const;
};

struct Api {
  std::string url, rules;  // rules: of the HTTP client, JSON text
  std::optional<CallShape> check;
  std::string identity;    // place of it in check's answer
  std::map<std::string, ApiObject, std::less<>> objects;
  rest::ValueForm form;
  std::size_t window = 64;
};

// Reads the file that the settings name. GW-3451 (cannot be read, or is no JSON), 3452 (a member that is missing, unknown or wrong, by its place).
Result<Api> read_api(const sdk::Settings& settings);

// `text` with each {name} replaced; {{name}} stays.
std::string fill(std::string_view text, const std::vector<std::pair<std::string_view, std::string>>& values);

}  // namespace godwit::restapi
