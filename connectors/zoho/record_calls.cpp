#include "connectors/zoho/record_calls.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::zoho {
namespace {

using nlohmann::json;

constexpr int kLostRounds = 3;      // how often rows of a lost call are looked up and sent again
constexpr std::size_t kAlone = 16;  // records that were refused one by one, in the same words, before the call itself is blamed
constexpr std::int64_t kLockFirst_us = 500'000, kLockMost_us = 20'000'000;

}  // namespace

Result<> find_targets(Org& org, const WritePlan& plan, UnitState& state) {
  std::vector<std::int64_t> wanted;
  std::vector<std::string> firsts;
  for (std::int64_t row = 0; row < static_cast<std::int64_t>(state.rows.size()); ++row) {
    const rest::RowAt& at = state.rows[static_cast<std::size_t>(row)];
    if (!state.is_open(row) || plan.key_columns.empty() || !plan.needs_id(at)) continue;
    const auto key = plan.key_of(at);
    const auto first = key ? plan.first_of(at) : std::nullopt;
    if (!first) state.results.refuse(sql::refuse(row, sql::kKeyIsNull, plan.key.fields().front()->name, ""));
    else if (plan.key.is_id() && is_record_id(*key)) state.ids[row] = *key;
    else wanted.push_back(row), firsts.push_back(*first);
  }
  if (wanted.empty()) return {};
  Found found;
  if (!plan.key.is_id()) {
    GW_ASSIGN(found, find_records(org, *plan.module, plan.key, std::move(firsts), {}));
  }
  for (const std::int64_t row : wanted) {
    const rest::RowAt& at = state.rows[static_cast<std::size_t>(row)];
    const auto records = found.find(*plan.key_of(at));
    if (records != found.end() && records->second.size() > 1) {
      state.results.refuse(sql::refuse(row, sql::kKeyNotUnique, plan.key.fields().front()->name, "", {{"seen", std::to_string(records->second.size())}}));
    } else if (records != found.end()) {
      state.ids[row] = records->second.front().at("id").get<std::string>();
    } else if (at.operation() != Operation::upsert) {
      // A deletion that an earlier attempt carried out leaves nothing to be found.
      state.results.settle(row, state.again && at.operation() == Operation::remove ? OutcomeKind::deleted : OutcomeKind::missing);
    }
  }
  return {};
}

std::string RecordCalls::id_of(std::int64_t row) const {
  const auto id = state_.ids.find(row);
  return id == state_.ids.end() ? std::string() : id->second;
}

Result<> RecordCalls::run() {
  std::vector<rest::Sending> sending;
  std::string record;
  for (const std::int64_t row : state_.open_rows(plan_, action_)) {
    const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
    record.clear();
    // What Zoho could not hold is refused before it is sent.
    if (action_ == Action::upsert && !plan_.key_of(at)) {
      state_.results.refuse(sql::refuse(row, sql::kKeyIsNull, plan_.key.fields().front()->name, ""));
    } else if (auto refusal = action_ == Action::remove ? std::nullopt : plan_.append_record(at, row, action_ == Action::update ? id_of(row) : "", &record)) {
      state_.results.refuse(std::move(*refusal));
    } else {
      sending.push_back({row, record.size() + 1, 0});
    }
  }
  if (sending.empty()) return {};
  rest::BatchLimits limits;
  limits.rows = org_.options().batch_rows;
  for (rest::CallBatch& batch : rest::make_batches(sending, limits)) queue_.add(std::move(batch));
  GW_ASSIGN(sdk::HttpClient* const http, org_.client());
  return rest::run_calls(*http, org_.host(), queue_, org_.options().window, [this](const rest::CallBatch& b) { return make(b); },
                         [this](rest::CallBatch& b, sdk::HttpAnswer& a) { return take(b, a); });
}

Result<sdk::HttpRequest> RecordCalls::make(const rest::CallBatch& batch) {
  sdk::HttpRequest request;
  request.endpoint = "write", request.repeatable = is_repeatable();
  const auto rows = static_cast<std::int64_t>(batch.rows.size()), each = org_.options().rows_per_credit;
  request.cost = action_ == Action::remove ? 1 : static_cast<double>((rows + each - 1) / each);
  const std::string url = org_.path("/" + plan_.module->name);
  if (action_ == Action::remove) {
    std::string ids;
    for (const std::int64_t row : batch.rows) ids += (ids.empty() ? "" : ",") + id_of(row);
    request.method = "DELETE", request.url = url + "?ids=" + ids + (org_.options().runs_workflows ? "" : "&wf_trigger=false");
    return request;
  }
  std::string records;
  for (const std::int64_t row : batch.rows) {
    if (!records.empty()) records += ',';
    (void)plan_.append_record(state_.rows[static_cast<std::size_t>(row)], row, action_ == Action::update ? id_of(row) : "", &records);  // looked at in run()
  }
  request.headers.emplace_back("Content-Type", "application/json");
  request.method = action_ == Action::update ? "PUT" : "POST", request.url = action_ == Action::upsert ? url + "/upsert" : url;
  request.body = plan_.body(records, action_);
  if (is_blind()) GW_TRY(memory_.sending(batch));
  return request;
}

