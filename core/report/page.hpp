#pragma once
// Writing HTML: text is escaped unless it is said to be markup. The markup is well-formed XML as well, so that a test
// can parse it. Private to the report.

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/model/catalogue.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// & < > " ' escaped; control characters, which XML forbids, become a visible sign.
std::string escaped(std::string_view text);

class Page {
 public:
  Page(const CutoverReport& r, Language l, const Seal& s) : report(r), language(l), seal(s) {}

  // Markup as it stands.
  Page& raw(std::string_view markup) {
    html += markup;
    return *this;
  }
  // Escaped text.
  Page& text(std::string_view words) {
    html += escaped(words);
    return *this;
  }
  // Escaped text in which `commands` between backticks stand in the type of code.
  Page& prose(std::string_view words);
  // <tag attributes>words</tag>; `opening` is "td class=\"n\"".
  Page& element(std::string_view opening, std::string_view words);
  // The catalogue's text of "report." + key, plain.
  std::string say(std::string_view key, std::initializer_list<Argument> arguments = {}) const;
  // Label of one of a known set ("report.<group>.<name>"), or the name itself where the catalogue has none.
  std::string label(std::string_view group, std::string_view name) const;
  // Opens a section; a table of few lines is kept on one page.
  Page& section(std::size_t lines) {
    return raw(lines <= 14 ? "<section class=\"block keep\">" : "<section class=\"block\">");
  }
  // " · environment trial", " · environment production (live)", or "".
  std::string environment() const;

  const CutoverReport& report;
  const Language language;
  const Seal& seal;
  std::string html;
  bool table_on_page_two = false;  // page_one() found the check table too long for page one
};

// The sections, in order. Each writes nothing when it has nothing to show, page one excepted.
void page_one(Page& page);
void accounting(Page& page);    // drawn books, money in detail
void verification(Page& page);  // fields per flow, differences with both values
void set_aside(Page& page);     // causes, warnings, failed references
void appendix(Page& page);      // timings, versions, history, how to check

// The style sheet of the report.
std::string_view style_sheet();

}  // namespace godwit::report
