#include "connectors/rest/unit_writing.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "plugins/kits/rest/address.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::restapi {
namespace {

using nlohmann::json;

constexpr int kLostRounds = 12;  // how often rows of a lost call are looked for and sent again

std::string text_at(const json& value, std::string_view path) {
  const json* found = path.empty() ? nullptr : rest::find_at(value, path);
  return found == nullptr ? std::string() : rest::scalar_text(*found).value_or("");
}

// Wraps an array of records at a place in the body: "/data/records" gives {"data":{"records":[...]}}.
std::string wrapped(std::string body, std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    std::string name;
    rest::append_quoted(path.substr(slash + 1), &name);
    body = "{" + name + ":" + body + "}";
    path = path.substr(0, slash);
  }
  return body;
}

sdk::HttpRequest lookup_call(const LookupShape& shape, const std::vector<std::string>& keys) {
  std::string in_url, in_body;
  for (const std::string& key : keys) {
    in_url += (in_url.empty() ? "" : shape.between) + rest::url_part(key);
    if (!in_body.empty()) in_body += ',';
    rest::append_quoted(key, &in_body);
  }
  sdk::HttpRequest request;
  request.method = shape.call.method, request.url = fill(shape.call.path, {{"keys", in_url}}), request.body = fill(shape.call.body, {{"keys", in_body}});
  request.endpoint = shape.call.endpoint, request.repeatable = true;
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  return request;
}

Result<> take_found(const ApiObject& object, const sdk::HttpAnswer& answer, const std::string& place, Found* out) {
  if (answer.verdict == sdk::Verdict::refused && answer.status == 404) return {};  // none of them
  if (answer.verdict != sdk::Verdict::ok) return Failure(rest::call_error(answer, place));
  const auto parsed = rest::parse_exact(answer.body.empty() ? "[]" : answer.body);
  const json* rows = parsed ? rest::find_at(*parsed, object.lookup->rows) : nullptr;
  if (rows == nullptr || !rows->is_array()) return rest::not_understood(place, answer.body);
  for (const json& row : *rows) (*out)[text_at(row, object.find(object.lookup->field)->path)].push_back(row);
  return {};
}

}  // namespace

Result<Found> look_up(const Api& api, const ApiObject& object, sdk::HttpClient& client, const sdk::HostServices& host, const std::vector<std::string>& keys) {
  const LookupShape& shape = *object.lookup;
  const std::string place = api.url + " " + object.name;
  std::vector<std::vector<std::string>> parts;
  for (const std::string& key : std::set<std::string>(keys.begin(), keys.end())) {
    if (parts.empty() || parts.back().size() == shape.most) parts.emplace_back();
    parts.back().push_back(key);
  }
  rest::BatchQueue queue;
  for (std::size_t i = 0; i < parts.size(); ++i) queue.add({{static_cast<std::int64_t>(i)}, {}, 0});
  Found out;
  const auto make = [&](const rest::CallBatch& batch) -> Result<sdk::HttpRequest> { return lookup_call(shape, parts[static_cast<std::size_t>(batch.rows.front())]); };
  const auto take = [&](rest::CallBatch&, sdk::HttpAnswer& answer) { return take_found(object, answer, place, &out); };
  GW_TRY(rest::run_calls(client, host, queue, api.window, make, take));
  return out;
}

UnitWriting::UnitWriting(const Api& api, const Plan& plan, std::shared_ptr<sdk::HttpClient> client, const sdk::HostServices& host, const Unit& unit)
    : results(unit.rows()), in_doubt(static_cast<std::size_t>(unit.rows()), false), api_(api), plan_(plan), client_(std::move(client)), host_(host),
      place_(api.url + " " + plan.object->name), rows_(rest::rows_of(unit)), memory_(unit.memory) {
  if (!plan.request.id.empty()) results.expect_ids(plan.object->find(plan.request.id)->field.type.id == TypeId::int64);
}

Result<> UnitWriting::write() {
  const auto is_row = [&](std::int64_t i) { return i >= 0 && i < static_cast<std::int64_t>(rows_.size()); };
  for (const auto& [i, id] : memory_.created())
    if (is_row(i) && is_open(i)) {
      const json value = id;
      settle(i, OutcomeKind::created, &value);
    }
  // What an earlier life of the unit sent and saw no answer to.
  std::vector<std::int64_t> unheard;
  for (const std::int64_t i : memory_.in_doubt())
    if (is_row(i) && is_open(i)) can_look() ? unheard.push_back(i) : static_cast<void>(in_doubt[static_cast<std::size_t>(i)] = !upserts());
  std::vector<std::int64_t> fresh, changed;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(rows_.size()); ++i) {
    if (!is_open(i) || std::find(unheard.begin(), unheard.end(), i) != unheard.end()) continue;
    const Operation o = row(i).operation();
    (o == Operation::update || o == Operation::remove || (o == Operation::upsert && !upserts()) ? changed : fresh).push_back(i);
  }
  GW_TRY(change(changed));
  if (!unheard.empty()) lost({unheard, {}, 0});
  return write_new(std::move(fresh));
}

