// The parts of the rules that have members of their own: sign-in, computed values, verdicts, budgets.

#include <re2/re2.h>

#include "core/http/look.hpp"

namespace godwit::http {

std::string_view name_of(Meaning meaning) {
  static constexpr std::string_view kNames[] = {"ok", "rate", "busy", "not_done", "expired", "quota", "denied", "refused"};
  return kNames[static_cast<std::size_t>(meaning)];
}

void read_values(const Look& look, std::string_view name, std::vector<Computed>& out) {
  look.list(name, [&](const Look& each) {
    Computed& c = out.emplace_back();
    if (!each.object({"name", "is", "of", "key", "algorithm", "as", "format", "offset", "length", "parts", "pair", "between", "without", "names"})) return;
    each.text("name", c.name);
    if (c.name.empty()) each.wrong("the member \"name\"");
    c.is = static_cast<Computed::Is>(each.word("is", {"text", "time", "random", "sorted", "digest", "hmac", "signature", "base64", "hex", "url", "upper", "lower"}, 0));
    each.text("of", c.of), each.text("key", c.key), each.text("format", c.format);
    c.algorithm = c.is == Computed::Is::signature ? "RS256" : "sha256";
    each.text("algorithm", c.algorithm);
    static constexpr const char* kAs[] = {"hex", "HEX", "base64", "base64url"};
    c.as = kAs[each.word("as", {"hex", "HEX", "base64", "base64url"}, c.is == Computed::Is::signature ? 2 : 0)];
    if (c.is == Computed::Is::digest || c.is == Computed::Is::hmac) each.word("algorithm", {"md5", "sha1", "sha256", "sha384", "sha512"}, 0);
    if (c.is == Computed::Is::signature) each.word("algorithm", {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "RSA-MD5", "RSA-SHA1"}, 0);
    if (each.has("offset")) c.offset_s = read_offset(each, "offset");
    each.whole("length", c.length, 1, 1024);
    each.texts("parts", c.parts), each.text("pair", c.pair), each.text("between", c.between), each.texts("without", c.without), each.flag("names", c.names);
    if (c.is == Computed::Is::sorted && c.parts.empty()) each.wrong("the member \"parts\"");
  });
}

SuccessTest read_success(const Look& look) {
  SuccessTest out;
  if (!look.object({"status", "json", "in", "present", "absent"})) return out;
  look.statuses("status", out.status), look.place("json", out.json), look.texts("in", out.in), look.place("present", out.present), look.place("absent", out.absent);
  if (out.json && out.in.empty()) look.wrong("the member \"in\" beside \"json\"");
  return out;
}

Step read_step(const Look& look) {
  Step out;
  // The members of the whole sign-in may stand beside those of its first call.
  if (!look.object({"method", "url", "headers", "form", "json", "body", "jwt", "values", "take", "success", "then", "cookies", "code", "message", "lifetime_s", "early_s", "calls", "per_s"})) return out;
  look.text("method", out.method), look.text("url", out.url), look.pairs("headers", out.headers), look.pairs("form", out.form), look.text("body", out.body);
  if (look.has("json")) out.json = look["json"].json().dump(-1, ' ', false, Json::error_handler_t::replace);
  if (look.has("jwt")) {
    const Look jwt = look["jwt"];
    Jwt& j = out.jwt.emplace();
    if (jwt.object({"alg", "key", "kid", "claims", "valid_s", "as"})) {
      j.algorithm = "RS256";
      jwt.word("alg", {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "HS512"}, 0);
      jwt.text("alg", j.algorithm), jwt.text("key", j.key), jwt.text("kid", j.key_id), jwt.number("valid_s", j.valid_s, 1, 86400), jwt.text("as", j.as);
      j.claims = jwt.has("claims") && jwt["claims"].json().is_object() ? jwt["claims"].json().dump() : "{}";
      if (j.key.empty()) jwt.wrong("the member \"key\"");
    }
  }
  read_values(look, "values", out.values);
  if (look.has("take")) {
    const Look take = look["take"];
    if (!take.json().is_object()) take.wrong("an object of places");
    else
      for (const auto& [name, place] : take.json().items()) out.take.emplace_back(name, read_place(take[name]));
  }
  if (look.has("success")) out.success = read_success(look["success"]);
  if (out.url.empty()) look.wrong("the member \"url\"");
  if ((out.form.empty() ? 0 : 1) + (out.json.empty() ? 0 : 1) + (out.body.empty() ? 0 : 1) > 1) look.wrong("only one of form, json and body");
  return out;
}

SignIn read_sign_in(const Look& look) {
  SignIn out;
  out.steps.push_back(read_step(look));
  look.list("then", [&](const Look& each) { out.steps.push_back(read_step(each)); });
  look.flag("cookies", out.cookies), look.places("code", out.code), look.places("message", out.message);
  look.number("lifetime_s", out.lifetime_s, 0, 1e9), look.number("early_s", out.early_s, 0, 1e9);
  look.whole("calls", out.calls, 0, 1'000'000), look.number("per_s", out.per_s, 0.01, 1e7);
  return out;
}

VerdictRule read_verdict(const Look& look) {
  VerdictRule out;
  if (!look.object({"status", "json", "in", "present", "absent", "header", "header_in", "text", "html", "endpoint", "is", "wait_header", "wait_json", "wait_s"})) return out;
  look.statuses("status", out.status), look.place("json", out.json), look.place("present", out.present), look.place("absent", out.absent);
  look.text("header", out.header), look.texts("header_in", out.header_in), look.text("text", out.text), look.flag("html", out.html);
  // "in" belongs to "json"; where only a header is asked for, to that.
  look.texts("in", out.json || out.header.empty() ? out.in : out.header_in);
  look.texts("endpoint", out.endpoints), look.text("wait_header", out.wait_header), look.place("wait_json", out.wait_json), look.number("wait_s", out.wait_s, 0, 1e7);
  for (std::string* name : {&out.header, &out.wait_header})
    for (char& c : *name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!look.has("is")) look.wrong("the member \"is\"");
  out.is = static_cast<Meaning>(look.word("is", {"ok", "rate", "busy", "not_done", "expired", "quota", "denied", "refused"}, 7));
  if (out.json && out.in.empty()) look.wrong("the member \"in\" beside \"json\"; \"present\" asks only whether it is there");
  if (out.status.empty() && !out.json && !out.present && !out.absent && out.header.empty() && out.text.empty() && !out.html && out.endpoints.empty()) look.wrong("a condition");
  return out;
}

int read_offset(const Look& look, std::string_view name) {
  std::string text;
  look.text(name, text);
  int hours = 0, minutes = 0;
  char sign = 0;
  if (text.empty() || text == "Z") return 0;
  if (!RE2::FullMatch(text, "([+-])(\\d\\d):(\\d\\d)", &sign, &hours, &minutes) || hours > 14 || minutes > 59) return look[name].wrong("an offset like +08:00"), 0;
  return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

namespace {

Told read_told(const Look& look) {
  Told out;
  if (look.json().is_string()) return out.place = read_place(look), out;
  if (!look.object({"header", "json", "pattern"})) return out;
  std::string header;
  look.text("header", header), look.place("json", out.place), look.text("pattern", out.pattern);
  for (char& c : header) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!header.empty()) out.place = Place{Place::In::header, header};
  if (!out.place) look.wrong("a header or a place in the JSON");
  if (!out.pattern.empty()) {
    const RE2 compiled(out.pattern, RE2::Quiet);
    if (!compiled.ok() || compiled.NumberOfCapturingGroups() < 1 || compiled.NumberOfCapturingGroups() > 2) look["pattern"].wrong("a regular expression with one group or two");
  }
  return out;
}

void read_reserve(const Look& look, BudgetRule& out) {
  if (!look.has("reserve")) return;
  const Look it = look["reserve"];
  double share = 0;
  if (it.json().is_number()) return look.number("reserve", out.reserve, 0, 1e15);
  if (!it.json().is_string() || !RE2::FullMatch(it.json().get<std::string>(), "(\\d+(?:\\.\\d+)?)%", &share) || share > 99) return it.wrong("a number, or a share up to \"99%\"");
  out.reserve_share = share / 100;
}

}  // namespace

BudgetRule read_budget(const Look& look) {
  using Kind = BudgetRule::Kind;
  BudgetRule out;
  if (!look.object({"name", "calls", "credits", "concurrent", "per_s", "per_day", "burst", "endpoint", "reserve", "packs", "reset", "offset", "used", "left"})) return out;
  look.text("name", out.name), look.texts("endpoint", out.endpoints);
  if (out.endpoints == std::vector<std::string>{"*"}) out.each_endpoint = true, out.endpoints.clear();
  const int given = (look.has("calls") ? 1 : 0) + (look.has("credits") ? 1 : 0) + (look.has("concurrent") ? 1 : 0);
  if (given != 1) look.wrong("one of calls, credits and concurrent");
  bool day = false;
  look.flag("per_day", day);
  if (look.has("concurrent")) {
    out.kind = Kind::concurrent;
    look.number("concurrent", out.amount, 1, 100000);
    return out;
  }
  out.credits = look.has("credits");
  look.number(out.credits ? "credits" : "calls", out.amount, 0, 1e15), look.number("per_s", out.per_s, 0.001, 1e7);
  look.number("packs", out.packs, 0, 1e9), read_reserve(look, out);
  if (look.has("used")) out.used = read_told(look["used"]);
  if (look.has("left")) out.left = read_told(look["left"]);
  if (day) {
    out.kind = Kind::day;
    std::string reset = "00:00";
    look.text("reset", reset);
    int hours = 0, minutes = 0;
    if (!RE2::FullMatch(reset, "(\\d\\d):(\\d\\d)", &hours, &minutes) || hours > 23 || minutes > 59) look["reset"].wrong("a time of day like 00:00");
    out.reset_s = hours * 3600 + minutes * 60, out.offset_s = look.has("offset") ? read_offset(look, "offset") : 0;
    if (look.has("per_s")) look.wrong("either per_s or per_day");
  } else if (look.has("burst")) {
    out.kind = Kind::bucket;
    look.number("burst", out.burst, 1, 1e9);
  } else if (!look.has("per_s")) {
    look.wrong("per_s or per_day");
  }
  return out;
}

}  // namespace godwit::http
