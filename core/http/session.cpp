#include "core/http/session.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/http/crypto.hpp"

namespace godwit::http {
namespace {

constexpr std::int64_t kPause = 60 * kSecond;  // a refused sign-in is not repeated at once: accounts are locked after a few

bool has_header(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& h) {
    return h.first.size() == name.size() && std::equal(name.begin(), name.end(), h.first.begin(), [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); });
  });
}

std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

}  // namespace

Result<std::string> base_of(const Rules& rules, const Values& session, Clock& clock) {
  const auto at = session.find("base");
  std::string base = at != session.end() ? at->second : rules.base;
  GW_ASSIGN(base, fill_names(base, Names{&session, nullptr, nullptr, &clock}));
  while (base.ends_with('/')) base.pop_back();
  return base;
}

std::string absolute(std::string_view base, std::string_view url) {
  if (url.starts_with("http://") || url.starts_with("https://")) return std::string(url);
  return std::string(base) + (url.starts_with('/') || url.starts_with('?') || url.empty() ? "" : "/") + std::string(url);
}

Session::Session(const Rules& rules, Clock& clock) : rules_(rules), clock_(clock) {
  for (const auto& [name, value] : rules.session) values_[name] = value;
  if (!rules.sign_in) valid_ = true, generation_ = 1;
}

bool Session::usable() const { return valid_ && clock_.steady_us() < ends_at_; }

bool Session::wants_sign_in() const {
  if (!rules_.sign_in || step_ >= 0) return false;
  return !usable() || clock_.steady_us() >= early_at_;
}

void Session::expire(std::uint64_t generation) {
  if (generation == generation_ && rules_.sign_in) valid_ = false;
}

std::int64_t Session::wait() const {
  const std::int64_t now = clock_.steady_us();
  if (refusal_ && refusals_ < 3 && now >= refused_until_) refusal_.reset();
  std::int64_t until = std::max(not_before_, refusal_ ? refused_until_ : 0);
  const int allowed = rules_.sign_in ? rules_.sign_in->calls : 0;
  if (allowed > 0 && static_cast<int>(sign_ins_.size()) >= allowed)
    until = std::max(until, sign_ins_[sign_ins_.size() - static_cast<std::size_t>(allowed)] + seconds(rules_.sign_in->per_s * 1.01));
  return std::max<std::int64_t>(0, until - now);
}

std::int64_t Session::next_change() const { return valid_ && step_ < 0 ? std::min(early_at_ > clock_.steady_us() ? early_at_ : kNever, ends_at_) : kNever; }

