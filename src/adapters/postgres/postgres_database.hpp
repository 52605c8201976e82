#pragma once

#include <memory>

#include "adapters/postgres/postgres_options.hpp"
#include "ports/database.hpp"

namespace doorbuster::postgres {

// A PostgreSQL server, reached by a bounded pool of connections with a thread each. Writes run at
// READ COMMITTED, reads in a REPEATABLE READ READ ONLY snapshot, both on the server of `conninfo`,
// which must be the primary.
class PostgresDatabase final : public sql::Database {
public:
    // Connects. Throws sql::Unavailable with one line when there is no server.
    explicit PostgresDatabase(const PostgresOptions& options);
    ~PostgresDatabase() override;

    sql::Dialect dialect() const override { return sql::Dialect::postgres; }
    bool shared() const override { return true; }
    void submit_write(sql::Job& job) override;
    void submit_read(sql::Job& job) override;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace doorbuster::postgres
