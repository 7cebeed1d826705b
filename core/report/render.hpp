#pragma once
// The report as HTML, and what of an HTML file its seal covers.

#include <string>
#include <string_view>

#include "core/model/catalogue.hpp"
#include "core/report/model.hpp"

namespace godwit::report {

// One self-contained page: no script runs, nothing is fetched (a policy in its head forbids it as well). The envelope
// is embedded as JSON. Deterministic.
std::string render_html(const CutoverReport& report, Language language);

// The same with another seal and without the JSON.
std::string render_view(const CutoverReport& report, Language language, const Seal& seal);

// The element that holds the envelope.
inline constexpr std::string_view kJsonOpening = "<script type=\"application/json\" id=\"godwit-report\">";
inline constexpr std::string_view kJsonClosing = "</script>";

// JSON as it stands in a <script>: `<`, `>` and `&` written as \u escapes, which leaves its value alone.
std::string embeddable(std::string_view json);

// What a seal stands for while the pages are hashed that it will be printed on.
Seal blank_seal(bool is_signed);
// `text` with every part of `seal` replaced by the blank one's.
std::string without_seal(std::string text, const Seal& seal);

}  // namespace godwit::report
