#include "core/expr/vector.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

namespace godwit::expr {

const std::vector<std::int32_t>& Run::listed(Rows rows) {
  if (!rows.all()) return rows.list();
  if (all_.empty()) {
    all_.resize(static_cast<std::size_t>(size()));
    std::iota(all_.begin(), all_.end(), 0);
  }
  return all_;
}

bool Run::may_make(std::size_t bytes) {
  if (most_ == 0) {
    most_ = (std::size_t{64} << 20) + static_cast<std::size_t>(size()) * (std::size_t{64} << 10);
    for (const auto columns : {input.columns, input.lets, input.source})
      for (const Column& column : columns) most_ += 8 * column.bytes.size();
  }
  made_ += std::min(bytes, most_);  // cannot wrap
  return made_ <= most_;
}

void Run::stop(std::int64_t row) {
  if (stopped_.empty()) stopped_.resize(static_cast<std::size_t>(size()));
  if (std::exchange(stopped_[static_cast<std::size_t>(row)], std::uint8_t{1}) == 0) ++stopped_count_;
}
void Run::fail(std::int64_t row, Error error) {
  if (is_stopped(row)) return;
  stop(row);
  errors.push_back({row, std::move(error)});
}
void Run::wait(std::int64_t row) {
  if (is_stopped(row)) return;
  stop(row);
  pending.push_back(row);
}
void Run::forgive(std::int64_t row) {
  if (is_stopped(row)) stopped_[static_cast<std::size_t>(row)] = 0, --stopped_count_;
}
Rows Run::live(Rows rows, std::size_t before, std::vector<std::int32_t>& store) const {
  if (stopped_count_ == before) return rows;
  std::vector<std::int32_t> left;
  left.reserve(static_cast<std::size_t>(count(rows)));
  each(rows, [&](std::int64_t row) {
    if (!is_stopped(row)) left.push_back(static_cast<std::int32_t>(row));
  });
  store = std::move(left);  // `rows` may be the store itself
  return Rows(store);
}

MutableBuffer filled(std::size_t size, std::uint8_t byte) {
  MutableBuffer out(size == 0 ? 1 : size);  // never null: loops and memset may have its data
  std::memset(out.data(), byte, out.size());
  out.resize(size);
  return out;
}

Vector null_vector(Type type) { return {null_column(type, 1), true, {}}; }

Buffer common_validity(const Vector& a, const Vector& b, std::int64_t rows) {
  const bool from_a = !a.constant && a.column.has_nulls(), from_b = !b.constant && b.column.has_nulls();
  if (from_a && from_b) {
    const std::size_t size = bitmap_bytes(rows);
    MutableBuffer out(size);
    const std::uint8_t *x = a.column.validity.data(), *y = b.column.validity.data();
    for (std::size_t i = 0; i < size; ++i) out.data()[i] = x[i] & y[i];
    return out.finish();
  }
  if (from_a) return a.column.validity;
  return from_b ? b.column.validity : Buffer();
}

// ---- texts ----

TextColumn::TextColumn(Run& run, Type type) : run_(run), type_(type), offsets_((static_cast<std::size_t>(run.size()) + 1) * 4) {
  offsets_.as<std::int32_t>()[0] = 0;
}
void TextColumn::fill_to(std::int64_t row) {
  std::int32_t* offsets = offsets_.as<std::int32_t>();
  const auto end = static_cast<std::int32_t>(bytes_.size());
  for (; next_ < row; ++next_) offsets[next_ + 1] = end;
}
char* TextColumn::room(std::int64_t row, std::size_t bytes) {
  if (bytes > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) - bytes_.size() || !run_.may_make(bytes)) [[unlikely]] {
    run_.fail(row, make_error(1206, {{"seen", std::to_string(bytes)}}));
    return nullptr;
  }
  bytes_.reserve(bytes_.size() + bytes + 1);
  return reinterpret_cast<char*>(bytes_.data()) + bytes_.size();
}
void TextColumn::done(std::int64_t row, std::size_t bytes) {
  fill_to(row);
  bytes_.resize(bytes_.size() + bytes);
  offsets_.as<std::int32_t>()[++next_] = static_cast<std::int32_t>(bytes_.size());
}
void TextColumn::append(std::int64_t row, std::string_view text) {
  char* to = room(row, text.size());
  if (to == nullptr) return;
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  done(row, text.size());
}
Column TextColumn::finish(Buffer validity) {
  fill_to(run_.size());
  Column out;
  out.type = type_, out.length = run_.size(), out.validity = std::move(validity);
  out.values = offsets_.finish(), out.bytes = bytes_.finish();
  return out;
}

// ---- columns ----

