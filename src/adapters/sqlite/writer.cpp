#include "adapters/sqlite/writer.hpp"

#include <sqlite3.h>

#include <cstdlib>

#include "adapters/sqlite/sqlite_errors.hpp"
#include "ports/log.hpp"

namespace doorbuster::sqlite {

namespace {

// After a batch had to be run again, this many run with savepoints: failures come in bursts.
constexpr int kCarefulBatches = 32;
// How long the writer sleeps before it uses the quiet for a checkpoint, if one is wanted.
constexpr Milliseconds kIdle{1000};
constexpr Milliseconds kLongIdle{3'600'000};
// How long a checkpoint that must reset the log may wait for readers to leave it.
constexpr int kResetWaitMs = 100;
constexpr int kPageBytes = 4096;

void configure(Connection& connection, const SqliteOptions& options) {
    sqlite3_busy_timeout(connection.get(), static_cast<int>(options.busy_max.count()));
    const std::string mode = connection.ask("PRAGMA journal_mode=WAL");
    if (mode != "wal") throw sql::Error{"the file system does not allow a write-ahead log"};
    connection.run(options.durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
    connection.run(
        "PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY;"
        "PRAGMA cache_size=-32000; PRAGMA journal_size_limit=67108864"
    );
    if (options.page_count_max > 0) {
        connection.run(("PRAGMA max_page_count=" + std::to_string(options.page_count_max)).c_str());
    }
    // Takes the write lock once, so that a file locked or not writable is known at the start.
    connection.run("BEGIN IMMEDIATE; ROLLBACK");
}

// What throw_error throws, kept.
std::exception_ptr engine_error(sqlite3* db, int code, const char* what) {
    try {
        throw_error(db, code, what);
    } catch (...) {
        return std::current_exception();
    }
}

void end_process(const std::string& line) {
    log::error("database.stopped", {{"reason", line}});
    std::_Exit(EXIT_FAILURE);
}

}  // namespace

Writer::Writer(const SqliteOptions& options, const Clock& clock)
    : options_{options},
      connection_{options.file, Access::read_write},
      session_{connection_},
      queue_{options.write_queue, clock} {
    configure(connection_, options_);
    sqlite3_wal_hook(connection_.get(), &Writer::on_wal, this);
    if (options_.metrics) {
        auto& registry = *options_.metrics;
        wal_gauge_ = &registry.gauge("doorbuster_sqlite_wal_bytes", "Bytes of the write-ahead log");
        commit_counter_ = &registry.counter("doorbuster_sqlite_commits_total", "Durable commits");
        job_counter_ = &registry.counter(
            "doorbuster_sqlite_jobs_total", "Transactions that were part of a durable commit"
        );
    }
    thread_ = std::thread{[this] { loop(); }};
}

Writer::~Writer() {
    queue_.close();
    thread_.join();
}

SqliteStats Writer::stats() const { return {commits_, jobs_, reruns_, checkpoints_, wal_bytes_}; }

void Writer::loop() {
    std::vector<sql::Job*> jobs;
    while (queue_.take(jobs, options_.batch_max, checkpoint_wanted() ? kIdle : kLongIdle)) {
        const bool idle = jobs.empty();
        if (!idle) {
            load(jobs);
            jobs.clear();
            run_batch();
            finish_all();
        }
        if (!fatal_.empty()) stop_writing(std::exchange(fatal_, {}));
        checkpoint_if_due(idle);
    }
}

void Writer::load(const std::vector<sql::Job*>& jobs) {
    batch_.clear();
    for (sql::Job* const job : jobs) batch_.push_back({job, false, nullptr});
}

void Writer::run_batch() {
    const std::string& reason = stopped_.empty() ? fatal_ : stopped_;
    if (!reason.empty()) return fail_all(std::make_exception_ptr(sql::Unavailable{reason}));
    bool finished = true;
    try {
        finished = transact();
    } catch (...) {
        roll_back();
        engine_failed(std::current_exception(), false);
    }
    if (!finished) run_each_alone();
}

bool Writer::transact() {
    connection_.run("BEGIN IMMEDIATE");
    const bool savepoints = batch_.size() > 1 && careful_batches_ > 0;
    if (careful_batches_ > 0) --careful_batches_;
    Pass pass = run_jobs(savepoints);
    if (pass == Pass::must_rerun || (pass == Pass::ran && options_.run_twice)) {
        ++reruns_;
        careful_batches_ = kCarefulBatches;
        roll_back();
        connection_.run("BEGIN IMMEDIATE");
        pass = run_jobs(true);
    }
    if (pass == Pass::ran) return commit();
    roll_back();
    const auto ended = std::make_exception_ptr(sql::Error{"a job has ended its transaction"});
    engine_failed(session_.failure() ? session_.failure() : ended, false);
    return true;
}

void Writer::run_each_alone() {
    std::vector<Entry> all;
    all.swap(batch_);
    for (Entry& entry : all) {
        batch_.assign(1, entry);
        run_batch();  // its commit, if refused, is this job's own fault
        entry = batch_.front();
    }
    batch_.swap(all);
}

Writer::Pass Writer::run_jobs(bool savepoints) {
    for (Entry& entry : batch_) {
        const std::size_t hooks_before = session_.hook_count();
        if (savepoints) connection_.run("SAVEPOINT job");
        run_one(entry);
        if (entry.kept) {
            if (savepoints) connection_.run("RELEASE job");
            continue;
        }
        const Pass pass = after_failure(savepoints, hooks_before);
        if (pass != Pass::ran) return pass;
    }
    return Pass::ran;
}

void Writer::run_one(Entry& entry) {
    session_.begin_job();
    entry.error = nullptr;
    entry.kept = false;
    try {
        entry.kept = entry.job->run(session_);
    } catch (...) {
        entry.error = std::current_exception();
    }
    if (entry.kept && session_.failure()) {
        entry.kept = false;
        entry.error = session_.failure();
    }
}

Writer::Pass Writer::after_failure(bool savepoint, std::size_t hooks_before) {
    session_.drop_hooks_after(hooks_before);
    if (session_.broken() || !connection_.in_transaction()) return Pass::lost;
    if (savepoint) {
        connection_.run("ROLLBACK TO job; RELEASE job");
        return Pass::ran;
    }
    if (!session_.changed()) return Pass::ran;
    if (batch_.size() > 1) return Pass::must_rerun;
    roll_back();
    connection_.run("BEGIN IMMEDIATE");
    return Pass::ran;
}

bool Writer::commit() {
    const int code = connection_.try_run("COMMIT");
    if (code == SQLITE_OK) {
        ++commits_;
        if (commit_counter_) commit_counter_->add();
        disk_full_ = false;
        run_hooks();
        return true;
    }
    const auto error = engine_error(connection_.get(), code, "COMMIT");
    roll_back();
    // A deferred constraint is one job's fault that is found only now.
    if ((code & 0xff) != SQLITE_CONSTRAINT) {
        engine_failed(error, true);
    } else if (batch_.size() > 1) {
        return false;
    } else {
        fail_all(error);
    }
    return true;
}

void Writer::run_hooks() {
    for (const auto& hook : session_.hooks()) hook();
    session_.drop_hooks_after(0);
}

void Writer::roll_back() {
    session_.drop_hooks_after(0);
    if (connection_.in_transaction()) connection_.try_run("ROLLBACK");
}

void Writer::fail_all(const std::exception_ptr& error) {
    for (Entry& entry : batch_) {
        entry.kept = false;
        entry.error = error;
    }
}

void Writer::engine_failed(const std::exception_ptr& error, bool committing) {
    try {
        std::rethrow_exception(error);
    } catch (const DiskFull& full) {
        // A write that did not fit leaves no valid commit behind, so nothing was done. Reading goes
        // on, and so does writing as soon as there is room.
        if (!std::exchange(disk_full_, true)) {
            log::error("database.disk_full", {{"reason", full.what()}});
        }
        fail_all(error);
    } catch (const sql::Unavailable&) {
        fail_all(error);
    } catch (const std::exception& broken) {
        fatal_ = options_.file.string() + ": " + broken.what();
        if (committing) {
            fail_all(std::make_exception_ptr(sql::CommitUnknown{fatal_}));
        } else {
            fail_all(std::make_exception_ptr(sql::Unavailable{fatal_}));
        }
    }
}

void Writer::finish_all() {
    std::uint64_t kept = 0;
    for (const Entry& entry : batch_) kept += entry.kept ? 1 : 0;
    jobs_ += kept;
    if (job_counter_) job_counter_->add(static_cast<double>(kept));
    for (Entry& entry : batch_) entry.job->finished(std::move(entry.error));
    batch_.clear();
}

void Writer::stop_writing(const std::string& line) {
    if (!stopped_.empty()) return;
    stopped_ = "writing has stopped: " + line;
    options_.on_fatal ? options_.on_fatal(line) : end_process(line);
}

int Writer::on_wal(void* writer, sqlite3*, const char*, int pages) {
    auto& self = *static_cast<Writer*>(writer);
    if (pages < self.wal_pages_) self.checked_pages_ = 0;  // the log was begun anew
    self.wal_pages_ = pages;
    return SQLITE_OK;
}

void Writer::checkpoint_if_due(bool idle) {
    const int unchecked = wal_pages_ - checked_pages_;
    if (!stopped_.empty() || unchecked <= 0) return;
    if (idle || unchecked >= options_.checkpoint_pages) checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    watch_wal();
}

void Writer::checkpoint(int mode) {
    ++checkpoints_;
    checked_pages_ = wal_pages_;
    const int code = sqlite3_wal_checkpoint_v2(connection_.get(), "main", mode, nullptr, nullptr);
    if (!is_fatal(code)) return;
    try {
        throw_error(connection_.get(), code, options_.file.string() + ": checkpoint");
    } catch (const std::exception& broken) {
        stop_writing(broken.what());
    }
}

void Writer::watch_wal() {
    wal_bytes_ = std::int64_t{wal_pages_} * kPageBytes;
    if (wal_gauge_) wal_gauge_->set(static_cast<double>(wal_bytes_));
    const bool alarm = wal_bytes_ > options_.wal_alarm_bytes;
    if (!alarm || wal_alarm_ == alarm) {
        wal_alarm_ = alarm;
        return;
    }
    // Readers hold it; none of ours stays for long, so a short wait usually lets it begin anew.
    wal_alarm_ = true;
    sqlite3_busy_timeout(connection_.get(), kResetWaitMs);
    checkpoint(SQLITE_CHECKPOINT_RESTART);
    sqlite3_busy_timeout(connection_.get(), static_cast<int>(options_.busy_max.count()));
    log::warn("database.wal_large", {{"bytes", wal_bytes_.load()}});
}

}  // namespace doorbuster::sqlite
