#pragma once

#include <thread>
#include <vector>

#include "adapters/sqlite/session.hpp"
#include "adapters/sqlite/sqlite_options.hpp"
#include "ports/job_queue.hpp"

namespace doorbuster::sqlite {

// A few read-only connections, a thread each. A job sees one snapshot, for `read_max` at most.
class Readers {
public:
    Readers(const SqliteOptions& options, const Clock& clock);
    // Finishes every job that was submitted.
    ~Readers();
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    sql::JobQueue& queue() { return queue_; }

private:
    void loop(Connection& connection);
    void run_one(Connection& connection, Session& session, sql::Job& job);

    const SqliteOptions options_;
    const Clock& clock_;
    sql::JobQueue queue_;
    std::vector<Connection> connections_;
    std::vector<std::thread> threads_;  // last: they use all the others
};

}  // namespace doorbuster::sqlite
