#include "plugins/kits/sandbox/options.hpp"

#include <charconv>
#include <functional>
#include <map>
#include <string_view>

namespace godwit::sandbox {
namespace {

template <typename Number>
bool number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

template <typename Number>
bool number(std::string_view text, std::optional<Number>& out) {
  Number value{};
  if (!number(text, value) || value < 0) return false;
  out = value;
  return true;
}

// Each answers false for a value that it does not take.
std::map<std::string_view, std::function<bool(std::string_view)>> readers(Options& out, std::string& error) {
  return {
      {"--port", [&](std::string_view v) { return number(v, out.port) && out.port >= 0 && out.port <= 65535; }},
      {"--host", [&](std::string_view v) { return out.host = v, !v.empty(); }},
      {"--certificate", [&](std::string_view v) { return out.certificate = v, !v.empty(); }},
      {"--key", [&](std::string_view v) { return out.key = v, !v.empty(); }},
      {"--data", [&](std::string_view v) { return out.data = v, !v.empty(); }},
      {"--metadata", [&](std::string_view v) { return out.metadata.emplace_back(v), !v.empty(); }},
      {"--latency", [&](std::string_view v) { return number(v, out.latency_ms) && out.latency_ms >= 0; }},
      {"--rate", [&](std::string_view v) { return number(v, out.rate); }},
      {"--per", [&](std::string_view v) { return number(v, out.per_seconds) && *out.per_seconds > 0; }},
      {"--window",
       [&](std::string_view v) {
         out.sliding = v == "sliding";
         return v == "sliding" || v == "fixed";
       }},
      {"--daily", [&](std::string_view v) { return number(v, out.daily); }},
      {"--concurrent", [&](std::string_view v) { return number(v, out.concurrent); }},
      {"--records-per-second", [&](std::string_view v) { return number(v, out.records_per_second); }},
      {"--record", [&](std::string_view v) { return out.record = v, !v.empty(); }},
      {"--fault",
       [&](std::string_view v) {
         Fault fault;
         if (!parse_fault(v, fault, error)) return false;
         out.faults.push_back(std::move(fault));
         return true;
       }},
      {"--set",
       [&](std::string_view v) {
         const std::size_t at = v.find('=');
         if (at == std::string_view::npos || at == 0) return false;
         out.switches.emplace_back(v.substr(0, at), v.substr(at + 1));
         return true;
       }},
      {"--clock-offset",
       [&](std::string_view v) {
         double seconds = 0;
         if (!number(v, seconds)) return false;
         out.clock_offset_ms = static_cast<std::int64_t>(seconds * 1000);
         return true;
       }},
      {"--seed", [&](std::string_view v) { return number(v, out.seed); }},
      {"--compress", [&](std::string_view v) { return out.compress = v == "yes", v == "yes" || v == "no"; }},
      {"--max-body", [&](std::string_view v) { return number(v, out.max_body) && out.max_body > 0; }},
      {"--idle", [&](std::string_view v) { return number(v, out.idle_seconds) && out.idle_seconds > 0; }},
  };
}

}  // namespace

bool parse_options(int argc, char** argv, Options& out, std::string& error) {
  const auto known = readers(out, error);
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--help" || name == "-h") return out.help = true;
    const std::size_t equals = name.find('=');
    const bool joined = name.starts_with("--") && equals != std::string_view::npos;
    const std::string_view option = joined ? name.substr(0, equals) : name;
    const auto found = known.find(option);
    if (found == known.end()) return error = "there is no option " + std::string(option), false;
    if (!joined && i + 1 >= argc) return error = std::string(option) + " wants a value", false;
    const std::string_view value = joined ? name.substr(equals + 1) : std::string_view(argv[++i]);
    if (!found->second(value)) {
      error = std::string(option) + " does not take \"" + std::string(value) + "\"" + (error.empty() ? "" : ": " + error);
      return false;
    }
  }
  if (out.certificate.empty() != out.key.empty()) return error = "--certificate and --key belong together", false;
  if (out.data.empty()) return error = "--data FILE is missing (--data :memory: keeps nothing)", false;
  return true;
}

const char* options_help() {
  return R"(  --data FILE              SQLite file that holds the tenant; made when missing; :memory: keeps nothing
  --port P                 0 (default): one that is free; printed as "listening on http://127.0.0.1:PORT"
  --host ADDRESS           127.0.0.1 (default)
  --certificate FILE --key FILE
                           speaks HTTPS with this certificate and private key (PEM)
  --metadata FILE          JSON laid over the built-in objects and fields; may be given several times
  --latency MS             each call takes so much longer
  --rate N --per SECONDS   calls in a window of time; 0: no limit
  --window sliding|fixed   kind of that window
  --daily N                calls (or credits) a day; 0: no limit
  --concurrent N           calls at the same time; 0: no limit
  --records-per-second N   pace of background jobs; 0: as fast as they can
  --record FILE            appends each exchange as one line of JSON
  --fault SPEC             KIND[:at=N|every=N|share=P][,path=PREFIX][,method=M][,times=N][,ms=N][,seconds=S][,status=N]
                           drop-after-commit drop-before-commit error-before-commit error-after-commit slow truncate
                           expire-token html lock rate daily stale clock-skew
  --set NAME=VALUE         a switch of the vendor, below
  --clock-offset S         the sandbox's clock is S seconds ahead
  --seed N                 other tokens and other hits of share faults
  --compress yes|no        gzip answers where the client takes it (yes)
  --max-body BYTES         larger bodies are refused (268435456)
  --idle SECONDS           connections without calls are closed (60)

While it runs: GET and DELETE /__sandbox/stats; GET, POST {"faults": ["SPEC"]} and DELETE /__sandbox/faults;
GET and POST {"advance_seconds": S} or {"offset_seconds": S} /__sandbox/clock.
)";
}

}  // namespace godwit::sandbox
