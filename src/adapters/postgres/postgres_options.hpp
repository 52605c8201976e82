#pragma once

#include <string>

#include "core/clock.hpp"
#include "ports/job_queue.hpp"
#include "ports/metrics.hpp"

namespace doorbuster::postgres {

struct PostgresOptions {
    // As libpq takes it: "host=db user=shop dbname=shop" or a postgresql:// address.
    std::string conninfo;
    int writer_count = 8;
    int reader_count = 4;
    sql::JobQueue::Limits write_queue;
    sql::JobQueue::Limits read_queue;
    // The server's statement_timeout. It never applies to COMMIT.
    Milliseconds write_statement_max{10'000};
    Milliseconds read_statement_max{2000};
    // How often a job is run after a deadlock, a serialization failure or a lost connection.
    int attempts_max = 6;
    // Between attempts to connect: doubles from the first to the last.
    Milliseconds backoff_first{50};
    Milliseconds backoff_last{2000};

    const Clock* clock = nullptr;          // the system's when null
    metrics::Registry* metrics = nullptr;  // none when null
};

}  // namespace doorbuster::postgres
