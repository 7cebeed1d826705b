#pragma once
// Shared, immutable bytes: what a column is made of.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace godwit {

// A view of bytes that keeps their owner alive. Copying shares; nobody writes once it is in a Column.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<const void> owner, const void* data, std::size_t size)
      : owner_(std::move(owner)), data_(static_cast<const std::uint8_t*>(data)), size_(size) {}

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  explicit operator bool() const { return data_ != nullptr; }
  template <typename T>
  const T* as() const { return reinterpret_cast<const T*>(data_); }

 private:
  std::shared_ptr<const void> owner_;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Growable bytes that become a Buffer. Growth doubles; memory is not cleared.
class MutableBuffer {
 public:
  MutableBuffer() = default;
  explicit MutableBuffer(std::size_t size) { resize(size); }
  MutableBuffer(MutableBuffer&& o) noexcept
      : data_(std::exchange(o.data_, nullptr)), size_(std::exchange(o.size_, 0)), capacity_(std::exchange(o.capacity_, 0)) {}
  MutableBuffer& operator=(MutableBuffer&& o) noexcept {
    std::swap(data_, o.data_), std::swap(size_, o.size_), std::swap(capacity_, o.capacity_);
    return *this;
  }
  ~MutableBuffer() { std::free(data_); }

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  template <typename T>
  T* as() { return reinterpret_cast<T*>(data_); }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    if (capacity < capacity_ * 2) capacity = capacity_ * 2;
    if (capacity < 64) capacity = 64;
    void* grown = std::realloc(data_, capacity);
    if (grown == nullptr) throw std::bad_alloc();
    data_ = static_cast<std::uint8_t*>(grown), capacity_ = capacity;
  }
  void resize(std::size_t size) { reserve(size), size_ = size; }
  void append(const void* bytes, std::size_t n) {
    if (size_ + n > capacity_) reserve(size_ + n);
    if (n != 0) std::memcpy(data_ + size_, bytes, n);
    size_ += n;
  }
  template <typename T>
  void push(T value) { append(&value, sizeof value); }
  void clear() { size_ = 0; }

  // The bytes become immutable and shared; this builder is empty afterwards.
  Buffer finish() {
    const std::size_t size = size_;
    void* bytes = std::exchange(data_, nullptr);
    size_ = capacity_ = 0;
    if (bytes == nullptr) bytes = std::malloc(1);
    return Buffer(std::shared_ptr<const void>(bytes, [](const void* p) { std::free(const_cast<void*>(p)); }), bytes, size);
  }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace godwit
