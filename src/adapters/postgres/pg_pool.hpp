#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/postgres/pg_session.hpp"
#include "adapters/postgres/postgres_options.hpp"
#include "ports/job_queue.hpp"

namespace doorbuster::postgres {

// A bounded pool: one thread for each connection, one transaction for each job.
class PgPool {
public:
    enum class Mode { write, read };

    // Connects once before it returns. Throws sql::Unavailable with one line.
    PgPool(const PostgresOptions& options, const Clock& clock, Mode mode);
    // Finishes every job that was submitted; what cannot reach the server is refused.
    ~PgPool();
    PgPool(const PgPool&) = delete;
    PgPool& operator=(const PgPool&) = delete;

    sql::JobQueue& queue() { return queue_; }

private:
    // What became of one run of a job.
    struct Outcome {
        bool again = false;        // nothing was done and another run may succeed
        std::exception_ptr error;  // null: committed, or rolled back as the job asked
    };

    void loop(PgConnection& connection);
    void run_job(PgConnection& connection, PgSession& session, sql::Job& job);
    Outcome attempt(PgConnection& connection, PgSession& session, sql::Job& job);
    Outcome run_transaction(PgConnection& connection, PgSession& session, sql::Job& job);
    // Connects if need be, with back-off, until the job's time is over.
    void ensure_connected(PgConnection& connection, const sql::Job& job);
    // False when the pool is closing.
    bool pause(Milliseconds time);

    const PostgresOptions options_;
    const Clock& clock_;
    const Mode mode_;
    sql::JobQueue queue_;
    std::mutex mutex_;
    std::condition_variable closing_changed_;
    bool closing_ = false;
    metrics::Counter* commits_ = nullptr;  // null: not counted
    metrics::Counter* reruns_ = nullptr;
    std::vector<PgConnection> connections_;
    std::vector<std::thread> threads_;  // last: they use all the others
};

}  // namespace doorbuster::postgres
