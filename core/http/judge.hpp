#pragma once
// What an answer means, by the rules.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/http/rules.hpp"

namespace godwit::http {

// Whether JSON text is nested deeper than any system's answers are: what walks through it by recursion would run out of stack.
bool too_deep(std::string_view json);

// An answer whose JSON is parsed when somebody first asks for it. Borrows the answer.
class Reading {
 public:
  explicit Reading(const Received& answer);
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  const Received& answer() const { return answer_; }
  // The text at the place, or nothing where it is not there or null. A structure is its JSON text.
  std::optional<std::string> at(const Place& place);
  bool is_json();   // it parses
  bool is_html();   // by its content type, or by how it begins
  // It says that it is JSON, and is none: cut, or damaged.
  bool broken_json();

 private:
  struct Document;
  Document& document();
  const Received& answer_;
  std::unique_ptr<Document> document_;
};

struct Judgement {
  Meaning is = Meaning::refused;
  double wait_s = -1;  // as the system or the rules say; -1: they do not
  bool cut = false;    // not a whole answer: nobody knows what was done
  bool html = false;   // a page where JSON was expected
  std::string code, message;
};

// `wall_us`: now, for waits that are told as a time of day. `wants_json`: the call asked for JSON.
Judgement judge(const Rules& rules, const Received& answer, std::string_view endpoint, bool wants_json, std::int64_t wall_us);
// The success test alone.
bool holds(const SuccessTest& test, Reading& reading);
// The first of the places that holds a text, or "".
std::string first_of(const std::vector<Place>& places, Reading& reading);
// Seconds that a header like Retry-After asks for: a number, a date, a time in seconds since 1970. -1 for anything else. At most a year.
double wait_of(std::string_view text, std::int64_t wall_us);

}  // namespace godwit::http
