#include "plugins/kits/rest/csv.hpp"

#include <algorithm>

namespace godwit::rest {

void append_csv(std::string_view text, bool always, std::string* out) {
  const bool quotes = always || text.find_first_of(",\"\r\n") != std::string_view::npos ||
                      (!text.empty() && (text.front() == ' ' || text.back() == ' ' || text.front() == '\t' || text.back() == '\t'));
  if (!quotes) {
    *out += text;
    return;
  }
  *out += '"';
  for (const char c : text) {
    if (c == '"') *out += '"';
    *out += c;
  }
  *out += '"';
}

void CsvParser::feed(std::string_view piece, bool last) {
  pending_.erase(0, at_), at_ = 0;
  pending_ += piece;
  last_ = last;
}

bool CsvParser::next(std::vector<std::string>* fields) {
  fields->clear();
  std::size_t at = at_;
  while (at < pending_.size() && fields->empty() && (pending_[at] == '\n' || pending_[at] == '\r')) ++at;  // empty lines
  if (at >= pending_.size() || broken_) return false;
  for (;;) {
    std::string field;
    if (pending_[at] == '"') {
      for (++at;; ++at) {
        const std::size_t quote = pending_.find('"', at);
        if (quote == std::string::npos) return broken_ = last_, false;
        field.append(pending_, at, quote - at);
        at = quote + 1;
        if (at >= pending_.size() && !last_) return false;  // perhaps the first of two
        if (at >= pending_.size() || pending_[at] != '"') break;
        field += '"';
      }
    } else {
      const std::size_t end = pending_.find_first_of(",\r\n", at);
      if (end == std::string::npos && !last_) return false;
      field = pending_.substr(at, end == std::string::npos ? end : end - at);
      at = std::min(end, pending_.size());
    }
    fields->push_back(std::move(field));
    if (at >= pending_.size()) {
      if (!last_) return false;
      break;
    }
    if (pending_[at] == ',') {
      if (++at < pending_.size()) continue;
      if (!last_) return false;
      fields->emplace_back();
      break;
    }
    if (pending_[at] == '\r') {
      if (at + 1 >= pending_.size() && !last_) return false;
      ++at;
      if (at < pending_.size() && pending_[at] == '\n') ++at;
      break;
    }
    if (pending_[at] == '\n') {
      ++at;
      break;
    }
    return broken_ = true, false;
  }
  at_ = at;
  return true;
}

bool CsvFile::open(const std::string& path) {
  file_.open(path, std::ios::binary);
  if (!file_ || !record(&header_)) return false;
  if (header_.front().starts_with("\xEF\xBB\xBF")) header_.front().erase(0, 3);
  return true;
}

int CsvFile::column(std::string_view name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  return found == header_.end() ? -1 : static_cast<int>(found - header_.begin());
}

bool CsvFile::record(std::vector<std::string>* fields) {
  while (!parser_.next(fields)) {
    if (end_ || parser_.broken()) return false;
    std::string piece(256 << 10, '\0');
    file_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(file_.gcount()));
    if (file_.bad()) return broken_ = true, false;
    end_ = file_.eof();
    parser_.feed(piece, end_);
  }
  return true;
}

bool CsvFile::next(std::vector<std::string>* fields) {
  if (broken_ || !record(fields)) return false;
  if (fields->size() != header_.size()) return broken_ = true, false;
  return true;
}

}  // namespace godwit::rest
