#include "core/journal/block.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <memory>

namespace godwit::journal_detail {
namespace {

constexpr std::size_t kMostWidth = 16;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 31;  // of one decoded block

struct FreeReader {
  void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};

// A frame that holds exactly `plain` bytes.
bool decompress(Bytes frame, std::uint8_t* out, std::size_t plain) {
  thread_local std::unique_ptr<ZSTD_DCtx, FreeReader> context(ZSTD_createDCtx());
  const std::size_t n = ZSTD_decompressDCtx(context.get(), out, plain, frame.data(), frame.size());
  return ZSTD_isError(n) == 0 && n == plain;
}

Failure damaged(std::string seen, std::string expected) {
  return fail(5020, {{"seen", std::move(seen)}, {"expected", std::move(expected)}});
}

}  // namespace

std::uint64_t segment_checksum(const EncodedSegment& segment) {
  std::uint64_t checksum = 0;
  if (segment.pieces.empty() || segment.pieces.back().size() < sizeof checksum) return 0;
  const Bytes last = segment.pieces.back();
  std::memcpy(&checksum, last.data() + last.size() - sizeof checksum, sizeof checksum);
  return checksum;
}

std::uint64_t segment_size(Bytes header) {
  if (header.size() < kSegmentHeader || std::memcmp(header.data(), "GWSG", 4) != 0) return 0;
  std::uint64_t body = 0;
  std::memcpy(&body, header.data() + 16, sizeof body);
  return body > kMostBytes * 64 ? 0 : kSegmentHeader + body + kSegmentTrailer;
}

std::uint64_t checksum_of_bytes(Bytes bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

Result<SegmentBody> open_segment(Bytes bytes) {
  ByteReader in(bytes);
  const Bytes magic = in.raw(4);
  if (!in.ok() || std::memcmp(magic.data(), "GWSG", 4) != 0) return damaged("its first bytes", "GWSG");
  const auto version = in.fixed<std::uint8_t>();
  const auto kind = in.fixed<std::uint8_t>();
  in.fixed<std::uint16_t>();
  const auto rows = in.fixed<std::uint32_t>();
  in.fixed<std::uint32_t>();
  const auto body = in.fixed<std::uint64_t>();
  if (!in.ok()) return damaged(std::to_string(bytes.size()) + " bytes", "a header of 24 bytes");
  if (version != 1) return damaged("version " + std::to_string(version), "version 1");
  if (in.left() < kSegmentTrailer || body != in.left() - kSegmentTrailer)
    return damaged(std::to_string(bytes.size()) + " bytes", std::to_string(body) + " bytes of body");
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + bytes.size() - kSegmentTrailer, kSegmentTrailer);
  const std::uint64_t seen = checksum_of_bytes(bytes.first(bytes.size() - kSegmentTrailer));
  if (seen != checksum) return damaged("checksum " + hex(seen), hex(checksum));
  if (kind < 1 || kind > 4) return damaged("kind " + std::to_string(kind), "1 to 4");
  if (rows > kMostSegmentRows) return damaged(std::to_string(rows) + " rows", "at most " + std::to_string(kMostSegmentRows));
  return SegmentBody{static_cast<SegmentKind>(kind), rows, in.raw(body)};
}

std::vector<std::uint8_t> read_fixed(ByteReader& in, int width, std::int64_t n) {
  const auto w = static_cast<std::size_t>(width);
  const std::size_t size = static_cast<std::size_t>(n) * w;
  std::vector<std::uint8_t> out;
  if (w == 0 || w > kMostWidth || n < 0 || n > kMostSegmentRows) return in.fail(), out;
  switch (in.fixed<std::uint8_t>()) {
    case kRaw: {
      const Bytes raw = in.raw(size);
      out.assign(raw.begin(), raw.end());
      break;
    }
    case kConstant: {
      const Bytes value = in.raw(w);
      if (!in.ok()) break;
      out.resize(size);
      for (std::size_t i = 0; i < size; i += w) std::memcpy(out.data() + i, value.data(), w);
      break;
    }
    case kDictionary: {
      const auto forms = in.fixed<std::uint8_t>();
      const Bytes values = in.raw(forms * w), codes = in.raw(static_cast<std::size_t>(n));
      if (!in.ok()) break;
      out.resize(size);
      for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i] >= forms) return in.fail(), std::vector<std::uint8_t>();
        std::memcpy(out.data() + i * w, values.data() + codes[i] * w, w);
      }
      break;
    }
    case kZstd: {
      const Bytes frame = in.raw(in.varint());
      if (!in.ok()) break;
      out.resize(size);
      if (!decompress(frame, out.data(), size)) in.fail(), out.clear();
      break;
    }
    default: in.fail();
  }
  return out;
}

