#pragma once
// Names of people, firms and places, made up for the practice extract. Nobody real is meant.

#include <cstdint>
#include <string>

#include "core/sample/random.hpp"

namespace godwit::sample {

enum class Land : std::uint8_t { china, germany, japan, britain };

struct Person {
  std::string family, given;
  std::string full;   // as the land writes it
  std::string ascii;  // for addresses of mail: "wei.zhang"
};
struct Place {
  std::string town, street, postcode;
};

Person person(Land land, Random& random);
// A firm's name with its legal form, and what its domain is called.
struct Firm {
  std::string name, domain;
};
Firm firm(Land land, Random& random);
Place place(Land land, Random& random);
// As people of the land write it: +86 21 5555 0123, (0)40 / 55 50 12 34 ...
std::string telephone(Land land, Random& random);
// A remark of some words; may hold commas, quotes and line breaks when `rich`.
std::string remark(Land land, Random& random, bool rich);
std::string subject(Land land, Random& random);
std::string job(Land land, Random& random);
const char* country_word(Land land, Random& random);  // CN, 中国, China, DE, Deutschland ...
const char* currency(Land land);
const char* language(Land land);

}  // namespace godwit::sample
