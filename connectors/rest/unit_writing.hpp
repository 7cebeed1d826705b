#pragma once
// One unit on its way into an API.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/rest/reader.hpp"
#include "plugins/kits/rest/call_memory.hpp"
#include "plugins/kits/rest/calls.hpp"
#include "plugins/kits/sql/unit_results.hpp"

namespace godwit::restapi {

// What a write request means for an object.
struct Plan {
  const ApiObject* object = nullptr;
  WriteRequest request;
  std::vector<const ApiField*> fields;  // by column of the request
  int key = -1, tag = -1, id = -1;      // columns: the flow's key, the look-up's field, the object's id
};

// Records by the text of the look-up's field.
using Found = std::map<std::string, std::vector<nlohmann::json>, std::less<>>;
Result<Found> look_up(const Api& api, const ApiObject& object, sdk::HttpClient& client, const sdk::HostServices& host, const std::vector<std::string>& keys);

class UnitWriting {
 public:
  UnitWriting(const Api& api, const Plan& plan, std::shared_ptr<sdk::HttpClient> client, const sdk::HostServices& host, const Unit& unit);
  // Writes the rows that are open. What was learned stays in `results` also when it answers an error.
  Result<> write();

  sql::UnitResults results;
  std::vector<bool> in_doubt;

 private:
  bool is_open(std::int64_t row) const { return results.is_open(row) && !in_doubt[static_cast<std::size_t>(row)]; }
  const rest::RowAt& row(std::int64_t i) const { return rows_[static_cast<std::size_t>(i)]; }
  bool can_look() const { return plan_.object->lookup && plan_.tag >= 0; }
  bool upserts() const { return plan_.object->write && plan_.object->write->upserts && plan_.key >= 0; }
  std::string text_of(int column, std::int64_t i) const;
  void settle(std::int64_t i, OutcomeKind kind, const nlohmann::json* id);
  void refuse(std::int64_t i, const nlohmann::json& result, std::string words);
  bool append_body(std::int64_t i, bool with_key, std::string* out);

  Result<> write_new(std::vector<std::int64_t> rows);
  Result<sdk::HttpRequest> make_call(const rest::CallBatch& batch);
  Result<> take_answer(rest::CallBatch& batch, sdk::HttpAnswer& answer);
  Result<> take_results(const rest::CallBatch& batch, const nlohmann::json& results);
  void lost(const rest::CallBatch& batch);
  Result<> found_lost(const rest::CallBatch& batch, const sdk::HttpAnswer& answer);
  Result<> write_one(std::int64_t i, const CallShape& call, OutcomeKind done);
  Result<> change(const std::vector<std::int64_t>& rows);

  const Api& api_;
  const Plan& plan_;
  const std::shared_ptr<sdk::HttpClient> client_;
  const sdk::HostServices host_;
  const std::string place_;
  std::vector<rest::RowAt> rows_;
  rest::CallMemory memory_;
  rest::BatchQueue queue_;
  std::set<std::vector<std::int64_t>> looking_;  // rows of questions that wait or are under way
};

}  // namespace godwit::restapi
