#include "adapters/sqlite/readers.hpp"

#include <sqlite3.h>

namespace doorbuster::sqlite {

namespace {

// Steps of SQLite's machine between two looks at the clock; a fraction of a millisecond.
constexpr int kStepsPerLook = 10'000;
constexpr Milliseconds kIdle{3'600'000};

// Ends statements that are still running when the time is over.
class TimeLimit {
public:
    TimeLimit(Connection& connection, const Clock& clock, Milliseconds max)
        : db_{connection.get()}, clock_{clock}, end_{clock.steady() + max} {
        sqlite3_progress_handler(db_, kStepsPerLook, &TimeLimit::over, this);
    }
    ~TimeLimit() { sqlite3_progress_handler(db_, 0, nullptr, nullptr); }
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

private:
    static int over(void* limit) {
        const auto& self = *static_cast<const TimeLimit*>(limit);
        return self.clock_.steady() > self.end_ ? 1 : 0;
    }

    sqlite3* db_;
    const Clock& clock_;
    std::chrono::steady_clock::time_point end_;
};

}  // namespace

Readers::Readers(const SqliteOptions& options, const Clock& clock)
    : options_{options}, clock_{clock}, queue_{options.read_queue, clock} {
    for (int i = 0; i < options_.reader_count; ++i) {
        Connection& connection = connections_.emplace_back(options_.file, Access::read_only);
        sqlite3_busy_timeout(connection.get(), static_cast<int>(options_.busy_max.count()));
        connection.run("PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000");
        // Reads the file, so that one that is not a database is known at the start.
        connection.ask("SELECT COUNT(*) FROM sqlite_schema");
    }
    for (Connection& connection : connections_) {
        threads_.emplace_back([this, &connection] { loop(connection); });
    }
}

Readers::~Readers() {
    queue_.close();
    for (std::thread& thread : threads_) thread.join();
}

void Readers::loop(Connection& connection) {
    Session session{connection};
    std::vector<sql::Job*> jobs;
    while (queue_.take(jobs, 1, kIdle)) {
        for (sql::Job* const job : jobs) run_one(connection, session, *job);
        jobs.clear();
    }
}

void Readers::run_one(Connection& connection, Session& session, sql::Job& job) {
    std::exception_ptr error;
    try {
        const TimeLimit limit{connection, clock_, options_.read_max};
        session.begin_job();
        connection.run("BEGIN");
        job.run(static_cast<sql::Reader&>(session));
        if (session.failure()) error = session.failure();
    } catch (...) {
        error = std::current_exception();
    }
    if (connection.in_transaction()) connection.try_run("ROLLBACK");
    job.finished(std::move(error));
}

}  // namespace doorbuster::sqlite
