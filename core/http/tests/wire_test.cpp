// What goes over the wire: TLS, proxies, compression, files.

#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "core/http/tests/tls_support.hpp"

namespace godwit::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST_F(TlsTest, APrivateAuthorityIsTrustedWhereItIsNamed) {
  const auto server = serve();
  json rules = quick(*server);
  rules["tls"] = {{"ca", path("ca.pem")}};
  const Answer answer = call(*open(rules), post("/x", "{}"));
  EXPECT_EQ(answer.verdict, Verdict::ok) << answer.message;
  EXPECT_EQ(answer.body, R"({"ok":true})");
}

TEST_F(TlsTest, AnyOtherIsNotAndTheMessageSaysWhatToDo) {
  const auto server = serve();
  json rules = quick(*server);
  for (const char* ca : {"", "other.pem"}) {
    if (*ca != '\0') rules["tls"] = {{"ca", path(ca)}};
    const Answer answer = call(*open(rules), post("/x", "{}"));
    EXPECT_EQ(answer.verdict, Verdict::unreached);
    EXPECT_EQ(answer.attempts, 1) << "it would be the same again";
    EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3044"), HasSubstr("certificate authority (PEM)")));
  }
  EXPECT_EQ(server->calls(), 0);
  rules["tls"] = {{"ca", path("none.pem")}};
  EXPECT_THAT(call(*open(rules), get("/x")).message, AllOf(HasSubstr("GW-3045"), HasSubstr("none.pem")));
  rules["tls"] = {{"verify", false}};
  EXPECT_EQ(call(*open(rules), get("/x")).verdict, Verdict::ok);
}

TEST_F(TlsTest, ACertificateIsShownWhereTheServerAsksForOne) {
  const auto server = serve(Poco::Net::Context::VERIFY_STRICT);
  json rules = quick(*server);
  rules["tls"] = {{"ca", path("ca.pem")}};
  EXPECT_NE(call(*open(rules), get("/x")).verdict, Verdict::ok);
  rules["tls"]["certificate"] = path("client.pem"), rules["tls"]["key"] = path("client.key");
  const Answer answer = call(*open(rules), get("/x"));
  EXPECT_EQ(answer.verdict, Verdict::ok) << answer.message;
}

TEST(Wire, AProxyIsUsedWhereItIsNamed) {
  TestServer proxy([](const Seen& seen) { return status(200, json{{"path", seen.path}}.dump()); });
  TestServer target([](const Seen&) { return status(200); });
  json rules = quick(target);
  rules["proxy"] = proxy.url();
  const Answer answer = call(*open(rules), get("/x"));
  EXPECT_EQ(json::parse(answer.body)["path"], target.url() + "/x");
  EXPECT_EQ(target.calls(), 0);
  // The environment's, and none in spite of it.
  setenv("http_proxy", proxy.url().c_str(), 1), unsetenv("no_proxy");
  rules.erase("proxy");
  call(*open(rules), get("/x"));
  EXPECT_EQ(proxy.calls(), 2);
  rules["proxy"] = "none";
  call(*open(rules), get("/x"));
  unsetenv("http_proxy");
  EXPECT_EQ(proxy.calls(), 2);
  EXPECT_EQ(target.calls(), 1);
  // A proxy that is not there.
  rules["proxy"] = "http://127.0.0.1:1";
  EXPECT_EQ(call(*open(rules), post("/x", "{}")).verdict, Verdict::unreached);
}

