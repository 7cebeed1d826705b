// The worker's side of bulk jobs.

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "connectors/zoho/sandbox/bulk.hpp"
#include "connectors/zoho/sandbox/tables_of_text.hpp"
#include "plugins/kits/sandbox/worker.hpp"

namespace godwit::sandbox::zoho {
namespace {

constexpr std::size_t kWritePiece = 200, kReadPiece = 2'000;

// Sleeps in short steps, so that a program that is told to end does.
void sleep_for(const World& world, std::int64_t ms) {
  for (; ms > 0 && !world.stopping; ms -= 20) std::this_thread::sleep_for(std::chrono::milliseconds(std::min<std::int64_t>(ms, 20)));
}

}  // namespace

bool BulkJobs::step() {
  World& world = service_.world;
  if (world.stopping) return false;
  Database& database = service_.org.database();
  std::int64_t records = 0;
  {
    const auto lock = database.lock();
    Savepoint transaction(database);
    const auto row = database.row("select id, kind, state from sandbox_job where state in ('ADDED', 'IN PROGRESS') order by at_ms, id limit 1");
    if (!row) return false;
    const bool loaded = start_or_load(to_text((*row)[0]), to_text((*row)[1]), to_text((*row)[2]));
    transaction.keep();
    if (!loaded) return true;
    records = static_cast<std::int64_t>(active_->is_read ? kReadPiece : kWritePiece);
    if (!active_->is_read) {
      const auto at = database.row("select file, row from sandbox_job where id = ?", {active_->id});
      const auto file = static_cast<std::size_t>(to_int((*at)[0]));
      if (file < active_->write.files.size()) records = std::min<std::int64_t>(records, static_cast<std::int64_t>(active_->write.files[file].rows.size()) - to_int((*at)[1]));
    }
  }
  // A fault of the method JOB hits pieces of work instead of calls.
  bool fails = false;
  for (const Fault& fault : world.faults.hits("JOB", "/crm/bulk/v8/" + std::string(active_->is_read ? "read" : "write"))) {
    if (fault.kind == FaultKind::error_before_commit) fails = true;
    if (fault.kind == FaultKind::slow) sleep_for(world, fault.ms);
  }
  sleep_for(world, world.pace.wait_ms(records));
  if (world.stopping) return false;
  const auto lock = database.lock();
  Savepoint transaction(database);
  if (fails) finish(active_->is_read ? "FAILURE" : "FAILED");
  else if (active_->is_read) read_piece();
  else write_piece();
  transaction.keep();
  return true;
}

bool BulkJobs::start_or_load(const std::string& id, const std::string& kind, const std::string& state) {
  Database& database = service_.org.database();
  if (active_ && active_->id == id) return true;
  const auto row = database.row("select body, user from sandbox_job where id = ?", {id});
  const Json body = Json::parse(to_text((*row)[0]));
  auto active = std::make_unique<Active>();
  active->id = id, active->user = to_text((*row)[1]), active->is_read = kind == "read";
  try {
    if (active->is_read) active->read = read_bulk_read(service_.org, body);
    else active->write = read_bulk_write(service_.org, body);
  } catch (const Refused&) {
    // It was good when it was taken: the metadata has changed between two runs of the program.
    database.run("update sandbox_job set state = ? where id = ?", {std::string(active->is_read ? "FAILURE" : "FAILED"), id});
    return false;
  }
  active_ = std::move(active);
  if (state != "ADDED") return true;
  database.run("update sandbox_job set state = 'IN PROGRESS' where id = ?", {id});
  if (!active_->is_read) {
    std::size_t total = 0;
    for (const BulkFile& file : active_->write.files) total += file.rows.size();
    database.run("update sandbox_job set total = ? where id = ?", {static_cast<std::int64_t>(total), id});
    return true;
  }
  const std::int64_t per_page = std::stoll(service_.world.setting("bulk_read_page"));
  const auto after = start_of_page(service_.org, active_->read, service_.world.clock.now_ms(), per_page);
  database.run("update sandbox_job set after_id = ? where id = ?", {after.value_or("~"), id});  // "~" comes behind every id
  add_lines(id + ".csv", csv_line(read_header(active_->read)));
  return true;
}

void BulkJobs::add_lines(const std::string& file, const std::string& lines) {
  service_.org.database().run("insert into sandbox_job_lines(job, name, lines) values (?, ?, ?)", {active_->id, file, lines});
}

void BulkJobs::write_piece() {
  Database& database = service_.org.database();
  const auto at = database.row("select file, row from sandbox_job where id = ?", {active_->id});
  const auto number = static_cast<std::size_t>(to_int((*at)[0]));
  auto row = static_cast<std::size_t>(to_int((*at)[1]));
  if (number >= active_->write.files.size()) return finish("COMPLETED");
  const BulkFile& file = active_->write.files[number];
  const std::string name = file.module->name + "-" + file.name;
  std::string lines = row == 0 ? csv_line(result_header(file)) : "";
  const std::int64_t now = service_.world.clock.now_ms();
  std::int64_t added = 0, updated = 0, skipped = 0;
  const std::size_t end = std::min(row + kWritePiece, file.rows.size());
  for (; row < end; ++row) {
    const BulkRow outcome = write_bulk_row(service_.org, service_.writer, active_->write, file, row, active_->user, now);
    (outcome.status == "ADDED" ? added : outcome.status == "UPDATED" ? updated : skipped) += 1;
    lines += csv_line(result_line(file, row, outcome));
  }
  add_lines(name, lines);
  service_.world.stats.count_rows("bulk " + file.module->name, added + updated + skipped);
  const bool next = row >= file.rows.size();
  database.run("update sandbox_job set file = file + ?, row = ?, added = added + ?, updated = updated + ?, skipped = skipped + ? where id = ?",
               {std::int64_t{next}, next ? std::int64_t{0} : static_cast<std::int64_t>(row), added, updated, skipped, active_->id});
  if (next && number + 1 == active_->write.files.size()) finish("COMPLETED");
}

void BulkJobs::read_piece() {
  Database& database = service_.org.database();
  const auto at = database.row("select after_id, total from sandbox_job where id = ?", {active_->id});
  std::string after = to_text((*at)[0]), lines;
  const std::int64_t now = service_.world.clock.now_ms(), per_page = std::stoll(service_.world.setting("bulk_read_page"));
  const auto want = static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(kReadPiece), per_page - to_int((*at)[1])));
  const std::size_t got = want == 0 ? 0 : read_rows(service_.org, active_->read, now, want, after, lines);
  if (got > 0) add_lines(active_->id + ".csv", lines);
  const std::int64_t total = to_int((*at)[1]) + static_cast<std::int64_t>(got);
  database.run("update sandbox_job set after_id = ?, total = ? where id = ?", {after, total, active_->id});
  if (got == want && total < per_page) return;
  database.run("update sandbox_job set more = ? where id = ?", {std::int64_t{has_more(service_.org, active_->read, now, after)}, active_->id});
  finish("COMPLETED");
}

