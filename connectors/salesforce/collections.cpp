#include "connectors/salesforce/collections.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <shared_mutex>

#include "connectors/salesforce/lookup.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::salesforce {
namespace {

using nlohmann::json;

constexpr int kLostRounds = 3;        // how often rows of a lost call are looked up and sent again
constexpr std::size_t kAlone = 64;    // records that were refused one by one, in the same words, before the call itself is blamed
constexpr int kBusyFirst_us = 200000, kBusyMost_us = 20000000;

class Sender {
 public:
  Sender(Org& org, const WritePlan& plan, UnitState& state, rest::CallMemory& memory, Action action) : org_(org), plan_(plan), state_(state), memory_(memory), action_(action) {}

  Result<> send() {
    std::vector<rest::Sending> sending;
    std::string record;
    for (const std::int64_t row : state_.open_rows(plan_, action_)) {
      const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
      record.clear();
      // What Salesforce could not hold is refused before it is sent.
      if (action_ == Action::upsert && !plan_.key_of(at)) {
        state_.results.refuse(sql::refuse(row, sql::kKeyIsNull, plan_.columns[static_cast<std::size_t>(plan_.key)].name(), ""));
      } else if (auto refusal = action_ == Action::remove ? std::nullopt : plan_.append_record(at, row, action_, id_of(row), &record)) {
        state_.results.refuse(std::move(*refusal));
      } else {
        sending.push_back({row, record.size() + 1, plan_.lock_of(at)});
      }
    }
    if (sending.empty()) return {};
    rest::BatchLimits limits;
    limits.rows = org_.options().batch_rows;
    for (rest::CallBatch& batch : rest::make_batches(sending, limits)) queue_.add(std::move(batch));
    GW_ASSIGN(sdk::HttpClient* const http, org_.client());
    // Not beside a job of another unit, which locks parents that nobody here knows of.
    std::shared_lock<std::shared_timed_mutex> turn(org_.job_turn(), std::defer_lock);
    while (!plan_.locking.empty() && !turn.try_lock_for(std::chrono::milliseconds(50)))
      if (org_.host().cancelled()) return sdk::fail(3018, ErrorKind::cancelled);
    return rest::run_calls(*http, org_.host(), queue_, org_.options().window, [this](const rest::CallBatch& b) { return make(b); },
                           [this](rest::CallBatch& b, sdk::HttpAnswer& a) { return take(b, a); });
  }

 private:
  bool repeatable() const { return action_ != Action::create; }
  // Records that nothing names: a call that is lost leaves them in doubt.
  bool is_blind() const { return action_ == Action::create && (plan_.key < 0 || plan_.key_is_id); }
  std::string_view id_of(std::int64_t row) const {
    const auto id = state_.ids.find(row);
    return id == state_.ids.end() ? std::string_view() : id->second;
  }

  Result<sdk::HttpRequest> make(const rest::CallBatch& batch) {
    sdk::HttpRequest request;
    request.endpoint = "write", request.repeatable = repeatable();
    if (action_ == Action::remove) {
      std::string ids;
      for (const std::int64_t row : batch.rows) ids += (ids.empty() ? "" : ",") + state_.ids.at(row);
      request.method = "DELETE", request.url = org_.path("/composite/sobjects?ids=" + ids + "&allOrNone=false");
      return request;
    }
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = R"({"allOrNone":false,"records":[)";
    for (const std::int64_t row : batch.rows) {
      if (!request.body.ends_with('[')) request.body += ',';
      (void)plan_.append_record(state_.rows[static_cast<std::size_t>(row)], row, action_, id_of(row), &request.body);  // looked at in send()
    }
    request.body += "]}";
    request.method = action_ == Action::create ? "POST" : "PATCH";
    request.url = org_.path("/composite/sobjects");
    if (action_ == Action::upsert) request.url += "/" + plan_.object->name + "/" + plan_.columns[static_cast<std::size_t>(plan_.key)].field->name;
    if (is_blind()) GW_TRY(memory_.sending(batch));
    return request;
  }

