#include "core/http/rules.hpp"

#include "core/http/judge.hpp"
#include "core/http/look.hpp"

namespace godwit::http {
namespace {

Tls read_tls(const Look& look) {
  Tls out;
  if (!look.object({"ca", "verify", "certificate", "key", "password"})) return out;
  look.text("ca", out.ca), look.flag("verify", out.verify), look.text("certificate", out.certificate), look.text("key", out.key);
  look.text("password", out.password);
  return out;
}

void read_retry(const Look& look, Rules& out) {
  if (!look.object({"times", "first_s", "longest_s", "patience_s"})) return;
  look.whole("times", out.retry_times, 1, 1000);
  look.number("first_s", out.retry_first_s, 0, 3600), look.number("longest_s", out.retry_longest_s, 0, 86400);
  look.number("patience_s", out.patience_s, 0, 1e7);
}

void read_rules(const Look& look, Rules& out) {
  if (!look.object({"base", "name", "headers", "hosts", "query", "body", "tls", "proxy", "http2", "compress", "compress_from", "timeout_s", "connect_timeout_s", "longest_answer", "session", "values", "sign_in", "sign_out",
                    "success", "code", "message", "verdicts", "budgets", "retry", "mask", "state"}))
    return;
  look.text("base", out.base), look.text("name", out.name);
  if (!look.has("base")) look.wrong("the member \"base\"");
  else if (!out.base.starts_with("http://") && !out.base.starts_with("https://")) look["base"].wrong("a URL that begins with http:// or https://");
  while (out.base.ends_with('/')) out.base.pop_back();
  look.pairs("headers", out.headers), look.texts("hosts", out.hosts), look.pairs("query", out.query), look.pairs("body", out.body), look.pairs("session", out.session);
  if (look.has("tls")) out.tls = read_tls(look["tls"]);
  look.text("proxy", out.proxy), look.flag("http2", out.http2), look.flag("compress", out.compress);
  look.number("timeout_s", out.timeout_s, 0.01, 86400), look.number("connect_timeout_s", out.connect_timeout_s, 0.01, 3600);
  double longest = static_cast<double>(out.longest_answer);
  look.number("longest_answer", longest, 1, 1e12);
  out.longest_answer = static_cast<std::int64_t>(longest);
  double from = 0;
  look.number("compress_from", from, 0, 1e12);
  out.compress_from = static_cast<std::size_t>(from);
  read_values(look, "values", out.values);
  if (look.has("sign_in")) out.sign_in = read_sign_in(look["sign_in"]);
  if (look.has("sign_out")) {
    if (out.sign_in) out.sign_in->sign_out = read_step(look["sign_out"]);
    else look["sign_out"].wrong("a sign_in as well");
  }
  if (look.has("success")) out.success = read_success(look["success"]);
  look.places("code", out.code), look.places("message", out.message);
  look.list("verdicts", [&](const Look& each) { out.verdicts.push_back(read_verdict(each)); });
  look.list("budgets", [&](const Look& each) {
    out.budgets.push_back(read_budget(each));
    if (out.budgets.back().name.empty()) out.budgets.back().name = std::to_string(out.budgets.size());
  });
  if (look.has("retry")) read_retry(look["retry"], out);
  look.texts("mask", out.mask);
  if (look.has("state")) look.text("state", out.state.emplace());
}

}  // namespace

Result<Rules> parse_rules(std::string_view text) {
  Rules out;
  out.text = text;
  std::vector<Error> mistakes;
  if (too_deep(text)) return fail(3041, {{"place", "HTTP rules"}, {"seen", "more than 500 levels"}, {"expected", "one JSON object"}});
  try {
    const Json json = Json::parse(text);
    read_rules(Look(json, "", mistakes), out);
  } catch (const Json::parse_error& e) {
    return fail(3041, {{"place", "HTTP rules, byte " + std::to_string(e.byte)}, {"seen", "text that is not JSON"}, {"expected", "one JSON object"}});
  }
  if (mistakes.empty()) return out;
  Error first = std::move(mistakes.front());
  first.more.assign(std::make_move_iterator(mistakes.begin() + 1), std::make_move_iterator(mistakes.end()));
  return Failure(std::move(first));
}

}  // namespace godwit::http
