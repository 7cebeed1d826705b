// HTTP/2 against nghttpd, which speaks nothing else; it answers a POST with the body that it got. Skipped where that program is not installed.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "core/http/tests/tls_support.hpp"

namespace godwit::http {
namespace {

class Http2 : public TlsTest {
 protected:
  void SetUp() override {
    if (std::system("nghttpd --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no nghttpd (package nghttp2-server)";
    TlsTest::SetUp();
    {
      const Poco::Net::ServerSocket free(Poco::Net::SocketAddress("127.0.0.1", 0));
      port_ = free.address().port();
    }
    start();
  }
  void TearDown() override { stop(SIGTERM); }

  void start() {
    const std::string port = std::to_string(port_), key = path("server.key"), certificate = path("server.pem"), log = path("log");
    server_ = fork();
    ASSERT_GE(server_, 0);
    if (server_ == 0) {
      const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      dup2(out, 1), dup2(out, 2);
      execlp("nghttpd", "nghttpd", "-v", "-a", "127.0.0.1", "-m", "8", "--echo-upload", port.c_str(), key.c_str(), certificate.c_str(), nullptr);
      _exit(127);
    }
    for (int i = 0; i < 500; ++i) {
      try {
        Poco::Net::StreamSocket(Poco::Net::SocketAddress("127.0.0.1", port_));
        return;
      } catch (const Poco::Exception&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    FAIL() << "nghttpd does not listen";
  }
  void stop(int how) {
    if (server_ <= 0) return;
    ::kill(server_, how), ::waitpid(server_, nullptr, 0);
    server_ = -1;
  }
  json rules() const {
    return {{"base", "https://127.0.0.1:" + std::to_string(port_)}, {"tls", {{"ca", path("ca.pem")}}}, {"retry", {{"first_s", 0.01}, {"longest_s", 0.05}, {"times", 4}}}};
  }
  // Connections over which calls came, as the server numbers them.
  std::set<std::string> connections() const {
    std::ifstream log(path("log"));
    std::set<std::string> out;
    for (std::string line; std::getline(log, line);)
      if (line.starts_with("[id=") && line.find(":method:") != std::string::npos) out.insert(line.substr(0, line.find(']')));
    return out;
  }
  int port_ = 0;
  pid_t server_ = -1;
};

TEST_F(Http2, CallsSideBySideShareAConnectionAndKeepTheirBodiesApart) {
  const auto client = open(rules());
  std::vector<std::string> bodies;
  std::vector<std::int64_t> tickets;
  // More than the server takes at once; some fit a frame, some fill many.
  for (std::size_t i = 0; i < 40; ++i) {
    bodies.push_back("{\"n\":" + std::to_string(i) + ",\"text\":\"" + std::string(i % 5 == 0 ? 100'000 + i : i, static_cast<char>('a' + i % 26)) + "\"}");
    tickets.push_back(*client->submit(post("/x", bodies.back())));
  }
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    const Answer answer = finish(*client, tickets[i]);
    EXPECT_EQ(answer.verdict, Verdict::ok) << answer.message;
    EXPECT_TRUE(answer.body == bodies[i]) << "call " << i << ": " << answer.body.size() << " bytes";
    EXPECT_EQ(answer.attempts, 1);
  }
  EXPECT_EQ(connections().size(), 1u);
}

TEST_F(Http2, WhereItIsSwitchedOffItIsNotSpoken) {
  json without = rules();
  without["http2"] = false;
  EXPECT_NE(call(*open(without), post("/x", "{}")).verdict, Verdict::ok);
  EXPECT_EQ(call(*open(rules()), post("/x", "{}")).verdict, Verdict::ok);
}

TEST_F(Http2, ACallWhoseConnectionBreaksIsLostAndOnlyARepeatableOneGoesAgain) {
  json patient = rules();
  patient["retry"] = {{"first_s", 0.05}, {"longest_s", 0.1}, {"times", 500}};
  const auto client = open(patient);
  ASSERT_EQ(call(*client, post("/x", "{}")).verdict, Verdict::ok);
  ASSERT_EQ(::kill(server_, SIGSTOP), 0);  // it takes what comes, and reads none of it
  const auto once = client->submit(post("/once", "{}")), often = client->submit(post("/often", R"({"again":true})", true));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  stop(SIGKILL);
  const Answer lost = finish(*client, *once);
  EXPECT_EQ(lost.verdict, Verdict::lost) << lost.message;
  EXPECT_EQ(lost.attempts, 1);
  start();
  const Answer again = finish(*client, *often);
  EXPECT_EQ(again.verdict, Verdict::ok) << again.message;
  EXPECT_EQ(again.body, R"({"again":true})");
  EXPECT_GT(again.attempts, 1);
  EXPECT_TRUE(again.maybe_done);
  const Answer next = call(*client, post("/next", R"({"next":1})"));
  EXPECT_EQ(next.verdict, Verdict::ok) << next.message;
  EXPECT_EQ(next.body, R"({"next":1})");
}

}  // namespace
}  // namespace godwit::http
