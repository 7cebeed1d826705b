#include "core/http/session.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/http/crypto.hpp"
#include "core/http/tests/support.hpp"

namespace godwit::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A system with a sign-in: tokens are t1, t2 ...; `valid` says which of them it takes.
struct System {
  std::atomic<int> sign_ins{0}, at_once{0}, most_at_once{0};
  std::atomic<int> oldest_valid{1};
  std::function<Reply(const Seen&, int)> token = [](const Seen&, int n) { return status(200, R"({"access_token":"t)" + std::to_string(n) + R"(","expires_in":3600})"); };
  TestServer server{[this](const Seen& seen) {
    if (seen.path == "/token") {
      const int now = ++at_once;
      most_at_once = std::max<int>(most_at_once, now);
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      --at_once;
      return token(seen, ++sign_ins);
    }
    const auto at = seen.headers.find("authorization");
    const bool good = at != seen.headers.end() && at->second.starts_with("Bearer t") && std::stoi(at->second.substr(8)) >= oldest_valid;
    return good ? status(200, R"({"ok":true})") : status(401, R"([{"errorCode":"INVALID_SESSION_ID"}])");
  }};
  json rules() const {
    json out = quick(server);
    out["headers"] = {{"Authorization", "Bearer {{access_token}}"}};
    out["session"] = {{"client_id", "me"}, {"client_secret", "se&cret"}};
    out["sign_in"] = {{"url", "/token"},
                      {"form", {{"grant_type", "client_credentials"}, {"client_id", "{{client_id}}"}, {"client_secret", "{{client_secret}}"}}},
                      {"take", {{"access_token", "/access_token"}, {"lifetime_s", "/expires_in"}}},
                      {"code", "/error"},
                      {"message", "/error_description"}};
    return out;
  }
};

std::vector<Answer> many(Client& client, int calls) {
  std::vector<std::int64_t> tickets;
  for (int i = 0; i < calls; ++i) tickets.push_back(*client.submit(post("/x", "{}")));
  std::vector<Answer> out;
  for (const std::int64_t ticket : tickets) out.push_back(finish(client, ticket));
  return out;
}

TEST(Session, OneSignInWhateverTheLoad) {
  System system;
  const auto client = open(system.rules());
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 32; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i)
        if (call(*client, post("/x", "{}")).verdict == Verdict::ok) ++good;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
  EXPECT_EQ(system.sign_ins, 1);
  EXPECT_EQ(system.server.seen()[0].body, "client_id=me&client_secret=se%26cret&grant_type=client_credentials");
}

TEST(Session, AnExpiredSessionIsRenewedOnceAndEveryCallSentAgain) {
  System system;
  const auto client = open(system.rules());
  ASSERT_EQ(call(*client, get("/x")).verdict, Verdict::ok);
  system.oldest_valid = 2;  // revoked in the midst of the run
  for (const Answer& answer : many(*client, 32)) {
    EXPECT_EQ(answer.verdict, Verdict::ok) << answer.message;
    EXPECT_FALSE(answer.maybe_done);
  }
  EXPECT_EQ(system.sign_ins, 2);
  EXPECT_EQ(system.most_at_once, 1);
}

TEST(Session, ASessionThatIsRefusedFreshIsDenied) {
  System system;
  system.oldest_valid = 100;
  const Answer answer = call(*open(system.rules()), get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::denied);
  EXPECT_THAT(answer.message, HasSubstr("GW-3048"));
  EXPECT_EQ(system.sign_ins, 2);
}

TEST(Session, RefusedCredentialsAreNotTriedAgainAndAgain) {
  System system;
  system.token = [](const Seen&, int) { return status(400, R"({"error":"invalid_client","error_description":"unknown client me"})"); };
  const auto client = open(system.rules());
  for (const Answer& answer : many(*client, 10)) {
    EXPECT_EQ(answer.verdict, Verdict::denied);
    EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3046"), HasSubstr("invalid_client"), HasSubstr("unknown client me"), Not(HasSubstr("se&cret"))));
    EXPECT_EQ(answer.attempts, 0);
  }
  EXPECT_EQ(system.sign_ins, 1) << "accounts are locked after a few";
  EXPECT_EQ(client->session("access_token").error().number, 3046);
}

