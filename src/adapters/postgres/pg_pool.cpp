#include "adapters/postgres/pg_pool.hpp"

#include <algorithm>

#include "adapters/postgres/pg_errors.hpp"
#include "ports/log.hpp"

namespace doorbuster::postgres {

namespace {

constexpr Milliseconds kIdle{3'600'000};
// Lets the transaction that was in the way go first.
constexpr Milliseconds kAfterConflict{5};
constexpr const char* kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

bool passing(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const ConnectionLost&) {
        return true;
    } catch (const RunAgain&) {
        return true;
    } catch (...) {
        return false;
    }
}

}  // namespace

PgPool::PgPool(const PostgresOptions& options, const Clock& clock, Mode mode)
    : options_{options},
      clock_{clock},
      mode_{mode},
      queue_{mode == Mode::write ? options.write_queue : options.read_queue, clock} {
    const bool write = mode == Mode::write;
    const int count = write ? options.writer_count : options.reader_count;
    const auto statement_max = write ? options.write_statement_max : options.read_statement_max;
    const auto access = write ? PgConnection::Access::index : PgConnection::Access::any;
    for (int i = 0; i < count; ++i) {
        connections_.emplace_back(options.conninfo, statement_max, access);
    }
    connections_.front().connect();
    if (options.metrics && write) {
        commits_ = &options.metrics->counter("doorbuster_postgres_commits_total", "Commits");
        reruns_ = &options.metrics->counter(
            "doorbuster_postgres_reruns_total",
            "Transactions run again after a deadlock or a lost connection"
        );
    }
    for (PgConnection& connection : connections_) {
        threads_.emplace_back([this, &connection] { loop(connection); });
    }
}

PgPool::~PgPool() {
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    closing_changed_.notify_all();
    queue_.close();
    for (std::thread& thread : threads_) thread.join();
}

void PgPool::loop(PgConnection& connection) {
    PgSession session{connection};
    std::vector<sql::Job*> jobs;
    while (queue_.take(jobs, 1, kIdle)) {
        for (sql::Job* const job : jobs) run_job(connection, session, *job);
        jobs.clear();
    }
}

void PgPool::run_job(PgConnection& connection, PgSession& session, sql::Job& job) {
    Outcome outcome;
    for (int run = 1; run <= options_.attempts_max; ++run) {
        outcome = attempt(connection, session, job);
        if (!outcome.again) break;
        if (reruns_) reruns_->add();
    }
    job.finished(std::move(outcome.error));
}

PgPool::Outcome PgPool::attempt(PgConnection& connection, PgSession& session, sql::Job& job) {
    try {
        ensure_connected(connection, job);
    } catch (...) {
        return {false, std::current_exception()};
    }
    try {
        return run_transaction(connection, session, job);
    } catch (const ConnectionLost&) {
        connection.disconnect();
        return {true, std::current_exception()};
    } catch (const StalePlan&) {
        connection.disconnect();
        return {true, std::current_exception()};
    } catch (const RunAgain&) {
        connection.roll_back();
        pause(kAfterConflict);
        return {true, std::current_exception()};
    } catch (...) {
        connection.roll_back();
        return {false, std::current_exception()};
    }
}

PgPool::Outcome PgPool::run_transaction(
    PgConnection& connection, PgSession& session, sql::Job& job
) {
    const bool write = mode_ == Mode::write;
    session.begin_job();
    connection.run(write ? kBeginWrite : kBeginRead);
    bool keep = false;
    std::exception_ptr thrown;
    try {
        keep = write ? job.run(session) : job.run(static_cast<sql::Reader&>(session));
    } catch (...) {
        thrown = std::current_exception();
    }
    const std::exception_ptr& failure = session.failure();
    // Worth another run, whatever the work made of it: it did not see the database as it is.
    if (failure && passing(failure)) std::rethrow_exception(failure);
    if (thrown) std::rethrow_exception(thrown);
    if (failure && keep) std::rethrow_exception(failure);
    if (keep && write) {
        connection.commit();
        if (commits_) commits_->add();
        session.run_hooks();
    } else {
        connection.roll_back();
    }
    return {};
}

void PgPool::ensure_connected(PgConnection& connection, const sql::Job& job) {
    Milliseconds wait = options_.backoff_first;
    while (!connection.connected()) {
        try {
            connection.connect();
            log::info("database.connected");
        } catch (const ConnectionLost& lost) {
            log::warn("database.unreachable", {{"reason", lost.what()}});
            if (sql::JobQueue::late(job, clock_.steady() + wait) || !pause(wait)) throw;
            wait = std::min(wait * 2, options_.backoff_last);
        }
    }
}

bool PgPool::pause(Milliseconds time) {
    std::unique_lock lock{mutex_};
    return !closing_changed_.wait_for(lock, time, [&] { return closing_; });
}

}  // namespace doorbuster::postgres