TEST(Wire, CompressedAnswersAreUnpacked) {
  const auto folder = TemporaryFolder::make("gzip");
  const fs::path plain = folder->path() / "answer.json";
  const std::string text = json{{"text", std::string(100'000, 'x')}}.dump();
  std::ofstream(plain) << text;
  ASSERT_EQ(std::system(("gzip " + plain.string()).c_str()), 0);
  const std::string packed = read_file(plain.string() + ".gz");
  TestServer server([&](const Seen& seen) {
    if (seen.headers.count("accept-encoding") == 0) return status(200, "\"plain\"");
    Reply out = status(200, packed);
    out.headers["Content-Encoding"] = "gzip";
    if (seen.path == "/damaged") out.body[out.body.size() - 6] ^= 0x55;  // the checksum
    return out;
  });
  json rules = quick(server);
  EXPECT_EQ(call(*open(rules), get("/x")).body, text);
  EXPECT_EQ(call(*open(rules), post("/damaged", "{}")).verdict, Verdict::lost);
  // What is packed small may be large: the limit holds for what comes out.
  rules["longest_answer"] = 50'000;
  EXPECT_THAT(call(*open(rules), get("/x")).message, HasSubstr("GW-3052"));
  rules["compress"] = false;
  EXPECT_EQ(call(*open(rules), get("/x")).body, "\"plain\"");
}

TEST(Wire, LongBodiesArePackedWhereTheRulesSaySo) {
  const auto folder = TemporaryFolder::make("packed");
  const fs::path packed = folder->path() / "body.gz", plain = folder->path() / "body";
  TestServer server([&](const Seen& seen) {
    const bool gzipped = seen.headers.count("content-encoding") != 0 && seen.headers.at("content-encoding") == "gzip";
    if (!gzipped) return status(200, json{{"packed", false}, {"body", seen.body}}.dump());
    std::ofstream(packed, std::ios::binary) << seen.body;
    EXPECT_EQ(std::system(("gzip -dc " + packed.string() + " > " + plain.string()).c_str()), 0);
    return status(200, json{{"packed", seen.body.size() < 2000}, {"body", read_file(plain)}}.dump());
  });
  json rules = quick(server);
  rules["compress_from"] = 1000;
  const std::string text = json{{"text", std::string(50'000, 'x')}}.dump();
  const auto sent = [&](const json& by, const std::string& body) { return json::parse(call(*open(by), post("/x", body)).body); };
  EXPECT_EQ(sent(rules, text), (json{{"packed", true}, {"body", text}}));
  EXPECT_EQ(sent(rules, "{}"), (json{{"packed", false}, {"body", "{}"}})) << "short ones gain nothing";
  // What is signed is the body as it was written.
  rules["values"] = json::array({{{"name", "sum"}, {"is", "digest"}, {"algorithm", "md5"}, {"of", "{{@body}}"}}});
  rules["headers"] = {{"X-Sum", "{{sum}}"}};
  std::string sum;
  TestServer signed_too([&](const Seen& seen) { return sum = seen.headers.at("x-sum"), status(200); });
  rules["base"] = signed_too.url();
  call(*open(rules), post("/x", text));
  const std::string packed_sum = std::exchange(sum, "");
  rules.erase("compress_from");
  call(*open(rules), post("/x", text));
  EXPECT_EQ(packed_sum, sum);
  EXPECT_EQ(sent(quick(server), text), (json{{"packed", false}, {"body", text}})) << "nobody asked for it";
}

TEST(Wire, BodiesComeFromFilesAndGoToFiles) {
  const auto folder = TemporaryFolder::make("files");
  const fs::path in = folder->path() / "in.csv", out = folder->path() / "out.csv";
  std::ofstream(in) << "a,b\n1,2\n";
  TestServer server([](const Seen& seen) {
    if (seen.path == "/refuse") return status(400, R"({"message":"no such job"})");
    if (seen.path == "/json-refusal") return status(200, R"({"errorCode":7})");
    if (seen.path == "/cut") return ending(Reply::End::cut, std::string(100'000, 'x'));
    if (seen.path == "/empty") return status(204, "");
    Reply reply = status(200, seen.method == "PUT" ? seen.body : "x,y\n" + std::string(100'000, 'z'));
    reply.headers["Content-Type"] = "text/csv";
    return reply;
  });
  json rules = quick(server);
  rules["verdicts"] = json::array({{{"json", "/errorCode"}, {"in", {"7"}}, {"is", "refused"}}});
  const auto client = open(rules);
  Request put = post("/up", "");
  put.method = "PUT", put.body_file = in.string();
  EXPECT_EQ(call(*client, put).body, "a,b\n1,2\n");

  Request save = get("/down");
  save.save_to = out.string();
  Answer answer = call(*client, save);
  EXPECT_EQ(answer.verdict, Verdict::ok);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(read_file(out), "x,y\n" + std::string(100'000, 'z'));

  // A refusal is no file, and leaves what was there.
  for (const char* path : {"/refuse", "/json-refusal", "/cut"}) {
    save.url = path;
    answer = call(*client, save);
    EXPECT_NE(answer.verdict, Verdict::ok) << path;
    EXPECT_EQ(read_file(out).size(), 100'004u) << path;
    EXPECT_FALSE(fs::exists(out.string() + ".part")) << path;
  }
  save.url = "/refuse";
  EXPECT_EQ(call(*client, save).body, R"({"message":"no such job"})");
  save.url = "/empty";
  EXPECT_EQ(call(*client, save).verdict, Verdict::ok);
  EXPECT_EQ(fs::file_size(out), 0u);

  put.body_file = (folder->path() / "none").string();
  answer = call(*client, put);
  EXPECT_EQ(answer.verdict, Verdict::refused);
  EXPECT_THAT(answer.message, AllOf(HasSubstr("GW-3054"), HasSubstr("none")));
  save.url = "/down", save.save_to = (folder->path() / "no/folder").string();
  EXPECT_THAT(call(*client, save).message, HasSubstr("GW-3054"));
}

// A server that sends and takes a great deal and keeps none of it.
TEST(Wire, HugeBodiesDoNotFillTheMemory) {
  constexpr std::size_t kSize = 192 << 20;
  Poco::Net::ServerSocket listening(Poco::Net::SocketAddress("127.0.0.1", 0));
  std::atomic<std::size_t> taken{0};
  std::thread server([&] {
    const std::string block(1 << 18, 'x');
    std::vector<char> bytes(1 << 18);
    for (int call = 0; call < 2; ++call) {
      Poco::Net::StreamSocket socket = listening.acceptConnection();
      std::string head;
      while (head.find("\r\n\r\n") == std::string::npos) {
        const int n = socket.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
        if (n <= 0) return;
        head.append(bytes.data(), static_cast<std::size_t>(n));
      }
      if (head.starts_with("PUT")) {
        taken = head.size() - head.find("\r\n\r\n") - 4;
        while (taken < kSize) {
          const int n = socket.receiveBytes(bytes.data(), static_cast<int>(bytes.size()));
          if (n <= 0) return;
          taken += static_cast<std::size_t>(n);
        }
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        socket.sendBytes(answer.data(), static_cast<int>(answer.size()));
        continue;
      }
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\nConnection: close\r\n\r\n";
      socket.sendBytes(answer.data(), static_cast<int>(answer.size()));
      for (std::size_t sent = 0; sent < kSize; sent += block.size())
        for (std::size_t at = 0; at < block.size();) at += static_cast<std::size_t>(socket.sendBytes(block.data() + at, static_cast<int>(block.size() - at)));
    }
  });
  const auto folder = TemporaryFolder::make("huge");
  const fs::path file = folder->path() / "huge";
  const auto client = open({{"base", "http://127.0.0.1:" + std::to_string(listening.address().port())}, {"retry", {{"times", 1}}}});
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  Request get_it = get("/x");
  get_it.save_to = file.string();
  EXPECT_EQ(call(*client, get_it).verdict, Verdict::ok);
  EXPECT_EQ(fs::file_size(file), kSize);
  Request put = post("/x", "");
  put.method = "PUT", put.body_file = file.string();
  const Answer answer = call(*client, put);
  EXPECT_EQ(answer.verdict, Verdict::ok) << answer.message;
  server.join();
  EXPECT_EQ(taken, kSize);
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 24 << 10) << "KiB";
}

}  // namespace
}  // namespace godwit::http
