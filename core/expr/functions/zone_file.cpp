// Reads a zone file (RFC 8536): its 64-bit part and the rule in its footer.

#include <charconv>
#include <cstring>

#include "core/expr/functions/zone.hpp"

namespace godwit::fn {
namespace {

// Takes big-endian numbers from bytes; once too few are left everything is 0 and ok() is false.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  template <typename T>
  T take() {
    std::uint64_t value = 0;
    for (const char c : take(sizeof(T))) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<T>(value);
  }
  std::string_view take(std::size_t n) {
    if (n > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct Header {
  char version = 0;
  std::size_t utc_marks = 0, standard_marks = 0, leaps = 0, times = 0, types = 0, characters = 0;
  std::size_t size(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + characters + leaps * (time_bytes + 4) + standard_marks + utc_marks;
  }
};

bool take_header(Bytes& in, Header* out) {
  if (in.take(4) != "TZif") return false;
  out->version = static_cast<char>(in.take<std::uint8_t>());
  in.take(15);
  for (std::size_t* count :
       {&out->utc_marks, &out->standard_marks, &out->leaps, &out->times, &out->types, &out->characters}) {
    *count = in.take<std::uint32_t>();
  }
  return in.ok();
}

// The letters of a POSIX TZ text: names, offsets, rules.
class RuleText {
 public:
  explicit RuleText(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool name() {
    std::size_t n = 0;
    if (!rest_.empty() && rest_[0] == '<') {
      n = rest_.find('>');
      if (n == rest_.npos) return false;
      ++n;
    } else {
      while (n < rest_.size() && ((rest_[n] | 0x20) >= 'a' && (rest_[n] | 0x20) <= 'z')) ++n;
    }
    rest_.remove_prefix(n);
    return n >= 3;
  }
  bool number(int* out) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), *out);
    if (error != std::errc() || *out < 0) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }
  // [+-]h[:m[:s]] in seconds.
  bool time(std::int64_t* out) {
    const bool minus = take('-');
    if (!minus) take('+');
    int h = 0, m = 0, s = 0;
    if (!number(&h)) return false;
    if (take(':') && !number(&m)) return false;
    if (take(':') && !number(&s)) return false;
    *out = std::int64_t{h} * 3600 + m * 60 + s;
    if (minus) *out = -*out;
    return h <= 167 && m <= 59 && s <= 59;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::optional<Zone::Rule> Zone::parse_rule(std::string_view text) {
  RuleText in(text);
  Rule rule;
  std::int64_t west = 0;
  if (!in.name() || !in.time(&west)) return std::nullopt;
  rule.standard = static_cast<std::int32_t>(-west);  // POSIX counts west of Greenwich
  if (in.done()) return rule;
  rule.has_summer = true;
  rule.summer = rule.standard + 3600;
  if (!in.name()) return std::nullopt;
  if (!in.take(',')) {
    if (!in.time(&west) || !in.take(',')) return std::nullopt;
    rule.summer = static_cast<std::int32_t>(-west);
  }
  const auto change = [&in](Change* out) {
    if (in.take('M')) {
      out->form = Change::month_week_day;
      if (!in.number(&out->month) || !in.take('.') || !in.number(&out->week) || !in.take('.') || !in.number(&out->day))
        return false;
      if (out->month < 1 || out->month > 12 || out->week < 1 || out->week > 5 || out->day > 6) return false;
    } else {
      out->form = in.take('J') ? Change::julian : Change::zero_based;
      if (!in.number(&out->day) || out->day > 365) return false;
    }
    return !in.take('/') || in.time(&out->seconds);
  };
  if (!change(&rule.to_summer) || !in.take(',') || !change(&rule.to_standard) || !in.done()) return std::nullopt;
  return rule;
}

std::shared_ptr<const Zone> Zone::parse(std::string_view bytes) {
  Bytes in(bytes);
  Header header;
  // The first part has 32-bit times that end in 2038; every file since 2005 repeats it with 64 bits.
  if (!take_header(in, &header) || header.version < '2') return nullptr;
  in.take(header.size(4));
  if (!in.ok() || !take_header(in, &header) || header.types == 0) return nullptr;
  if (header.size(8) > in.rest().size()) return nullptr;
  auto zone = std::make_shared<Zone>();
  zone->transitions_.resize(header.times);
  for (std::int64_t& time : zone->transitions_) time = in.take<std::int64_t>();
  const std::string_view kinds = in.take(header.times);
  std::vector<std::int32_t> offsets(header.types);
  for (std::int32_t& offset : offsets) {
    offset = in.take<std::int32_t>();
    in.take(2);  // summer flag and name: nobody asks
  }
  in.take(header.characters + header.leaps * 12 + header.standard_marks + header.utc_marks);
  zone->first_offset_ = offsets[0];
  for (const char kind : kinds) {
    const auto k = static_cast<unsigned char>(kind);
    if (k >= offsets.size()) return nullptr;
    zone->offsets_.push_back(offsets[k]);
  }
  for (std::size_t i = 1; i < zone->transitions_.size(); ++i) {
    if (zone->transitions_[i - 1] >= zone->transitions_[i]) return nullptr;
  }
  std::string_view footer = in.rest();
  if (!in.ok() || footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return nullptr;
  footer = footer.substr(1, footer.size() - 2);
  if (!footer.empty() && !(zone->rule_ = parse_rule(footer))) return nullptr;
  return zone;
}

}  // namespace godwit::fn
