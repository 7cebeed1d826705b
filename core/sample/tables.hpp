#pragma once
// The files of the extract, one function each. Each writes the whole file and tells the truth about every row.

#include "core/sample/csv_out.hpp"
#include "core/sample/truth.hpp"
#include "core/sample/world.hpp"

namespace godwit::sample {

Result<> write_users(const World& world, CsvOut& out, Truth& truth);
// `table` is customers or branches; both have the same columns.
Result<> write_firms(const World& world, Table table, CsvOut& out, Truth& truth);
Result<> write_contacts(const World& world, CsvOut& out, Truth& truth);
Result<> write_activities(const World& world, CsvOut& out, Truth& truth);

// "2019-03-07" in one of the forms that were in use; German files write 07.03.2019.
std::string date_text(Land land, Random& random, int first_year, int last_year);

// "a|b" with the file's own delimiter for |: written raw, it makes one column too many.
std::string stray(std::string text, char delimiter);

}  // namespace godwit::sample