Result<> RecordCalls::take(rest::CallBatch& batch, sdk::HttpAnswer& answer) {
  switch (answer.verdict) {
    case sdk::Verdict::ok: {
      const auto body = rest::parse_exact(answer.body);
      const json* items = body ? rest::find_at(*body, "/data") : nullptr;
      // An answer that does not speak of every record says as much as none.
      if (items == nullptr || !items->is_array() || items->size() != batch.rows.size()) return lost(batch, answer);
      return outcomes(batch, *items, answer.maybe_done);
    }
    case sdk::Verdict::refused:
      if (answer.maybe_done && !is_repeatable()) return lost(batch, answer);
      if (is_blind()) GW_TRY(memory_.answered(batch, {}));
      return refused(batch, answer);
    case sdk::Verdict::lost: return lost(batch, answer);
    default:
      // Not carried out, unless an earlier attempt was.
      if (answer.maybe_done && !is_repeatable()) return lost(batch, answer);
      if (is_blind()) GW_TRY(memory_.answered(batch, {}));
      state_.again = state_.again || answer.maybe_done;
      return Failure(org_.refusal(answer, plan_.module->name));
  }
}

Result<> RecordCalls::outcomes(const rest::CallBatch& batch, const json& items, bool maybe_done) {
  std::vector<std::int64_t> locked;
  std::vector<std::string> ids(batch.rows.size());
  std::optional<RecordError> for_all;
  RecordError last;
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const std::int64_t row = batch.rows[i];
    const json *code = rest::find_at(items[i], "/code"), *id = rest::find_at(items[i], "/details/id"), *action = rest::find_at(items[i], "/action");
    if (code != nullptr && *code == "SUCCESS") {
      ids[i] = id == nullptr ? id_of(row) : rest::scalar_text(*id).value_or("");
      succeeded(row, ids[i], action == nullptr || *action == "insert", maybe_done || state_.again);
      continue;
    }
    const RecordError error = record_error(items[i]);
    if (error.concerns_all()) for_all = error;
    else if (error.is_locked()) locked.push_back(row), last = error;
    else failed(row, error, maybe_done || state_.again);
  }
  if (is_blind()) GW_TRY(memory_.answered(batch, ids));
  if (for_all) return sdk::fail(3706, ErrorKind::broken, {{"place", org_.options().place() + " " + plan_.module->name}, {"seen", for_all->words}});
  if (!locked.empty()) again_later(batch, locked, last);
  return {};
}

void RecordCalls::succeeded(std::int64_t row, const std::string& id, bool inserted, bool maybe_ours) {
  const Operation operation = state_.rows[static_cast<std::size_t>(row)].operation();
  switch (action_) {
    case Action::create: return state_.settle(row, OutcomeKind::created, id);
    case Action::update: return state_.settle(row, OutcomeKind::updated, id);
    case Action::remove: return state_.settle(row, OutcomeKind::deleted, "");
    // A record that was there when an insert came to it: ours, where an earlier attempt may have made it.
    case Action::upsert: return state_.settle(row, inserted || (maybe_ours && operation != Operation::upsert) ? OutcomeKind::created : OutcomeKind::updated, id);
  }
}

void RecordCalls::failed(std::int64_t row, const RecordError& error, bool maybe_ours) {
  if (action_ == Action::remove && error.is_missing()) return state_.results.settle(row, maybe_ours ? OutcomeKind::deleted : OutcomeKind::missing);
  if (action_ == Action::update && error.is_missing()) return state_.results.settle(row, OutcomeKind::missing);
  state_.results.refuse(refuse_record(plan_, error, state_.rows[static_cast<std::size_t>(row)], row));
}

