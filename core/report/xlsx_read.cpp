// Cell contents of an XLSX file: enough to hold a report against its seal, whichever program saved it last.

#include <charconv>
#include <cstring>
#include <map>
#include <pugixml.hpp>

#include "core/report/workbook.hpp"
#include "core/report/zip.hpp"

namespace godwit::report {
namespace {

constexpr std::size_t kMostCells = 20'000'000;

Failure no_workbook(std::string seen) { return fail(4208, {{"seen", std::move(seen)}}); }

Result<pugi::xml_document> read_xml(const Zip& zip, const std::string& name) {
  GW_ASSIGN(const std::string content, zip.read(name));
  pugi::xml_document document;
  const auto parsed = document.load_buffer(content.data(), content.size(), pugi::parse_default | pugi::parse_ws_pcdata);
  if (!parsed) return no_workbook(name + ": " + parsed.description());
  return document;
}

// "_x000D_" -> the character: how workbooks write what XML cannot hold, and underscores that would look like that.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned code = 0;
    if (text[at] == '_' && at + 7 <= text.size() && text[at + 1] == 'x' && text[at + 6] == '_' &&
        std::from_chars(text.data() + at + 2, text.data() + at + 6, code, 16).ptr == text.data() + at + 6 &&
        code < 0x80) {
      out += static_cast<char>(code);
      at += 6;
    } else {
      out += text[at];
    }
  }
  return out;
}

// Text of all <t> below, runs of rich text joined, phonetic guides left out.
std::string text_of(const pugi::xml_node& node) {
  std::string out;
  for (const pugi::xml_node& child : node.children()) {
    if (std::strcmp(child.name(), "t") == 0) out += decoded(child.text().get());
    if (std::strcmp(child.name(), "r") == 0) out += text_of(child);
  }
  return out;
}

// "BC17" -> (16, 54); false for anything else.
bool parse_reference(std::string_view reference, std::size_t* row, std::size_t* column) {
  std::size_t c = 0, r = 0, at = 0;
  for (; at < reference.size() && reference[at] >= 'A' && reference[at] <= 'Z'; ++at)
    c = c * 26 + static_cast<std::size_t>(reference[at] - 'A' + 1);
  for (; at < reference.size() && reference[at] >= '0' && reference[at] <= '9'; ++at)
    r = r * 10 + static_cast<std::size_t>(reference[at] - '0');
  if (at != reference.size() || reference.size() > 12 || c == 0 || c > 16'384 || r == 0 || r > 1'048'576) return false;
  *row = r - 1, *column = c - 1;
  return true;
}

Result<Sheet> read_sheet(const Zip& zip, const std::string& part, std::string name, bool hidden,
                         const std::vector<std::string>& shared) {
  Sheet out{std::move(name), {}, {}, 0, hidden};
  GW_ASSIGN(const pugi::xml_document document, read_xml(zip, part));
  std::size_t cells = 0;
  for (const pugi::xml_node& row_node : document.child("worksheet").child("sheetData").children("row"))
    for (const pugi::xml_node& c : row_node.children("c")) {
      std::size_t row = 0, column = 0;
      if (!parse_reference(c.attribute("r").value(), &row, &column))
        return no_workbook(std::string("cell ") + c.attribute("r").value());
      const std::string_view type = c.attribute("t").as_string("n");
      Cell cell;
      if (type == "s") {
        const auto index = c.child("v").text().as_ullong(~0ULL);
        if (index >= shared.size()) return no_workbook("shared string out of range");
        cell.value = shared[index];
      } else if (type == "inlineStr") {
        cell.value = text_of(c.child("is"));
      } else {
        cell.value = c.child("v").text().get();
        cell.kind = type == "n" ? Cell::Kind::number : Cell::Kind::text;
      }
      if (const pugi::xml_node formula = c.child("f"))
        cell = {"=" + std::string(formula.text().get()), Cell::Kind::text, Cell::Look::plain};
      if (cell.value.empty()) continue;
      // Rows may come late and columns far right: what is allocated is bounded by the cells that are there.
      cells += 1 + (row >= out.rows.size() ? row - out.rows.size() : 0) + column;
      if (cells > kMostCells) return no_workbook("too many cells");
      if (row >= out.rows.size()) out.rows.resize(row + 1);
      if (column >= out.rows[row].size()) out.rows[row].resize(column + 1);
      out.rows[row][column] = std::move(cell);
    }
  return out;
}

// Relation id -> part.
Result<std::map<std::string, std::string>> relations(const Zip& zip) {
  std::map<std::string, std::string> out;
  GW_ASSIGN(const pugi::xml_document document, read_xml(zip, "xl/_rels/workbook.xml.rels"));
  for (const pugi::xml_node& relation : document.child("Relationships").children("Relationship")) {
    const std::string target = relation.attribute("Target").value();
    out[relation.attribute("Id").value()] = target.starts_with('/') ? target.substr(1) : "xl/" + target;
  }
  return out;
}

}  // namespace

Result<Workbook> read_workbook(std::string bytes) {
  GW_ASSIGN(const Zip zip, Zip::open(std::move(bytes)));
  std::vector<std::string> shared;
  if (zip.has("xl/sharedStrings.xml")) {
    GW_ASSIGN(const pugi::xml_document document, read_xml(zip, "xl/sharedStrings.xml"));
    for (const pugi::xml_node& item : document.child("sst").children("si")) shared.push_back(text_of(item));
  }
  GW_ASSIGN(const auto targets, relations(zip));
  GW_ASSIGN(const pugi::xml_document book, read_xml(zip, "xl/workbook.xml"));
  Workbook out;
  for (const pugi::xml_node& node : book.child("workbook").child("sheets").children("sheet")) {
    const auto target = targets.find(node.attribute("r:id").value());
    if (target == targets.end()) return no_workbook("a sheet without its part");
    const std::string_view state = node.attribute("state").as_string("visible");
    GW_ASSIGN(Sheet sheet, read_sheet(zip, target->second, node.attribute("name").value(), state != "visible", shared));
    out.push_back(std::move(sheet));
  }
  if (out.empty()) return no_workbook("no sheets");
  return out;
}

}  // namespace godwit::report
