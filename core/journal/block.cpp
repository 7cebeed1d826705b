#include "core/journal/block.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>

namespace godwit::journal_detail {
namespace {

std::size_t total(std::span<const Bytes> parts) {
  std::size_t n = 0;
  for (const Bytes& part : parts) n += part.size();
  return n;
}

bool all_equal(std::span<const Bytes> parts, std::size_t width) {
  const std::uint8_t* first = nullptr;
  for (const Bytes& part : parts) {
    if (part.empty()) continue;
    if (first == nullptr) first = part.data();
    if (std::memcmp(first, part.data(), width) != 0) return false;
    // Equal to its own shift by one value: one memcmp over the part.
    if (part.size() > width && std::memcmp(part.data(), part.data() + width, part.size() - width) != 0) return false;
  }
  return first != nullptr;
}

// Codes for values that take few distinct forms. Field hashes are what this is for: countries, states, owners.
class Dictionary {
 public:
  // False as soon as it is not worth it: a first sample with too many forms, or more than 255 in all.
  template <typename T>
  bool encode(std::span<const Bytes> parts, std::vector<std::uint8_t>* out) {
    const std::size_t n = total(parts) / sizeof(T);
    if (n < 512) return false;
    std::vector<T> forms;
    forms.reserve(255);
    slots_.fill(0);
    // Worth it when the forms and one byte per value are clearly fewer bytes.
    const std::size_t limit = std::min<std::size_t>(255, n / 8);
    std::vector<std::uint8_t> codes(n);
    std::size_t at = 0;
    for (const Bytes& part : parts) {
      for (std::size_t i = 0; i < part.size(); i += sizeof(T)) {
        T value;
        std::memcpy(&value, part.data() + i, sizeof(T));
        const int code = find(value, forms, limit);
        if (code < 0) return false;
        codes[at++] = static_cast<std::uint8_t>(code);
        if (at == 256 && forms.size() > 128) return false;
      }
    }
    out->clear();
    out->reserve(2 + forms.size() * sizeof(T) + n);
    ByteWriter w(out);
    w.fixed(static_cast<std::uint8_t>(kDictionary)), w.fixed(static_cast<std::uint8_t>(forms.size()));
    w.raw(forms.data(), forms.size() * sizeof(T)), w.raw(codes.data(), codes.size());
    return true;
  }

