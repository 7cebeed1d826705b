#include "client.hpp"

#include <curl/curl.h>

#include "core/model/nearest.hpp"

namespace acme {

using godwit::ErrorKind;
using godwit::Result;
using godwit::sdk::fail;
using nlohmann::json;

Client::Client(Options options, const godwit::sdk::HostServices& host) : options_(std::move(options)), host_(host) {
  // Once for the process, before any thread of ours; libcurl counts further calls.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)ready;
  curl_ = curl_easy_init();
}
Client::~Client() { curl_easy_cleanup(static_cast<CURL*>(curl_)); }

std::string Client::escape(std::string_view text) {
  char* escaped = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
  std::string out = escaped == nullptr ? "" : escaped;
  curl_free(escaped);
  return out;
}

Result<json> Client::call(const std::string& path, const json& body) {
  CURL* curl = static_cast<CURL*>(curl_);
  const std::string url = options_.url + path;
  const auto failed = [&](int number, ErrorKind kind, std::string seen) { return fail(number, kind, {{"place", url}, {"seen", std::move(seen)}}); };
  if (curl == nullptr) return failed(3903, ErrorKind::broken, "libcurl");
  std::string answer;
  const std::string text = body.is_null() ? "" : body.dump();
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, options_.timeout_s);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t size, std::size_t n, void* to) {
    static_cast<std::string*>(to)->append(data, size * n);
    return size * n;
  });
  // A call that takes long is given up when the operator asks to stop.
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &host_);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, +[](void* host, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return static_cast<godwit::sdk::HostServices*>(host)->cancelled() ? 1 : 0; });
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  if (!options_.token.empty()) headers = curl_slist_append(headers, ("Authorization: Bearer " + options_.token).c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  if (!text.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(text.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text.c_str());
  }
  const CURLcode done = curl_easy_perform(curl);
  curl_slist_free_all(headers);
  if (host_.cancelled()) return fail(3018, ErrorKind::cancelled);
  if (done != CURLE_OK) return failed(3901, ErrorKind::retry, curl_easy_strerror(done));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status == 401 || status == 403) return failed(3902, ErrorKind::denied, std::to_string(status));
  if (status == 404) return json();
  if (status == 429 || status >= 500) return failed(3901, ErrorKind::retry, "HTTP " + std::to_string(status));
  auto parsed = json::parse(answer, nullptr, false);
  if (status != 200 || !parsed.is_object()) return failed(3903, ErrorKind::broken, "HTTP " + std::to_string(status) + " " + answer.substr(0, 100));
  return parsed;
}

Result<godwit::ObjectDescription> Client::describe(std::string_view object) {
  GW_ASSIGN(const json all, call("/objects"));
  std::vector<std::string> names;
  for (const json& o : all.value("objects", json::array())) {
    names.push_back(o.at("name").get<std::string>());
    if (names.back() != object) continue;
    godwit::ObjectDescription out;
    out.object = object;
    out.rows = o.at("rows").get<std::int64_t>();
    for (const json& f : o.at("fields")) {
      const auto type = godwit::parse_type(f.at("type").get<std::string>());
      godwit::ObjectField field;
      field.name = f.at("name").get<std::string>(), field.type = type.value_or(godwit::TypeId::utf8), field.nullable = f.value("nullable", true);
      if (f.contains("length")) field.length = f["length"].get<std::int64_t>();
      out.fields.push_back(std::move(field));
    }
    out.key = {"id"};
    return out;
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  return fail(3030, ErrorKind::bad_config, {{"place", options_.url}, {"seen", std::string(object)}, {"nearest", std::string(godwit::nearest(object, views))}});
}

}  // namespace acme
