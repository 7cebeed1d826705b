#include "plugins/kits/sandbox/codec.hpp"

#include <Poco/DeflatingStream.h>
#include <Poco/InflatingStream.h>
#include <Poco/MD5Engine.h>

#include <array>
#include <sstream>

#include "plugins/kits/sandbox/faults.hpp"

namespace godwit::sandbox {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_digit(char c) {
  if (c == '-') c = '+';
  if (c == '_') c = '/';
  const std::size_t at = kBase64.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// `name` of a header such as: form-data; name="file"; filename="a b.pdf"
std::string parameter(std::string_view header, std::string_view name) {
  for (std::size_t at = 0; (at = header.find(name, at)) != std::string_view::npos; ++at) {
    const bool starts = at == 0 || header[at - 1] == ' ' || header[at - 1] == ';';
    const std::size_t equals = at + name.size();
    if (!starts || equals >= header.size() || header[equals] != '=') continue;
    std::string_view rest = header.substr(equals + 1);
    if (!rest.starts_with('"')) return std::string(rest.substr(0, rest.find_first_of("; \r\n")));
    std::string out;
    for (std::size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      out += rest[i];
    }
    return out;
  }
  return {};
}

void take_header(Part& part, std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon), value = line.substr(std::min(colon + 1, line.size()));
  if (same_word(name, "Content-Disposition")) part.name = parameter(value, "name"), part.file_name = parameter(value, "filename");
  if (same_word(name, "Content-Type")) part.content_type = std::string(value.substr(std::min(value.find_first_not_of(' '), value.size())));
}

}  // namespace

std::string gzip(std::string_view bytes) {
  std::ostringstream out;
  Poco::DeflatingOutputStream stream(out, Poco::DeflatingStreamBuf::STREAM_GZIP, 1);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  return std::move(out).str();
}

std::optional<std::string> gunzip(std::string_view bytes, std::size_t limit) {
  try {
    std::istringstream in{std::string(bytes)};
    Poco::InflatingInputStream stream(in, Poco::InflatingStreamBuf::STREAM_GZIP);
    std::string out;
    std::array<char, 65536> piece{};
    while (stream.read(piece.data(), piece.size()) || stream.gcount() > 0) {
      out.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
      if (out.size() > limit) return std::nullopt;
    }
    if (stream.bad()) return std::nullopt;
    return out;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const unsigned group = static_cast<unsigned char>(bytes[i]) << 16 | (left > 1 ? static_cast<unsigned char>(bytes[i + 1]) << 8 : 0) |
                           (left > 2 ? static_cast<unsigned char>(bytes[i + 2]) : 0);
    out += kBase64[group >> 18];
    out += kBase64[group >> 12 & 63];
    out += left > 1 ? kBase64[group >> 6 & 63] : '=';
    out += left > 2 ? kBase64[group & 63] : '=';
  }
  return out;
}

std::string base64_url(std::string_view bytes) {
  std::string out = base64(bytes);
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

std::optional<std::string> unbase64(std::string_view text) {
  std::string out;
  unsigned group = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=' || c == '\r' || c == '\n') continue;
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    group = (group << 6 | static_cast<unsigned>(digit)) & 0xFFFFFF;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 0xFF);
    }
  }
  return out;
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) out += kDigits[static_cast<unsigned char>(c) >> 4], out += kDigits[static_cast<unsigned char>(c) & 15];
  return out;
}

std::string md5_hex(std::string_view bytes) {
  Poco::MD5Engine engine;
  engine.update(bytes.data(), bytes.size());
  return Poco::DigestEngine::digestToHex(engine.digest());
}

std::string random_word(std::uint64_t seed, std::uint64_t number, std::size_t characters) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  for (std::uint64_t i = 0; out.size() < characters; ++i) out += kAlphabet[mix(mix(seed) ^ mix(number * 1'000'003 + i)) % kAlphabet.size()];
  return out;
}

std::optional<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body) {
  const std::string boundary = parameter(content_type, "boundary");
  if (boundary.empty()) return std::nullopt;
  const std::string mark = "--" + boundary;
  std::vector<Part> out;
  std::size_t at = body.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  for (;;) {
    at += mark.size();
    if (body.substr(at, 2) == "--") return out;
    if (body.substr(at, 2) != "\r\n") return std::nullopt;
    at += 2;
    Part part;
    for (;;) {
      const std::size_t end = body.find("\r\n", at);
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view line = body.substr(at, end - at);
      at = end + 2;
      if (line.empty()) break;
      take_header(part, line);
    }
    const std::size_t end = body.find("\r\n" + mark, at);
    if (end == std::string_view::npos) return std::nullopt;
    part.body = body.substr(at, end - at);
    out.push_back(std::move(part));
    at = end + 2;
  }
}

}  // namespace godwit::sandbox
