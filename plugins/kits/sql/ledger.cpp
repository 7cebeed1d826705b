#include "plugins/kits/sql/ledger.hpp"

#include <nlohmann/json.hpp>

namespace godwit::sql {
namespace {

constexpr char kIntegers = 1, kTexts = 2;

void put_varint(std::string* out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7) *out += static_cast<char>(v | 0x80);
  *out += static_cast<char>(v);
}

std::uint64_t zigzag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
std::int64_t unzigzag(std::uint64_t v) { return static_cast<std::int64_t>((v >> 1) ^ (~(v & 1) + 1)); }

// Reads from the front of the bytes; `ok` turns false at the first thing that is not there.
struct Input {
  std::string_view bytes;
  bool ok = true;

  bool more() const { return ok && !bytes.empty(); }
  std::uint8_t byte() {
    if (bytes.empty()) return ok = false, std::uint8_t{0};
    const auto b = static_cast<std::uint8_t>(bytes[0]);
    bytes.remove_prefix(1);
    return b;
  }
  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      v |= static_cast<std::uint64_t>(b & 0x7F) << shift;
      if ((b & 0x80) == 0) return v;
    }
    ok = false;
    return 0;
  }
  std::string_view take(std::uint64_t n) {
    if (n > bytes.size()) return ok = false, std::string_view();
    const std::string_view part = bytes.substr(0, n);
    bytes.remove_prefix(n);
    return part;
  }
};

void put_integers(const Column& ids, std::int64_t from, std::int64_t to, std::int64_t* last, std::string* out) {
  while (from < to) {
    // Unsigned arithmetic: ids may lie at both ends of the range.
    const auto step_at = [&](std::int64_t i, std::int64_t before) {
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(ids.int64(i)) - static_cast<std::uint64_t>(before));
    };
    const std::int64_t step = step_at(from, *last);
    std::int64_t times = 0;
    while (from < to && step_at(from, *last) == step) *last = ids.int64(from), ++from, ++times;
    put_varint(out, zigzag(step)), put_varint(out, static_cast<std::uint64_t>(times));
  }
}

}  // namespace

std::string encode_outcomes(const Outcomes& outcomes) {
  std::string out;
  for (std::int64_t i = 0; i < outcomes.rows;) {
    const OutcomeKind kind = outcomes.at(i);
    std::int64_t n = 1;
    if (outcomes.kinds.empty())
      n = outcomes.rows;
    else
      while (i + n < outcomes.rows && outcomes.at(i + n) == kind) ++n;
    out += static_cast<char>(kind);
    put_varint(&out, static_cast<std::uint64_t>(n));
    i += n;
  }
  return out;
}

bool decode_outcomes(std::string_view bytes, std::int64_t rows, Outcomes* out) {
  Input in{bytes};
  *out = Outcomes();
  std::vector<std::pair<OutcomeKind, std::int64_t>> runs;
  std::int64_t sum = 0;
  while (in.more()) {
    const std::uint8_t kind = in.byte();
    const std::uint64_t n = in.varint();
    if (kind < 1 || kind > static_cast<std::uint8_t>(OutcomeKind::missing)) return false;
    if (n == 0 || n > static_cast<std::uint64_t>(rows - sum)) return false;
    runs.emplace_back(static_cast<OutcomeKind>(kind), static_cast<std::int64_t>(n));
    sum += static_cast<std::int64_t>(n);
  }
  if (!in.ok || sum != rows) return false;
  out->rows = rows;
  if (runs.size() == 1) out->kind = runs[0].first;
  if (runs.size() > 1)
    for (const auto& [kind, n] : runs) out->kinds.insert(out->kinds.end(), static_cast<std::size_t>(n), kind);
  return true;
}

std::string encode_ids(const Column& ids) {
  const bool texts = ids.type.is_variable();
  std::string out(1, texts ? kTexts : kIntegers);
  std::int64_t last = 0;
  for (std::int64_t i = 0; i < ids.length;) {
    std::int64_t without = 0, with = 0;
    while (i + without < ids.length && ids.is_null(i + without)) ++without;
    i += without;
    while (i + with < ids.length && !ids.is_null(i + with)) ++with;
    put_varint(&out, static_cast<std::uint64_t>(without)), put_varint(&out, static_cast<std::uint64_t>(with));
    if (texts) {
      for (std::int64_t k = i; k < i + with; ++k) put_varint(&out, ids.text(k).size()), out += ids.text(k);
    } else {
      put_integers(ids, i, i + with, &last, &out);
    }
    i += with;
  }
  return out;
}

bool decode_ids(std::string_view bytes, std::int64_t rows, Column* out) {
  Input in{bytes};
  const std::uint8_t kind = in.byte();
  if (!in.ok || (kind != kIntegers && kind != kTexts)) return false;
  ColumnBuilder ids{Type(kind == kTexts ? TypeId::utf8 : TypeId::int64)};
  std::int64_t last = 0;
  while (in.more()) {
    const std::uint64_t without = in.varint(), with = in.varint();
    const auto left = static_cast<std::uint64_t>(rows - ids.length());
    if (!in.ok || without > left || with > left - without) return false;
    for (std::uint64_t i = 0; i < without; ++i) ids.null();
    for (std::uint64_t i = 0; i < with && in.ok;) {
      if (kind == kTexts) {
        ids.append_text(in.take(in.varint())), ++i;
        continue;
      }
      const std::int64_t step = unzigzag(in.varint());
      const std::uint64_t times = in.varint();
      if (!in.ok || times == 0 || times > with - i) return false;
      for (std::uint64_t k = 0; k < times; ++k, ++i) {
        last = static_cast<std::int64_t>(static_cast<std::uint64_t>(last) + static_cast<std::uint64_t>(step));
        ids.append_int64(last);
      }
    }
  }
  if (!in.ok || ids.length() != rows) return false;
  *out = ids.finish();
  return true;
}

std::string encode_refusals(const std::vector<Refusal>& refusals) {
  auto out = nlohmann::ordered_json::array();
  for (const Refusal& r : refusals) {
    auto arguments = nlohmann::ordered_json::object();
    for (const auto& [name, value] : r.error.arguments) arguments[name] = value;
    out.push_back({{"row", r.row},
                   {"number", r.error.number},
                   {"class", r.error_class},
                   {"field", r.field},
                   {"words", r.words},
                   {"arguments", std::move(arguments)}});
  }
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool decode_refusals(std::string_view text, std::vector<Refusal>* out) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  out->clear();
  if (!json.is_array()) return false;
  try {
    for (const auto& r : json) {
      Refusal& refusal = out->emplace_back();
      refusal.row = r.at("row").get<std::int64_t>();
      refusal.error.number = r.at("number").get<int>();
      refusal.error.kind = ErrorKind::row_rejected;
      refusal.error_class = r.at("class").get<std::string>();
      refusal.field = r.at("field").get<std::string>();
      refusal.words = r.at("words").get<std::string>();
      for (const auto& [name, value] : r.at("arguments").items())
        refusal.error.arguments.emplace_back(name, value.get<std::string>());
    }
  } catch (const nlohmann::json::exception&) {
    return false;
  }
  return true;
}

}  // namespace godwit::sql
