#pragma once
// From the rows of an uploaded CSV to records to write.

#include <optional>
#include <string>
#include <vector>

#include "connectors/salesforce/sandbox/csv.hpp"
#include "connectors/salesforce/sandbox/job.hpp"
#include "connectors/salesforce/sandbox/write_items.hpp"

namespace godwit::sandbox::salesforce {

// What the columns of a job's CSV mean.
class BulkColumns {
 public:
  // The reason in `error` when the header cannot be used: the job fails as a whole.
  static std::optional<BulkColumns> read(Org& org, const Job& job, const std::vector<std::string>& header, std::string& error);
  WriteItem item(const std::vector<std::string>& cells) const;
  std::size_t count() const { return columns_.size(); }

 private:
  struct Column {
    const Field* field = nullptr;           // nullptr: a reference by another key
    std::string relationship, type, key;    // Owner:User.Username
    bool is_id = false, is_key = false;
  };
  std::vector<Column> columns_;
  const Object* object_ = nullptr;
  const Field* key_ = nullptr;
  std::string operation_, null_word_;
};

// sf__Error of a row.
std::string bulk_error(const Org& org, const std::vector<Problem>& problems);

}  // namespace godwit::sandbox::salesforce