  Result<> take(rest::CallBatch& batch, sdk::HttpAnswer& answer) {
    switch (answer.verdict) {
      case sdk::Verdict::ok: {
        const auto results = rest::parse_exact(answer.body);
        // An answer that is cut in half says as much as none.
        if (!results || !results->is_array() || results->size() != batch.rows.size()) return lost(batch, answer);
        return outcomes(batch, *results, answer.maybe_done);
      }
      case sdk::Verdict::refused: {
        if (is_blind()) GW_TRY(memory_.answered(batch, {}));
        return refused(batch, answer);
      }
      case sdk::Verdict::lost: return lost(batch, answer);
      default:
        // Not carried out, unless an earlier attempt was.
        if (answer.maybe_done && !repeatable()) return lost(batch, answer);
        if (is_blind()) GW_TRY(memory_.answered(batch, {}));
        state_.again = state_.again || answer.maybe_done;
        return Failure(org_.refusal(answer, plan_.object->name));
    }
  }

  Result<> outcomes(const rest::CallBatch& batch, const json& results, bool maybe_done) {
    const std::vector<std::int64_t>& sent = batch.rows;
    std::vector<std::int64_t> blocked;
    std::vector<std::string> ids(sent.size());
    std::optional<RecordError> for_all;
    RecordError last;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const std::int64_t row = sent[i];
      const json& result = results[i];
      const json *success = rest::find_at(result, "/success"), *id = rest::find_at(result, "/id"), *created = rest::find_at(result, "/created");
      if (success != nullptr && success->is_boolean() && success->get<bool>()) {
        ids[i] = id != nullptr && id->is_string() ? id->get<std::string>() : std::string();
        succeeded(row, ids[i], created == nullptr || (created->is_boolean() && created->get<bool>()), maybe_done || state_.again);
        continue;
      }
      const RecordError error = record_error(result);
      if (error.concerns_all()) for_all = error;
      else if (error.may_pass()) blocked.push_back(row), last = error;
      else failed(row, error, maybe_done || state_.again);
    }
    if (is_blind()) GW_TRY(memory_.answered(batch, ids));
    if (for_all) return sdk::fail(3504, ErrorKind::broken, {{"place", org_.options().place() + " " + plan_.object->name}, {"seen", for_all->code + ": " + for_all->message}});
    if (!blocked.empty()) again(batch, std::move(blocked), last);
    return {};
  }

  void succeeded(std::int64_t row, const std::string& id, bool created, bool maybe_ours) {
    switch (action_) {
      case Action::create: return state_.settle(row, OutcomeKind::created, id);
      case Action::update: return state_.settle(row, OutcomeKind::updated, id);
      case Action::remove: return state_.settle(row, OutcomeKind::deleted, "");
      case Action::upsert: return state_.settle(row, state_.kind_of_upsert(row, created, maybe_ours), id);
    }
  }

  void failed(std::int64_t row, const RecordError& error, bool maybe_ours) {
    if (action_ == Action::remove && error.is_missing()) return state_.results.settle(row, maybe_ours ? OutcomeKind::deleted : OutcomeKind::missing);
    if (action_ == Action::update && error.is_missing()) return state_.results.settle(row, OutcomeKind::missing);
    state_.results.refuse(refuse_record(plan_, error, state_.rows[static_cast<std::size_t>(row)], row));
  }

  // Rows that were locked, or met a server that was busy: later, ever fewer together, and in the end refused for it.
  void again(const rest::CallBatch& batch, std::vector<std::int64_t> rows, const RecordError& error) {
    const int attempt = batch.attempt + 1;
    if (attempt > org_.options().lock_retries) {
      for (const std::int64_t row : rows) {
        Refusal refusal = refuse_record(plan_, error, state_.rows[static_cast<std::size_t>(row)], row);
        refusal.error = Error{3409, ErrorKind::row_rejected, {{"attempts", std::to_string(attempt)}, {"words", refusal.words}}, {}};
        state_.results.refuse(std::move(refusal));
      }
      return;
    }
    const std::size_t most = attempt < 3 ? rows.size() : attempt < 5 ? 20 : 1;
    const std::int64_t pause = std::min<std::int64_t>(std::int64_t{kBusyFirst_us} << std::min(attempt - 1, 10), kBusyMost_us);
    for (std::size_t from = 0; from < rows.size(); from += most) {
      rest::CallBatch part;
      part.rows.assign(rows.begin() + static_cast<std::ptrdiff_t>(from), rows.begin() + static_cast<std::ptrdiff_t>(std::min(from + most, rows.size())));
      part.locks = batch.locks, part.attempt = attempt;
      // Spread over half the pause, so that what collided does not meet again.
      queue_.add_later(std::move(part), rest::steady_us() + pause / 2 + (static_cast<std::int64_t>(rows[from]) * 7919 % 1000) * pause / 2000);
    }
  }