void BulkJobs::finish(const std::string& state) {
  Database& database = service_.org.database();
  std::string name, content;
  for (const Row& row : database.rows("select name, lines from sandbox_job_lines where job = ? order by number", {active_->id})) {
    // The rows of further files stand below those of the first, each with its own header.
    if (name.empty()) name = to_text(row[0]);
    content += to_text(row[1]);
  }
  if (state == "FAILED") {
    const auto at = database.row("select file, row from sandbox_job where id = ?", {active_->id});
    const auto number = static_cast<std::size_t>(to_int((*at)[0]));
    if (number < active_->write.files.size()) {
      const BulkFile& file = active_->write.files[number];
      if (name.empty()) name = file.module->name + "-" + file.name, content = csv_line(result_header(file));
      for (auto row = static_cast<std::size_t>(to_int((*at)[1])); row < file.rows.size(); ++row) content += csv_line(result_line(file, row, {"UNPROCESSED", "", ""}));
    }
  }
  if (name.empty()) name = active_->id + ".csv";
  database.run("update sandbox_job set state = ?, finished_ms = ?, result = ? where id = ?", {state, service_.world.clock.now_ms(), zip_of(name, content), active_->id});
  database.run("delete from sandbox_job_lines where job = ?", {active_->id});
  active_.reset();
}

}  // namespace godwit::sandbox::zoho
