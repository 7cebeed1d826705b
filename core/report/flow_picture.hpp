#pragma once
// The books of one flow as a picture. Private to the report.

#include "core/report/model.hpp"
#include "core/report/page.hpp"

namespace godwit::report {

// Inline SVG: what was read on the left, flowing into one band per bucket on the right, each as high as its share and
// labelled with name, rows and share. Colours come from the style sheet, so that both themes and print fit.
void flow_picture(Page& page, const FlowLine& flow);

}  // namespace godwit::report
