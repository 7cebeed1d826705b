#pragma once
// A reader over pages. What a page is (a link, a token, an offset, a number, the last id) is its source's affair; where a row stands in
// them is kept here.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/exchange.hpp"
#include "plugins/kits/rest/values.hpp"
#include "plugins/sdk/connector.hpp"

namespace godwit::rest {

// Rows of one page.
struct Page {
  std::vector<nlohmann::json> rows;
  std::optional<std::string> next;  // the cursor of the page behind it; nullopt: this is the last one
  std::optional<std::string> self;  // a cursor that gives this page again, where the one that was asked with would not
};

// Gives pages by their cursors. "" is the first. The same cursor gives the same rows again, for as long as the service allows.
class PageSource {
 public:
  virtual ~PageSource() = default;
  virtual Result<Page> page(const std::string& cursor) = 0;
  // The cursor behind a row, where rows themselves are cursors (keyset by id); nullopt: a position is a page's cursor and a count.
  virtual std::optional<std::string> behind(const nlohmann::json& row) const {
    (void)row;
    return std::nullopt;
  }
  // Whether a text can be a cursor of this source.
  virtual bool is_cursor(std::string_view text) const = 0;
  // With keyset cursors: ends the pages at this row, the last that is wanted.
  virtual void end_at(const std::string& cursor) { (void)cursor; }
};

// How a row becomes columns.
struct RowShape {
  struct Column {
    Field field;
    std::string path;  // in the row, as find_at() takes it; absent there: null
    ValueForm form;
  };
  std::vector<Column> columns;
  std::string place;  // path of what tells rows apart; "": rows are counted from 1
};

// Rows of `source` as batches. Positions: "at:" and the cursor behind the row, or "page:<rows of it that were read>:<its cursor>".
// A value that is none of its column's type makes its row unreadable (the number of the fault). GW-3032 for positions of others.
Result<std::unique_ptr<Reader>> read_pages(std::unique_ptr<PageSource> source, RowShape shape, const ReadRequest& request, const sdk::HostServices& host);

// Which of the described fields a request asks for, in its order; all when it names none. GW-3031 for one that is not there. The fields are
// those of `described`, which outlives the answer.
Result<std::vector<const ObjectField*>> asked_fields(const ObjectDescription& described, const std::vector<std::string>& columns, std::string_view place);
Result<std::vector<const ObjectField*>> asked_fields(ObjectDescription&& described, const std::vector<std::string>& columns, std::string_view place) = delete;

}  // namespace godwit::rest
