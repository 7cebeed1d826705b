#pragma once
// How an object of the target has changed since it was last described, and what that means for a flow that writes it.

#include <string>
#include <vector>

#include "core/model/catalogue.hpp"
#include "core/model/exchange.hpp"

namespace godwit {

struct DescriptionChange {
  enum class What { removed, type, shorter, longer, required, optional, choice_removed, choice_added, unique, not_unique, added, added_required };
  What what = What::added;
  std::string field, was, becomes;
  bool breaking = false;  // a mapping that ran before may be refused now
};

// The change as a sentence.
std::string change_text(const DescriptionChange& change, Language language);

// `mapped`: fields that the flow writes. Breaking is what can refuse a row that was taken before.
std::vector<DescriptionChange> compare_descriptions(const ObjectDescription& before, const ObjectDescription& now, const std::vector<std::string>& mapped);

// The description as the journal keeps it, and back; rows, sizes and the extract's hash are not kept.
std::string description_text(const ObjectDescription& description);
Result<ObjectDescription> parse_description_text(std::string_view text);

}  // namespace godwit
