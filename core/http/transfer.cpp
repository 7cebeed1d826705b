#include "core/http/transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace godwit::http {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}
std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  return std::string(text);
}
Error file_error(const std::string& path) { return make_error(3054, {{"seen", path}, {"reason", std::strerror(errno)}}); }
// A part of the file is never taken for the whole: it bears another name until the end.
std::string part_of(const std::string& path) { return path + ".part"; }

}  // namespace

Transfer::Transfer(const Rules& rules, CURLSH* share) : rules_(rules), easy_(curl_easy_init()) {
  curl_easy_setopt(easy_, CURLOPT_SHARE, share);
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, words_);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(rules.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  if (rules.compress) curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "");
  if (rules.sign_in && rules.sign_in->cookies) curl_easy_setopt(easy_, CURLOPT_COOKIEFILE, "");
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(rules.connect_timeout_s * 1000));
  // A server that thinks is as silent as one that hangs: both have `timeout_s`. What flows may take longer.
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(rules.timeout_s + 0.5)));
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  // An idle connection that is reused after the server has closed it leaves open what became of the call.
  curl_easy_setopt(easy_, CURLOPT_MAXAGE_CONN, 30L);
  if (rules.proxy == "none") curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  else if (!rules.proxy.empty()) curl_easy_setopt(easy_, CURLOPT_PROXY, rules.proxy.c_str());
  set_tls();
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Transfer::before_request);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
  curl_slist_free_all(header_list_);
  // What was begun and not finished is worth nothing.
  if (to_ != nullptr) to_.reset(), std::remove(part_of(outgoing_.save_to).c_str());
}

void Transfer::set_tls() {
  const Tls& tls = rules_.tls;
  if (!tls.ca.empty()) {
    std::error_code ignored;
    curl_easy_setopt(easy_, fs::is_directory(tls.ca, ignored) ? CURLOPT_CAPATH : CURLOPT_CAINFO, tls.ca.c_str());
  }
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (!tls.certificate.empty()) curl_easy_setopt(easy_, CURLOPT_SSLCERT, tls.certificate.c_str());
  if (!tls.key.empty()) curl_easy_setopt(easy_, CURLOPT_SSLKEY, tls.key.c_str());
  if (!tls.password.empty()) curl_easy_setopt(easy_, CURLOPT_KEYPASSWD, tls.password.c_str());
}

Result<> Transfer::prepare(Outgoing outgoing) {
  outgoing_ = std::move(outgoing);
  curl_easy_setopt(easy_, CURLOPT_URL, outgoing_.url.c_str());
  // Calls wait for a connection that is being opened, to share it, only where the handshake says whether it can be shared. In clear text the first answer would say
  // it: where sending the first call fails, libcurl 7.88 keeps that connection as one that may yet be shared, and whatever waits for it waits for ever.
  curl_easy_setopt(easy_, CURLOPT_PIPEWAIT, rules_.http2 && outgoing_.url.starts_with("https://") ? 1L : 0L);
  const bool streams = !outgoing_.body_file.empty() || !outgoing_.save_to.empty();
  // Even what drips has an end, but for files, which may be of any size.
  if (!streams) curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(rules_.timeout_s * 10'000));
  // A server that does not know "Expect" lets every call wait for a second.
  header_list_ = curl_slist_append(header_list_, "Expect:");
  for (const auto& [name, value] : outgoing_.headers) header_list_ = curl_slist_append(header_list_, (value.empty() ? name + ";" : name + ": " + value).c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_);
  return set_body();
}

Result<> Transfer::set_body() {
  const std::string& method = outgoing_.method;
  if (!outgoing_.body_file.empty()) {
    std::error_code error;
    const auto size = fs::file_size(outgoing_.body_file, error);
    from_.reset(error ? nullptr : std::fopen(outgoing_.body_file.c_str(), "rb"));
    if (from_ == nullptr) return Failure(file_error(outgoing_.body_file));
    curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &Transfer::on_send);
    curl_easy_setopt(easy_, CURLOPT_READDATA, this);
    curl_easy_setopt(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
  } else if (!outgoing_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, outgoing_.body.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(outgoing_.body.size()));
  } else if (method == "HEAD") {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  }
  if (method != "HEAD") curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
  return {};
}

// libcurl sends a request again by itself when a kept connection turns out to be dead. Nobody knows then whether the first one was carried out, so
// whether to send again is not its to decide.
int Transfer::before_request(void* self, char*, char*, int, int) {
  return ++static_cast<Transfer*>(self)->requests_ > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& me = *static_cast<Transfer*>(self);
  const std::string_view line(data, size * count);
  if ((me.header_bytes_ += line.size()) > (4 << 20)) return me.too_long_ = true, 0;  // headers without end
  // A new answer begins: that of the server after that of a proxy, or after "100 Continue".
  if (line.starts_with("HTTP/")) return me.received_.headers.clear(), line.size();
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) me.received_.headers.emplace_back(lower(trimmed(line.substr(0, colon))), trimmed(line.substr(colon + 1)));
  return line.size();
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& me = *static_cast<Transfer*>(self);
  return me.store(std::string_view(data, size * count)) ? size * count : CURL_WRITEFUNC_ERROR;
}