 private:
  template <typename T>
  int find(T value, std::vector<T>& forms, std::size_t limit) {
    // The values are hashes themselves: their low bits spread well.
    for (std::size_t slot = static_cast<std::size_t>(value) & 1023;; slot = (slot + 1) & 1023) {
      const std::uint16_t form = slots_[slot];
      if (form == 0) {
        if (forms.size() >= limit) return -1;
        forms.push_back(value);
        slots_[slot] = static_cast<std::uint16_t>(forms.size());
        return static_cast<int>(forms.size()) - 1;
      }
      if (forms[form - 1u] == value) return form - 1;
    }
  }
  std::array<std::uint16_t, 1024> slots_{};
};

struct FreeContext {
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};
// Contexts take some 100 KB to make; units come by the thousand.
ZSTD_CCtx* compressor() {
  thread_local std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  return context.get();
}

}  // namespace

SegmentWriter::SegmentWriter(SegmentKind kind, std::int64_t rows) {
  segment_.kind = kind, segment_.rows = rows;
  segment_.pieces.emplace_back();  // the header, when the size is known
}

void SegmentWriter::flush_small() {
  if (small_bytes_.empty()) return;
  segment_.owned.push_back(small_bytes_);
  segment_.pieces.emplace_back(segment_.owned.back());
  small_bytes_.clear();
}
void SegmentWriter::own(std::vector<std::uint8_t> bytes) {
  flush_small();
  segment_.owned.push_back(std::move(bytes));
  segment_.pieces.emplace_back(segment_.owned.back());
}
void SegmentWriter::view(Bytes bytes) {
  if (bytes.size() < 64) return small_.raw(bytes.data(), bytes.size());
  flush_small();
  segment_.pieces.push_back(bytes);
}

bool SegmentWriter::compressed(std::span<const Bytes> parts, bool with_plain_size) {
  const std::size_t plain = total(parts);
  if (plain < 64) return false;
  std::vector<std::uint8_t> joined;
  Bytes whole = parts.size() == 1 ? parts.front() : Bytes();
  if (parts.size() != 1) {
    joined.reserve(plain);
    for (const Bytes& part : parts) joined.insert(joined.end(), part.begin(), part.end());
    whole = joined;
  }
  std::vector<std::uint8_t> frame(ZSTD_compressBound(plain));
  const std::size_t n = ZSTD_compressCCtx(compressor(), frame.data(), frame.size(), whole.data(), whole.size(), 1);
  if (ZSTD_isError(n) != 0 || n + 16 >= plain - plain / 16) return false;
  frame.resize(n);
  small_.fixed(static_cast<std::uint8_t>(kZstd));
  small_.varint(n);
  if (with_plain_size) small_.varint(plain);
  own(std::move(frame));
  return true;
}

bool SegmentWriter::fixed_short(int width, std::span<const Bytes> parts, Effort effort) {
  const auto w = static_cast<std::size_t>(width);
  if (all_equal(parts, w)) {
    small_.fixed(static_cast<std::uint8_t>(kConstant));
    const auto first = std::find_if(parts.begin(), parts.end(), [](const Bytes& part) { return !part.empty(); });
    small_.raw(first->data(), w);
    return true;
  }
  Dictionary dictionary;
  std::vector<std::uint8_t> coded;
  if (width == 4 && dictionary.encode<std::uint32_t>(parts, &coded)) return own(std::move(coded)), true;
  return effort == Effort::compress && compressed(parts, false);
}

void SegmentWriter::fixed(int width, std::span<const Bytes> parts, Effort effort) {
  if (fixed_short(width, parts, effort)) return;
  small_.fixed(static_cast<std::uint8_t>(kRaw));
  for (const Bytes& part : parts) view(part);
}

void SegmentWriter::fixed_owned(int width, std::vector<std::uint8_t> values, Effort effort) {
  const Bytes view(values);
  if (fixed_short(width, std::span(&view, 1), effort)) return;
  small_.fixed(static_cast<std::uint8_t>(kRaw));
  own(std::move(values));
}

void SegmentWriter::bytes(std::span<const Bytes> parts, Effort effort) {
  if (effort == Effort::compress && compressed(parts, true)) return;
  small_.fixed(static_cast<std::uint8_t>(kRaw));
  small_.varint(total(parts));
  for (const Bytes& part : parts) view(part);
}

void SegmentWriter::column(std::span<const Column> parts, Effort effort) {
  const Type type = parts.empty() ? Type() : parts.front().type;
  std::int64_t rows = 0;
  bool nulls = false;
  for (const Column& c : parts) rows += c.length, nulls = nulls || c.has_nulls();
  small_.fixed(static_cast<std::uint8_t>(type.id)), small_.fixed(type.precision), small_.fixed(type.scale);
  small_.fixed(static_cast<std::uint8_t>(nulls));
  // Bitmaps of parts do not meet at byte borders in general; they are small, so they are put together bit by bit.
  const auto bitmap = [&](auto bit) {
    std::vector<std::uint8_t> bits(bitmap_bytes(rows), 0);
    std::int64_t at = 0;
    for (const Column& c : parts)
      for (std::int64_t i = 0; i < c.length; ++i, ++at)
        if (bit(c, i)) set_bit(bits.data(), at);
    if (effort == Effort::compress && compressed(std::array{Bytes(bits)}, true)) return;
    small_.fixed(static_cast<std::uint8_t>(kRaw)), small_.varint(bits.size());
    own(std::move(bits));
  };
  if (nulls) bitmap([](const Column& c, std::int64_t i) { return !c.is_null(i); });
  if (type.id == TypeId::null_type) return;
  if (type.id == TypeId::boolean) return bitmap([](const Column& c, std::int64_t i) { return !c.is_null(i) && c.boolean(i); });
  std::vector<Bytes> views;
  views.reserve(parts.size());
  if (!type.is_variable()) {
    for (const Column& c : parts) views.emplace_back(c.values.data(), static_cast<std::size_t>(c.length * type.width()));
    return fixed(type.width(), views, effort);
  }
  // Texts: lengths, then the bytes, which lie side by side in each part.
  std::uint32_t longest = 0;
  std::vector<std::uint32_t> lengths;
  lengths.reserve(static_cast<std::size_t>(rows));
  for (const Column& c : parts) {
    const auto* offsets = c.values.as<std::int32_t>();
    for (std::int64_t i = 0; i < c.length; ++i) {
      lengths.push_back(static_cast<std::uint32_t>(offsets[i + 1] - offsets[i]));
      longest = std::max(longest, lengths.back());
    }
    if (c.length > 0)
      views.emplace_back(c.bytes.data() + offsets[0], static_cast<std::size_t>(offsets[c.length] - offsets[0]));
  }
  const bool narrow = longest < 256;
  small_.fixed(static_cast<std::uint8_t>(narrow ? 1 : 4));
  std::vector<std::uint8_t> packed(lengths.size() * (narrow ? 1 : 4));
  if (narrow)
    for (std::size_t i = 0; i < lengths.size(); ++i) packed[i] = static_cast<std::uint8_t>(lengths[i]);
  else if (!packed.empty())
    std::memcpy(packed.data(), lengths.data(), packed.size());
  fixed_owned(narrow ? 1 : 4, std::move(packed), effort);
  bytes(views, effort);
}

EncodedSegment SegmentWriter::finish() {
  flush_small();
  std::uint64_t body = 0;
  for (const Bytes& piece : segment_.pieces) body += piece.size();
  std::vector<std::uint8_t> header;
  ByteWriter w(&header);
  w.raw("GWSG", 4), w.fixed(std::uint8_t{1}), w.fixed(static_cast<std::uint8_t>(segment_.kind)), w.fixed(std::uint16_t{0});
  w.fixed(static_cast<std::uint32_t>(segment_.rows)), w.fixed(std::uint32_t{0}), w.fixed(body);
  segment_.owned.push_back(std::move(header));
  segment_.pieces.front() = segment_.owned.back();
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  for (const Bytes& piece : segment_.pieces) XXH3_64bits_update(&state, piece.data(), piece.size());
  std::vector<std::uint8_t> trailer;
  ByteWriter(&trailer).fixed(static_cast<std::uint64_t>(XXH3_64bits_digest(&state)));
  segment_.owned.push_back(std::move(trailer));
  segment_.pieces.emplace_back(segment_.owned.back());
  return std::move(segment_);
}

}  // namespace godwit::journal_detail
