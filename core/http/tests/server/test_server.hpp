#pragma once
// A server of a test's own: every connection in a thread, every answer as the test says it, down to its bytes and to how the connection ends.

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace godwit::http {

struct Seen {
  std::string method, path, query, body;
  std::map<std::string, std::string> headers;  // names in lower case
  int number = 0;                              // from 1, over all connections
};

struct Reply {
  int status = 200;
  std::string body;
  std::map<std::string, std::string> headers = {{"Content-Type", "application/json"}};
  int after_ms = 0;
  enum class End { keep, close, cut, reset_before, reset_after_reading } end = End::keep;  // cut: half of the body, then the end
  bool chunked = false;
  std::string raw;  // instead of all the above
};

class TestServer {
 public:
  using Handler = std::function<Reply(const Seen&)>;
  explicit TestServer(Handler handler) : TestServer(std::move(handler), Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0))) {}
  TestServer(Handler handler, Poco::Net::ServerSocket socket, std::string scheme = "http");
  ~TestServer();

  std::string url() const { return scheme_ + "://127.0.0.1:" + std::to_string(port()); }
  int port() const { return socket_.address().port(); }
  int calls() const { return calls_; }
  int most_at_once() const { return most_at_once_; }
  int connections() const { return connections_; }
  std::vector<Seen> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  void accept();
  void serve(Poco::Net::StreamSocket& socket);

  Handler handler_;
  mutable Poco::Net::ServerSocket socket_;
  const std::string scheme_;
  std::atomic<bool> stop_{false};
  std::atomic<int> calls_{0}, at_once_{0}, most_at_once_{0}, connections_{0};
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

}  // namespace godwit::http
