#include "connectors/fxiaoke/row_calls.hpp"

#include <nlohmann/json.hpp>

#include "connectors/fxiaoke/refusals.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/rest/exact_json.hpp"
#include "plugins/kits/sql/refusal.hpp"

namespace godwit::fxiaoke {
namespace {

using nlohmann::json;

constexpr int kLostRounds = 3;  // how often a record whose call was lost is looked for and, when it is not there, sent again

std::string flag(bool value) { return value ? "true" : "false"; }

}  // namespace

Result<> RowCalls::run() {
  for (std::int64_t row = 0; row < static_cast<std::int64_t>(state_.rows.size()); ++row) {
    if (!state_.is_open(row)) continue;
    GW_ASSIGN(const bool goes, begin(row));
    if (goes) queue_.add({{row}, {}, 0});
  }
  GW_ASSIGN(sdk::HttpClient* const http, tenant_.client());
  return rest::run_calls(*http, tenant_.host(), queue_, tenant_.options().window, [this](const rest::CallBatch& b) { return make(b); },
                         [this](rest::CallBatch& b, sdk::HttpAnswer& a) { return take(b, a); });
}

// The first step of a row; false: it is settled without a call.
Result<bool> RowCalls::begin(std::int64_t row) {
  const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
  const bool has_id = state_.ids.contains(row);
  std::string ignored;
  if (at.operation() != Operation::remove)
    if (auto refusal = plan_.object_data(at, row, has_id ? state_.ids.at(row) : std::string(), &ignored)) return state_.results.refuse(std::move(*refusal)), false;
  switch (at.operation()) {
    case Operation::remove: steps_[row] = Step::invalid; return true;
    case Operation::restore: steps_[row] = has_id ? Step::recover : Step::create; return true;
    case Operation::insert: steps_[row] = Step::create; return true;
    default: break;
  }
  if (!has_id) return steps_[row] = Step::create, true;
  if (plan_.has_fields(at)) return steps_[row] = Step::update, true;
  if (plan_.owner_of(at)) return steps_[row] = Step::change_owner, true;
  return state_.settle(row, OutcomeKind::unchanged, state_.ids.at(row)), false;
}

Result<sdk::HttpRequest> RowCalls::make(const rest::CallBatch& batch) {
  const std::int64_t row = batch.rows.front();
  const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
  const ObjectType& object = *plan_.object;
  const Options& o = tenant_.options();
  const std::string id = state_.ids.contains(row) ? state_.ids.at(row) : std::string();
  const auto named = [&](const char* member, json value) { return json{{"data", {{"dataObjectApiName", object.name}, {member, std::move(value)}}}}.dump(); };
  std::string data;
  const std::string options = R"(,"optionInfo":{"skipFuncValidate":)" + flag(!o.validation_rules) + R"(,"isDuplicateSearch":)" + flag(o.duplicate_rules) + R"(,"useValidationRule":)" + flag(o.validation_rules) + "}";
  const bool fills = o.fill_owner && !plan_.owner_of(at);  // where the flag belongs is told in two ways: it stands in both places
  switch (steps_.at(row)) {
    case Step::create:
      (void)plan_.object_data(at, row, "", &data);  // looked at in begin()
      if (is_blind()) GW_TRY(memory_.sending(batch));
      return Tenant::request(object.path("create"),
                             R"({"triggerApprovalFlow":)" + flag(o.approvals) + R"(,"triggerWorkFlow":)" + flag(o.workflows) + R"(,"hasSpecifyTime":)" + flag(plan_.sets_time) +
                                 R"(,"hasSpecifyCreatedBy":)" + flag(plan_.sets_creator) + R"(,"includeDetailIds":false,"fillOutOwner":)" + flag(fills) + R"(,"data":{"object_data":)" + data + R"(,"fillOutOwner":)" + flag(fills) +
                                 options + "}}",
                             "create", false);
    case Step::update:
      (void)plan_.object_data(at, row, id, &data);
      return Tenant::request(object.path("update"), R"({"triggerApprovalFlow":)" + flag(o.approvals) + R"(,"triggerWorkFlow":)" + flag(o.workflows) + R"(,"data":{"object_data":)" + data + options + "}}", "update", true);
    case Step::change_owner: {
      const json body{{"data", {{"dataObjectApiName", object.name}, {"Data", json::array({{{"objectDataId", id}, {"ownerId", json::array({plan_.owner_of(at).value_or("")})}}})}}}};
      return Tenant::request(object.path("changeOwner"), body.dump(), "change_owner", true);
    }
    case Step::choose: return Tenant::request(object.path("choose"), json{{"data", {{"apiName", object.name}, {"objectIds", json::array({id})}}}}.dump(), "choose", true);
    case Step::invalid: return Tenant::request(object.path("invalid"), named("object_data_id", id), "invalid", true);
    case Step::erase: return Tenant::request(object.path("delete"), named("idList", json::array({id})), "delete", true);
    case Step::recover: break;
  }
  return Tenant::request(object.path("recover"), named("idList", json::array({id})), "recover", true);
}

Result<> RowCalls::take(rest::CallBatch& batch, sdk::HttpAnswer& answer) {
  const std::int64_t row = batch.rows.front();
  const bool creates = steps_.at(row) == Step::create;
  switch (answer.verdict) {
    case sdk::Verdict::ok: return succeeded(row, answer);
    case sdk::Verdict::refused:
      if (creates && is_blind()) GW_TRY(memory_.answered(batch, {}));
      return refused(row, answer);
    case sdk::Verdict::lost: break;
    default:
      if (answer.maybe_done && creates) break;
      if (creates && is_blind()) GW_TRY(memory_.answered(batch, {}));
      state_.again = state_.again || answer.maybe_done;
      return Failure(tenant_.refusal(answer, plan_.object->name));
  }
  if (!creates) return Failure(tenant_.refusal(answer, plan_.object->name));
  if (is_blind()) return state_.in_doubt[static_cast<std::size_t>(row)] = true, Result<>();
  return look_for(row, batch.attempt, answer);
}

void RowCalls::go_on(std::int64_t row, Step step) {
  steps_[row] = step;
  queue_.add({{row}, {}, 0});
}

// The row's last step is done.
void RowCalls::finish(std::int64_t row) {
  const Operation operation = state_.rows[static_cast<std::size_t>(row)].operation();
  const bool created = operation == Operation::restore || (operation == Operation::insert && steps_.at(row) == Step::create);
  state_.settle(row, operation == Operation::remove ? OutcomeKind::deleted : created ? OutcomeKind::created : OutcomeKind::updated, operation == Operation::remove ? "" : state_.ids.at(row));
}

Result<> RowCalls::succeeded(std::int64_t row, const sdk::HttpAnswer& answer) {
  const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
  switch (steps_.at(row)) {
    case Step::create: {
      const auto body = rest::parse_exact(answer.body);
      const json* id = body ? rest::find_at(*body, "/dataId") : nullptr;
      if (id == nullptr) id = body ? rest::find_at(*body, "/data/dataId") : nullptr;
      if (id == nullptr || !id->is_string() || id->get_ref<const std::string&>().empty()) {
        // Made, and not said under which id: the record itself tells.
        if (!is_blind()) return look_for(row, 0, answer);
        GW_TRY(memory_.answered({{row}, {}, 0}, {""}));
        state_.settle(row, OutcomeKind::created, "");
        return {};
      }
      if (is_blind()) GW_TRY(memory_.answered({{row}, {}, 0}, {id->get<std::string>()}));
      state_.settle(row, OutcomeKind::created, id->get<std::string>());
      return {};
    }
    case Step::recover: plan_.has_fields(at) ? go_on(row, Step::update) : finish(row); return {};
    case Step::update: plan_.owner_of(at) ? go_on(row, Step::change_owner) : finish(row); return {};
    case Step::choose: go_on(row, Step::change_owner); return {};
    case Step::invalid: tenant_.options().erases ? go_on(row, Step::erase) : finish(row); return {};
    case Step::change_owner: case Step::erase: finish(row);
  }
  return {};
}

bool RowCalls::is_pool_refusal(const sdk::HttpAnswer& answer) const {
  // The contract has no code of its own for it; the words name the pool.
  return answer.message.find("公海") != std::string::npos || answer.message.find("线索池") != std::string::npos || answer.message.find("pool") != std::string::npos;
}

Result<> RowCalls::refused(std::int64_t row, const sdk::HttpAnswer& answer) {
  const Step step = steps_.at(row);
  const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
  if (!rest::parse_exact(answer.body)) return Failure(tenant_.refusal(answer, plan_.object->name));
  if (step == Step::change_owner && tenant_.options().chooses && !chosen_[row] && is_pool_refusal(answer)) {
    chosen_[row] = true;
    go_on(row, Step::choose);
    return {};
  }
  // A repetition of what was carried out already is refused; whether it was, the record tells.
  if ((answer.maybe_done || state_.again) && (step == Step::invalid || step == Step::erase || step == Step::recover)) {
    GW_ASSIGN(const bool there, is_there(row));
    if (there == (step == Step::recover)) return succeeded(row, answer);
  }
  state_.results.refuse(refuse_row(plan_, at, row, answer));
  return {};
}

// Whether queries find the record that the row names.
Result<bool> RowCalls::is_there(std::int64_t row) {
  const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
  const auto key = plan_.key_of(at), first = plan_.first_of(at);
  if (!key || !first) return false;
  GW_ASSIGN(const Found found, find_records(tenant_, *plan_.object, plan_.key, {*first}, {}));
  return found.contains(*key);
}

// A record that may have been made: looked for by its key, and sent again when it is surely not there.
Result<> RowCalls::look_for(std::int64_t row, int attempt, const sdk::HttpAnswer& answer) {
  const rest::RowAt& at = state_.rows[static_cast<std::size_t>(row)];
  const auto key = plan_.key_of(at), first = plan_.first_of(at);
  state_.again = true;
  if (!key || !first) return state_.in_doubt[static_cast<std::size_t>(row)] = true, Result<>();
  GW_TRY(rest::wait_patiently(tenant_.host(), std::chrono::milliseconds(tenant_.options().visible_after_ms)));
  GW_ASSIGN(const Found found, find_records(tenant_, *plan_.object, plan_.key, {*first}, {}));
  const auto records = found.find(*key);
  if (records != found.end() && records->second.size() == 1) {
    state_.settle(row, OutcomeKind::created, records->second.front().at("_id").get<std::string>());
    return {};
  }
  if (records != found.end()) {
    state_.results.refuse(sql::refuse(row, sql::kKeyNotUnique, plan_.key.fields().front()->name, words_of(answer), {{"seen", std::to_string(records->second.size())}}));
    return {};
  }
  if (answer.verdict == sdk::Verdict::ok || attempt + 1 >= kLostRounds) return Failure(tenant_.refusal(answer, plan_.object->name));
  queue_.add({{row}, {}, attempt + 1});
  return {};
}

}  // namespace godwit::fxiaoke
