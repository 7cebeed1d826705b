// godwit read: rows of a file or an object, as they are.

#include <ostream>

#include "core/cli/command.hpp"
#include "core/cli/context.hpp"
#include "core/cli/exit_code.hpp"
#include "core/cli/json.hpp"
#include "core/cli/json_value.hpp"
#include "core/cli/object_source.hpp"
#include "core/cli/table.hpp"

namespace godwit::cli {
namespace {

struct ReadOptions {
  ObjectRequest source;
  std::vector<std::string> columns;
  std::optional<std::int64_t> limit;
};

std::string place_of(const std::string& source, const Unreadable& row) {
  return row.line > 0 ? source + ":" + std::to_string(row.line) : source + "@" + std::to_string(row.locator);
}

void print_unreadable(Context& context, const std::string& source, const Unreadable& row) {
  const std::string place = place_of(source, row);
  if (context.json()) {
    Json out{{"place", place}, {"offset", row.locator}, {"number", "GW-" + std::to_string(row.error.number)},
                               {"reason", sentence(row.error, context.language())}, {"raw", row.raw}};
    context.err() << out.dump() << '\n';
    return;
  }
  Error shown = row.error;
  std::erase_if(shown.arguments, [](const auto& a) { return a.first == "place"; });
  shown.arguments.emplace_back("place", place);
  context.err() << describe(shown, context.language()) << '\n';
}

Align align_of(Type type) { return type.is_numeric() ? Align::right : Align::left; }

// Prints batch after batch; `more` says that rows were left over.
class Printer {
 public:
  Printer(Context& context, const Schema& schema) : context_(context), schema_(schema) {
    if (context.json()) return;
    std::vector<Table::Column> columns;
    for (const Field& f : schema) columns.push_back({f.name, align_of(f.type)});
    table_.emplace(context.out(), std::move(columns));
  }
  void print(const Batch& batch, std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; ++i) {
      if (table_) {
        std::vector<std::string> cells;
        for (const Column& c : batch.columns) cells.push_back(c.is_null(i) ? "∅" : value_text(c, i));
        table_->row(std::move(cells));
      } else {
        append_json_row(buffer_, schema_, batch.columns, i);
        buffer_ += '\n';
        if (buffer_.size() > (1u << 16)) flush();
      }
    }
    flush();
  }
  void finish() {
    if (table_) table_->finish();
    context_.out().flush();
  }

 private:
  void flush() {
    context_.out().write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }
  Context& context_;
  const Schema& schema_;
  std::optional<Table> table_;
  std::string buffer_;
};

Result<int> run_read(Context& context, const ReadOptions& options) {
  GW_ASSIGN(const ObjectSource source, open_source(context, options.source));
  ReadRequest request;
  request.object = source.object, request.columns = options.columns;
  if (options.limit && *options.limit < request.batch_rows) request.batch_rows = std::max<std::int64_t>(1, *options.limit);
  GW_ASSIGN(const auto reader, source.connection->open_reader(request));
  Printer printer(context, reader->schema());
  std::int64_t rows = 0, unreadable = 0;
  while (!options.limit || rows < *options.limit) {
    Result<ReadBatch> read = reader->read();
    if (!read) {
      printer.finish();  // what was read until then is good
      return Failure(std::move(read).error());
    }
    const std::int64_t wanted = options.limit ? std::min(read->batch.rows, *options.limit - rows) : read->batch.rows;
    printer.print(read->batch, wanted);
    for (const Unreadable& row : read->unreadable) print_unreadable(context, source.shown, row);
    rows += wanted, unreadable += static_cast<std::int64_t>(read->unreadable.size());
    if (read->end || !context.out()) break;
  }
  printer.finish();
  if (!context.json() && !context.options().quiet)
    context.err() << context.say("cli.read.count", {{"rows", std::to_string(rows)}, {"unreadable", std::to_string(unreadable)}}) << '\n';
  return kExitFinished;
}

}  // namespace

Command read_command() {
  auto options = std::make_shared<ReadOptions>();
  Command out{"read", Group::prepare, 20, {}, [options](Context& context) { return run_read(context, *options); }};
  out.arguments.positional(options->source.what, "FILE|CONNECTION.OBJECT", "cli.read.what", true);
  out.arguments.option(options->source.connector, "--connector", "NAME", "cli.read.connector");
  out.arguments.option(options->source.settings, "--set", "KEY=VALUE", "cli.read.set");
  out.arguments.option(options->source.object, "--object", "NAME", "cli.read.object");
  out.arguments.option(options->columns, "--column", "NAME", "cli.read.column");
  out.arguments.option(options->limit, "--limit", "N", "cli.read.limit", "-n");
  return out;
}

}  // namespace godwit::cli
