#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/clock.hpp"
#include "ports/job_queue.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::sqlite {

struct SqliteOptions {
    std::filesystem::path file;
    // Off only where losing everything on a power cut does not matter: tests.
    bool durable = true;
    int reader_count = 3;
    // Jobs in one group commit.
    std::size_t batch_max = 512;
    sql::JobQueue::Limits write_queue;
    sql::JobQueue::Limits read_queue;
    // A read that takes longer ends in Unavailable: it would keep the WAL from being reused.
    Milliseconds read_max{2000};
    // How long to wait for a lock that another process holds.
    Milliseconds busy_max{5000};
    // Pages in the WAL before a checkpoint, for which all writing waits: with 10,000 it takes 50 ms
    // and more, several times in a second of a flash sale, with 2,000 some 10 ms, and what is
    // written in all stays the same (bench/README.md). The alarm is at 64 MB.
    int checkpoint_pages = 2'000;
    std::int64_t wal_alarm_bytes = 64 * 1024 * 1024;
    // SQLite's own bound on the size of the file; 0: none.
    std::int64_t page_count_max = 0;

    // Every batch is rolled back once and run again: finds work that has effects besides those of
    // its transaction. For tests.
    bool run_twice = false;

    // Called once, on the writer's thread, with one line, after writing has become impossible or
    // unsafe. By default logs the line and ends the process.
    std::function<void(const std::string& line)> on_fatal;
    const Clock* clock = nullptr;          // the system's when null
    metrics::Registry* metrics = nullptr;  // none when null
};

// What a database has done since it was opened.
struct SqliteStats {
    std::uint64_t commits = 0;  // durable commits, each of one or more jobs
    std::uint64_t jobs = 0;     // jobs whose work was committed
    std::uint64_t reruns = 0;   // batches run again because one of their jobs failed
    std::uint64_t checkpoints = 0;
    std::int64_t wal_bytes = 0;
};

}  // namespace doorbuster::sqlite