  // A call that was refused as a whole. One record may be the reason, so it is cut in halves; where every record alone is refused in the
  // same words, the call is wrong and not the records.
  Result<> refused(const rest::CallBatch& batch, const sdk::HttpAnswer& answer) {
    const std::vector<std::int64_t>& sent = batch.rows;
    static constexpr const char* kCallsOwn[] = {"NOT_FOUND", "INVALID_TYPE", "INVALID_FIELD", "REQUEST_LIMIT_EXCEEDED", "INVALID_SESSION_ID", "UNSUPPORTED_API_VERSION", "METHOD_NOT_ALLOWED"};
    const std::string words = answer.code + ": " + answer.message;
    const bool own = answer.status != 400 || std::any_of(std::begin(kCallsOwn), std::end(kCallsOwn), [&](const char* c) { return answer.code == c; });
    if (own) return Failure(org_.refusal(answer, plan_.object->name));
    if (sent.size() == 1) {
      if (++alone_[words] > kAlone) return Failure(org_.refusal(answer, plan_.object->name));
      state_.results.refuse(refuse_record(plan_, RecordError{answer.code, answer.message, {}, {}}, state_.rows[static_cast<std::size_t>(sent[0])], sent[0]));
      return {};
    }
    const std::size_t half = sent.size() / 2;
    queue_.add({{sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(half)}, batch.locks, batch.attempt});
    queue_.add({{sent.begin() + static_cast<std::ptrdiff_t>(half), sent.end()}, batch.locks, batch.attempt});
    return {};
  }

  // Nobody knows what the call did. With a key the records themselves tell; what is not there as it should be is sent again, which does no
  // harm. Without one its rows are in doubt.
  Result<> lost(const rest::CallBatch& batch, const sdk::HttpAnswer& answer) {
    const std::vector<std::int64_t>& sent = batch.rows;
    if (is_blind()) {
      for (const std::int64_t row : sent) state_.in_doubt[static_cast<std::size_t>(row)] = true;
      return {};
    }
    state_.again = true;
    if (batch.attempt >= kLostRounds) return Failure(rest::call_error(answer, org_.options().place() + " " + plan_.object->name));
    GW_ASSIGN(Lookup lookup, Lookup::make(org_, plan_, true));
    std::vector<const Column*> keys;
    std::vector<std::int64_t> at;
    for (const std::int64_t row : sent) {
      const rest::RowAt& r = state_.rows[static_cast<std::size_t>(row)];
      keys.push_back(&r.column(static_cast<std::size_t>(plan_.key))), at.push_back(r.row);
    }
    GW_ASSIGN(const Lookup::Found found, lookup.find(keys, at));
    rest::CallBatch rest_of{{}, batch.locks, batch.attempt + 1};
    for (const std::int64_t row : sent) {
      const rest::RowAt& r = state_.rows[static_cast<std::size_t>(row)];
      const auto key = plan_.key_of(r);
      const auto records = key ? found.find(*key) : found.end();
      const bool there = records != found.end() && records->second.size() == 1;
      if (action_ == Action::remove) {
        if (records == found.end()) state_.results.settle(row, OutcomeKind::deleted);
        else rest_of.rows.push_back(row);
        continue;
      }
      if (there && holds(lookup, records->second.front(), r)) {
        const json* id = rest::find_at(records->second.front(), "/Id");
        succeeded(row, id != nullptr && id->is_string() ? id->get<std::string>() : "", action_ == Action::create, true);
      } else if (there && action_ == Action::create) {
        // A record with this key, but not as this row would have made it: somebody else's.
        state_.results.refuse(sql::refuse(row, sql::kNotUnique, plan_.columns[static_cast<std::size_t>(plan_.key)].name(), answer.message));
      } else {
        rest_of.rows.push_back(row);
      }
    }
    if (!rest_of.rows.empty()) queue_.add_later(std::move(rest_of), rest::steady_us() + kBusyFirst_us);
    return {};
  }