TEST(Session, ASignInServiceThatIsDownForAMomentIsTriedAgain) {
  System system;
  system.token = [](const Seen&, int n) { return n < 3 ? status(503) : status(200, R"({"access_token":"t1"})"); };
  EXPECT_EQ(call(*open(system.rules()), get("/x")).verdict, Verdict::ok);
  EXPECT_EQ(system.sign_ins, 3);
  System down;
  down.token = [](const Seen&, int) { return status(503); };
  const Answer answer = call(*open(down.rules()), get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::unreached) << "nobody said that the credentials are wrong";
  EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3050"), HasSubstr("4 times")));
}

TEST(Session, IsRenewedAheadOfItsEndWhileCallsGoOn) {
  System system;
  MovedClock clock(1'700'000'000 * kSecond);
  Surroundings surroundings;
  surroundings.clock = &clock;
  json rules = system.rules();
  rules["sign_in"]["early_s"] = 600;
  const auto client = open(rules, surroundings);
  EXPECT_EQ(call(*client, get("/x")).verdict, Verdict::ok);
  clock.move(2900 * kSecond);
  EXPECT_EQ(call(*client, get("/x")).verdict, Verdict::ok);
  EXPECT_EQ(system.sign_ins, 1);
  clock.move(200 * kSecond);  // 500 s before the end
  EXPECT_EQ(call(*client, get("/x")).verdict, Verdict::ok);
  for (int i = 0; i < 100 && system.sign_ins < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10)), call(*client, get("/x"));
  EXPECT_EQ(system.sign_ins, 2);
  EXPECT_EQ(*client->session("access_token"), "t2");
}

