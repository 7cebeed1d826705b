#pragma once
// HTTP/1.1 over Poco, in the clear or with TLS: keep-alive, chunked and gzipped bodies, a thread per connection.

#include <memory>
#include <string>

namespace godwit::sandbox {

class Dispatcher;
struct Options;

class Server {
 public:
  // Listens at once. Throws std::runtime_error when the port is taken.
  Server(const Options& options, Dispatcher& dispatcher);
  ~Server();
  int port() const;
  // "http://127.0.0.1:8080"
  std::string address() const;
  // Takes no more calls; those that are being answered have two seconds.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace godwit::sandbox
