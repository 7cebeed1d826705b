#include "plugins/kits/delimited/source.hpp"

#include <algorithm>

namespace godwit::delimited {
namespace {

constexpr std::size_t kPiece = 64 << 10;  // bytes that are decoded at a time

}  // namespace

Result<std::size_t> TextSource::fill(char* out, std::size_t room, std::uint64_t position) {
  if (decoder_ == nullptr) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(room, to_ - std::min(at_, to_)));
    GW_ASSIGN(const std::size_t got, bytes_.read(at_, out, want));
    at_ = got < want ? to_ : at_ + got;
    return got;
  }
  std::size_t made = 0;
  while (room - made >= 64 && !done()) {
    if (held_.size() < kPiece && at_ < to_) {
      const std::size_t before = held_.size();
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, to_ - at_));
      held_.resize(before + want);
      GW_ASSIGN(const std::size_t got, bytes_.read(at_, held_.data() + before, want));
      held_.resize(before + got);
      at_ = got < want ? to_ : at_ + got;
    }
    const std::uint64_t offset = at_ - held_.size();
    const Decoder::Step step = decoder_->decode(held_, at_ >= to_, offset, out + made, room - made, position + made, &notes_);
    held_.erase(0, step.taken);
    made += step.made;
    if (step.taken == 0 && step.made == 0 && at_ >= to_) break;  // nothing can be made of the rest: a decoder never does this
  }
  return made;
}

std::uint64_t TextSource::offset_of(std::uint64_t position) {
  if (decoder_ == nullptr) return from_ + position;
  if (position == 0) return from_;
  const auto& starts = notes_.line_starts;
  while (line_hint_ < starts.size() && starts[line_hint_].position < position) ++line_hint_;
  return line_hint_ < starts.size() && starts[line_hint_].position == position ? starts[line_hint_].offset : at_ - held_.size();
}

const UndecodableBytes* TextSource::undecodable(std::uint64_t position, std::uint64_t end) const {
  const auto& all = notes_.undecodable;
  const auto found = std::lower_bound(all.begin(), all.end(), position, [](const UndecodableBytes& b, std::uint64_t p) { return b.position < p; });
  return found != all.end() && found->position < end ? &*found : nullptr;
}

void TextSource::forget(std::uint64_t position) {
  auto& starts = notes_.line_starts;
  const auto line = std::lower_bound(starts.begin(), starts.end(), position, [](const LineStart& s, std::uint64_t p) { return s.position < p; });
  starts.erase(starts.begin(), line);
  line_hint_ = 0;
  auto& bad = notes_.undecodable;
  const auto kept = std::lower_bound(bad.begin(), bad.end(), position, [](const UndecodableBytes& b, std::uint64_t p) { return b.position < p; });
  bad.erase(bad.begin(), kept);
}

}  // namespace godwit::delimited