TEST(Session, SignInsStayWithinTheirOwnLimit) {
  System system;
  MovedClock clock(1'700'000'000 * kSecond);
  Surroundings surroundings;
  surroundings.clock = &clock;
  json rules = system.rules();
  rules["sign_in"]["calls"] = 1, rules["sign_in"]["per_s"] = 60;
  const auto client = open(rules, surroundings);
  EXPECT_EQ(call(*client, get("/x")).verdict, Verdict::ok);
  system.oldest_valid = 2;
  const auto ticket = *client->submit(get("/x"));
  EXPECT_FALSE(*client->complete(ticket, std::chrono::milliseconds(300)));
  EXPECT_EQ(system.sign_ins, 1);
  clock.move(61 * kSecond);
  EXPECT_EQ(finish(*client, ticket).verdict, Verdict::ok);
  EXPECT_EQ(system.sign_ins, 2);
}

TEST(Session, ChainsOfCallsWithCookiesHeadersAndSignatures) {
  std::atomic<int> out{0};
  TestServer server([&](const Seen& seen) {
    Reply reply = status(200, R"({"LoginResultType":1,"base":null,"Context":{"UserId":"17"}})");
    if (seen.path == "/login") {
      const json body = json::parse(seen.body);
      reply.headers["Set-Cookie"] = "kd-session=abc123; Path=/";
      if (body["sign"] != to_hex(*digest("sha256", "acc" + body["time"].get<std::string>() + "app" + "secret"))) reply = status(200, R"({"LoginResultType":0,"Message":"bad sign"})");
    } else if (seen.path == "/csrf") {
      if (seen.headers.at("x-csrf-token") != "Fetch" || seen.headers.at("cookie") != "kd-session=abc123") return status(403);
      reply.headers["X-CSRF-Token"] = "csrf-1";
    } else if (seen.path == "/logout") {
      ++out;
    } else if (seen.headers.count("x-csrf-token") == 0 || seen.headers.at("x-csrf-token") != "csrf-1" || seen.headers.at("cookie") != "kd-session=abc123") {
      return status(403, R"({"error":"CSRF"})");
    }
    return reply;
  });
  json rules = quick(server);
  rules["session"] = {{"secret", "secret"}};
  rules["headers"] = {{"X-CSRF-Token", "{{csrf}}"}};
  rules["sign_in"] = {{"url", "/login"},
                      {"cookies", true},
                      {"values", json::array({{{"name", "time"}, {"is", "time"}}, {{"name", "sign"}, {"is", "digest"}, {"of", "acc{{time}}app{{secret}}"}}})},
                      {"json", {{"user", "app"}, {"time", "{{time}}"}, {"sign", "{{sign}}"}}},
                      {"success", {{"json", "/LoginResultType"}, {"in", {"1"}}}},
                      {"message", "/Message"},
                      {"take", {{"user", "/Context/UserId"}}},
                      {"then", json::array({{{"method", "GET"}, {"url", "/csrf?u={{user}}"}, {"headers", {{"X-CSRF-Token", "Fetch"}}}, {"take", {{"csrf", "header:X-CSRF-Token"}}}}})}};
  rules["sign_out"] = {{"url", "/logout"}};
  auto client = open(rules);
  const Answer answer = call(*client, post("/save", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::ok) << answer.message << answer.body;
  EXPECT_EQ(*client->session("user"), "17");
  EXPECT_EQ(client->session("nothing").error().number, 3062);
  EXPECT_EQ(out, 0);
  client.reset();
  EXPECT_EQ(out, 1) << "licences are counted";
}

TEST(Session, AnAnswerWithoutWhatIsNeededIsNamed) {
  System system;
  system.token = [](const Seen&, int) { return status(200, R"({"hello":1})"); };
  Answer answer = call(*open(system.rules()), get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::denied);
  EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3047"), HasSubstr("/access_token")));
}

// A pair of keys of the test's own.
struct Keys {
  EVP_PKEY* key;
  std::string text;
  explicit Keys(EVP_PKEY* made) : key(made) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    text.assign(data, static_cast<std::size_t>(size));
    BIO_free(bio);
  }
  ~Keys() { EVP_PKEY_free(key); }
};

std::string from_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string out(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  return out.substr(0, static_cast<std::size_t>(size) - padding);
}

TEST(Session, JwtBearerIsSignedWithTheKeyAndSaysWhen) {
  const Keys keys(EVP_RSA_gen(2048));
  System system;
  MovedClock clock(1'700'000'000 * kSecond);
  Surroundings surroundings;
  surroundings.clock = &clock;
  json rules = system.rules();
  rules["sign_in"].erase("form");
  rules["sign_in"]["form"] = {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}};
  rules["sign_in"]["jwt"] = {{"alg", "RS256"}, {"key", keys.text}, {"kid", "k1"}, {"claims", {{"iss", "{{client_id}}"}, {"aud", "https://login"}}}, {"valid_s", 180}};
  EXPECT_EQ(call(*open(rules, surroundings), get("/x")).verdict, Verdict::ok);
  const std::string body = system.server.seen().at(0).body, mark = "&assertion=";
  ASSERT_NE(body.find(mark), std::string::npos) << body;
  const std::string jwt = body.substr(body.find(mark) + mark.size());
  const std::size_t first = jwt.find('.'), second = jwt.rfind('.');
  EXPECT_EQ(json::parse(from_base64url(jwt.substr(0, first))), (json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "k1"}}));
  EXPECT_EQ(json::parse(from_base64url(jwt.substr(first + 1, second - first - 1))), (json{{"iss", "me"}, {"aud", "https://login"}, {"iat", 1'700'000'001}, {"exp", 1'700'000'181}}));
  const std::string signature = from_base64url(jwt.substr(second + 1));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, keys.key);
  EXPECT_EQ(EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(), reinterpret_cast<const unsigned char*>(jwt.data()), second), 1);
  EVP_MD_CTX_free(context);
}

TEST(Session, AKeyThatIsNoneIsNamedWithoutBeingTold) {
  System system;
  json rules = system.rules();
  rules["sign_in"]["jwt"] = {{"key", "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----"}};
  const Answer answer = call(*open(rules), get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::denied);
  EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3057"), Not(HasSubstr("hush"))));
  EXPECT_EQ(system.sign_ins, 0);
}

}  // namespace
}  // namespace godwit::http
