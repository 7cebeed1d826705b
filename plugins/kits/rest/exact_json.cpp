#include "plugins/kits/rest/exact_json.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

namespace godwit::rest {
namespace {

using nlohmann::json;

constexpr std::size_t kDeepest = 512;
constexpr std::uint64_t kDigits = 0x6477;  // marks bytes that are the digits of a number

// Builds the document; the parser gives a number's text beside its value.
class Builder : public nlohmann::json_sax<json> {
 public:
  explicit Builder(json* root) : root_(root) {}
  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(INT64_MAX)) return put(static_cast<std::int64_t>(value));
    return digits(std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override { return digits(text); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool digits(const std::string& text) {
    return put(json::binary(std::vector<std::uint8_t>(text.begin(), text.end()), kDigits));
  }
  template <typename T>
  bool put(T&& value) {
    place(json(std::forward<T>(value)));
    return true;
  }
  json* place(json value) {
    if (open_.empty()) {
      *root_ = std::move(value);
      return root_;
    }
    json& in = *open_.back();
    if (in.is_array()) {
      in.push_back(std::move(value));
      return &in.back();
    }
    json& member = in[key_];
    member = std::move(value);
    return &member;
  }
  bool open(json value) {
    if (open_.size() == kDeepest) return false;
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json* root_;
  std::vector<json*> open_;
  std::string key_;
};

bool holds_digits(const json& value) { return value.is_binary() && value.get_binary().has_subtype() && value.get_binary().subtype() == kDigits; }

void append_exact(const json& value, std::string* out) {
  switch (value.type()) {
    case json::value_t::object: {
      *out += '{';
      bool first = true;
      for (const auto& [name, member] : value.items()) {
        if (!first) *out += ',';
        first = false;
        append_quoted(name, out);
        *out += ':';
        append_exact(member, out);
      }
      *out += '}';
      return;
    }
    case json::value_t::array: {
      *out += '[';
      bool first = true;
      for (const json& member : value) {
        if (!first) *out += ',';
        first = false;
        append_exact(member, out);
      }
      *out += ']';
      return;
    }
    case json::value_t::string: return append_quoted(value.get_ref<const std::string&>(), out);
    case json::value_t::null: *out += "null"; return;
    default: *out += scalar_text(value).value_or("null");
  }
}

}  // namespace

std::optional<json> parse_exact(std::string_view text) {
  json out;
  Builder builder(&out);
  if (!json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return out;
}

std::optional<std::string> number_digits(const json& value) {
  if (value.is_number_integer() || value.is_number_unsigned()) return value.dump();
  if (value.is_number_float()) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, value.get<double>());
    return std::string(text, end.ptr);
  }
  if (!holds_digits(value)) return std::nullopt;
  const auto& bytes = value.get_binary();
  return std::string(bytes.begin(), bytes.end());
}

std::optional<std::string> scalar_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  return number_digits(value);
}

std::string exact_text(const json& value) {
  std::string out;
  append_exact(value, &out);
  return out;
}

void append_quoted(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          *out += "\\u00", *out += kHex[c >> 4], *out += kHex[c & 15];
        } else {
          *out += c;
        }
    }
  }
  *out += '"';
}

const json* find_at(const json& document, std::string_view path) {
  const json* at = &document;
  while (!path.empty()) {
    if (path.front() == '/') path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(end);
    if (at->is_object()) {
      const auto member = at->find(std::string(name));
      if (member == at->end()) return nullptr;
      at = &*member;
    } else if (at->is_array()) {
      std::size_t index = 0;
      const auto parsed = std::from_chars(name.data(), name.data() + name.size(), index);
      if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size() || index >= at->size()) return nullptr;
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

}  // namespace godwit::rest