std::vector<std::uint8_t> read_bytes(ByteReader& in, std::uint64_t most) {
  std::vector<std::uint8_t> out;
  const auto encoding = in.fixed<std::uint8_t>();
  const std::uint64_t size = in.varint();
  if (encoding == kRaw) {
    const Bytes raw = in.raw(size);
    if (raw.size() > most) return in.fail(), out;
    out.assign(raw.begin(), raw.end());
  } else if (encoding == kZstd) {
    const std::uint64_t plain = in.varint();
    const Bytes frame = in.raw(size);
    // The frame says its own size, too: a damaged count must not reserve memory that the frame cannot fill.
    if (!in.ok() || plain > most || ZSTD_getFrameContentSize(frame.data(), frame.size()) != plain) return in.fail(), out;
    out.resize(static_cast<std::size_t>(plain));
    if (!decompress(frame, out.data(), out.size())) in.fail(), out.clear();
  } else {
    in.fail();
  }
  return out;
}

Column read_column(ByteReader& in, std::int64_t n) {
  Column column;
  const auto id = in.fixed<std::uint8_t>();
  const auto precision = in.fixed<std::int8_t>(), scale = in.fixed<std::int8_t>();
  const auto nulls = in.fixed<std::uint8_t>();
  if (!in.ok() || id > static_cast<std::uint8_t>(TypeId::number_text) || n < 0 || n > kMostSegmentRows) return in.fail(), column;
  column.type = Type(static_cast<TypeId>(id), precision, scale);
  // Scales are used to print values: one out of range must not get that far.
  if (column.type.id == TypeId::decimal128 ? precision < 1 || precision > 38 || scale < 0 || scale > 38 : false)
    return in.fail(), Column();
  column.length = n;
  const auto buffer = [](const void* data, std::size_t size) {
    MutableBuffer b;
    b.append(data, size);
    return b.finish();
  };
  const auto take_bitmap = [&](Buffer* out) {
    const std::vector<std::uint8_t> bits = read_bytes(in, bitmap_bytes(n));
    if (bits.size() != bitmap_bytes(n)) return in.fail();
    *out = buffer(bits.data(), bits.size());
  };
  if (nulls != 0) take_bitmap(&column.validity);
  if (column.type.id == TypeId::null_type) {
    column = null_column(column.type, n);
  } else if (column.type.id == TypeId::boolean) {
    take_bitmap(&column.values);
  } else if (!column.type.is_variable()) {
    const std::vector<std::uint8_t> values = read_fixed(in, column.type.width(), n);
    column.values = buffer(values.data(), values.size());
  } else {
    const auto width = in.fixed<std::uint8_t>();
    if (width != 1 && width != 4) return in.fail(), Column();
    const std::vector<std::uint8_t> lengths = read_fixed(in, width, n);
    if (!in.ok()) return Column();
    MutableBuffer offsets;
    offsets.reserve((static_cast<std::size_t>(n) + 1) * 4);
    std::uint64_t at = 0;
    offsets.push(std::int32_t{0});
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      std::uint32_t length = 0;
      std::memcpy(&length, lengths.data() + i * width, width);
      at += length;
      if (at >= kMostBytes) return in.fail(), Column();
      offsets.push(static_cast<std::int32_t>(at));
    }
    const std::vector<std::uint8_t> bytes = read_bytes(in, at);
    if (bytes.size() != at) return in.fail(), Column();
    column.values = offsets.finish(), column.bytes = buffer(bytes.data(), bytes.size());
  }
  return in.ok() ? column : Column();
}

}  // namespace godwit::journal_detail
