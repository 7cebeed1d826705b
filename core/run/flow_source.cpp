#include "core/run/flow_source.hpp"

#include <algorithm>
#include <charconv>

namespace godwit {

std::string FlowPosition::to_string() const {
  return source == 0 && within.empty() ? std::string() : std::to_string(source) + "|" + within;
}

FlowPosition FlowPosition::parse(std::string_view text) {
  FlowPosition p;
  const std::size_t bar = text.find('|');
  if (bar == std::string_view::npos) return p;
  std::from_chars(text.data(), text.data() + bar, p.source);
  p.within = std::string(text.substr(bar + 1));
  return p;
}

Result<> FlowSource::open(const std::string& from, const std::string& until) {
  at_ = FlowPosition::parse(from);
  until_ = until;
  reader_.reset();
  return {};
}

Result<> FlowSource::open_reader() {
  ReadRequest request;
  request.object = flow_.flow->from[static_cast<std::size_t>(at_.source)].asked();
  for (const Field& f : flow_.source_schema) request.columns.push_back(f.name);
  request.position = at_.within;
  request.snapshot = true;  // all flows of a run see the source at one moment
  if (!until_.empty() && FlowPosition::parse(until_).source == at_.source) request.until = FlowPosition::parse(until_).within;
  request.batch_rows = std::max<std::int64_t>(1, std::min(request.batch_rows, options_.batch_rows));
  if (options_.limit >= 0) request.batch_rows = std::max<std::int64_t>(1, std::min<std::int64_t>(request.batch_rows, options_.limit - rows_));
  asked_ = request.batch_rows;
  GW_ASSIGN(reader_, connections_[static_cast<std::size_t>(at_.source)]->open_reader(request));
  if (reader_->schema() != flow_.source_schema) {
    const ObjectRef& ref = flow_.flow->from[static_cast<std::size_t>(at_.source)];
    return fail(4030, {{"place", ref.connection + "." + ref.object}, {"flow", flow_.flow->name}});
  }
  return {};
}

Result<SourceBatch> FlowSource::next() {
  SourceBatch out;
  if (options_.limit >= 0 && rows_ >= options_.limit) {
    out.end = true, out.position = at_.to_string(), out.read.batch.schema = flow_.source_schema;
    for (const Field& f : flow_.source_schema) out.read.batch.columns.push_back(null_column(f.type, 0));
    return out;
  }
  // A limit is kept exactly: the reader is asked for no more rows than are still wanted.
  if (!reader_ || (options_.limit >= 0 && options_.limit - rows_ < asked_)) GW_TRY(open_reader());
  GW_ASSIGN(out.read, reader_->read());
  out.source = at_.source;
  rows_ += out.read.batch.rows + static_cast<std::int64_t>(out.read.unreadable.size());
  at_.within = out.read.position;
  out.position = at_.to_string();
  out.end_of_source = out.read.end;
  const bool stop_here = !until_.empty() && FlowPosition::parse(until_).source == at_.source;
  const bool limit_met = options_.limit >= 0 && rows_ >= options_.limit;
  if (out.read.end && !stop_here && !limit_met && at_.source + 1 < static_cast<int>(connections_.size())) {
    ++at_.source, at_.within.clear();
    reader_.reset();
  } else {
    out.end = out.read.end || limit_met;
  }
  if (options_.corrections != nullptr && out.read.batch.rows > 0)
    GW_TRY(options_.corrections->overlay(flow_, out.source, out.read, &corrected_, &voided_));
  if (options_.keys != nullptr || options_.key_hashes != nullptr) keep_wanted(out);
  return out;
}

void FlowSource::keep_wanted(SourceBatch& out) const {
  Batch& batch = out.read.batch;
  std::vector<Column> keys;
  for (int c : flow_.source_key) keys.push_back(batch.column(c));
  const std::vector<Hash128> hashes = options_.key_hashes == nullptr ? std::vector<Hash128>() : hash_keys(keys);
  std::vector<std::int32_t> wanted;
  for (std::int64_t i = 0; i < batch.rows; ++i) {
    if (options_.key_hashes != nullptr) {
      if (!options_.key_hashes->contains(hashes[static_cast<std::size_t>(i)])) continue;
    } else {
      std::string key;
      for (const Column& c : keys) key += (key.empty() ? "" : " / ") + value_text(c, i);
      if (!options_.keys->contains(key)) continue;
    }
    wanted.push_back(static_cast<std::int32_t>(i));
  }
  out.rows_skipped = batch.rows - static_cast<std::int64_t>(wanted.size());
  if (out.rows_skipped != 0) batch = take(batch, wanted);
  out.rows_skipped += static_cast<std::int64_t>(out.read.unreadable.size());
  out.read.unreadable.clear();  // a row without a key is none of the wanted ones
}

}  // namespace godwit