std::string UnitWriting::text_of(int column, std::int64_t i) const {
  const Column& c = row(i).column(static_cast<std::size_t>(column));
  return c.is_null(row(i).row) ? std::string() : value_text(c, row(i).row);
}

void UnitWriting::settle(std::int64_t i, OutcomeKind kind, const json* id) {
  results.settle(i, kind);
  const auto at = static_cast<std::size_t>(i);
  const auto text = id == nullptr || results.has_id.empty() ? std::nullopt : rest::scalar_text(*id);
  if (!text || text->empty()) return;
  results.has_id[at] = 1;
  if (results.ids.empty()) results.text_ids[at] = *text;
  else if (const auto number = std::from_chars(text->data(), text->data() + text->size(), results.ids[at]); number.ec != std::errc()) results.has_id[at] = 0;
}

void UnitWriting::refuse(std::int64_t i, const json& result, std::string words) {
  const WriteShape* shape = plan_.object->write ? &*plan_.object->write : nullptr;
  std::string field;
  if (shape != nullptr) {
    const std::string code = text_at(result, shape->code), message = text_at(result, shape->message);
    if (!code.empty() || !message.empty()) words = code + (code.empty() || message.empty() ? "" : ": ") + message;
    field = text_at(result, shape->field);
  }
  if (words.empty()) words = sql::excerpt(rest::exact_text(result));
  results.refuse(sql::refuse(i, sql::kRefusedOtherwise, field, words));
}

// False: a value that the API cannot hold; the row is refused then.
bool UnitWriting::append_body(std::int64_t i, bool with_key, std::string* out) {
  const std::size_t begin = out->size();
  rest::WrittenValue value;
  *out += '{';
  for (std::size_t c = 0; c < plan_.fields.size(); ++c) {
    const ApiField& f = *plan_.fields[c];
    if (!row(i).is_set(c) || f.field.generated || (!with_key && static_cast<int>(c) == plan_.key)) continue;
    if (const auto fault = rest::write_value(row(i).column(c), row(i).row, api_.form, &value)) {
      out->resize(begin);
      results.refuse(sql::refuse(i, fault->number, f.field.name, "", {{"seen", fault->seen}, {"expected", fault->expected}}));
      return false;
    }
    if (out->size() > begin + 1) *out += ',';
    rest::append_quoted(f.path.starts_with('/') ? std::string_view(f.path).substr(1) : f.path, out);
    *out += ':';
    rest::append_json(value, out);
  }
  *out += '}';
  return true;
}

Result<> UnitWriting::write_new(std::vector<std::int64_t> rows) {
  if (!plan_.object->write && !rows.empty()) {
    for (const std::int64_t i : rows) results.refuse(sql::refuse(i, 3456, "", "", {{"seen", "write"}, {"object", plan_.object->name}}));
    return {};
  }
  std::vector<rest::Sending> sending;
  std::string body;
  for (const std::int64_t i : rows) {
    body.clear();
    if (append_body(i, true, &body)) sending.push_back({i, body.size() + 1, 0});
  }
  rest::BatchLimits limits;
  limits.rows = plan_.object->write ? plan_.object->write->rows : 1;
  for (rest::CallBatch& batch : rest::make_batches(sending, limits)) queue_.add(std::move(batch));
  return rest::run_calls(*client_, host_, queue_, api_.window, [this](const rest::CallBatch& b) { return make_call(b); },
                         [this](rest::CallBatch& b, sdk::HttpAnswer& a) { return take_answer(b, a); });
}

Result<sdk::HttpRequest> UnitWriting::make_call(const rest::CallBatch& batch) {
  if (looking_.contains(batch.rows)) {
    std::vector<std::string> keys;
    for (const std::int64_t i : batch.rows) keys.push_back(text_of(plan_.tag, i));
    return lookup_call(*plan_.object->lookup, keys);
  }
  const WriteShape& shape = *plan_.object->write;
  sdk::HttpRequest request;
  request.method = shape.call.method, request.url = shape.call.path, request.endpoint = shape.call.endpoint, request.repeatable = upserts();
  request.headers.emplace_back("Content-Type", "application/json");
  const bool single = shape.rows == 1;
  if (!single) request.body = "[";
  for (const std::int64_t i : batch.rows) {
    if (request.body.size() > 1) request.body += ',';
    (void)append_body(i, true, &request.body);  // looked at before
  }
  if (!single) request.body = wrapped(request.body + "]", shape.in);
  if (!upserts()) GW_TRY(memory_.sending(batch));
  return request;
}

