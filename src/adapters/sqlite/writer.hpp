#pragma once

#include <atomic>
#include <thread>

#include "adapters/sqlite/session.hpp"
#include "adapters/sqlite/sqlite_options.hpp"
#include "ports/job_queue.hpp"

namespace doorbuster::sqlite {

// The one read-write connection and its thread: group commits and checkpoints.
//
// What has arrived is run as one transaction. Most batches succeed, so their jobs run one after the
// other without a savepoint each, which would cost a third of the throughput; a job that fails
// after it changed something has the batch rolled back and run again with savepoints.
class Writer {
public:
    Writer(const SqliteOptions& options, const Clock& clock);
    // Finishes every job that was submitted.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    sql::JobQueue& queue() { return queue_; }
    SqliteStats stats() const;

private:
    struct Entry {
        sql::Job* job = nullptr;
        bool kept = false;         // its work is in the transaction
        std::exception_ptr error;  // why not; null: it asked for a rollback
    };
    // What became of running a batch's jobs, with the transaction still open unless `lost`.
    enum class Pass { ran, must_rerun, lost };

    void loop();
    void load(const std::vector<sql::Job*>& jobs);
    void run_batch();
    void run_each_alone();
    // Begins, runs and commits what is in the batch. False: a constraint refused the commit.
    bool transact();
    Pass run_jobs(bool savepoints);
    void run_one(Entry& entry);
    Pass after_failure(bool savepoint, std::size_t hooks_before);
    bool commit();
    void roll_back();
    // Everything in the batch failed for a reason of the engine's.
    void fail_all(const std::exception_ptr& error);
    // The engine failed: the whole batch does, and if the file is at fault, so does all writing.
    void engine_failed(const std::exception_ptr& error, bool committing);
    void run_hooks();
    void finish_all();

    bool checkpoint_wanted() const { return wal_pages_ > checked_pages_; }
    void checkpoint_if_due(bool idle);
    void checkpoint(int mode);
    void watch_wal();
    static int on_wal(void* writer, sqlite3* db, const char* schema, int pages);
    void stop_writing(const std::string& line);

    const SqliteOptions options_;
    Connection connection_;
    Session session_;
    sql::JobQueue queue_;

    std::vector<Entry> batch_;
    int careful_batches_ = 0;  // how many more batches run with savepoints from the start
    int wal_pages_ = 0;
    int checked_pages_ = 0;
    bool disk_full_ = false;
    bool wal_alarm_ = false;
    std::string stopped_;  // why writing has stopped; empty: it has not
    std::string fatal_;    // to be told once the batch is finished

    std::atomic<std::uint64_t> commits_ = 0;
    std::atomic<std::uint64_t> jobs_ = 0;
    std::atomic<std::uint64_t> reruns_ = 0;
    std::atomic<std::uint64_t> checkpoints_ = 0;
    std::atomic<std::int64_t> wal_bytes_ = 0;
    metrics::Gauge* wal_gauge_ = nullptr;
    metrics::Counter* commit_counter_ = nullptr;
    metrics::Counter* job_counter_ = nullptr;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace doorbuster::sqlite