Column scatter(const Column& dense, std::span<const std::int32_t> rows, std::int64_t length) {
  if (static_cast<std::int64_t>(rows.size()) == length) return dense;
  Column out;
  out.type = dense.type, out.length = length;
  MutableBuffer validity = zeroed(bitmap_bytes(length));
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!dense.is_null(static_cast<std::int64_t>(i))) set_bit(validity.data(), rows[i]);
  out.validity = validity.finish();
  if (dense.type.is_variable()) {
    // Rows ascend, so the bytes stand in the right order already: only the offsets are spread.
    MutableBuffer offsets((static_cast<std::size_t>(length) + 1) * 4);
    const std::int32_t* from = dense.values.as<std::int32_t>();
    std::int32_t* to = offsets.as<std::int32_t>();
    std::int64_t next = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
      while (next <= rows[i]) to[next++] = from[i];
    const std::int32_t end = from[rows.size()];
    while (next <= length) to[next++] = end;
    out.values = offsets.finish(), out.bytes = dense.bytes;
    return out;
  }
  if (dense.type.id == TypeId::boolean) {
    MutableBuffer bits = zeroed(bitmap_bytes(length));
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (dense.boolean(static_cast<std::int64_t>(i))) set_bit(bits.data(), rows[i]);
    out.values = bits.finish();
    return out;
  }
  const auto width = static_cast<std::size_t>(dense.type.width());
  MutableBuffer values = zeroed(width * static_cast<std::size_t>(length));
  for (std::size_t i = 0; i < rows.size() && width != 0; ++i)
    std::memcpy(values.data() + width * static_cast<std::size_t>(rows[i]), dense.values.data() + width * i, width);
  out.values = values.finish();
  return out;
}

Column with_nulls(Column column, const std::uint8_t* keep) {
  const std::size_t size = bitmap_bytes(column.length);
  MutableBuffer validity(size);
  if (column.has_nulls()) {
    for (std::size_t i = 0; i < size; ++i) validity.data()[i] = column.validity.data()[i] & keep[i];
  } else if (size != 0) {
    std::memcpy(validity.data(), keep, size);
  }
  column.validity = validity.finish();
  return column;
}

Column repeated(const Column& one, std::int64_t rows) {
  if (one.is_null(0)) return null_column(one.type, rows);
  const std::vector<std::int32_t> zeros(static_cast<std::size_t>(rows), 0);
  return take(one, zeros);
}

namespace {

Column merged_values(Run& run, Type type, std::span<const Part> parts) {
  const std::int64_t n = run.size();
  MutableBuffer validity = zeroed(bitmap_bytes(n));
  for (const Part& part : parts)
    for (const std::int32_t row : part.rows)
      if (!part.vector.is_null(row)) set_bit(validity.data(), row);
  Column out;
  out.type = type, out.length = n;
  if (type.is_variable()) {
    std::vector<std::int32_t> owner(static_cast<std::size_t>(n), -1);  // part that each row's text comes from
    for (std::size_t p = 0; p < parts.size(); ++p)
      for (const std::int32_t row : parts[p].rows)
        if (!parts[p].vector.is_null(row)) owner[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(p);
    TextColumn texts(run, type);
    for (std::int64_t row = 0; row < n; ++row)
      if (const std::int32_t p = owner[static_cast<std::size_t>(row)]; p >= 0) {
        const Vector& v = parts[static_cast<std::size_t>(p)].vector;
        texts.append(row, v.column.text(v.at(row)));
      }
    return texts.finish(validity.finish());
  }
  out.validity = validity.finish();
  if (type.id == TypeId::boolean) {
    MutableBuffer bits = zeroed(bitmap_bytes(n));
    for (const Part& part : parts)
      for (const std::int32_t row : part.rows)
        if (!part.vector.is_null(row) && part.vector.column.boolean(part.vector.at(row))) set_bit(bits.data(), row);
    out.values = bits.finish();
    return out;
  }
  const auto width = static_cast<std::size_t>(type.width());
  MutableBuffer values = zeroed(width * static_cast<std::size_t>(n));
  for (const Part& part : parts) {
    if (width == 0 || part.vector.is_constant_null()) continue;
    const std::uint8_t* from = part.vector.column.values.data();
    const auto copy = [&]<std::size_t W>(std::integral_constant<std::size_t, W>) {
      for (const std::int32_t row : part.rows)
        std::memcpy(values.data() + W * static_cast<std::size_t>(row), from + W * static_cast<std::size_t>(part.vector.at(row)), W);
    };
    if (width == 4) copy(std::integral_constant<std::size_t, 4>());
    if (width == 8) copy(std::integral_constant<std::size_t, 8>());
    if (width == 16) copy(std::integral_constant<std::size_t, 16>());
  }
  out.values = values.finish();
  return out;
}

}  // namespace

Vector merged(Run& run, Type type, std::span<const Part> parts) {
  for (const Part& part : parts)
    if (static_cast<std::int64_t>(part.rows.size()) == run.size() && part.vector.column.type == type) return part.vector;
  Vector out;
  out.column = merged_values(run, type, parts);
  bool any_unset = false;
  for (const Part& part : parts) any_unset = any_unset || static_cast<bool>(part.vector.set);
  if (any_unset) {
    MutableBuffer set = filled(bitmap_bytes(run.size()), 0xFF);
    for (const Part& part : parts)
      for (const std::int32_t row : part.rows)
        if (!part.vector.is_set(row)) clear_bit(set.data(), row);
    out.set = set.finish();
  }
  return out;
}

}  // namespace godwit::expr
