#include "core/http/look.hpp"

#include <cmath>

#include "core/model/nearest.hpp"

namespace godwit::http {

void Look::wrong(std::string_view expected) const {
  std::string seen = at_.is_structured() ? std::string(at_.type_name()) : at_.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (seen.size() > 80) seen = seen.substr(0, 80) + "...";
  mistakes_.push_back(make_error(3041, {{"place", "HTTP rules " + (place_.empty() ? "/" : place_)}, {"seen", seen}, {"expected", std::string(expected)}}));
}

bool Look::object(std::initializer_list<std::string_view> known) const {
  if (!at_.is_object()) return wrong("an object"), false;
  for (const auto& [name, value] : at_.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::vector<std::string_view> names(known);
    mistakes_.push_back(make_error(3041, {{"place", "HTTP rules " + place_ + "/" + name}, {"seen", name}, {"expected", "\"" + std::string(nearest(name, names)) + "\"?"}}));
  }
  return true;
}

void Look::text(std::string_view name, std::string& out) const {
  if (!has(name)) return;
  const Look it = (*this)[name];
  if (it.at_.is_structured()) return it.wrong("a text");
  out = text_of(it.at_);
}

void Look::flag(std::string_view name, bool& out) const {
  if (!has(name)) return;
  const Look it = (*this)[name];
  if (!it.at_.is_boolean()) return it.wrong("true or false");
  out = it.at_.get<bool>();
}

void Look::number(std::string_view name, double& out, double least, double most) const {
  if (!has(name)) return;
  const Look it = (*this)[name];
  const double value = it.at_.is_number() ? it.at_.get<double>() : std::nan("");
  if (!(value >= least && value <= most)) return it.wrong("a number from " + Json(least).dump() + " to " + Json(most).dump());
  out = value;
}

void Look::whole(std::string_view name, int& out, int least, int most) const {
  double value = out;
  number(name, value, least, most);
  out = static_cast<int>(value);
}

void Look::texts(std::string_view name, std::vector<std::string>& out) const {
  if (!has(name)) return;
  const Look it = (*this)[name];
  if (it.at_.is_object()) return it.wrong("a text or a list of texts");
  if (!it.at_.is_array()) return out.push_back(text_of(it.at_));
  for (const Json& element : it.at_) {
    if (element.is_structured()) return it.wrong("a list of texts");
    out.push_back(text_of(element));
  }
}

void Look::pairs(std::string_view name, std::vector<std::pair<std::string, std::string>>& out) const {
  if (!has(name)) return;
  const Look it = (*this)[name];
  if (!it.at_.is_object()) return it.wrong("an object of texts");
  for (const auto& [key, value] : it.at_.items()) {
    if (value.is_structured()) return it[key].wrong("a text");
    if (!value.is_null()) out.emplace_back(key, text_of(value));
  }
}

Place read_place(const Look& look) {
  Place out;
  const std::string at = look.json().is_string() ? look.json().get<std::string>() : "";
  if (at.starts_with('/')) out.at = at;
  else if (at.starts_with("header:") && at.size() > 7) out.in = Place::In::header, out.at = at.substr(7);
  else if (at.starts_with("cookie:") && at.size() > 7) out.in = Place::In::cookie, out.at = at.substr(7);
  else look.wrong("a place: \"/member/0\", \"header:name\" or \"cookie:name\"");
  if (out.in == Place::In::header)
    for (char& c : out.at) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

void Look::place(std::string_view name, std::optional<Place>& out) const {
  if (has(name)) out = read_place((*this)[name]);
}

void Look::places(std::string_view name, std::vector<Place>& out) const {
  if (!has(name)) return;
  if ((*this)[name].at_.is_array()) return list(name, [&](const Look& each) { out.push_back(read_place(each)); });
  out.push_back(read_place((*this)[name]));
}

void Look::statuses(std::string_view name, std::vector<int>& out) const {
  if (!has(name)) return;
  const auto one = [&](const Look& it) {
    if (it.at_.is_number_integer() && it.at_ >= 100 && it.at_ <= 999) return out.push_back(it.at_.get<int>());
    const std::string text = it.at_.is_string() ? it.at_.get<std::string>() : "";
    if (text.size() == 3 && text[0] >= '1' && text[0] <= '9' && text.ends_with("xx")) return out.push_back('0' - text[0]);
    it.wrong("a status like 429, or \"5xx\"");
  };
  if ((*this)[name].at_.is_array()) return list(name, one);
  one((*this)[name]);
}

std::size_t Look::word(std::string_view name, std::initializer_list<std::string_view> words, std::size_t otherwise) const {
  if (!has(name)) return otherwise;
  const Look it = (*this)[name];
  const std::string seen = it.at_.is_string() ? it.at_.get<std::string>() : "";
  const auto found = std::find(words.begin(), words.end(), seen);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string expected;
  for (const std::string_view w : words) expected += (expected.empty() ? "" : ", ") + std::string(w);
  it.wrong(expected);
  return otherwise;
}

}  // namespace godwit::http
