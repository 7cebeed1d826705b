#include "core/report/flow_picture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/report/format.hpp"

namespace godwit::report {
namespace {

// Units of the view box, which is 520 wide.
constexpr double kLeft = 96, kRight = 330, kBar = 9, kTop = 8, kHeight = 106, kLine = 17, kLabel = kRight + kBar + 8;

struct Band {
  std::string name;  // class and text key
  std::int64_t rows = 0;
  double height = 0, left_y = 0, right_y = 0, label_y = 0;
};

std::vector<Band> bands_of(const FlowLine& f) {
  std::vector<Band> all{{"created", f.created},     {"updated", f.updated},   {"unchanged", f.unchanged},
                        {"merged", f.merged},       {"filtered", f.filtered}, {"deleted", f.deleted},
                        {"set_aside", f.set_aside}, {"in_doubt", f.in_doubt}};
  // Where the books do not close, the gap is drawn as well (a surplus cannot be: it has no rows that were read).
  if (f.open_rows() > 0) all.push_back({"unexplained", f.open_rows()});
  std::erase_if(all, [](const Band& b) { return b.rows <= 0; });
  return all;
}

// Heights by share, at least a hair so that one row in a million is still seen; right sides far enough apart for a line
// of text.
double place(std::vector<Band>& bands, double whole) {
  double left = kTop, right = kTop, label = kTop;
  for (Band& b : bands) {
    b.height = std::max(0.8, kHeight * static_cast<double>(b.rows) / whole);
    b.left_y = left;
    left += b.height;
    b.right_y = right;
    b.label_y = std::max(label, right + b.height / 2 - kLine / 2);
    if (b.height < kLine) b.right_y = b.label_y + (kLine - b.height) / 2;
    label = b.label_y + kLine;
    right = std::max(b.right_y + b.height, label) + 3;
  }
  return std::max({left, right, label});
}

}  // namespace

void flow_picture(Page& page, const FlowLine& f) {
  std::vector<Band> bands = bands_of(f);
  std::int64_t rows = 0;
  std::string spoken;
  for (const Band& b : bands) {
    rows += b.rows;
    spoken += (spoken.empty() ? "" : ", ") + page.say("bucket." + b.name) + " " + group_digits(b.rows);
  }
  page.raw("<figure class=\"picture\"><figcaption><b>")
      .text(f.name)
      .raw("</b> <span class=\"soft\">")
      .text(f.source + " → " + f.target);
  page.raw("</span></figcaption>");
  if (bands.empty()) {
    page.element("p class=\"soft\"", page.say("picture.empty")).raw("</figure>");
    return;
  }
  const double bottom = place(bands, static_cast<double>(rows));
  const double bar_height = bands.back().left_y + bands.back().height - kTop;
  page.raw(fmt::format(
      "<svg viewBox=\"0 0 520 {:.0f}\" role=\"img\" aria-label=\"{}\">", std::max(bottom, kTop + bar_height) + 4,
      escaped(page.say("picture.spoken",
                       {{"flow", f.name}, {"read", group_digits(f.read + f.derived)}, {"buckets", spoken}}))));
  const double middle = (kLeft + kBar + kRight) / 2;
  for (const Band& b : bands) {
    const double x0 = kLeft + kBar, l0 = b.left_y, l1 = b.left_y + b.height, r0 = b.right_y, r1 = b.right_y + b.height;
    page.raw(
        fmt::format("<path class=\"band {}\" d=\"M{:.1f} {:.2f}C{:.1f} {:.2f} {:.1f} {:.2f} {:.1f} "
                    "{:.2f}V{:.2f}C{:.1f} {:.2f} {:.1f} {:.2f} {:.1f} {:.2f}Z\"/>",
                    b.name, x0, l0, middle, l0, middle, r0, kRight, r0, r1, middle, r1, middle, l1, x0, l1));
    page.raw(fmt::format("<rect class=\"bar {}\" x=\"{:.1f}\" y=\"{:.2f}\" width=\"{:.1f}\" height=\"{:.2f}\"/>",
                         b.name, kRight, r0, kBar, b.height));
  }
  page.raw(fmt::format("<rect class=\"bar read\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.2f}\"/>", kLeft,
                       kTop, kBar, bar_height));
  page.raw(fmt::format("<text class=\"end\" x=\"{:.1f}\" y=\"{:.1f}\">", kLeft - 8, kTop + bar_height / 2 - 2))
      .text(page.say("bucket.read"));
  page.raw(fmt::format("</text><text class=\"end strong\" x=\"{:.1f}\" y=\"{:.1f}\">", kLeft - 8,
                       kTop + bar_height / 2 + 12));
  page.text(group_digits(f.read)).raw("</text>");
  if (f.derived != 0) {
    page.raw(fmt::format("<text class=\"end soft\" x=\"{:.1f}\" y=\"{:.1f}\">", kLeft - 8, kTop + bar_height / 2 + 25));
    page.text(page.say("picture.derived", {{"rows", group_digits(f.derived)}})).raw("</text>");
  }
  for (const Band& b : bands) {
    const double y = b.label_y + kLine / 2 + 4;
    page.raw(fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">", kLabel, y))
        .text(page.say("bucket." + b.name))
        .raw("</text>");
    page.raw(fmt::format("<text class=\"end strong\" x=\"{:.1f}\" y=\"{:.1f}\">", 466.0, y))
        .text(group_digits(b.rows))
        .raw("</text>");
    page.raw(fmt::format("<text class=\"end soft\" x=\"{:.1f}\" y=\"{:.1f}\">", 516.0, y))
        .text(percent(b.rows, rows))
        .raw("</text>");
  }
  page.raw("</svg></figure>");
}

}  // namespace godwit::report
