#pragma once
// The object that the contract writes into: which fields rows give, units made of rows, and what became of them in the system.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/contract/subject.hpp"

namespace godwit::contract {

// A connection and a writer of it that is prepared; ends in the right order.
struct Writing {
  std::unique_ptr<Connection> connection;
  std::unique_ptr<Writer> writer;
};

// An outcome as complaints name it.
std::string name_of(OutcomeKind kind);
// Why the row was refused, or what became of it instead.
std::string reason(const Outcomes& outcomes, std::int64_t row);

class Target {
 public:
  explicit Target(Subject& subject) : subject_(subject) {}

  // Describes the object and chooses fields. False, with the reason said to `t`: nothing can be written.
  bool open(Trial& t);

  Subject& subject() { return subject_; }
  Delivery delivery() const { return delivery_; }
  bool keyed() const { return !request_.key.empty(); }
  bool can_read() const { return can_read_; }
  const WriteRequest& request() const { return request_; }
  // One per column of the request.
  const std::vector<ObjectField>& fields() const { return fields_; }
  bool is_key(std::size_t column) const;
  // Whether rows are found by this column: a key, or the mark of rows without one.
  bool identifies(std::size_t column) const { return keyed() ? is_key(column) : column == mark_; }
  std::size_t column(const std::string& name) const { return static_cast<std::size_t>(find_field(request_.columns, name)); }

  // A connection and writer of their own; `flow` tells runs of the suite's tests apart in the ledger.
  Result<Writing> writer(const std::string& flow);
  Result<Writing> writer_on(Host& host, const std::string& flow);
  // Full of ordinary values, with a key that no other row has.
  Row ordinary_row();
  std::vector<Row> ordinary_rows(std::size_t n);
  Unit unit(const std::string& flow, std::int64_t number, Operation operation, const std::vector<Row>& rows) const;

  // Rows of the system that carry this row's key (without a key: its mark), each as comparable values of the request's columns. The reader
  // looks where there is one, else read_back().
  using Found = std::vector<std::vector<std::optional<std::string>>>;
  Result<std::vector<Found>> find(const std::vector<Row>& rows);
  // As read_back() tells, one at most; `id` is told where the request names one.
  Result<std::vector<Found>> read_back(Writer& writer, const std::vector<Row>& rows) const;
  // Complains unless the system holds each row exactly once, with the values that were sent. Columns that were not sent are not compared.
  void expect_there(Trial& t, const std::string& place, const std::vector<Row>& rows);
  void expect_absent(Trial& t, const std::string& place, const std::vector<Row>& rows);
  std::vector<std::optional<std::string>> expected(const Row& row) const;

  // Deletes what the suite wrote. Answers how many rows are left.
  std::int64_t clean_up();

 private:
  std::string identity_of(const std::vector<std::optional<std::string>>& values) const;
  std::vector<std::size_t> identity() const;
  bool choose(Trial& t, Connection& connection, const ObjectDescription& described);

  Subject& subject_;
  Delivery delivery_ = Delivery::none;
  bool can_read_ = false;
  WriteRequest request_;
  std::vector<ObjectField> fields_;
  std::map<std::size_t, Value> fixed_;  // columns that refer to another object: a value that is there
  std::size_t mark_ = 0;                // without a key: the text column that tells rows apart
  std::int64_t salt_ = 0;
  std::vector<Row> written_;
};

}  // namespace godwit::contract
