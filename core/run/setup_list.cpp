#include "core/run/setup_list.hpp"

#include <algorithm>

namespace godwit {
namespace {

constexpr std::size_t kMostValues = 1000;   // listed of one field
constexpr std::size_t kMostChoices = 40;    // distinct values that still make a picklist

std::int64_t character_count(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// "Customer_Since__c" -> "Customer Since"
std::string label_of(std::string name) {
  if (name.ends_with("__c")) name.resize(name.size() - 3);
  std::ranges::replace(name, '_', ' ');
  return name;
}

// Room to grow, in the sizes that CRMs offer.
std::int64_t rounded_length(std::int64_t longest) {
  for (const std::int64_t size : {20, 40, 80, 120, 255, 1000, 4000, 32'768, 131'072})
    if (longest + longest / 4 <= size) return size;
  return longest;
}

}  // namespace

std::string_view to_string(SetupNeed::Kind kind) {
  static constexpr std::string_view kNames[] = {"object", "field", "right", "required", "type", "choices", "records"};
  return kNames[static_cast<int>(kind)];
}

std::string need_text(const SetupNeed& need, Language language) {
  return text("run.setup." + std::string(to_string(need.kind)), language,
              {{"target", need.target}, {"field", need.field}, {"type", need.length ? need.type + "(" + std::to_string(*need.length) + ")" : need.type}, {"rows", std::to_string(need.rows)},
               {"longest", std::to_string(need.longest)}, {"values", std::to_string(need.values.size()) + (need.more_values ? "+" : "")}, {"source", need.source}, {"nearest", need.nearest},
               {"example", need.values.empty() ? std::string() : need.values.front().value}});
}

SetupCollector::SetupCollector(const CompiledFlow& flow) : flow_(flow), watched_(flow.lacking.size()) {}

void SetupCollector::Values::count(std::string_view value, const CompiledFlow& flow, const SequencedBatch& batch, std::int64_t row) {
  const std::string text(value);
  const auto known = seen.find(text);
  if (known != seen.end()) {
    ++known->second.rows;
    return;
  }
  if (seen.size() >= kMostValues) {
    more = true;
    return;
  }
  seen.emplace(text, SetupValue{text, 1, row_key(flow, batch, row)});
}

std::vector<SetupValue> SetupCollector::Values::take() {
  std::vector<SetupValue> out;
  for (auto& [text, value] : seen) out.push_back(std::move(value));
  std::ranges::sort(out, [](const SetupValue& a, const SetupValue& b) { return a.rows != b.rows ? a.rows > b.rows : a.value < b.value; });
  return out;
}

void SetupCollector::watch(const LackingField& field, const Column& column, const SequencedBatch& batch, Watched& out) {
  const bool text = column.type.id == TypeId::utf8;
  for (std::int64_t i = 0; i < column.length; ++i) {
    const Fate fate = batch.fates[static_cast<std::size_t>(i)];
    if (column.is_null(i) || fate == Fate::filtered || fate == Fate::filtered_unknown) continue;
    ++out.rows;
    if (text) {
      out.longest = std::max(out.longest, character_count(column.text(i)));
      if (!field.key) out.values.count(column.text(i), flow_, batch, i);
    } else if (column.type.is_numeric()) {
      const std::string number = value_text(column, i);
      const std::size_t dot = std::min(number.find('.'), number.size());
      out.digits = std::max<std::int64_t>(out.digits, static_cast<std::int64_t>(dot) - (number.starts_with('-') ? 1 : 0));
      out.scale = std::max<std::int64_t>(out.scale, dot == number.size() ? 0 : static_cast<std::int64_t>(number.size() - dot - 1));
      out.longest = std::max<std::int64_t>(out.longest, static_cast<std::int64_t>(number.size()));
    }
  }
}

void SetupCollector::add(const SequencedBatch& batch) {
  for (const Fate f : batch.fates) rows_ += f == Fate::kept || f == Fate::set_aside;
  for (std::size_t l = 0; l < flow_.lacking.size(); ++l) {
    const LackingField& field = flow_.lacking[l];
    if (l < batch.lacking.size() && batch.lacking[l].length != 0) watch(field, batch.lacking[l], batch, watched_[l]);
    else if (const int at = field.key ? find_field(flow_.target_schema, field.name) : -1; at >= 0) watch(field, batch.columns[static_cast<std::size_t>(at)], batch, watched_[l]);
  }
  for (const RowNote& note : batch.set_aside) {
    if (note.error.number == 1403) records_[std::string(note.error.argument("flow"))].count(note.error.argument("key"), flow_, batch, note.row);
    // A row is set aside with its first fault; whatever else no picklist lists belongs to the set-up all the same.
    for (std::size_t c = 0; c < flow_.columns.size(); ++c) {
      const TargetColumn& column = flow_.columns[c];
      if (column.choices.empty() || batch.columns[c].is_null(note.row) || !field_is_set(batch.set[c], note.row)) continue;
      const std::string value = value_text(batch.columns[c], note.row);
      if (!column.choices.contains(value)) choices_[static_cast<int>(c)].count(value, flow_, batch, note.row);
    }
  }
}

SetupNeed SetupCollector::need_of(const LackingField& field, Watched& watched) {
  SetupNeed out;
  out.kind = static_cast<SetupNeed::Kind>(static_cast<int>(field.why) + static_cast<int>(SetupNeed::Kind::field));
  out.field = field.name, out.label = label_of(field.name), out.key = field.key, out.source = field.source, out.place = field.place, out.nearest = field.nearest;
  out.rows = out.kind == SetupNeed::Kind::required ? rows_ : watched.rows;
  out.longest = watched.longest;
  out.values = watched.values.take(), out.more_values = watched.values.more;
  out.type = to_string(field.type);
  if (field.why != LackingField::Why::absent) {
    out.values.clear(), out.more_values = false;
    return out;
  }
  if (field.type.id == TypeId::utf8) {
    // Few values that come again and again are a list that people choose from.
    const bool few = !out.values.empty() && !out.more_values && out.values.size() <= kMostChoices && out.rows >= static_cast<std::int64_t>(out.values.size()) * 10;
    if (few) out.type = "picklist";
    else out.values.clear(), out.more_values = false;
    out.length = std::max(rounded_length(out.longest), few ? std::int64_t{0} : field.length.value_or(0));
  } else if (field.type.is_numeric() && out.rows > 0 && field.type.id != TypeId::float64) {
    out.type = watched.scale == 0 && field.type.id == TypeId::int64 ? "integer" : "decimal(" + std::to_string(std::max<std::int64_t>(watched.digits, 16) + watched.scale) + "," + std::to_string(watched.scale) + ")";
  }
  return out;
}

std::vector<SetupNeed> SetupCollector::finish() {
  std::vector<SetupNeed> out;
  if (flow_.object_lacking) {
    SetupNeed& need = out.emplace_back();
    need.kind = SetupNeed::Kind::object, need.label = label_of(flow_.flow->to.object), need.rows = rows_;
  }
  for (std::size_t l = 0; l < flow_.lacking.size(); ++l) out.push_back(need_of(flow_.lacking[l], watched_[l]));
  for (auto& [c, values] : choices_) {
    SetupNeed& need = out.emplace_back();
    need.kind = SetupNeed::Kind::choices, need.field = flow_.columns[static_cast<std::size_t>(c)].name, need.label = label_of(need.field), need.type = "picklist";
    need.values = values.take(), need.more_values = values.more;
  }
  for (SetupNeed& need : out) need.target = flow_.flow->to.connection + "." + flow_.flow->to.object;
  for (auto& [object, values] : records_) {
    SetupNeed& need = out.emplace_back();
    need.kind = SetupNeed::Kind::records, need.target = object;
    need.values = values.take(), need.more_values = values.more;
  }
  for (SetupNeed& need : out) {
    need.flow = flow_.flow->name;
    if (need.kind != SetupNeed::Kind::choices && need.kind != SetupNeed::Kind::records) continue;
    for (const SetupValue& v : need.values) need.rows += v.rows;
  }
  return out;
}

}  // namespace godwit
