#pragma once
// Which characters the server's own encoding has.

#include <iconv.h>

#include <string>
#include <string_view>

namespace godwit::postgres {

// One thread at a time.
class Charset {
 public:
  // `server_encoding` as the server names it: UTF8, SQL_ASCII and names without an equal here hold everything.
  explicit Charset(const std::string& server_encoding);
  ~Charset();
  Charset(const Charset&) = delete;
  Charset& operator=(const Charset&) = delete;

  bool holds_everything() const { return converter_ == nullptr; }
  // Whether each character of valid UTF-8 has its place.
  bool holds(std::string_view text) const;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  iconv_t converter_ = nullptr;
};

}  // namespace godwit::postgres