Result<> UnitWriting::take_answer(rest::CallBatch& batch, sdk::HttpAnswer& answer) {
  if (looking_.contains(batch.rows)) return found_lost(batch, answer);
  switch (answer.verdict) {
    case sdk::Verdict::ok: {
      const auto parsed = rest::parse_exact(answer.body.empty() ? "null" : answer.body);
      if (!parsed) return lost(batch), Result<>();
      const WriteShape& shape = *plan_.object->write;
      json all = json::array();
      const json* results_at = rest::find_at(*parsed, shape.results);
      if (shape.rows == 1) all.push_back(results_at == nullptr ? json() : *results_at);
      else if (results_at != nullptr && results_at->is_array()) all = *results_at;
      if (all.size() != batch.rows.size()) return lost(batch), Result<>();
      return take_results(batch, all);
    }
    case sdk::Verdict::lost: return lost(batch), Result<>();
    case sdk::Verdict::refused: {
      if (!upserts()) GW_TRY(memory_.answered(batch, {}));
      if (answer.status != 400 && answer.status != 409 && answer.status != 413 && answer.status != 422) return Failure(rest::call_error(answer, place_));
      const std::string words = answer.code + (answer.code.empty() || answer.message.empty() ? "" : ": ") + answer.message;
      if (batch.rows.size() == 1) {
        refuse(batch.rows.front(), rest::parse_exact(answer.body).value_or(json()), words);
        return {};
      }
      // One record may be the reason.
      const auto middle = batch.rows.begin() + static_cast<std::ptrdiff_t>(batch.rows.size() / 2);
      queue_.add({{batch.rows.begin(), middle}, {}, batch.attempt});
      queue_.add({{middle, batch.rows.end()}, {}, batch.attempt});
      return {};
    }
    default:
      if (answer.maybe_done && !upserts()) return lost(batch), Failure(rest::call_error(answer, place_));
      if (!upserts()) GW_TRY(memory_.answered(batch, {}));
      return Failure(rest::call_error(answer, place_));
  }
}

Result<> UnitWriting::take_results(const rest::CallBatch& batch, const json& all) {
  const WriteShape& shape = *plan_.object->write;
  std::vector<std::string> ids;
  for (std::size_t n = 0; n < batch.rows.size(); ++n) {
    const std::int64_t i = batch.rows[n];
    const json& result = all[n];
    const bool fine = shape.success.empty() || text_at(result, shape.success) == "true";
    const json* id = shape.id.empty() ? nullptr : rest::find_at(result, shape.id);
    ids.push_back(fine ? (id == nullptr ? "?" : rest::scalar_text(*id).value_or("?")) : "");
    if (!fine) {
      refuse(i, result, "");
      continue;
    }
    const bool created = shape.created.empty() ? row(i).operation() != Operation::upsert : text_at(result, shape.created) == "true" || row(i).operation() == Operation::insert;
    settle(i, created ? OutcomeKind::created : OutcomeKind::updated, id);
  }
  return upserts() ? Result<>() : memory_.answered(batch, ids);
}

// A question after the rows' records joins the calls, once they must be visible.
void UnitWriting::lost(const rest::CallBatch& batch) {
  if (can_look()) {
    const std::size_t most = plan_.object->lookup->most;
    for (std::size_t from = 0; from < batch.rows.size(); from += most) {
      std::vector<std::int64_t> part(batch.rows.begin() + static_cast<std::ptrdiff_t>(from), batch.rows.begin() + static_cast<std::ptrdiff_t>(std::min(from + most, batch.rows.size())));
      looking_.insert(part);
      queue_.add_later({std::move(part), {}, batch.attempt}, rest::steady_us() + plan_.object->lookup->visible_after_ms * 1000 + 1);
    }
  } else if (upserts() && batch.attempt < kLostRounds) {
    queue_.add_later({batch.rows, {}, batch.attempt + 1}, rest::steady_us() + 500000);
  } else {
    for (const std::int64_t i : batch.rows) in_doubt[static_cast<std::size_t>(i)] = true;
  }
}

