#include "adapters/postgres/postgres_database.hpp"

#include "adapters/postgres/pg_pool.hpp"
#include "ports/queue_watch.hpp"

namespace doorbuster::postgres {

namespace {

const Clock& clock_of(const PostgresOptions& options) {
    static const SystemClock system;
    return options.clock ? *options.clock : system;
}

}  // namespace

struct PostgresDatabase::Parts {
    explicit Parts(const PostgresOptions& options)
        : writers{options, clock_of(options), PgPool::Mode::write},
          readers{options, clock_of(options), PgPool::Mode::read},
          watch{{{"write", &writers.queue()}, {"read", &readers.queue()}}, options.metrics} {}

    PgPool writers;
    PgPool readers;
    sql::QueueWatch watch;
};

PostgresDatabase::PostgresDatabase(const PostgresOptions& options)
    : parts_{std::make_unique<Parts>(options)} {}

PostgresDatabase::~PostgresDatabase() = default;

void PostgresDatabase::submit_write(sql::Job& job) { parts_->writers.queue().push(job); }

void PostgresDatabase::submit_read(sql::Job& job) { parts_->readers.queue().push(job); }

}  // namespace doorbuster::postgres
