#include "core/sample/csv_out.hpp"

#include <unicode/ucnv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace godwit::sample {

Result<std::unique_ptr<CsvOut>> CsvOut::open(const std::filesystem::path& path, const SampleFormat& format) {
  std::unique_ptr<CsvOut> out(new CsvOut);
  out->path_ = path;
  out->format_ = format;
  if (format.encoding != "utf-8") {
    UErrorCode status = U_ZERO_ERROR;
    out->converter_ = ucnv_open(format.encoding.c_str(), &status);
    if (U_FAILURE(status))
      return fail(2090, {{"seen", "encoding " + format.encoding}, {"expected", "gb18030, windows-1252, utf-8 ..."}});
    // A character that the encoding lacks is an error, not a question mark.
    ucnv_setFromUCallBack(out->converter_, UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  }
  errno = 0;
  out->stream_.open(path, std::ios::binary | std::ios::trunc);
  if (!out->stream_) return fail(2091, {{"place", path.string()}, {"reason", std::strerror(errno != 0 ? errno : EIO)}});
  if (*format.byte_order_mark) GW_TRY(out->write("\xEF\xBB\xBF"));
  return out;
}

CsvOut::~CsvOut() {
  if (converter_ != nullptr) ucnv_close(converter_);
}

Result<> CsvOut::write(std::string_view utf8) {
  std::string_view bytes = utf8;
  if (converter_ != nullptr) {
    // Through UTF-16: ucnv_convertEx would need a second converter.
    std::u16string wide;
    wide.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
      const auto lead = static_cast<unsigned char>(utf8[i]);
      const int length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      char32_t c = length == 1 ? lead : lead & (0xFFu >> (length + 1));
      for (int k = 1; k < length; ++k)
        c = (c << 6) | (static_cast<unsigned char>(utf8[i + static_cast<std::size_t>(k)]) & 0x3Fu);
      i += static_cast<std::size_t>(length);
      if (c < 0x10000) {
        wide += static_cast<char16_t>(c);
      } else {
        wide += static_cast<char16_t>(0xD7C0 + (c >> 10));
        wide += static_cast<char16_t>(0xDC00 + (c & 0x3FF));
      }
    }
    encoded_.resize(wide.size() * 4 + 16);
    UErrorCode status = U_ZERO_ERROR;
    const auto n = ucnv_fromUChars(converter_, encoded_.data(), static_cast<std::int32_t>(encoded_.size()), wide.data(),
                                   static_cast<std::int32_t>(wide.size()), &status);
    if (U_FAILURE(status)) {
      return fail(2092, {{"place", path_.filename().string() + ":" + std::to_string(line_)},
                         {"seen", std::string(utf8.substr(0, 60))},
                         {"expected", format_.encoding}});
    }
    encoded_.resize(static_cast<std::size_t>(n));
    std::replace(encoded_.begin(), encoded_.end(), kBrokenByte, '\xFF');
    bytes = encoded_;
  } else if (utf8.find(kBrokenByte) != std::string_view::npos) {
    encoded_ = utf8;
    std::replace(encoded_.begin(), encoded_.end(), kBrokenByte, '\xFF');
    bytes = encoded_;
  }
  stream_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes_ += static_cast<std::int64_t>(bytes.size());
  if (!stream_) return fail(2091, {{"place", path_.string()}, {"reason", std::strerror(errno != 0 ? errno : EIO)}});
  return {};
}

Result<> CsvOut::row(std::span<const Cell> cells) {
  record_.clear();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) record_ += format_.delimiter;
    const std::string& text = cells[i].text;
    const bool plain = text.find_first_of(std::string{'"', '\n', '\r', format_.delimiter}) == std::string::npos &&
                       (text.empty() || (text.front() != ' ' && text.back() != ' '));
    if (cells[i].raw || plain) {
      record_ += text;
      continue;
    }
    record_ += '"';
    for (char c : text) {
      if (c == '"') record_ += '"';
      record_ += c;
    }
    record_ += '"';
  }
  record_ += *format_.crlf ? "\r\n" : "\n";
  GW_TRY(write(record_));
  line_ += std::count(record_.begin(), record_.end(), '\n');
  ++rows_;
  return {};
}

Result<SampleFile> CsvOut::close() {
  errno = 0;
  stream_.close();
  if (!stream_) return fail(2091, {{"place", path_.string()}, {"reason", std::strerror(errno != 0 ? errno : EIO)}});
  return SampleFile{path_.filename().string(), rows_, bytes_};
}

}  // namespace godwit::sample
