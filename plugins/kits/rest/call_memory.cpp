#include "plugins/kits/rest/call_memory.hpp"

#include <charconv>

namespace godwit::rest {
namespace {

constexpr std::string_view kCall = "call ", kSent = "sent ", kDone = "done ";

bool take_number(std::string_view* text, std::int64_t* out) {
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), *out);
  if (parsed.ec != std::errc()) return false;
  text->remove_prefix(static_cast<std::size_t>(parsed.ptr - text->data()));
  return true;
}

}  // namespace

std::string rows_text(const std::vector<std::int64_t>& rows) {
  std::string out;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t last = i;
    while (last + 1 < rows.size() && rows[last + 1] == rows[last] + 1) ++last;
    out += (out.empty() ? "" : ",") + std::to_string(rows[i]) + (last > i ? "-" + std::to_string(rows[last]) : "");
    i = last + 1;
  }
  return out;
}

std::vector<std::int64_t> parse_rows(std::string_view text) {
  std::vector<std::int64_t> out;
  while (!text.empty()) {
    std::int64_t from = 0, to = 0;
    if (!take_number(&text, &from)) return {};
    to = from;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      if (!take_number(&text, &to) || to < from || to - from > 1'000'000) return {};
    }
    for (; from <= to; ++from) out.push_back(from);
    if (text.starts_with(',')) text.remove_prefix(1);
    else if (!text.empty()) return {};
  }
  return out;
}

CallMemory::CallMemory(UnitMemory* memory) : memory_(memory) {
  if (memory == nullptr) return;
  for (const auto& [name, text] : memory->entries()) {
    if (!name.starts_with(kCall)) continue;
    ++earlier_;
    std::string_view rest = text;
    const bool done = rest.starts_with(kDone);
    if (!done && !rest.starts_with(kSent)) continue;
    rest.remove_prefix(kDone.size());
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::vector<std::int64_t> rows = parse_rows(rest.substr(0, space));
    if (!done) {
      in_doubt_.insert(in_doubt_.end(), rows.begin(), rows.end());
      continue;
    }
    rest.remove_prefix(std::min(space + 1, rest.size()));
    for (const std::int64_t row : rows) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (comma > 0) created_[row] = rest.substr(0, comma);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
}

std::string CallMemory::name_of(const CallBatch& batch) const { return std::string(kCall) + std::to_string(names_.at(batch.rows)); }

Result<> CallMemory::sending(const CallBatch& batch) {
  if (memory_ == nullptr) return {};
  // The same rows again were not carried out the first time: the call keeps its name.
  names_.emplace(batch.rows, earlier_ + names_.size() + 1);
  return memory_->put(name_of(batch), std::string(kSent) + rows_text(batch.rows));
}

Result<> CallMemory::answered(const CallBatch& batch, const std::vector<std::string>& ids) {
  if (memory_ == nullptr) return {};
  std::string text = std::string(kDone) + rows_text(batch.rows) + ' ';
  for (std::size_t i = 0; i < ids.size(); ++i) text += (i == 0 ? "" : ",") + ids[i];
  return memory_->put(name_of(batch), text);
}

}  // namespace godwit::rest
