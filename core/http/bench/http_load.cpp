// Loads a target that counts what it gets: http_load URL CALLS RECORDS [RULES-JSON]. Prints the client's usage and the time it took. For people who change the
// engine: the figures of the product come from tests/bench.

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/http/client.hpp"
#include "core/model/catalogue.hpp"

int main(int argc, char** argv) {
  using namespace godwit;
  if (argc < 4) return std::fprintf(stderr, "usage: http_load URL CALLS RECORDS [RULES]\n"), 2;
  const int calls = std::atoi(argv[2]), records = std::atoi(argv[3]);
  auto rules = argc > 4 ? nlohmann::json::parse(argv[4]) : nlohmann::json::object();
  rules["base"] = argv[1];
  auto client = http::Client::open(rules.dump(), {});
  if (!client) return std::fprintf(stderr, "%s\n", describe(client.error()).c_str()), 2;
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::int64_t> tickets;
  for (int c = 0; c < calls; ++c) {
    auto body = nlohmann::json::array();
    for (int r = 0; r < records; ++r) body.push_back({{"external_id", "K" + std::to_string(c * records + r)}, {"name", "Acme " + std::to_string(r)}, {"city", "Hamburg"}});
    http::Request request;
    request.method = "POST", request.url = "/records", request.body = body.dump(), request.repeatable = true;
    const auto ticket = (*client)->submit(std::move(request));
    if (!ticket) return std::fprintf(stderr, "%s\n", describe(ticket.error()).c_str()), 2;
    tickets.push_back(*ticket);
  }
  int good = 0;
  for (const std::int64_t ticket : tickets)
    for (;;) {
      const auto answer = (*client)->complete(ticket, std::chrono::seconds(1));
      if (!answer) return std::fprintf(stderr, "%s\n", describe(answer.error()).c_str()), 2;
      if (!*answer) continue;
      if ((*answer)->verdict == http::Verdict::ok) ++good;
      else std::fprintf(stderr, "%d %s\n", (*answer)->status, (*answer)->message.c_str());
      break;
    }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%d of %d calls ok in %.3f s: %.2f calls/s\n%s\n", good, calls, took, calls / took, (*client)->usage().c_str());
  return good == calls ? 0 : 1;
}
