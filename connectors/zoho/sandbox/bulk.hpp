#pragma once
// Bulk write and bulk read: files go up, jobs run in the background, results come down as ZIP.
//
// A job goes on in pieces, each in a transaction of its own with its part of the result, so that a sandbox that was killed goes on where it stood.

#include <memory>

#include "connectors/zoho/sandbox/bulk_read.hpp"
#include "connectors/zoho/sandbox/bulk_write.hpp"

namespace godwit::sandbox {
class Worker;
}

namespace godwit::sandbox::zoho {

class BulkJobs {
 public:
  // Makes its tables and routes. `service` must outlive this.
  explicit BulkJobs(Service& service);
  ~BulkJobs();
  void begin();
  void end();

 private:
  struct Active {
    std::string id, user;
    BulkWrite write;
    BulkRead read;
    bool is_read = false;
  };

  Answer upload(const Request& request);
  Answer create_write(const Request& request);
  Answer create_read(const Request& request);
  Answer write_state(const Request& request);
  Answer read_state(const Request& request);
  Answer result(const Request& request, const char* kind);
  std::string add_job(const char* kind, const Json& body, const Request& request, const std::string& user);

  bool step();                       // of the worker: one piece of the oldest job
  bool start_or_load(const std::string& id, const std::string& kind, const std::string& state);
  void write_piece();
  void read_piece();
  void finish(const std::string& state);
  void add_lines(const std::string& file, const std::string& lines);

  Service& service_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<Active> active_;   // the worker's alone
};

}  // namespace godwit::sandbox::zoho
