#pragma once
// Where the bytes come from, and the UTF-8 text that is made of them.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "core/model/result.hpp"
#include "plugins/kits/delimited/encoding.hpp"

namespace godwit::delimited {

// Bytes with a fixed end. One thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // The end that was planned; what a file has grown by later is not part of it.
  virtual std::uint64_t size() const = 0;
  // Bytes from `offset` on; fewer than `room` only at the end. An error when the source shrank or changed.
  virtual Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t room) = 0;
  // Whether there are bytes beyond size(): the source grew, and its last record may be cut.
  virtual bool continues() { return false; }
};

// Bytes in memory, which outlive it.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read(std::uint64_t offset, char* out, std::size_t room) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t n = std::min(room, bytes_.size() - static_cast<std::size_t>(offset));
    std::memcpy(out, bytes_.data() + offset, n);
    return n;
  }

 private:
  std::string_view bytes_;
};

// The bytes [from, to) of a source as UTF-8. Positions count the text's bytes from 0, offsets those of the source.
class TextSource {
 public:
  // `bytes` outlives it. A null decoder: the bytes are meant to be UTF-8 already and are passed on unseen.
  TextSource(ByteSource& bytes, std::unique_ptr<Decoder> decoder, std::uint64_t from, std::uint64_t to)
      : bytes_(bytes), decoder_(std::move(decoder)), from_(from), at_(from), to_(std::min(to, bytes.size())) {}

  // Writes up to `room` (at least 64) bytes of text that begins at `position`; done() tells whether more follows.
  Result<std::size_t> fill(char* out, std::size_t room, std::uint64_t position);
  bool done() const { return at_ >= to_ && held_.empty(); }
  bool decoded() const { return decoder_ != nullptr; }
  std::uint64_t from() const { return from_; }
  // Offset behind the last byte that was read.
  std::uint64_t at() const { return at_; }
  ByteSource& bytes() { return bytes_; }

  // The offset of the text at `position`, which begins a line. Positions asked for do not decrease.
  std::uint64_t offset_of(std::uint64_t position);
  // The first undecodable bytes in [position, end), or null.
  const UndecodableBytes* undecodable(std::uint64_t position, std::uint64_t end) const;
  // Bytes that an ASCII character takes in the source: 1, 2 or 4.
  std::uint64_t unit() const { return decoder_ == nullptr ? 1 : decoder_->unit(); }
  // Whether the text ends where more was planned to end or has grown since: its last record may be half a one.
  bool cut_short() { return to_ < bytes_.size() || bytes_.continues(); }
  // Forgets what was noted before `position`.
  void forget(std::uint64_t position);

 private:
  ByteSource& bytes_;
  std::unique_ptr<Decoder> decoder_;
  std::uint64_t from_, at_, to_;
  std::string held_;  // read and not yet decoded
  DecodeNotes notes_;
  std::size_t line_hint_ = 0;
};

}  // namespace godwit::delimited