// Rows whose records were locked: later, and in the end refused for it.
void RecordCalls::again_later(const rest::CallBatch& batch, const std::vector<std::int64_t>& rows, const RecordError& error) {
  const int attempt = batch.attempt + 1;
  if (attempt <= org_.options().lock_retries) {
    queue_.add_later({rows, {}, attempt}, rest::steady_us() + std::min(kLockFirst_us << std::min(attempt - 1, 10), kLockMost_us));
    return;
  }
  for (const std::int64_t row : rows) {
    Refusal refusal = refuse_record(plan_, error, state_.rows[static_cast<std::size_t>(row)], row);
    refusal.error = Error{3409, ErrorKind::row_rejected, {{"attempts", std::to_string(attempt)}, {"words", refusal.words}}, {}};
    state_.results.refuse(std::move(refusal));
  }
}

// A call that was refused as a whole. One record may be the reason, so it is cut in halves; where every record alone is refused in the same words,
// the call is wrong and not the records.
Result<> RecordCalls::refused(const rest::CallBatch& batch, const sdk::HttpAnswer& answer) {
  static constexpr const char* kCallsOwn[] = {"INVALID_MODULE", "INVALID_URL_PATTERN", "INVALID_REQUEST_METHOD", "REQUIRED_PARAM_MISSING", "NOT_SUPPORTED", "FEATURE_NOT_SUPPORTED"};
  const bool own = answer.status >= 401 || answer.code.empty() || std::ranges::any_of(kCallsOwn, [&](const char* c) { return answer.code == c; });
  if (own) return Failure(org_.refusal(answer, plan_.module->name));
  const std::vector<std::int64_t>& rows = batch.rows;
  if (rows.size() == 1) {
    if (++alone_[answer.code + answer.message] > kAlone) return Failure(org_.refusal(answer, plan_.module->name));
    const auto body = rest::parse_exact(answer.body);
    failed(rows[0], record_error(body ? *body : json::object()), answer.maybe_done || state_.again);
    return {};
  }
  const auto half = static_cast<std::ptrdiff_t>(rows.size() / 2);
  queue_.add({{rows.begin(), rows.begin() + half}, {}, batch.attempt});
  queue_.add({{rows.begin() + half, rows.end()}, {}, batch.attempt});
  return {};
}

// Nobody knows what the call did. Upserts, updates and deletions are sent again, which does no harm. Records that were to be created are looked for
// by their key; what is surely not there is sent again. Without a key they are in doubt.
Result<> RecordCalls::lost(const rest::CallBatch& batch, const sdk::HttpAnswer& answer) {
  if (is_blind()) {
    for (const std::int64_t row : batch.rows) state_.in_doubt[static_cast<std::size_t>(row)] = true;
    return {};
  }
  state_.again = true;
  const auto give_up = [&]() -> Failure {
    return answer.verdict == sdk::Verdict::ok ? rest::not_understood(org_.options().place() + " " + plan_.module->name, answer.body) : Failure(org_.refusal(answer, plan_.module->name));
  };
  rest::CallBatch rest_of{{}, {}, batch.attempt + 1};
  if (is_repeatable()) {
    if (batch.attempt >= kLostRounds) return give_up();
    rest_of.rows = batch.rows;
    queue_.add_later(std::move(rest_of), rest::steady_us() + kLockFirst_us);
    return {};
  }
  std::vector<std::string> firsts;
  for (const std::int64_t row : batch.rows)
    if (const auto first = plan_.first_of(state_.rows[static_cast<std::size_t>(row)])) firsts.push_back(*first);
  GW_TRY(rest::wait_patiently(org_.host(), std::chrono::milliseconds(org_.options().visible_after_ms)));
  GW_ASSIGN(const Found found, find_records(org_, *plan_.module, plan_.key, std::move(firsts), {}));
  for (const std::int64_t row : batch.rows) {
    const auto key = plan_.key_of(state_.rows[static_cast<std::size_t>(row)]);
    const auto records = key ? found.find(*key) : found.end();
    if (!key) {
      state_.in_doubt[static_cast<std::size_t>(row)] = true;
    } else if (records == found.end()) {
      rest_of.rows.push_back(row);
    } else if (records->second.size() == 1) {
      state_.settle(row, OutcomeKind::created, records->second.front().at("id").get<std::string>());
    } else {
      state_.results.refuse(sql::refuse(row, sql::kKeyNotUnique, plan_.key.fields().front()->name, words_of(answer), {{"seen", std::to_string(records->second.size())}}));
    }
  }
  if (rest_of.rows.empty()) return {};
  if (batch.attempt >= kLostRounds) return give_up();
  queue_.add(std::move(rest_of));
  return {};
}

}  // namespace godwit::zoho