bool Transfer::store(std::string_view bytes) {
  if (!outgoing_.save_to.empty() && !to_file_ && received_.body.empty()) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    to_file_ = status >= 200 && status < 300;
  }
  received_bytes_ += static_cast<std::int64_t>(bytes.size());
  // The beginning of a file is kept as well: a short one may turn out to be the words of a refusal.
  constexpr std::int64_t kKept = 64 << 10;
  if (!to_file_ || received_bytes_ <= kKept) {
    if (!to_file_ && received_bytes_ > rules_.longest_answer) return too_long_ = true, false;
    received_.body.append(bytes);
  }
  if (!to_file_) return true;
  if (to_ == nullptr) to_.reset(std::fopen(part_of(outgoing_.save_to).c_str(), "wb"));
  if (to_ == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), to_.get()) != bytes.size()) return file_failed_ = true, false;
  return true;
}

std::size_t Transfer::on_send(char* to, std::size_t size, std::size_t count, void* self) {
  auto& me = *static_cast<Transfer*>(self);
  const std::size_t got = std::fread(to, 1, size * count, me.from_.get());
  if (got == 0 && std::ferror(me.from_.get()) != 0) return me.file_failed_ = true, CURL_READFUNC_ABORT;
  return got;
}

std::string Transfer::where() const {
  const std::size_t host = outgoing_.url.find("://");
  return outgoing_.url.substr(0, outgoing_.url.find_first_of("/?", host == std::string::npos ? 0 : host + 3));
}

Broken Transfer::broken(CURLcode code) {
  const std::string reason = words_[0] != '\0' ? words_ : curl_easy_strerror(code), limit = std::to_string(static_cast<long>(rules_.timeout_s)) + " s";
  long request = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &request);
  const bool sent = request > 0;
  if (too_long_) return {make_error(3052, {{"seen", where()}, {"expected", std::to_string(rules_.longest_answer)}}), true, true};
  if (file_failed_) return {make_error(3054, {{"seen", from_ != nullptr ? outgoing_.body_file : outgoing_.save_to}, {"reason", std::strerror(errno)}}), sent, true};
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return {make_error(3044, {{"seen", where()}, {"reason", reason}}), false, true};
    case CURLE_SSL_CACERT_BADFILE:
      return {make_error(3045, {{"seen", rules_.tls.ca}, {"reason", reason}}), false, true};
    case CURLE_SSL_CERTPROBLEM:
      return {make_error(3045, {{"seen", rules_.tls.certificate}, {"reason", reason}}), false, true};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {make_error(3055, {{"seen", where()}, {"reason", reason}}), false, true};
    case CURLE_OPERATION_TIMEDOUT:
      return {make_error(3043, {{"seen", where()}, {"expected", sent ? limit : std::to_string(static_cast<long>(rules_.connect_timeout_s)) + " s"}}), sent, false};
    default:
      return {make_error(sent ? 3051 : 3042, {{"seen", where()}, {"reason", requests_ > 1 ? "the connection was closed before an answer came" : reason}}), sent, false};
  }
}

tl::expected<Received, Broken> Transfer::finish(CURLcode code) {
  curl_off_t sent = 0;
  long request = 0, status = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &sent), curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &request), curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  sent_bytes_ = sent + request;
  if (code != CURLE_OK) return tl::unexpected(broken(code));
  received_.status = static_cast<int>(status);
  if (!outgoing_.save_to.empty() && status >= 200 && status < 300) {
    // A success without a body is an empty file.
    if (to_ == nullptr) to_.reset(std::fopen(part_of(outgoing_.save_to).c_str(), "wb"));
    const bool whole = to_ != nullptr && std::fflush(to_.get()) == 0;
    if (!whole) return file_failed_ = true, tl::unexpected(broken(code));
    received_.saved = true;
  }
  return std::move(received_);
}

Result<> Transfer::keep() {
  if (to_ == nullptr) return {};
  if (std::fclose(to_.release()) != 0 || std::rename(part_of(outgoing_.save_to).c_str(), outgoing_.save_to.c_str()) != 0) {
    const Error failed = file_error(outgoing_.save_to);
    std::remove(part_of(outgoing_.save_to).c_str());
    return Failure(failed);
  }
  return {};
}

}  // namespace godwit::http