Result<Outgoing> Session::build(const Step& step) {
  const Names outer{&taking_, nullptr, nullptr, &clock_};
  GW_ASSIGN(const std::string base, base_of(rules_, taking_, clock_));
  Outgoing out;
  out.method = step.method;
  GW_ASSIGN(const Values before, compute(step.values, outer));
  Names names{&taking_, &before, nullptr, &clock_};
  Values own = before;
  names.own = &own;
  GW_ASSIGN(const std::string url, fill_names(step.url, names));
  out.url = absolute(base, url);
  if (step.jwt) {
    const Jwt& jwt = *step.jwt;
    GW_ASSIGN(const std::string claims_text, fill_names(jwt.claims, names, true));
    nlohmann::json claims = nlohmann::json::parse(claims_text, nullptr, false);
    if (!claims.is_object()) return fail(3055, {{"seen", "jwt/claims"}, {"reason", "not a JSON object"}});
    const std::int64_t now = clock_.wall_us() / kSecond;
    claims["exp"] = now + static_cast<std::int64_t>(jwt.valid_s);
    if (!claims.contains("iat")) claims["iat"] = now;
    nlohmann::json header{{"alg", jwt.algorithm}, {"typ", "JWT"}};
    if (!jwt.key_id.empty()) header["kid"] = jwt.key_id;
    GW_ASSIGN(const std::string key, fill_names(jwt.key, names));
    GW_ASSIGN(own[jwt.as], make_jwt(jwt.algorithm, key, header.dump(), claims.dump()));
  }
  out.headers = step.headers;
  for (auto& [name, value] : out.headers) {
    GW_ASSIGN(value, fill_names(value, names));
  }
  std::string type;
  if (!step.form.empty() || (step.jwt && step.json.empty() && step.body.empty())) {
    Headers form = step.form;
    // The assertion goes where the rules name it; without a place of its own it is a field.
    if (step.jwt && std::none_of(form.begin(), form.end(), [&](const auto& f) { return f.first == step.jwt->as; })) form.emplace_back(step.jwt->as, "{{" + step.jwt->as + "}}");
    for (const auto& [name, value] : form) {
      GW_ASSIGN(const std::string filled, fill_names(value, names));
      out.body += (out.body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(filled);
    }
    type = "application/x-www-form-urlencoded";
  } else if (!step.json.empty()) {
    GW_ASSIGN(out.body, fill_names(step.json, names, true));
    type = "application/json";
  } else if (!step.body.empty()) {
    GW_ASSIGN(out.body, fill_names(step.body, names));
  }
  if (!type.empty() && !has_header(out.headers, "content-type")) out.headers.emplace_back("Content-Type", type);
  if (!has_header(out.headers, "accept")) out.headers.emplace_back("Accept", "application/json");
  return out;
}

Result<Outgoing> Session::next_call() {
  if (step_ < 0) {
    step_ = 0, began_ = clock_.steady_us(), lifetime_s_ = rules_.sign_in->lifetime_s;
    // What was known beforehand, and what an earlier sign-in gave (a new refresh token), are what this one begins with.
    taking_ = values_;
    sign_ins_.push_back(began_);
    if (sign_ins_.size() > 10'000) sign_ins_.pop_front();
  }
  auto built = build(rules_.sign_in->steps[static_cast<std::size_t>(step_)]);
  if (!built) refuse(built.error(), true);
  else url_ = without_query(built->url);
  return built;
}

Result<> Session::take(const Step& step, Reading& reading) {
  for (const auto& [name, place] : step.take) {
    const auto found = reading.at(place);
    if (!found) {
      // A lifetime or another base may be missing, and then what is known holds; anything else is needed.
      if (name == "lifetime_s" || name == "base" || name == "refresh_token") continue;
      return fail(3047, {{"place_url", url_}, {"expected", (place.in == Place::In::header ? "header " : place.in == Place::In::cookie ? "cookie " : "") + place.at}});
    }
    if (name == "lifetime_s") {
      const double told = wait_of(*found, clock_.wall_us());  // seconds, or a time since 1970
      if (told > 0) lifetime_s_ = told;
    } else {
      taking_[name] = *found;
    }
  }
  return {};
}

bool Session::answered(const Received& answer) {
  const Step& step = rules_.sign_in->steps[static_cast<std::size_t>(step_)];
  Reading reading(answer);
  if (!holds(step.success, reading)) {
    const SignIn& rules = *rules_.sign_in;
    const std::string code = first_of(rules.code, reading), message = first_of(rules.message, reading);
    const Error error = reading.is_html() ? make_error(3047, {{"place_url", url_}, {"expected", "JSON (it sent a web page)"}})
                                          : make_error(3046, {{"place_url", url_}, {"status", std::to_string(answer.status)}, {"code", code}, {"message", message}});
    // An overloaded or broken sign-in service, whether it says so by the status or in its own way, has said nothing about the credentials.
    const Judgement judged = judge(rules_, answer, "", true, clock_.wall_us());
    const bool later = judged.is == Meaning::rate || judged.is == Meaning::busy || judged.is == Meaning::not_done || answer.status >= 500;
    if (later)
      failed(make_error(3050, {{"seen", url_}, {"status", std::to_string(answer.status)}, {"code", code}, {"message", message}, {"attempts", std::to_string(failures_ + 1)}}), false);
    else refuse(error, false);
    if (later && judged.wait_s > 0) not_before_ = std::max(not_before_, clock_.steady_us() + seconds(judged.wait_s));
    return false;
  }
  if (const Result<> taken = take(step, reading); !taken) return refuse(taken.error(), false), false;
  if (static_cast<std::size_t>(++step_) < rules_.sign_in->steps.size()) return true;
  complete();
  return false;
}

void Session::complete() {
  values_ = std::move(taking_), taking_.clear();
  step_ = -1, refusals_ = 0, failures_ = 0, valid_ = true, ++generation_;
  refusal_.reset();
  ends_at_ = early_at_ = kNever;
  if (lifetime_s_ <= 0) return;
  const double early = rules_.sign_in->early_s >= 0 ? rules_.sign_in->early_s : std::min(300.0, lifetime_s_ / 10);
  ends_at_ = began_ + seconds(lifetime_s_);
  // A lifetime that is shorter than the time ahead would have us sign in without end.
  early_at_ = began_ + seconds(early < lifetime_s_ * 0.9 ? lifetime_s_ - early : lifetime_s_);
}

void Session::refuse(Error error, bool for_good) {
  step_ = -1, refusals_ = for_good ? 3 : refusals_ + 1;
  refusal_ = std::move(error);
  refused_until_ = refusals_ >= 3 ? kNever : clock_.steady_us() + kPause;
  early_at_ = ends_at_;  // the old session serves to its end
}

void Session::failed(const Error& error, bool hopeless) {
  step_ = -1;
  const double pause = std::min(rules_.retry_longest_s, rules_.retry_first_s * static_cast<double>(1 << std::min(failures_, 20)));
  not_before_ = clock_.steady_us() + seconds(pause);
  if (++failures_ < rules_.retry_times && !hopeless) return;
  failures_ = 0;
  refusal_ = error, refused_until_ = clock_.steady_us() + kPause;
}

std::optional<Outgoing> Session::sign_out() {
  if (!rules_.sign_in || !rules_.sign_in->sign_out || !valid_ || generation_ == 0) return {};
  taking_ = values_, valid_ = false;
  auto out = build(*rules_.sign_in->sign_out);
  return out ? std::optional(std::move(*out)) : std::nullopt;
}

}  // namespace godwit::http
