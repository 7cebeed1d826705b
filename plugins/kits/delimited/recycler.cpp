#include "plugins/kits/delimited/recycler.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace godwit::delimited {

Recycler::~Recycler() {
  for (const auto& blocks : free_)
    for (const Block& b : blocks) std::free(b.data);
}

// Four classes per doubling: a block is at most a quarter larger than asked for.
std::size_t Recycler::size_class(std::size_t bytes, std::size_t* capacity) {
  if (bytes < 256) bytes = 256;
  const auto shift = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 3;  // the top three bits count
  const std::size_t steps = ((bytes - 1) >> shift) + 1;                      // 5 ... 8
  *capacity = steps << shift;
  return shift * 4 + steps - 5;
}

Recycler::Block Recycler::take(std::size_t least) {
  Block block;
  const std::size_t c = size_class(least, &block.capacity);
  {
    const std::lock_guard lock(mutex_);
    if (c < free_.size() && !free_[c].empty()) {
      block = free_[c].back();
      free_[c].pop_back();
      free_bytes_ -= block.capacity;
      return block;
    }
  }
  block.data = static_cast<std::uint8_t*>(std::malloc(block.capacity));
  if (block.data == nullptr) throw std::bad_alloc();
  return block;
}

void Recycler::give(Block block) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (free_bytes_ + block.capacity <= keep_bytes_) {
      std::size_t capacity = 0;
      const std::size_t c = size_class(block.capacity, &capacity);
      if (c >= free_.size()) free_.resize(c + 1);
      free_[c].push_back(block);
      free_bytes_ += block.capacity;
      return;
    }
  } catch (const std::bad_alloc&) {  // no room to remember it: let it go
  }
  std::free(block.data);
}

Buffer Recycler::share(Block block, std::size_t size) {
  std::shared_ptr<const void> owner(block.data, [self = shared_from_this(), block](const void*) { self->give(block); });
  return Buffer(std::move(owner), block.data, size);
}

void RecycledBytes::reserve(std::size_t bytes, std::size_t used) {
  if (bytes <= block_.capacity) return;
  // Growth doubles, so that values are moved once or twice at most.
  const Recycler::Block larger = from_->take(std::max(bytes, block_.capacity * 2));
  if (used != 0) std::memcpy(larger.data, block_.data, used);
  if (block_.data != nullptr) from_->give(block_);
  block_ = larger;
}

}  // namespace godwit::delimited
