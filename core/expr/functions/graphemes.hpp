#pragma once
// What a reader sees as one character: a letter with its marks, an emoji with its parts.

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/utext.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace godwit::fn {

// Walks over the graphemes (what a reader calls one character) of many texts. Has state: one per call.
class Graphemes {
 public:
  Graphemes() {
    UErrorCode status = U_ZERO_ERROR;
    breaks_.reset(icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  }
  ~Graphemes() { utext_close(&text_); }
  Graphemes(const Graphemes&) = delete;
  Graphemes& operator=(const Graphemes&) = delete;

  void start(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&text_, text.data(), static_cast<std::int64_t>(text.size()), &status);
    breaks_->setText(&text_, status);
    breaks_->first();
  }
  // Byte behind the next grapheme, or -1 behind the last.
  std::int64_t next() {
    const std::int32_t at = breaks_->next();
    return at == icu::BreakIterator::DONE ? -1 : at;
  }

 private:
  std::unique_ptr<icu::BreakIterator> breaks_;
  UText text_ = UTEXT_INITIALIZER;
};

}  // namespace godwit::fn
