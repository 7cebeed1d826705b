#include "core/cli/progress.hpp"

#include <fmt/format.h>

#include <ostream>

#include "core/cli/json.hpp"
#include "core/cli/width.hpp"

namespace godwit::cli {
namespace {

constexpr auto kTerminalEvery = std::chrono::milliseconds(100);
constexpr auto kLogEvery = std::chrono::seconds(10);
constexpr auto kJsonEvery = std::chrono::seconds(1);

double share_done(const FlowProgress& p) {
  if (p.bytes_expected > 0) return static_cast<double>(p.bytes) / static_cast<double>(p.bytes_expected);
  if (p.rows_expected > 0) return static_cast<double>(p.rows) / static_cast<double>(p.rows_expected);
  return -1;
}

}  // namespace

ProgressView::ProgressView(Context& context, std::function<Clock::time_point()> now)
    : context_(context),
      now_(std::move(now)),
      form_(context.options().quiet ? Form::none : context.json() ? Form::json : context.world().err_is_terminal ? Form::terminal : Form::log) {}

ProgressView::~ProgressView() { clear(); }

void ProgressView::clear() {
  const std::lock_guard lock(mutex_);
  if (!line_out_) return;
  context_.err() << "\r\x1b[K" << std::flush;
  line_out_ = false;
}

void ProgressView::update(const FlowProgress& p) {
  if (form_ == Form::none) return;
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = now_();
  const std::string step = p.flow + " " + p.what;
  if (step != current_) {
    current_ = step, started_ = now, rows_before_ = p.rows, bytes_before_ = p.bytes;
    shown_ = now - std::chrono::hours(1);
    // A log wants a line after some work, not one that says 0 rows.
    if (form_ == Form::log) shown_ = now;
  }
  const auto every = form_ == Form::terminal ? Clock::duration(kTerminalEvery) : form_ == Form::log ? Clock::duration(kLogEvery) : Clock::duration(kJsonEvery);
  if (now - shown_ < every) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = seconds > 0 ? static_cast<double>(p.rows - rows_before_) / seconds : 0;
  if (form_ == Form::json) return print_json(p, rate);
  const std::string text = line(p, rate);
  if (form_ == Form::log) {
    context_.err() << text << std::endl;
    return;
  }
  context_.err() << '\r' << cut(text, std::max(20, context_.world().terminal_width - 1)) << "\x1b[K" << std::flush;
  line_out_ = true;
}

std::string ProgressView::line(const FlowProgress& p, double rate) const {
  std::string out = p.flow + ": " + context_.say("cli.progress." + p.what) + "  " +
                    context_.say("cli.progress.rows", {{"rows", grouped(p.rows)}, {"rate", grouped(static_cast<std::int64_t>(rate))}});
  const double seconds = std::chrono::duration<double>(now_() - started_).count();
  if (p.bytes > bytes_before_ && seconds > 0)
    out += "  " + size_text(static_cast<std::int64_t>(static_cast<double>(p.bytes - bytes_before_) / seconds)) + "/s";
  if (const double done = share_done(p); done > 0) {
    out += fmt::format("  {:.0f} %", std::min(100.0, done * 100));
    // What was done before this process started says nothing of its speed.
    const double before = p.bytes_expected > 0   ? static_cast<double>(bytes_before_) / static_cast<double>(p.bytes_expected)
                          : p.rows_expected > 0 ? static_cast<double>(rows_before_) / static_cast<double>(p.rows_expected) : 0;
    if (done > before && done < 1)
      out += "  " + context_.say("cli.progress.left", {{"time", duration_text(static_cast<std::int64_t>(seconds * (1 - done) / (done - before)))}});
  }
  if (p.counts.set_aside > 0) out += "  " + context_.say("cli.progress.set_aside", {{"rows", grouped(p.counts.set_aside)}});
  return out;
}

void ProgressView::print_json(const FlowProgress& p, double rate) {
  Json out{{"progress", p.flow}, {"what", p.what}, {"rows", p.rows}, {"rows_per_second", static_cast<std::int64_t>(rate)}, {"bytes", p.bytes}};
  if (p.rows_expected >= 0) out["rows_expected"] = p.rows_expected;
  if (p.bytes_expected >= 0) out["bytes_expected"] = p.bytes_expected;
  out["set_aside"] = p.counts.set_aside;
  context_.err() << out.dump() << std::endl;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string size_text(std::int64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  int unit = -1;
  do value /= 1000, ++unit;
  while (value >= 1000 && unit < 3);
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string duration_text(std::int64_t seconds) {
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace godwit::cli
