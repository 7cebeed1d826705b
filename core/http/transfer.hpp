#pragma once
// One exchange with a server, by libcurl. Lives on the engine's thread.

#include <curl/curl.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "core/http/call.hpp"
#include "core/http/rules.hpp"

namespace godwit::http {

// What is sent, with every {{name}} filled in.
struct Outgoing {
  std::string method, url;
  Headers headers;
  std::string body, body_file, save_to;
};

// How an exchange ended where there is no whole answer.
struct Broken {
  Error error;             // 3042-3045, 3051, 3052, 3054
  bool sent = false;       // part of the request went out: it may have been carried out
  bool hopeless = false;   // trying again would meet the same
};

class Transfer {
 public:
  // `share`: cookies and TLS sessions of the client; outlives the transfer.
  Transfer(const Rules& rules, CURLSH* share);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Sets everything up; the handle is then for curl_multi_add_handle. GW-3054 when a file cannot be opened.
  Result<> prepare(Outgoing outgoing);
  CURL* handle() const { return easy_; }
  // After the end of the exchange. Where a file is saved to, it bears its name only after keep().
  tl::expected<Received, Broken> finish(CURLcode code);
  Result<> keep();
  const Outgoing& outgoing() const { return outgoing_; }
  // Whether it was given a connection and its request went out.
  bool has_begun() const { return requests_ > 0; }
  std::int64_t sent_bytes() const { return sent_bytes_; }
  std::int64_t received_bytes() const { return received_bytes_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_send(char* to, std::size_t size, std::size_t count, void* self);
  static int before_request(void* self, char*, char*, int, int);
  void set_tls();
  Result<> set_body();
  bool store(std::string_view bytes);
  Broken broken(CURLcode code);
  std::string where() const;

  const Rules& rules_;
  CURL* easy_ = nullptr;
  curl_slist* header_list_ = nullptr;
  char words_[CURL_ERROR_SIZE] = {};
  Outgoing outgoing_;
  Received received_;
  File from_, to_;
  bool to_file_ = false, too_long_ = false, file_failed_ = false;
  int requests_ = 0;
  std::size_t header_bytes_ = 0;
  std::int64_t sent_bytes_ = 0, received_bytes_ = 0;
};

}  // namespace godwit::http