// Rows whose record is there were written; the others were not, and go again.
Result<> UnitWriting::found_lost(const rest::CallBatch& batch, const sdk::HttpAnswer& answer) {
  looking_.erase(batch.rows);
  Found found;
  GW_TRY(take_found(*plan_.object, answer, place_, &found));
  rest::CallBatch again{{}, {}, batch.attempt + 1};
  for (const std::int64_t i : batch.rows) {
    const auto records = found.find(text_of(plan_.tag, i));
    if (records == found.end()) {
      again.rows.push_back(i);
      continue;
    }
    const std::string& id = plan_.object->write->id;
    settle(i, OutcomeKind::created, id.empty() ? nullptr : rest::find_at(records->second.front(), id));
  }
  if (again.rows.empty()) return {};
  if (batch.attempt >= kLostRounds) return sdk::fail(3404, ErrorKind::retry, {{"place", place_}, {"seen", std::to_string(again.rows.size()) + " records"}});
  const std::size_t most = plan_.object->write->rows;
  for (std::size_t from = 0; from < again.rows.size(); from += most)
    queue_.add({{again.rows.begin() + static_cast<std::ptrdiff_t>(from), again.rows.begin() + static_cast<std::ptrdiff_t>(std::min(from + most, again.rows.size()))}, {}, again.attempt});
  return {};
}

// Updates and deletions, and upserts where the API has none.
Result<> UnitWriting::change(const std::vector<std::int64_t>& rows) {
  if (rows.empty()) return {};
  Found found;
  if (can_look()) {
    std::vector<std::string> keys;
    for (const std::int64_t i : rows) keys.push_back(text_of(plan_.tag, i));
    GW_ASSIGN(found, look_up(api_, *plan_.object, *client_, host_, keys));
  }
  std::vector<std::int64_t> fresh;
  for (const std::int64_t i : rows) {
    const Operation o = row(i).operation();
    if (can_look()) {
      const auto records = found.find(text_of(plan_.tag, i));
      if (records == found.end()) {
        if (o == Operation::upsert) fresh.push_back(i);
        else results.settle(i, OutcomeKind::missing);
        continue;
      }
      if (records->second.size() > 1) {
        results.refuse(sql::refuse(i, sql::kKeyNotUnique, plan_.object->lookup->field, "", {{"seen", std::to_string(records->second.size())}}));
        continue;
      }
    }
    const auto& call = o == Operation::remove ? plan_.object->remove : plan_.object->update;
    if (!call) {
      if (o == Operation::update && upserts()) fresh.push_back(i);
      else results.refuse(sql::refuse(i, 3456, "", "", {{"seen", o == Operation::remove ? "delete" : "update"}, {"object", plan_.object->name}}));
      continue;
    }
    GW_TRY(write_one(i, *call, o == Operation::remove ? OutcomeKind::deleted : OutcomeKind::updated));
    if (const auto records = found.find(can_look() ? text_of(plan_.tag, i) : ""); records != found.end() && results.kinds[static_cast<std::size_t>(i)] == OutcomeKind::updated)
      if (const ApiField* id = plan_.object->find(plan_.object->id)) settle(i, OutcomeKind::updated, rest::find_at(records->second.front(), id->path));
  }
  return write_new(std::move(fresh));
}

Result<> UnitWriting::write_one(std::int64_t i, const CallShape& call, OutcomeKind done) {
  sdk::HttpRequest request;
  request.method = call.method, request.endpoint = call.endpoint, request.repeatable = true;
  request.url = fill(call.path, {{"key", rest::url_part(text_of(plan_.key, i))}, {"id", rest::url_part(plan_.id >= 0 ? text_of(plan_.id, i) : text_of(plan_.key, i))}});
  if (done == OutcomeKind::updated) {
    request.headers.emplace_back("Content-Type", "application/json");
    if (!append_body(i, false, &request.body)) return {};
  }
  GW_ASSIGN(const sdk::HttpAnswer answer, client_->call(request));
  if (answer.verdict == sdk::Verdict::ok) return results.settle(i, done), Result<>();
  if (answer.verdict == sdk::Verdict::refused && (answer.status == 404 || answer.status == 410)) {
    const bool ours = done == OutcomeKind::deleted && answer.maybe_done;
    return results.settle(i, ours ? OutcomeKind::deleted : OutcomeKind::missing), Result<>();
  }
  if (answer.verdict == sdk::Verdict::refused && (answer.status == 400 || answer.status == 409 || answer.status == 422)) {
    refuse(i, rest::parse_exact(answer.body).value_or(json()), answer.code + (answer.code.empty() || answer.message.empty() ? "" : ": ") + answer.message);
    return {};
  }
  return Failure(rest::call_error(answer, place_));
}

}  // namespace godwit::restapi
