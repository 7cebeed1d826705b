#include "core/http/tests/server/test_server.hpp"

#include <Poco/Exception.h>
#include <Poco/Timespan.h>
#include <sys/socket.h>

namespace godwit::http {
namespace {

using Poco::Net::StreamSocket;

// More bytes into `buffer`; false at the end of the connection or when the test is over.
bool more(StreamSocket& socket, std::string& buffer, const std::atomic<bool>& stop) {
  char bytes[65536];
  while (!stop) {
    if (!socket.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) continue;
    const int n = socket.receiveBytes(bytes, sizeof bytes);
    if (n <= 0) return false;
    buffer.append(bytes, static_cast<std::size_t>(n));
    return true;
  }
  return false;
}

bool take_line(StreamSocket& socket, std::string& buffer, std::string& line, const std::atomic<bool>& stop) {
  std::size_t end;
  while ((end = buffer.find("\r\n")) == std::string::npos)
    if (!more(socket, buffer, stop)) return false;
  line = buffer.substr(0, end), buffer.erase(0, end + 2);
  return true;
}

bool take_request(StreamSocket& socket, std::string& buffer, Seen& seen, const std::atomic<bool>& stop) {
  std::string line;
  if (!take_line(socket, buffer, line, stop)) return false;
  const std::size_t a = line.find(' '), b = line.rfind(' ');
  seen.method = line.substr(0, a);
  const std::string target = line.substr(a + 1, b - a - 1);
  seen.path = target.substr(0, target.find('?'));
  if (target.find('?') != std::string::npos) seen.query = target.substr(target.find('?') + 1);
  while (take_line(socket, buffer, line, stop)) {
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    seen.headers[name] = line.substr(std::min(line.size(), colon + 2));
  }
  const std::size_t size = seen.headers.count("content-length") != 0 ? std::stoul(seen.headers["content-length"]) : 0;
  while (buffer.size() < size)
    if (!more(socket, buffer, stop)) return false;
  seen.body = buffer.substr(0, size), buffer.erase(0, size);
  return true;
}

// The connection ends with a reset instead of an orderly end.
void reset(StreamSocket& socket) {
  socket.setLinger(true, 0);
  socket.close();
}

void send_all(StreamSocket& socket, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) at += static_cast<std::size_t>(socket.sendBytes(text.data() + at, static_cast<int>(std::min<std::size_t>(text.size() - at, 1 << 20))));
}

}  // namespace

TestServer::TestServer(Handler handler, Poco::Net::ServerSocket socket, std::string scheme)
    : handler_(std::move(handler)), socket_(std::move(socket)), scheme_(std::move(scheme)), accepting_([this] { accept(); }) {}

TestServer::~TestServer() {
  stop_ = true;
  accepting_.join();
  for (std::thread& thread : threads_) thread.join();
}

void TestServer::accept() {
  while (!stop_) {
    if (!socket_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) continue;
    try {
      // One owner: the thread that serves it.
      auto socket = std::make_unique<StreamSocket>(socket_.acceptConnection());
      ++connections_;
      threads_.emplace_back([this, owned = std::move(socket)] {
        try {
          serve(*owned);
        } catch (const Poco::Exception&) {  // the other side is gone, or did not like the certificate
        }
      });
    } catch (const Poco::Exception&) {
    }
  }
}

void TestServer::serve(StreamSocket& socket) {
  std::string buffer;
  while (!stop_) {
    Seen seen;
    if (!take_request(socket, buffer, seen, stop_)) return;
    seen.number = ++calls_;
    const int now = ++at_once_;
    for (int most = most_at_once_; now > most && !most_at_once_.compare_exchange_weak(most, now);) continue;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(seen);
    }
    const Reply reply = handler_(seen);
    for (int waited = 0; waited < reply.after_ms && !stop_; waited += 5) std::this_thread::sleep_for(std::chrono::milliseconds(std::min(5, reply.after_ms - waited)));
    --at_once_;
    if (reply.end == Reply::End::reset_before || reply.end == Reply::End::reset_after_reading) return reset(socket);
    if (!reply.raw.empty()) {
      send_all(socket, reply.raw);
      return socket.shutdown();
    }
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Any\r\n";
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
    if (reply.chunked) text += "Transfer-Encoding: chunked\r\n";
    else if (reply.status != 204 && reply.status != 304) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    if (reply.end == Reply::End::close) text += "Connection: close\r\n";
    text += "\r\n";
    std::string body = reply.body;
    if (reply.end == Reply::End::cut) body.resize(body.size() / 2);
    if (reply.chunked && !body.empty()) {
      char size[20];
      std::snprintf(size, sizeof size, "%zx\r\n", body.size());
      body = size + body + "\r\n" + (reply.end == Reply::End::cut ? "" : "0\r\n\r\n");
    }
    send_all(socket, text + body);
    if (reply.end != Reply::End::keep) return socket.shutdown();
  }
}

}  // namespace godwit::http
