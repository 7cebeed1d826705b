#pragma once
// Certificates and servers for tests of what is encrypted.

#include <Poco/Net/Context.h>
#include <Poco/Net/SecureServerSocket.h>

#include <fstream>

#include "core/http/tests/support.hpp"
#include "core/model/temporary_folder.hpp"

namespace godwit::http {

// A certificate authority and a server's certificate, made by openssl.
class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryFolder::make("tls");
    ASSERT_TRUE(folder);
    folder_ = std::move(*folder);
    for (const char* ca : {"ca", "other"}) run(std::string("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '/CN=") + ca + "' -keyout " + path(ca + std::string(".key")) + " -out " + path(ca + std::string(".pem")));
    for (const char* who : {"server", "client"}) {
      const std::string name = who;
      run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=127.0.0.1' -keyout " + path(name + ".key") + " -out " + path(name + ".csr"));
      std::ofstream(path("extensions")) << "subjectAltName=IP:127.0.0.1\n";
      run("openssl x509 -req -days 2 -in " + path(name + ".csr") + " -CA " + path("ca.pem") + " -CAkey " + path("ca.key") + " -CAcreateserial -extfile " + path("extensions") + " -out " + path(name + ".pem"));
    }
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  static void run(const std::string& command) { ASSERT_EQ(std::system((command + " 2>/dev/null").c_str()), 0) << command; }

  std::unique_ptr<TestServer> serve(Poco::Net::Context::VerificationMode verification = Poco::Net::Context::VERIFY_NONE) {
    Poco::Net::Context::Ptr context(new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, path("server.key"), path("server.pem"), path("ca.pem"), verification));
    return std::make_unique<TestServer>([](const Seen&) { return status(200, R"({"ok":true})"); }, Poco::Net::SecureServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0), 64, context), "https");
  }
  TemporaryFolder folder_;
};

}  // namespace godwit::http