  // Whether the record holds every value that the row sends.
  bool holds(const Lookup& lookup, const json& record, const rest::RowAt& row) const {
    std::vector<ColumnBuilder> builders;
    for (const Field& f : plan_.request.columns) builders.emplace_back(f.type);
    if (!lookup.read(record, &builders)) return false;
    for (std::size_t c = 0; c < builders.size(); ++c) {
      const Column held = builders[c].finish();
      if (!row.is_set(c) || !plan_.is_sent(c, action_) || static_cast<int>(c) == plan_.key) continue;
      if (held.is_null(0) != row.column(c).is_null(row.row) || value_text(held, 0) != value_text(row.column(c), row.row)) return false;
    }
    return true;
  }

  Org& org_;
  const WritePlan& plan_;
  UnitState& state_;
  rest::CallMemory& memory_;
  const Action action_;
  rest::BatchQueue queue_{&org_.locks()};
  std::map<std::string, std::size_t> alone_;  // single records refused with the whole call, by the words
};

Result<Lookup::Found> records_of(Org& org, const WritePlan& plan, const UnitState& state, const std::vector<std::int64_t>& wanted) {
  std::vector<const Column*> keys;
  std::vector<std::int64_t> at;
  for (const std::int64_t row : wanted) {
    const rest::RowAt& r = state.rows[static_cast<std::size_t>(row)];
    keys.push_back(&r.column(static_cast<std::size_t>(plan.key))), at.push_back(r.row);
  }
  GW_ASSIGN(Lookup lookup, Lookup::make(org, plan, false));
  return lookup.find(keys, at);
}

}  // namespace

Result<> note_absent(Org& org, const WritePlan& plan, UnitState& state) {
  if (plan.key < 0 || plan.key_is_id || state.again) return {};
  std::vector<std::int64_t> wanted;
  for (const std::int64_t row : state.open_rows(plan, Action::upsert))
    if (state.rows[static_cast<std::size_t>(row)].operation() == Operation::upsert) wanted.push_back(row);
  if (wanted.empty()) return {};
  GW_ASSIGN(const Lookup::Found found, records_of(org, plan, state, wanted));
  for (const std::int64_t row : wanted) {
    const auto key = plan.key_of(state.rows[static_cast<std::size_t>(row)]);
    if (key && found.find(*key) == found.end()) state.was_absent[static_cast<std::size_t>(row)] = true;
  }
  return {};
}

Result<> find_targets(Org& org, const WritePlan& plan, UnitState& state) {
  std::vector<std::int64_t> wanted;
  for (const Action action : {Action::update, Action::remove})
    for (const std::int64_t row : state.open_rows(plan, action)) wanted.push_back(row);
  if (wanted.empty()) return {};
  if (plan.key < 0) return sdk::fail(3513, ErrorKind::bad_config, {{"place", org.options().place()}, {"object", plan.object->name}});
  GW_ASSIGN(const Lookup::Found found, records_of(org, plan, state, wanted));
  const std::string field = plan.columns[static_cast<std::size_t>(plan.key)].name();
  for (const std::int64_t row : wanted) {
    const auto key = plan.key_of(state.rows[static_cast<std::size_t>(row)]);
    const auto records = key ? found.find(*key) : found.end();
    if (!key) {
      state.results.refuse(sql::refuse(row, sql::kKeyIsNull, field, ""));
    } else if (records == found.end()) {
      // A deletion that an earlier life carried out leaves nothing to be found.
      const bool ours = state.again && state.rows[static_cast<std::size_t>(row)].operation() == Operation::remove;
      state.results.settle(row, ours ? OutcomeKind::deleted : OutcomeKind::missing);
    } else if (records->second.size() > 1) {
      state.results.refuse(sql::refuse(row, sql::kKeyNotUnique, field, "", {{"seen", std::to_string(records->second.size())}}));
    } else {
      const json* id = rest::find_at(records->second.front(), "/Id");
      if (id == nullptr || !id->is_string()) return rest::not_understood(org.options().place() + " " + plan.object->name, "a record without Id");
      state.ids[row] = id->get<std::string>();
    }
  }
  return {};
}

Result<> write_collections(Org& org, const WritePlan& plan, UnitState& state, rest::CallMemory& memory) {
  for (const Action action : {Action::remove, Action::update, Action::upsert, Action::create}) GW_TRY(Sender(org, plan, state, memory, action).send());
  return {};
}

}  // namespace godwit::salesforce
