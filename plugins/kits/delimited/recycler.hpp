#pragma once
// Memory of batches that are done, for the next ones: fresh pages cost more than what is written into them.

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/model/buffer.hpp"

namespace godwit::delimited {

// Lends blocks of memory and takes them back from whichever thread lets go of them. Thread-safe.
class Recycler : public std::enable_shared_from_this<Recycler> {
 public:
  struct Block {
    std::uint8_t* data = nullptr;
    std::size_t capacity = 0;
  };
  // Keeps at most so many bytes that nobody uses; the rest goes back to the system.
  explicit Recycler(std::size_t keep_bytes = 16 << 20) : keep_bytes_(keep_bytes) {}
  ~Recycler();
  Recycler(const Recycler&) = delete;
  Recycler& operator=(const Recycler&) = delete;

  // At least `least` bytes, with any content. Throws std::bad_alloc.
  Block take(std::size_t least);
  void give(Block block) noexcept;
  // The block's first `size` bytes as a Buffer that gives it back when its last copy is gone.
  Buffer share(Block block, std::size_t size);

 private:
  static std::size_t size_class(std::size_t bytes, std::size_t* capacity);

  std::mutex mutex_;
  std::vector<std::vector<Block>> free_;  // by size class
  std::size_t free_bytes_ = 0;
  const std::size_t keep_bytes_;
};

// Growable bytes out of a Recycler. `used` is the owner's business: it says how much to keep when memory grows.
class RecycledBytes {
 public:
  RecycledBytes() = default;
  explicit RecycledBytes(std::shared_ptr<Recycler> from) : from_(std::move(from)) {}
  RecycledBytes(RecycledBytes&& other) noexcept : from_(std::move(other.from_)), block_(std::exchange(other.block_, {})) {}
  RecycledBytes& operator=(RecycledBytes&&) = delete;
  ~RecycledBytes() {
    if (block_.data != nullptr) from_->give(block_);
  }
  std::uint8_t* data() { return block_.data; }
  template <typename T>
  T* as() { return reinterpret_cast<T*>(block_.data); }
  std::size_t capacity() const { return block_.capacity; }
  void reserve(std::size_t bytes, std::size_t used);
  // The first `size` bytes; nothing is held afterwards.
  Buffer finish(std::size_t size) {
    if (block_.data == nullptr) reserve(1, 0);
    return from_->share(std::exchange(block_, {}), size);
  }

 private:
  std::shared_ptr<Recycler> from_;
  Recycler::Block block_;
};

}  // namespace godwit::delimited
