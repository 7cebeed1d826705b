#include "core/run/flow_loader.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace godwit {

// Forms units in a thread of its own. The queue holds at most one unit beside the one that is formed and the one that is written.
class FlowLoader::Producer {
 public:
  Producer(const Parts& parts, const RecordedUnits& recorded)
      : p_(parts), recorded_(recorded), mapper_(*parts.flow), number_(recorded.settled), position_(recorded.position),
        thread_([this] { work(); }) {}
  ~Producer() {
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  // The next unit; its `last` is set on the last one.
  Result<FormedUnit> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return formed_.has_value() || failed_; });
    if (!formed_) return Failure(std::move(error_));
    FormedUnit unit = std::move(*formed_);
    formed_.reset();
    lock.unlock();
    changed_.notify_all();
    return unit;
  }

 private:
  void work() {
    auto result = form_all();
    if (result) return;
    const std::lock_guard lock(mutex_);
    failed_ = true, error_ = std::move(result).error();
    changed_.notify_all();
  }

  // Two units exist at most, one being written and one being formed: memory is for long units rather than for many.
  Result<> form_all() {
    for (bool last = false; !last;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !formed_ || cancelled_; });
        if (cancelled_) return {};
      }
      GW_ASSIGN(FormedUnit unit, form());
      last = unit.last;
      GW_TRY(p_.seen->seal(unit.id));
      const std::lock_guard lock(mutex_);
      formed_ = std::move(unit);
      changed_.notify_all();
    }
    return {};
  }

  // A unit that is on record ends exactly where it ended then; any other when it is full, after a second, or with its source.
  Result<FormedUnit> form() {
    FormedUnit unit;
    unit.id = {p_.context->run.number, p_.flow->flow->name, 0, ++number_};
    unit.pass = p_.pass;
    unit.start_position = position_;
    const auto planned = recorded_.ends.find(number_);
    const bool on_record = planned != recorded_.ends.end();
    if (on_record || !open_ || reopen_) {
      GW_TRY(p_.source->open(position_, on_record ? planned->second : std::string()));
      open_ = true, reopen_ = on_record;
      bytes_seen_ = 0;
    }
    const auto began = std::chrono::steady_clock::now();
    std::size_t bytes = 0;
    for (;;) {
      {
        const std::lock_guard lock(mutex_);
        if (cancelled_) return unit.last = true, unit;
      }
      GW_ASSIGN(SourceBatch read, p_.source->next());
      position_ = read.position;
      unit.rows_read += read.read.batch.rows + static_cast<std::int64_t>(read.read.unreadable.size());
      unit.bytes_read += std::max<std::int64_t>(0, read.read.bytes_read - bytes_seen_);
      bytes_seen_ = read.end_of_source ? 0 : read.read.bytes_read;
      if (read.read.batch.rows > 0 || !read.read.unreadable.empty()) {
        GW_ASSIGN(MappedBatch mapped, mapper_.map(std::move(read.read), read.source));
        if (p_.sequencer == nullptr) {
          SequencedBatch plain;
          static_cast<MappedBatch&>(plain) = std::move(mapped);
          unit.batches.push_back(std::move(plain));
        } else {
          GW_ASSIGN(SequencedBatch sequenced, p_.sequencer->sequence(std::move(mapped)));
          unit.batches.push_back(std::move(sequenced));
        }
        bytes += unit.batches.back().size_bytes();
      }
      unit.end_position = position_;
      if (on_record) {
        if (!read.end) continue;
        if (position_ != planned->second)
          return fail(4051, {{"flow", unit.id.flow}, {"seen", position_}, {"expected", planned->second}});
        // Whether more follows is known only by asking; an empty last unit tells.
        return unit;
      }
      unit.last = read.end;
      if (read.end || read.end_of_source || unit.rows_read >= static_cast<std::int64_t>(p_.context->unit_rows) ||
          bytes >= p_.context->unit_bytes || std::chrono::steady_clock::now() - began > std::chrono::seconds(1))
        return unit;
    }
  }

  const Parts& p_;
  const RecordedUnits& recorded_;
  Mapper mapper_;
  std::int64_t number_;
  std::string position_;
  bool open_ = false, reopen_ = false;
  std::int64_t bytes_seen_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<FormedUnit> formed_;
  bool cancelled_ = false, failed_ = false;
  Error error_;
  std::thread thread_;
};

Result<> FlowLoader::run(const RecordedUnits& recorded, const std::function<Result<>(FormedUnit&)>& sink) {
  const auto began = std::chrono::steady_clock::now();
  FlowProgress progress;
  progress.flow = p_.flow->flow->name, progress.what = p_.what;
  progress.rows_expected = 0, progress.bytes_expected = 0;
  for (const ObjectDescription& s : p_.flow->sources) {
    progress.rows_expected = s.rows && progress.rows_expected >= 0 ? progress.rows_expected + *s.rows : -1;
    progress.bytes_expected = s.bytes && progress.bytes_expected >= 0 ? progress.bytes_expected + *s.bytes : -1;
  }
  Producer producer(p_, recorded);
  for (;;) {
    if (p_.context->stop)
      if (const std::string reason = p_.context->stop(); !reason.empty())
        return fail(4050, {{"flow", p_.flow->flow->name}, {"reason", reason}});
    GW_ASSIGN(FormedUnit unit, producer.next());
    const bool last = unit.last;
    progress.rows += unit.rows_read, progress.bytes += unit.bytes_read;
    // A last unit without rows would only be noise in the journal, unless the flow has no other.
    if (unit.rows_read > 0 || !last) GW_TRY(sink(unit));
    progress.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    if (p_.context->progress) p_.context->progress(progress);
    if (last) return {};
  }
}

}  // namespace godwit
