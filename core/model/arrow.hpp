#pragma once
// Batches across the boundary: Arrow C Data structs, without copying. Header-only, for both sides.

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/batch.hpp"
#include "plugins/abi/godwit_abi.h"

namespace godwit {
namespace arrow_detail {

// What keeps an exported array alive: the columns share their buffers with it.
struct ExportedArray {
  std::vector<Column> columns;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
  std::vector<std::array<const void*, 3>> buffers;
  const void* own_buffers[1] = {nullptr};
};
inline void release_child(ArrowArray* array) { array->release = nullptr; }  // the parent owns everything
inline void release_array(ArrowArray* array) {
  delete static_cast<ExportedArray*>(array->private_data);
  array->release = nullptr;
}

struct ExportedSchema {
  std::vector<std::string> names, formats;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};
inline void release_schema_child(ArrowSchema* schema) { schema->release = nullptr; }
inline void release_schema(ArrowSchema* schema) {
  delete static_cast<ExportedSchema*>(schema->private_data);
  schema->release = nullptr;
}

// Metadata as the Arrow specification encodes it: int32 pairs, then length-prefixed key and value; little endian here.
inline std::string extension_metadata(std::string_view name) {
  std::string out;
  auto number = [&](std::size_t n) {
    const auto v = static_cast<std::int32_t>(n);
    out.append(reinterpret_cast<const char*>(&v), 4);
  };
  static constexpr std::string_view kKey = "ARROW:extension:name";
  number(1), number(kKey.size()), out += kKey, number(name.size()), out += name;
  return out;
}

inline Buffer share(const std::shared_ptr<const void>& owner, const void* data, std::size_t size) {
  static constexpr std::uint8_t kNothing[16] = {};
  return data == nullptr ? Buffer(owner, kNothing, 0) : Buffer(owner, data, size);
}

inline Buffer realigned_bits(const std::uint8_t* bits, std::int64_t offset, std::int64_t length) {
  MutableBuffer out(bitmap_bytes(length));
  if (length != 0) std::memset(out.data(), 0, out.size());
  for (std::int64_t i = 0; i < length; ++i)
    if (bit_is_set(bits, offset + i)) set_bit(out.data(), i);
  return out.finish();
}

inline bool import_column(const ArrowArray& array, Type type, std::int64_t offset, std::int64_t length,
                          const std::shared_ptr<const void>& owner, Column* out) {
  const std::int64_t buffers = type.id == TypeId::null_type ? 0 : type.is_variable() ? 3 : 2;
  if (array.n_buffers != buffers || array.offset < 0 || array.length < offset + length) return false;
  const std::int64_t at = array.offset + offset;
  if (type.id == TypeId::null_type) {
    *out = null_column(type, length);
    return true;
  }
  out->type = type, out->length = length;
  if (array.buffers[0] != nullptr && array.null_count != 0) {
    const auto* bits = static_cast<const std::uint8_t*>(array.buffers[0]);
    out->validity = at == 0 ? share(owner, bits, bitmap_bytes(length)) : realigned_bits(bits, at, length);
  }
  if (length > 0 && array.buffers[1] == nullptr) return false;
  const auto* values = static_cast<const std::uint8_t*>(array.buffers[1]);
  if (type.id == TypeId::boolean) {
    out->values = at == 0 ? share(owner, values, bitmap_bytes(length)) : realigned_bits(values, at, length);
  } else if (!type.is_variable()) {
    const auto width = static_cast<std::size_t>(type.width());
    out->values = share(owner, values == nullptr ? nullptr : values + width * static_cast<std::size_t>(at), width * static_cast<std::size_t>(length));
  } else {
    if (values == nullptr) {  // an empty array may leave its offsets out
      MutableBuffer zero;
      zero.push(std::int32_t{0});
      out->values = zero.finish(), out->bytes = MutableBuffer().finish();
      return true;
    }
    const std::int32_t* offsets = reinterpret_cast<const std::int32_t*>(values) + at;
    std::int32_t last = offsets[0];
    if (last < 0) return false;
    for (std::int64_t i = 1; i <= length; ++i) {
      if (offsets[i] < last) return false;
      last = offsets[i];
    }
    if (last > 0 && array.buffers[2] == nullptr) return false;
    out->values = share(owner, offsets, static_cast<std::size_t>(length + 1) * 4);
    out->bytes = share(owner, array.buffers[2], static_cast<std::size_t>(last));
  }
  return true;
}

}  // namespace arrow_detail

// Hands out a struct array whose buffers keep `columns` alive until the consumer releases it.
inline void export_columns(const std::vector<Column>& columns, std::int64_t rows, ArrowArray* out) {
  auto* holder = new arrow_detail::ExportedArray{columns, {}, {}, {}, {nullptr}};
  const std::size_t n = columns.size();
  holder->children.resize(n), holder->pointers.resize(n), holder->buffers.resize(n);
  for (std::size_t c = 0; c < n; ++c) {
    const Column& column = holder->columns[c];
    holder->buffers[c] = {column.validity.data(), column.values.data(), column.bytes.data()};
    const std::int64_t buffers = column.type.id == TypeId::null_type ? 0 : column.type.is_variable() ? 3 : 2;
    holder->children[c] = ArrowArray{column.length, column.has_nulls() ? -1 : 0, 0, buffers, 0,
                                     holder->buffers[c].data(), nullptr, nullptr, arrow_detail::release_child, nullptr};
    holder->pointers[c] = &holder->children[c];
  }
  *out = ArrowArray{rows, 0, 0, 1, static_cast<std::int64_t>(n), holder->own_buffers, holder->pointers.data(), nullptr,
                    arrow_detail::release_array, holder};
}

inline void export_schema(const Schema& schema, ArrowSchema* out) {
  static const std::string kJson = arrow_detail::extension_metadata("godwit.json"),
                           kNumber = arrow_detail::extension_metadata("godwit.number_text");
  auto* holder = new arrow_detail::ExportedSchema;
  const std::size_t n = schema.size();
  holder->children.resize(n), holder->pointers.resize(n);
  for (const Field& f : schema) holder->names.push_back(f.name), holder->formats.push_back(arrow_format(f.type));
  for (std::size_t c = 0; c < n; ++c) {
    const TypeId id = schema[c].type.id;
    const char* metadata = id == TypeId::json ? kJson.data() : id == TypeId::number_text ? kNumber.data() : nullptr;
    holder->children[c] = ArrowSchema{holder->formats[c].c_str(), holder->names[c].c_str(), metadata, ARROW_FLAG_NULLABLE, 0,
                                      nullptr, nullptr, arrow_detail::release_schema_child, nullptr};
    holder->pointers[c] = &holder->children[c];
  }
  *out = ArrowSchema{"+s", "", nullptr, 0, static_cast<std::int64_t>(n), holder->pointers.data(), nullptr,
                     arrow_detail::release_schema, holder};
}

// The type of an Arrow field; nullopt for formats that batches do not carry.
inline std::optional<Type> import_type(const ArrowSchema& field) {
  const std::string_view format = field.format == nullptr ? "" : field.format;
  if (format == "u" && field.metadata != nullptr) {
    static const std::string kJson = arrow_detail::extension_metadata("godwit.json"),
                             kNumber = arrow_detail::extension_metadata("godwit.number_text");
    std::int32_t pairs = 0;
    std::memcpy(&pairs, field.metadata, 4);
    if (pairs == 1 && std::memcmp(field.metadata, kJson.data(), 28) == 0) {
      std::int32_t length = 0;
      std::memcpy(&length, field.metadata + 28, 4);
      const std::string_view name(field.metadata + 32, length < 0 ? 0 : static_cast<std::size_t>(length));
      if (name == "godwit.json") return Type(TypeId::json);
      if (name == "godwit.number_text") return Type(TypeId::number_text);
    }
  }
  if (format.starts_with("tsu:")) return Type(format.size() == 4 ? TypeId::timestamp : TypeId::timestamp_tz);
  if (format.starts_with("d:")) {
    std::string text = "decimal(" + std::string(format.substr(2)) + ")";
    if (text.ends_with(",128)")) text.replace(text.size() - 5, 4, "");
    return parse_type(text);
  }
  for (TypeId id : {TypeId::null_type, TypeId::boolean, TypeId::int64, TypeId::float64, TypeId::utf8, TypeId::binary,
                    TypeId::date32, TypeId::time64})
    if (format == arrow_format(Type(id))) return Type(id);
  return std::nullopt;
}

// Answers false for a schema that is no struct or has a field that batches do not carry. Releases nothing.
inline bool import_schema(const ArrowSchema& schema, Schema* out) {
  if (schema.format == nullptr || std::string_view(schema.format) != "+s" || schema.n_children < 0) return false;
  out->clear();
  for (std::int64_t c = 0; c < schema.n_children; ++c) {
    const ArrowSchema& field = *schema.children[c];
    const auto type = import_type(field);
    if (!type) return false;
    out->push_back({field.name == nullptr ? "" : field.name, *type});
  }
  return true;
}

// Takes ownership of `array`: the columns keep it alive and release it with the last reference. It must be a struct array
// with one child per field; arrays that do not start at 0 are realigned. Answers false, having released the array, when it does not
// have that shape (a plugin's mistake).
inline bool import_columns(ArrowArray* array, const Schema& schema, std::vector<Column>* out) {
  auto* moved = new ArrowArray(*array);
  array->release = nullptr;
  const std::shared_ptr<const void> owner(moved, [](const void* p) {
    auto* held = static_cast<ArrowArray*>(const_cast<void*>(p));
    if (held->release != nullptr) held->release(held);
    delete held;
  });
  out->clear();
  if (moved->length < 0 || moved->offset < 0 || moved->n_children != static_cast<std::int64_t>(schema.size())) return false;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    Column column;
    if (!arrow_detail::import_column(*moved->children[c], schema[c].type, moved->offset, moved->length, owner, &column)) return false;
    out->push_back(std::move(column));
  }
  return true;
}

}  // namespace godwit
