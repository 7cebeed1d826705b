#include "reader.hpp"

#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>

#include "core/model/nearest.hpp"

namespace acme {
namespace {

using namespace godwit;
using sdk::fail;

// "offset:lines before it"
struct Place {
  std::int64_t offset = 0, lines = 0;
};
std::string to_text(const Place& p) { return std::to_string(p.offset) + ":" + std::to_string(p.lines); }
std::optional<Place> parse_place(std::string_view text) {
  Place out;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, out.offset);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ':') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, out.lines);
  if (second.ec != std::errc() || second.ptr != end || out.offset < 0 || out.lines < 0) return std::nullopt;
  return out;
}

class LineReader : public Reader {
 public:
  LineReader(std::filesystem::path file, Schema schema, const sdk::HostServices& host, const ReadRequest& request)
      : file_(std::move(file)), in_(file_, std::ios::binary), schema_(std::move(schema)), host_(host), request_(request) {}

  // Stands at the position asked for, or says that it is none of this file's.
  Result<> start() {
    const auto not_ours = [&](const std::string& seen) { return fail(3032, ErrorKind::broken, {{"place", file_.string()}, {"object", request_.object}, {"seen", seen}}); };
    if (!in_.is_open()) return unreadable_file();
    if (!request_.split.empty()) return not_ours(request_.split);  // this connector makes no splits
    for (const auto& [text, place] : {std::pair(&request_.position, &at_), std::pair(&request_.until, &until_)}) {
      if (text->empty()) continue;
      const auto parsed = parse_place(*text);
      // Only the end of a line can be one.
      if (!parsed || (parsed->offset > 0 && (!in_.seekg(parsed->offset - 1) || in_.get() != '\n'))) return not_ours(*text);
      *place = *parsed;
    }
    in_.clear();
    in_.seekg(at_.offset);
    return {};
  }

  const Schema& schema() const override { return schema_; }

  Result<ReadBatch> read() override {
    ReadBatch out;
    std::vector<ColumnBuilder> columns;
    for (const Field& f : schema_) columns.emplace_back(f.type);
    ColumnBuilder places{Type(TypeId::int64)};
    std::int64_t lines = 0, bytes = 0;
    std::string line;
    while (lines < request_.batch_rows && bytes < request_.batch_bytes) {
      if (host_.cancelled()) return fail(3018, ErrorKind::cancelled);
      if ((!request_.until.empty() && at_.offset >= until_.offset) || !std::getline(in_, line)) {
        out.end = true;
        break;
      }
      const Place here = at_;
      // A last line without line feed is a row as well; a position behind it would not be found again, which is why it ends the file.
      at_.offset += static_cast<std::int64_t>(line.size()) + (in_.eof() ? 0 : 1), ++at_.lines;
      bytes += static_cast<std::int64_t>(line.size()), ++lines;
      const auto record = parse_record(line);
      if (!record) {
        out.unreadable.push_back({here.offset, here.lines + 1, Error{3901, ErrorKind::row_rejected, {{"seen", line.substr(0, 40)}}, {}}, line.substr(0, 64 << 10)});
        continue;
      }
      for (std::size_t c = 0; c < schema_.size(); ++c) {
        const auto value = record->find(schema_[c].name);
        if (value == record->end() || !value->second) columns[c].null();
        else columns[c].append_text(*value->second);
      }
      places.append_int64(here.offset);
      out.batch.lines.push_back(here.lines + 1);
      ++out.batch.rows;
    }
    if (in_.bad()) return unreadable_file();  // never taken for the end of the file
    out.batch.schema = schema_;
    for (ColumnBuilder& c : columns) out.batch.columns.push_back(c.finish());
    out.batch.places = places.finish();
    out.position = to_text(at_), out.bytes_read = at_.offset;
    return out;
  }

 private:
  Failure unreadable_file() const { return fail(3902, ErrorKind::broken, {{"place", file_.string()}, {"seen", std::generic_category().message(errno)}}); }

  std::filesystem::path file_;
  std::ifstream in_;
  Schema schema_;
  sdk::HostServices host_;
  ReadRequest request_;
  Place at_, until_;
};

}  // namespace

Result<std::unique_ptr<Reader>> open_reader(const Folder& folder, const sdk::HostServices& host, const ReadRequest& request) {
  GW_ASSIGN(const ObjectDescription described, folder.describe(request.object));
  GW_ASSIGN(std::filesystem::path file, folder.file(request.object));
  Schema schema;
  for (const std::string& name : request.columns) {
    const ObjectField* field = described.find(name);
    if (field == nullptr) {
      std::vector<std::string_view> names;
      for (const ObjectField& f : described.fields) names.push_back(f.name);
      return fail(3031, ErrorKind::bad_config, {{"place", file.string()}, {"object", request.object}, {"seen", name}, {"nearest", std::string(nearest(name, names))}});
    }
    schema.push_back({field->name, field->type});
  }
  if (request.columns.empty()) schema = described.schema();
  auto reader = std::make_unique<LineReader>(std::move(file), std::move(schema), host, request);
  GW_TRY(reader->start());
  return reader;
}

}  // namespace acme
