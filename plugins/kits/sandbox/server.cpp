#include "plugins/kits/sandbox/server.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/ThreadPool.h>

#include <stdexcept>

#include "plugins/kits/sandbox/codec.hpp"
#include "plugins/kits/sandbox/dispatcher.hpp"

namespace godwit::sandbox {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerRequestImpl;
using Poco::Net::HTTPServerResponse;

// Smaller answers gain nothing from gzip.
constexpr std::size_t kWorthCompressing = 1024;

class Call : public Poco::Net::HTTPRequestHandler {
 public:
  Call(const Options& options, Dispatcher& dispatcher) : options_(options), dispatcher_(dispatcher) {}

  void handleRequest(HTTPServerRequest& in, HTTPServerResponse& out) override {
    Request request;
    request.method = in.getMethod();
    const std::string& target = in.getURI();
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = target.substr(0, mark);
    request.query = parse_query(std::string_view(target).substr(std::min(mark + 1, target.size())));
    for (const auto& [name, value] : in) request.headers.emplace_back(name, value);
    request.base_url = (options_.certificate.empty() ? "http://" : "https://") + in.getHost();
    try {
      const bool taken = read_body(in, request);
      const Delivery delivery = taken ? dispatcher_.answer(request) : dispatcher_.refuse_body(request);
      // What is left of a body that was too large cannot be told from the next call.
      if (!taken) out.setKeepAlive(false);
      send(in, out, request, delivery);
    } catch (const Poco::Exception&) {
      // The client went away in the middle of its call: nobody is left to be told.
      out.setKeepAlive(false);
    }
  }

 private:
  // False: too large, or not what Content-Encoding says.
  bool read_body(HTTPServerRequest& in, Request& request) const {
    if (!in.hasContentLength() && !in.getChunkedTransferEncoding()) return true;
    const auto limit = static_cast<std::size_t>(options_.max_body);
    if (in.hasContentLength()) {
      if (in.getContentLength64() > options_.max_body) return false;
      request.body.reserve(static_cast<std::size_t>(in.getContentLength64()));
    }
    std::istream& stream = in.stream();
    char piece[65536];
    while (stream.read(piece, sizeof piece) || stream.gcount() > 0) {
      request.body.append(piece, static_cast<std::size_t>(stream.gcount()));
      if (request.body.size() > limit) return false;
    }
    if (in.hasContentLength() && request.body.size() < static_cast<std::size_t>(in.getContentLength64()))
      throw Poco::Exception("the body ended early");
    if (!same_word(request.header("Content-Encoding"), "gzip")) return true;
    std::optional<std::string> unpacked = gunzip(request.body, limit);
    if (!unpacked) return false;
    request.body = std::move(*unpacked);
    return true;
  }

  void send(HTTPServerRequest& in, HTTPServerResponse& out, const Request& request, const Delivery& delivery) const {
    if (delivery.how == Delivery::How::nothing) return cut(in, out);
    const Answer& answer = delivery.answer;
    out.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
    out.set("Date", http_date(request.now_ms));
    out.set("Server", dispatcher_.server_name());
    if (!answer.content_type.empty()) out.setContentType(answer.content_type);
    for (const auto& [name, value] : answer.headers) out.add(name, value);
    std::string packed;
    const std::string* body = &answer.body;
    if (options_.compress && answer.body.size() > kWorthCompressing && request.header("Accept-Encoding").find("gzip") != std::string_view::npos) {
      packed = gzip(answer.body);
      body = &packed;
      out.set("Content-Encoding", "gzip");
    }
    if (answer.status == 204 || answer.status == 304) {
      out.send();
    } else if (request.method == "HEAD") {
      out.setContentLength64(static_cast<Poco::Int64>(body->size()));
      out.send();
    } else if (delivery.how == Delivery::How::cut_in_half) {
      out.setContentLength64(static_cast<Poco::Int64>(body->size()));
      std::ostream& stream = out.send();
      stream.write(body->data(), static_cast<std::streamsize>(body->size() / 2));
      stream.flush();
      cut(in, out);
    } else {
      out.sendBuffer(body->data(), body->size());
    }
  }

  static void cut(HTTPServerRequest& in, HTTPServerResponse& out) {
    out.setKeepAlive(false);
    static_cast<HTTPServerRequestImpl&>(in).socket().shutdown();
  }

  const Options& options_;
  Dispatcher& dispatcher_;
};

class Calls : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Calls(const Options& options, Dispatcher& dispatcher) : options_(options), dispatcher_(dispatcher) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override { return new Call(options_, dispatcher_); }

 private:
  const Options& options_;
  Dispatcher& dispatcher_;
};

}  // namespace

struct Server::Parts {
  Poco::ThreadPool threads{4, 1024, 60};
  Poco::Net::ServerSocket socket;
  std::string scheme, host;
  std::unique_ptr<Poco::Net::HTTPServer> server;
};

namespace {

Poco::Net::ServerSocket open_socket(const Options& options) {
  if (options.certificate.empty()) return Poco::Net::ServerSocket();
  Poco::Net::initializeSSL();
  const Poco::Net::Context::Ptr context =
      new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, options.key, options.certificate, "", Poco::Net::Context::VERIFY_NONE, 9, false, "ALL:!ADH:!LOW:!EXP:!MD5:@STRENGTH");
  return Poco::Net::SecureServerSocket(context);
}

}  // namespace

Server::Server(const Options& options, Dispatcher& dispatcher) : parts_(std::make_unique<Parts>()) {
  try {
    parts_->socket = open_socket(options);
    parts_->scheme = options.certificate.empty() ? "http" : "https", parts_->host = options.host;
    Poco::Net::SocketAddress address(options.host, static_cast<Poco::UInt16>(options.port));
    parts_->socket.bind(address, true);
    parts_->socket.listen(1024);
  } catch (const Poco::Exception& e) {
    throw std::runtime_error("cannot listen on " + options.host + ":" + std::to_string(options.port) + ": " + e.displayText());
  }
  auto* params = new Poco::Net::HTTPServerParams;  // owned by the server
  params->setKeepAlive(true);
  params->setMaxKeepAliveRequests(0);
  params->setKeepAliveTimeout(Poco::Timespan(options.idle_seconds, 0));
  params->setTimeout(Poco::Timespan(300, 0));
  params->setMaxThreads(1000);
  params->setMaxQueued(4000);
  parts_->server = std::make_unique<Poco::Net::HTTPServer>(new Calls(options, dispatcher), parts_->threads, parts_->socket, params);
  parts_->server->start();
}

Server::~Server() { stop(); }

int Server::port() const { return parts_->socket.address().port(); }

std::string Server::address() const { return parts_->scheme + "://" + parts_->host + ":" + std::to_string(port()); }

void Server::stop() {
  if (!parts_->server) return;
  parts_->server->stopAll(true);
  parts_->threads.joinAll();
  parts_->server.reset();
}

}  // namespace godwit::sandbox
