// The function table: every list once, sorted by name.

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "core/expr/function.hpp"
#include "core/expr/functions/groups.hpp"

namespace godwit {
namespace {

using List = std::vector<Function> (*)();

std::vector<Function> join(std::initializer_list<List> lists) {
  std::vector<Function> all;
  for (const List list : lists) {
    std::vector<Function> some = list();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace

std::vector<Function> text_functions() {
  return join({fn::text_case_functions, fn::text_trim_functions, fn::text_cut_functions, fn::text_search_functions,
               fn::text_build_functions, fn::text_unicode_functions, fn::text_clean_functions, fn::country_functions});
}

std::vector<Function> number_functions() {
  return join({fn::number_functions_parse, fn::number_functions_math, fn::number_functions_format});
}

std::vector<Function> date_functions() {
  return join({fn::date_functions_parse, fn::date_functions_zone, fn::date_functions_math, fn::date_functions_format});
}

std::vector<Function> condition_functions() { return join({fn::boolean_functions, fn::compare_functions}); }

std::vector<Function> hash_functions() { return join({fn::digest_functions, fn::encode_functions}); }

const std::vector<Function>& functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> sorted =
        join({text_functions, number_functions, date_functions, condition_functions, hash_functions});
    std::sort(sorted.begin(), sorted.end(), [](const Function& a, const Function& b) { return a.name < b.name; });
    assert(std::adjacent_find(sorted.begin(), sorted.end(),
                              [](const Function& a, const Function& b) { return a.name == b.name; }) == sorted.end());
    return sorted;
  }();
  return all;
}

const Function* find_function(std::string_view name) {
  const std::vector<Function>& all = functions();
  const auto at =
      std::lower_bound(all.begin(), all.end(), name, [](const Function& f, std::string_view n) { return f.name < n; });
  return at != all.end() && at->name == name ? &*at : nullptr;
}

}  // namespace godwit
